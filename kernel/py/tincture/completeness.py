"""Whether a cell's source is complete, for consoles that ask on Enter."""

from __future__ import annotations

import codeop
from typing import Any

_TOP_LEVEL_AWAIT = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

_INDENT = 4
_LEAVING = ("return", "pass", "raise", "break", "continue")


def _indent_of(line: str) -> int:
    line = line.expandtabs(8)
    return len(line) - len(line.lstrip(" "))


def _next_indent(source: str) -> str:
    """The indentation of the line that follows."""
    lines = [line for line in source.split("\n") if line.strip()]
    if not lines:
        return ""
    last = lines[-1]
    indent = _indent_of(last)
    code = last.split("#")[0].strip()
    if code.endswith(":"):
        indent += _INDENT
    elif code.split(" ")[0].split("(")[0] in _LEAVING:
        indent = max(0, indent - _INDENT)
    return " " * indent


def _is_open_block(source: str) -> bool:
    """True when the last line is inside a block that a blank line would
    end."""
    lines = source.split("\n")
    return bool(lines[-1].strip()) and _indent_of(lines[-1]) > 0


def _check_cell_magic(source: str) -> dict[str, Any]:
    """A cell magic takes lines until one is blank."""
    if "\n" in source and not source.rpartition("\n")[2].strip():
        return {"status": "complete"}
    return {"status": "incomplete", "indent": ""}


def _find_python(source: str) -> str:
    """The source without IPython's commands, if there may be some."""
    if not any(sign in source for sign in "%!?"):
        return source
    try:
        compile(source, "<check>", "exec", _TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        from tincture import transform

        result = transform.transform(source)
        if result.changed:
            return result.source.removesuffix("\n")
    return source


def check(source: str) -> dict[str, Any]:
    """The content of an is_complete_reply."""
    if source.lstrip().startswith("%%"):
        return _check_cell_magic(source)
    if source.lstrip().startswith("%") and source.rstrip().endswith("\\"):
        return {"status": "incomplete", "indent": ""}
    source = _find_python(source)
    compiler = codeop.CommandCompiler()
    compiler.compiler.flags |= _TOP_LEVEL_AWAIT
    try:
        code = compiler(source, "<check>", "exec")
    except (SyntaxError, OverflowError, ValueError, MemoryError):
        return {"status": "invalid"}
    except RecursionError:
        return {"status": "unknown"}
    if code is None or _is_open_block(source):
        return {"status": "incomplete", "indent": _next_indent(source)}
    return {"status": "complete"}
