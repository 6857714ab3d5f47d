"""From a cell's source to code objects."""

from __future__ import annotations

import __future__

import linecache

import _ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

_ONLY_AST = 0x0400  # ast.PyCF_ONLY_AST, without the import of ast
_TOP_LEVEL_AWAIT = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

_FUTURE_FLAGS = 0
for _name in __future__.all_feature_names:
    _FUTURE_FLAGS |= getattr(__future__, _name).compiler_flag
# `nested_scopes` shares its bit with another meaning.
_FUTURE_FLAGS &= ~__future__.nested_scopes.compiler_flag

# Sources of code that is no numbered cell, kept for tracebacks.
UNSTORED_SOURCE_LIMIT = 1000

# Between entry.begin_cell and entry.end_cell.
is_running = False

_unstored_names: list[str] = []

# `from __future__ import ...` holds for the cells after it too.
_future_flags = 0


def _remember_source(source: str, name: str) -> None:
    """Let tracebacks and inspect.getsource find the source by its name."""
    # Unlike str.splitlines, the compiler ends a line at \n only.
    lines = [f"{line}\n" for line in source.split("\n")]
    linecache.cache[name] = (len(source), None, lines, name)
    if name.startswith("<code "):
        _unstored_names.append(name)
        if len(_unstored_names) > UNSTORED_SOURCE_LIMIT:
            linecache.cache.pop(_unstored_names.pop(0), None)


def _compile(tree: _ast.mod, name: str, mode: str) -> CodeType:
    global _future_flags
    flags = _TOP_LEVEL_AWAIT | _future_flags
    try:
        code = compile(tree, name, mode, flags, dont_inherit=True)
    except SyntaxError as error:
        # From a tree, the compiler has no source to quote.
        if error.text is None and error.lineno is not None:
            error.text = linecache.getline(name, error.lineno) or None
        raise
    _future_flags |= code.co_flags & _FUTURE_FLAGS
    return code


def _is_suppressed(source: str, last: _ast.Expr) -> bool:
    """True when a semicolon follows the last expression."""
    lines = source.split("\n")[last.end_lineno - 1 :]
    # Columns count bytes of UTF-8.
    rest = lines[0].encode("utf-8")[last.end_col_offset :]
    return rest.lstrip(b" \t\f\\\r").startswith(b";") or any(
        line.lstrip(" \t\f").startswith(";") for line in lines[1:2]
    )


def _parse(source: str, name: str) -> _ast.Module:
    flags = _ONLY_AST | _TOP_LEVEL_AWAIT | _future_flags
    try:
        return compile(source, name, "exec", flags, dont_inherit=True)
    except SyntaxError as error:
        line = (error.text or "").strip()
        if line.startswith(("%", "!")) or line.endswith("?"):
            error.add_note("This kernel knows none of IPython's commands.")
        raise


def compile_cell(
    source: str, name: str
) -> tuple[CodeType | None, CodeType | None, bool]:
    """All but the last expression, the last expression, and whether its
    value is to be shown.  Either may be None."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    _remember_source(source, name)
    tree = _parse(source, name)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, _ast.Expr):
        body = _compile(tree, name, "exec") if tree.body else None
        return body, None, False
    is_shown = not _is_suppressed(source, last)
    del tree.body[-1]
    body = _compile(tree, name, "exec") if tree.body else None
    expression = _ast.Expression(last.value)
    return body, _compile(expression, name, "eval"), is_shown


def compile_expression(source: str) -> CodeType:
    """One expression, for user_expressions."""
    return compile(source, "<expression>", "eval", dont_inherit=True)
