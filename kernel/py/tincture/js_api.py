"""The page's `tincture` object, as far as Python does its work: called by
name through kernel/js/proxy_operate.c (plugin/src/page_api.ts).
"""

from __future__ import annotations

import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any


# Formats of 8-byte integers, which are a BigInt each in typed arrays.
_LONG_FORMATS = ("q", "Q")

# Kinds of numpy's elements that are numbers, texts or objects in a list.
_LISTED_KINDS = "biufUSO"

# Those of them for which JavaScript has an array of numbers.
_TYPED_ARRAYS = ("i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8")


def main_names() -> dict[str, Any]:
    """The variables of the main module."""
    from tincture import entry

    return entry.history().namespace


def plain_result(value: Any) -> Any:
    """What is nearer to JavaScript's own values than the result itself:
    numpy's numbers, and arrays without a typed array of their own."""
    dtype = getattr(value, "dtype", None)
    if dtype is None:
        view = memoryview(value)
        return view.tolist() if view.format in _LONG_FORMATS else value
    if not hasattr(value, "tolist") or dtype.kind not in _LISTED_KINDS:
        return value
    has_array = f"{dtype.kind}{dtype.itemsize}" in _TYPED_ARRAYS
    if has_array and dtype.isnative and value.ndim > 0:
        return value
    return value.tolist()


# --- Running ----------------------------------------------------------------


def _names(given: Any) -> dict[str, Any] | None:
    """A namespace of the caller's; the members of a JavaScript object are
    copied into a new one."""
    from pyodide.ffi import JsProxy

    return given.to_py(depth=1) if isinstance(given, JsProxy) else given


def run(code: str, names: Any, local_names: Any, filename: str | None) -> Any:
    """Run code at once; the value of its last expression."""
    from pyodide.code import eval_code

    return eval_code(
        code,
        main_names() if names is None else _names(names),
        _names(local_names),
        filename=filename or "<exec>",
    )


def run_later(
    code: str, names: Any, local_names: Any, filename: str | None
) -> Coroutine[Any, Any, Any]:
    """The same for code that may await at its top level."""
    from pyodide.code import eval_code_async

    return eval_code_async(
        code,
        main_names() if names is None else _names(names),
        _names(local_names),
        filename=filename or "<exec>",
    )


def complete(code: str, cursor: int) -> dict[str, Any]:
    """What a complete_request is answered with."""
    from tincture import answers, entry

    content = {"code": code, "cursor_pos": cursor}
    return answers.ANSWERS["complete_request"](entry.history(), content)


# --- Modules ----------------------------------------------------------------


def import_name(name: str) -> Any:
    """A variable of the main module, or else a module, or what is in one."""
    from importlib import import_module

    names = main_names()
    if name in names:
        return names[name]
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        module = ".".join(parts[:end])
        try:
            found = import_module(module)
        except ModuleNotFoundError as error:
            if end == 1 or not module.startswith(error.name or ""):
                raise
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def register_module(name: str, module: Any) -> None:
    """pyodide.ffi.register_js_module."""
    from tincture import js_modules

    js_modules.register(name, module)


def unregister_module(name: str) -> None:
    """pyodide.ffi.unregister_js_module."""
    from tincture import js_modules

    js_modules.unregister(name)


def to_py(value: Any, depth: int, converter: Callable[..., Any] | None) -> Any:
    """A JavaScript object as one of Python's own."""
    from pyodide.ffi import JsProxy

    if not isinstance(value, JsProxy):
        return value
    return value.to_py(depth=depth, default_converter=converter)


# --- Streams ----------------------------------------------------------------


class _Stream(io.TextIOBase):
    """A stream whose text a function of JavaScript's gets."""

    mode = "w"
    encoding = "utf-8"
    errors = "surrogatepass"

    def __init__(
        self, name: str, kind: str, take: Callable[[Any], Any], tty: bool
    ) -> None:
        self.name = name
        self._kind = kind
        self._take = take
        self._is_tty = tty
        self._line = ""

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._is_tty

    def write(self, text: str, /) -> int:
        if self._kind == "batched":
            *lines, self._line = (self._line + text).split("\n")
            for line in lines:
                self._take(line)
            return len(text)
        data = text.encode("utf-8", "surrogatepass")
        if self._kind == "raw":
            for byte in data:
                self._take(byte)
        else:
            from pyodide.ffi import to_js

            self._take(to_js(data))
        return len(text)

    def close(self) -> None:
        """Stays open: the kernel lives on."""


class _Input(io.TextIOBase):
    """Lines that a function of JavaScript's gives."""

    name = "<stdin>"
    mode = "r"
    encoding = "utf-8"

    def __init__(self, give: Callable[[], Any]) -> None:
        self._give = give

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> str:
        given = self._give()
        if given is None or not hasattr(given, "__len__"):
            return ""
        line = given if isinstance(given, str) else _decode(given)
        line = line if line.endswith("\n") else f"{line}\n"
        return line if size is None or size < 0 else line[:size]

    def read(self, size: int | None = -1, /) -> str:
        return self.readline(size)


def _decode(given: Any) -> str:
    return given.to_bytes().decode("utf-8", "replace")


def set_output(
    name: str, kind: str, take: Callable[[Any], Any] | None, tty: bool
) -> None:
    """Let JavaScript have what is printed; None: as it was."""
    stream = getattr(sys, f"__{name}__")
    if take is not None:
        stream = _Stream(f"<{name}>", kind, take, tty)
    setattr(sys, name, stream)


def set_input(give: Callable[[], Any] | None) -> None:
    """Let JavaScript answer input(); None: as it was."""
    import builtins

    from tincture import waiting

    if give is None:
        sys.stdin = sys.__stdin__
        waiting.install()
        return
    stream = sys.stdin = _Input(give)

    def read_line(prompt: object = "", /) -> str:
        """The next line of standard input."""
        sys.stdout.write(str(prompt))
        line = stream.readline()
        if not line:
            raise EOFError("there is no more input")
        return line.removesuffix("\n")

    builtins.input = read_line  # type: ignore[assignment]


# --- Files ------------------------------------------------------------------


def absolute_path(path: str) -> str:
    """The path from the root, for calls that know no current directory."""
    return os.path.abspath(path)


def list_directory(path: str) -> list[str]:
    """The names in a directory."""
    return [".", "..", *sorted(os.listdir(path))]


def describe_file(path: str, follow: bool) -> dict[str, Any]:
    """What os.stat says, times in milliseconds."""
    found = os.stat(path, follow_symlinks=follow)
    return {
        "dev": found.st_dev,
        "ino": found.st_ino,
        "mode": found.st_mode,
        "nlink": found.st_nlink,
        "uid": found.st_uid,
        "gid": found.st_gid,
        "size": found.st_size,
        "atime": found.st_atime * 1e3,
        "mtime": found.st_mtime * 1e3,
        "ctime": found.st_ctime * 1e3,
    }


def change_files(action: str, *arguments: Any) -> Any:
    """A function of the module os, by name."""
    actions: dict[str, Callable[..., Any]] = {
        "chdir": os.chdir,
        "cwd": os.getcwd,
        "mkdir": os.mkdir,
        "mkdirTree": lambda path: os.makedirs(path, exist_ok=True),
        "readlink": os.readlink,
        "rename": os.replace,
        "rmdir": os.rmdir,
        "symlink": os.symlink,
        "unlink": os.unlink,
    }
    return actions[action](*arguments)


def unpack(path: str, format: str | None, directory: str | None) -> None:
    """Unpack an archive."""
    import shutil

    formats = {"whl": "zip", "wheel": "zip", "tgz": "gztar", "gz": "gztar"}
    name = None if format is None else format.lstrip(".")
    shutil.unpack_archive(path, directory, formats.get(name or "", name))
