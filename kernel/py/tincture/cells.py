"""From a cell's source to code objects."""

from __future__ import annotations

import __future__

import linecache
import sys

import _ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType
    from typing import Any

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

# What ends is a cell, when the functions below are called.
is_cell_turn = False

# Called when a cell, a comm message or a turn of tasks has ended.
after_turn: list[Callable[[], None]] = []

# Which values of a cell are shown: IPython's ast_node_interactivity.
interactivity = "last_expr"

# Of the cell magic that runs: body, number of its first line, file name.
_magic_body: tuple[str, int, str] | None = None

_unstored_names: list[str] = []

# `from __future__ import ...` holds for the cells after it too.
_future_flags = 0


def remember_source(source: str, name: str) -> None:
    """Let tracebacks and inspect.getsource find the source by its name."""
    # Unlike str.splitlines, the compiler ends a line at \n only.
    lines = [f"{line}\n" for line in source.split("\n")]
    linecache.cache[name] = (len(source), None, lines, name)
    if not name.startswith("<cell "):
        _unstored_names.append(name)
        if len(_unstored_names) > UNSTORED_SOURCE_LIMIT:
            linecache.cache.pop(_unstored_names.pop(0), None)


def _quote_line(error: SyntaxError, name: str, line: int) -> None:
    """Let the error quote the source as it was written."""
    text = linecache.getline(name, line) or None
    if text != error.text:
        error.text = text
        error.offset = error.end_offset = None


def compile_tree(tree: _ast.mod, name: str, mode: str) -> CodeType:
    """Code of a cell's tree, or of a part of it."""
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


def _parse_python(source: str, name: str) -> _ast.Module:
    flags = _ONLY_AST | _TOP_LEVEL_AWAIT | _future_flags
    return compile(source, name, "exec", flags, dont_inherit=True)


def _place_on_lines(tree: _ast.AST, lines: set[int], name: str) -> None:
    """Let what was made of a command stand for the whole line, as it is
    quoted in tracebacks."""
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        if getattr(node, "lineno", None) in lines:
            line = linecache.getline(name, node.lineno).rstrip("\n")
            node.end_lineno = node.lineno
            node.col_offset = len(line) - len(line.lstrip())
            node.end_col_offset = len(line.encode("utf-8"))
        for field in node._fields:
            value = getattr(node, field, None)
            items = value if isinstance(value, list) else [value]
            waiting.extend(item for item in items if isinstance(item, _ast.AST))


def _parse_commands(
    source: str, name: str, problem: SyntaxError | None
) -> tuple[str, _ast.Module]:
    """The tree of a cell with IPython's commands in it."""
    global _magic_body
    from tincture import transform

    result = transform.transform(source)
    if problem is not None and result.source.rstrip("\n") == source.rstrip("\n"):
        raise problem
    if result.body is not None:
        _magic_body = (result.body, result.body_line, name)
    try:
        tree = _parse_python(result.source, name)
    except SyntaxError as error:
        if error.lineno is not None:
            _quote_line(error, name, error.lineno)
        raise error from None
    if result.changed:
        _place_on_lines(tree, result.changed, name)
    return result.source, tree


def _transform_by_program(source: str) -> str:
    """What the program's own transformers make of it."""
    shell = sys.modules.get("tincture.shell")
    return source if shell is None else shell.transform_source(source)


def _parse(source: str, name: str) -> tuple[str, _ast.Module]:
    """The source that was parsed, and its tree."""
    source = _transform_by_program(source)
    if source.lstrip().startswith("%%"):
        return _parse_commands(source, name, None)
    try:
        tree = _parse_python(source, name)
    except SyntaxError as error:
        is_command = any(sign in source for sign in "%!?")
        is_odd = source[:1].isspace() or source.lstrip().startswith(
            (">>>", "In [")
        )
        if not is_command and not is_odd:
            raise
        problem = error
    else:
        return source, tree
    return _parse_commands(source, name, problem)


def _last_name(node: _ast.stmt) -> str | None:
    """The name that an assignment binds."""
    target: Any = None
    if isinstance(node, _ast.Assign):
        target = node.targets[0]
    elif isinstance(node, (_ast.AugAssign, _ast.AnnAssign)):
        target = node.target
    return target.id if isinstance(target, _ast.Name) else None


def _make_expression(node: _ast.stmt, name: str) -> _ast.Expr:
    place = {
        "lineno": node.lineno,
        "col_offset": node.col_offset,
        "end_lineno": node.end_lineno,
        "end_col_offset": node.end_col_offset,
    }
    value = _ast.Name(id=name, ctx=_ast.Load(), **place)
    return _ast.Expr(value=value, **place)


def _compile_shown(
    tree: _ast.Module, name: str, source: str
) -> tuple[CodeType | None, CodeType | None, bool]:
    """The same for interactivities that show other values than the last
    expression's: the interpreter passes them to sys.displayhook."""
    is_quiet = isinstance(tree.body[-1], _ast.Expr) and _is_suppressed(
        source, tree.body[-1]
    )
    if interactivity == "none" or is_quiet:
        return compile_tree(tree, name, "exec"), None, False
    first = 0 if interactivity == "all" else len(tree.body) - 1
    shown = _ast.Interactive(tree.body[first:])
    del tree.body[first:]
    body = compile_tree(tree, name, "exec") if tree.body else None
    return body, compile_tree(shown, name, "single"), False


def _compile(
    source: str, name: str, tree: _ast.Module
) -> tuple[CodeType | None, CodeType | None, bool]:
    last = tree.body[-1] if tree.body else None
    if last is not None and interactivity in ("all", "last", "none"):
        return _compile_shown(tree, name, source)
    if last is not None and interactivity == "last_expr_or_assign":
        bound = _last_name(last)
        if bound is not None:
            last = _make_expression(last, bound)
            tree.body.append(last)
    if not isinstance(last, _ast.Expr):
        body = compile_tree(tree, name, "exec") if tree.body else None
        return body, None, False
    is_shown = not _is_suppressed(source, last)
    del tree.body[-1]
    body = compile_tree(tree, name, "exec") if tree.body else None
    expression = _ast.Expression(last.value)
    return body, compile_tree(expression, name, "eval"), is_shown


def _compile_expression(source: str, name: str) -> CodeType | None:
    """The code of a cell that is one short expression, as most are that ask
    for a value: made without a tree.  None for any other."""
    # A backslash may have a warning, which must come once.
    if (
        "\n" in source
        or "=" in source
        or ";" in source
        or "\\" in source
        or interactivity != "last_expr"
        or "tincture.shell" in sys.modules
    ):
        return None
    flags = _TOP_LEVEL_AWAIT | _future_flags
    try:
        return compile(source, name, "eval", flags, dont_inherit=True)
    except SyntaxError:
        return None


def compile_cell(
    source: str, name: str
) -> tuple[CodeType | None, CodeType | None, bool]:
    """All but the last expression, the last expression, and whether its
    value is to be shown.  Either may be None."""
    global _magic_body
    _magic_body = None
    if "\r" in source:
        source = source.replace("\r\n", "\n").replace("\r", "\n")
    remember_source(source, name)
    expression = _compile_expression(source, name)
    if expression is not None:
        return None, expression, True
    parsed, tree = _parse(source, name)
    shell = sys.modules.get("tincture.shell")
    if shell is not None:
        tree = shell.transform_tree(tree)
    return _compile(parsed, name, tree)


def parse_body(source: str, label: str) -> tuple[str, str, _ast.Module]:
    """File name, source and tree of code that a magic was given.  The body of
    the cell that runs keeps its place in the cell."""
    if _magic_body is not None and _magic_body[0] == source:
        _, line, name = _magic_body
        source = "\n" * (line - 1) + source
    else:
        name = f"<{label}>"
        remember_source(source, name)
    parsed, tree = _parse(source, name)
    return name, parsed, tree


def compile_body(
    source: str, label: str
) -> tuple[CodeType | None, CodeType | None, bool]:
    """compile_cell for code that a magic was given."""
    name, parsed, tree = parse_body(source, label)
    return _compile(parsed, name, tree)


def compile_expression(source: str) -> CodeType:
    """One expression, for user_expressions."""
    return compile(source, "<expression>", "eval", dont_inherit=True)
