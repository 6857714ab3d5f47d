"""sys.stdout, sys.stderr and sys.stdin of a kernel.

The two outputs are ordinary text wrappers over a buffer whose `write` is the
kernel's C function; batching happens there, so nothing is held back here.
"""

from __future__ import annotations

import io
import sys

import _tincture

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _OutputBuffer(io.BufferedIOBase):
    """The bytes below a text stream; `write` and `flush` are C's."""

    mode = "wb"

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing to close; the text layer keeps its own state."""


class _StdoutBuffer(_OutputBuffer):
    name = "<stdout>"
    write_text = staticmethod(_tincture.write_stdout_text)
    write = staticmethod(_tincture.write_stdout)
    flush = staticmethod(_tincture.flush)

    def fileno(self) -> int:
        return 1


class _StderrBuffer(_OutputBuffer):
    name = "<stderr>"
    write_text = staticmethod(_tincture.write_stderr_text)
    write = staticmethod(_tincture.write_stderr)
    flush = staticmethod(_tincture.flush)

    def fileno(self) -> int:
        return 2


class _Input(io.TextIOBase):
    """Lines of standard input, each asked of the page."""

    name = "<stdin>"
    mode = "r"
    encoding = "utf-8"
    errors = "strict"

    def readable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def readline(self, size: int | None = -1, /) -> str:
        line = _tincture.request_input("", False) + "\n"
        return line if size is None or size < 0 else line[:size]

    def read(self, size: int | None = -1, /) -> str:
        """One line: there is no end to read up to."""
        return self.readline(size)

    def close(self) -> None:
        """Stays open: exit() closes it, and the kernel lives on."""


class _Output(io.TextIOWrapper):
    """A text stream whose `write` is the kernel's C function as well, past
    the wrapper's layers, as long as it does what they would do."""

    mode = "w"

    def __init__(self, buffer: Any) -> None:
        # A lone surrogate is shown as one, instead of an error on print().
        super().__init__(
            buffer, "utf-8", "surrogatepass", newline="\n", write_through=True
        )
        self.write = buffer.write_text  # type: ignore[method-assign]

    def _use_layers(self) -> None:
        self.__dict__.pop("write", None)

    def reconfigure(self, **options: Any) -> None:
        self._use_layers()
        super().reconfigure(**options)

    def detach(self) -> Any:
        self._use_layers()
        return super().detach()

    def close(self) -> None:
        self._use_layers()
        super().close()


def install() -> None:
    """Replace the streams that Python opened on file descriptors."""
    sys.stdout = sys.__stdout__ = _Output(_StdoutBuffer())
    sys.stderr = sys.__stderr__ = _Output(_StderrBuffer())
    sys.stdin = sys.__stdin__ = _Input()


def restore() -> None:
    """Before a cell: one that closed a stream does not silence the next."""
    if _is_gone("stdout"):
        sys.stdout = sys.__stdout__ = _Output(_StdoutBuffer())
    if _is_gone("stderr"):
        sys.stderr = sys.__stderr__ = _Output(_StderrBuffer())


def _is_gone(name: str) -> bool:
    """Deleted, None or closed."""
    stream = getattr(sys, name, None)
    return stream is None or getattr(stream, "closed", False)
