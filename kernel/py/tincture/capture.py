"""capture_output: what code prints and shows, kept instead of sent."""

from __future__ import annotations

import io
import sys

from tincture import formatting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class RichOutput:
    """One display that was kept."""

    __module__ = "IPython.utils.capture"  # as its repr says in Jupyter

    def __init__(
        self,
        data: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        transient: dict[str, Any] | None = None,
        update: bool = False,
    ) -> None:
        self.data = data or {}
        self.metadata = metadata or {}
        self.transient = transient or {}
        self.update = update

    def display(self) -> None:
        """Show it now."""
        from tincture.display import publish_display_data

        publish_display_data(
            self.data,
            self.metadata,
            transient=self.transient,
            update=self.update,
        )

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> Any:
        return self.data, self.metadata


class CapturedIO:
    """What capture_output() gives."""

    def __init__(
        self,
        stdout: io.StringIO | None,
        stderr: io.StringIO | None,
        outputs: list[dict[str, Any]] | None = None,
    ) -> None:
        self._stdout = stdout
        self._stderr = stderr
        self._outputs = [] if outputs is None else outputs

    def __str__(self) -> str:
        return self.stdout

    @property
    def stdout(self) -> str:
        """What was printed."""
        return self._stdout.getvalue() if self._stdout else ""

    @property
    def stderr(self) -> str:
        """What was printed to sys.stderr."""
        return self._stderr.getvalue() if self._stderr else ""

    @property
    def outputs(self) -> list[RichOutput]:
        """What was displayed."""
        return [RichOutput(**output) for output in self._outputs]

    def show(self) -> None:
        """Print and display it all now."""
        sys.stdout.write(self.stdout)
        sys.stderr.write(self.stderr)
        for output in self.outputs:
            output.display()

    __call__ = show


class capture_output:  # noqa: N801  (IPython's name)
    """A context in which output is kept."""

    def __init__(
        self, stdout: bool = True, stderr: bool = True, display: bool = True
    ) -> None:
        self.stdout = stdout
        self.stderr = stderr
        self.display = display

    def __enter__(self) -> CapturedIO:
        self._before = sys.stdout, sys.stderr
        streams: list[Any] = [None, None]
        if self.stdout:
            streams[0] = sys.stdout = io.StringIO()
        if self.stderr:
            streams[1] = sys.stderr = io.StringIO()
        outputs: list[dict[str, Any]] = []
        if self.display:
            formatting.captures.append(outputs)
        self._captured = CapturedIO(streams[0], streams[1], outputs)
        return self._captured

    def __exit__(self, *details: Any) -> None:
        if self.display:
            formatting.captures.remove(self._captured._outputs)
        sys.stdout, sys.stderr = self._before
        if details[0] is None and "matplotlib_inline" in sys.modules:
            self._flush_figures()

    def _flush_figures(self) -> None:
        """Figures that the code left open belong to it."""
        backend = sys.modules.get("matplotlib_inline.backend_inline")
        if backend is None or not self.display:
            return
        formatting.captures.append(self._captured._outputs)
        try:
            backend.flush_figures()
        finally:
            formatting.captures.remove(self._captured._outputs)
