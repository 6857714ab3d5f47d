"""Running code, with the names of Pyodide's `pyodide.code`."""

from __future__ import annotations

import ast
import linecache
import tokenize
from collections.abc import Callable
from functools import lru_cache, wraps
from inspect import CO_COROUTINE, Parameter, Signature, signature
from io import StringIO
from textwrap import dedent
from types import CodeType
from typing import Any, Literal, ParamSpec, TypeVar

__all__ = [
    "CodeRunner",
    "eval_code",
    "eval_code_async",
    "find_imports",
    "relaxed_call",
    "relaxed_wrap",
    "run_js",
    "should_quiet",
]

ReturnMode = Literal["last_expr", "last_expr_or_assign", "none"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

# Signatures that relaxed_call remembers.
_SIGNATURE_LIMIT = 256

_QUIET_KINDS = (
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
)


def should_quiet(source: str, /) -> bool:
    """Whether a semicolon ends the code, so that its value is not wanted."""
    last = ""
    try:
        for token in tokenize.generate_tokens(StringIO(source).readline):
            if token.type not in _QUIET_KINDS:
                last = token.string
    except (tokenize.TokenError, SyntaxError):
        return False
    return last == ";"


def find_imports(source: str) -> list[str]:
    """The modules that the code imports, and the packages that they are in;
    none where it is no Python."""
    try:
        tree = ast.parse(dedent(source))
    except SyntaxError:
        return []
    found: set[str] = set()
    for node in ast.walk(tree):
        names: list[str | None] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
        for name in names:
            parts = (name or "").split(".")
            found.update(
                ".".join(parts[: end + 1]) for end in range(len(parts))
            )
    return sorted(found)


def _value_of(statement: ast.stmt) -> ast.expr | None:
    """What the last statement is worth when assignments count."""
    target: ast.expr | None = None
    if isinstance(statement, ast.Assign):
        target = statement.targets[0]
    elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
        target = statement.target
    if not isinstance(target, ast.Name):
        return None
    return ast.copy_location(ast.Name(target.id, ast.Load()), statement)


class CodeRunner:
    """Code to be run in steps: parsed by the constructor, then compile(),
    then run() or run_async(), as often as is wanted.

    `ast` may be changed before it is compiled, `code` is what was.
    `return_mode` says whether the value of a last expression comes back, of a
    last assignment too, or none; a semicolon at the end suppresses it, unless
    `quiet_trailing_semicolon` is false.
    """

    def __init__(
        self,
        source: str,
        *,
        return_mode: ReturnMode = "last_expr",
        mode: str = "exec",
        quiet_trailing_semicolon: bool = True,
        filename: str = "<exec>",
        flags: int = 0,
        dont_inherit: bool = False,
        optimize: int = -1,
        dedent: bool = True,
    ) -> None:
        modes = ("last_expr", "last_expr_or_assign", "none")
        if return_mode not in modes:
            raise ValueError(f"return_mode must be one of {', '.join(modes)}")
        text = _dedent(source) if dedent else source
        self.filename = filename
        self.ast: Any = compile(
            text,
            filename,
            mode,
            flags | ast.PyCF_ONLY_AST,
            dont_inherit,
            optimize,
        )
        self.code: CodeType | None = None
        self._last: CodeType | None = None
        self._mode = mode
        self._flags = flags
        self._options = (dont_inherit, optimize)
        if quiet_trailing_semicolon and should_quiet(text):
            return_mode = "none"
        self._return_mode = return_mode
        lines = [f"{line}\n" for line in text.split("\n")]
        linecache.cache[filename] = (len(text), None, lines, filename)

    def _split_last(self) -> ast.Expression | None:
        """Take the expression whose value is wanted off the tree."""
        body = self.ast.body if isinstance(self.ast, ast.Module) else []
        if not body or self._return_mode == "none":
            return None
        if isinstance(body[-1], ast.Expr):
            return ast.Expression(body.pop().value)
        if self._return_mode == "last_expr_or_assign":
            value = _value_of(body[-1])
            return None if value is None else ast.Expression(value)
        return None

    def _compile(self, tree: Any, mode: str) -> CodeType:
        code = compile(
            tree, self.filename, mode, self._flags, *self._options
        )
        assert isinstance(code, CodeType)
        return code

    def compile(self) -> CodeRunner:
        """Make code of the tree; gives itself."""
        last = self._split_last()
        self.code = self._compile(self.ast, self._mode)
        self._last = None if last is None else self._compile(last, "eval")
        return self

    def _codes(self) -> list[CodeType]:
        if self.code is None:
            raise RuntimeError("Not yet compiled")
        return [self.code] if self._last is None else [self.code, self._last]

    def _result_of(self, value: Any, code: CodeType) -> Any:
        is_wanted = code is self._last or self._mode == "eval"
        return value if is_wanted else None

    def run(
        self,
        globals: dict[str, Any] | None = None,
        locals: dict[str, Any] | None = None,
    ) -> Any:
        """Run it, in a namespace of its own where none is given."""
        names = {} if globals is None else globals
        result = None
        for code in self._codes():
            value = eval(code, names, names if locals is None else locals)
            if code.co_flags & CO_COROUTINE:
                value.close()
                raise RuntimeError(
                    "the code awaits something: use run_async()"
                )
            result = self._result_of(value, code)
        return result

    async def run_async(
        self,
        globals: dict[str, Any] | None = None,
        locals: dict[str, Any] | None = None,
    ) -> Any:
        """The same, where the code may await at its top level."""
        names = {} if globals is None else globals
        result = None
        for code in self._codes():
            value = eval(code, names, names if locals is None else locals)
            if code.co_flags & CO_COROUTINE:
                value = await value
            result = self._result_of(value, code)
        return result


# The parameter of CodeRunner has the same name.
_dedent = dedent


def eval_code(
    source: str,
    globals: dict[str, Any] | None = None,
    locals: dict[str, Any] | None = None,
    *,
    return_mode: ReturnMode = "last_expr",
    quiet_trailing_semicolon: bool = True,
    filename: str = "<exec>",
    flags: int = 0,
    dont_inherit: bool = False,
    optimize: int = -1,
) -> Any:
    """Run code; the value of its last expression comes back."""
    runner = CodeRunner(
        source,
        return_mode=return_mode,
        quiet_trailing_semicolon=quiet_trailing_semicolon,
        filename=filename,
        flags=flags,
        dont_inherit=dont_inherit,
        optimize=optimize,
    )
    return runner.compile().run(globals, locals)


async def eval_code_async(
    source: str,
    globals: dict[str, Any] | None = None,
    locals: dict[str, Any] | None = None,
    *,
    return_mode: ReturnMode = "last_expr",
    quiet_trailing_semicolon: bool = True,
    filename: str = "<exec>",
    flags: int = 0,
    dont_inherit: bool = False,
    optimize: int = -1,
) -> Any:
    """The same for code that may await at its top level."""
    runner = CodeRunner(
        source,
        return_mode=return_mode,
        quiet_trailing_semicolon=quiet_trailing_semicolon,
        filename=filename,
        flags=flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
        dont_inherit=dont_inherit,
        optimize=optimize,
    )
    return await runner.compile().run_async(globals, locals)


def run_js(code: str, /) -> Any:
    """Run JavaScript, as the global `eval` does; the value of its last
    expression comes back."""
    if not isinstance(code, str):
        raise TypeError(f"JavaScript is a str, not {type(code).__name__}")
    import js

    return js.eval(code)


@lru_cache(_SIGNATURE_LIMIT)
def _find_signature(func: Callable[..., Any]) -> Signature:
    return signature(func)


def _fit(
    func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Of the arguments those that the function takes."""
    try:
        parameters = _find_signature(func).parameters.values()
    except TypeError:  # it cannot be remembered
        parameters = signature(func).parameters.values()
    kinds = {parameter.kind for parameter in parameters}
    if Parameter.VAR_POSITIONAL not in kinds:
        taken = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
        count = sum(parameter.kind in taken for parameter in parameters)
        args = args[:count]
    if Parameter.VAR_KEYWORD not in kinds:
        named = (Parameter.KEYWORD_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
        names = {each.name for each in parameters if each.kind in named}
        kwargs = {key: kwargs[key] for key in kwargs if key in names}
    return args, kwargs


def relaxed_call(
    func: Callable[..., _R], *args: Any, **kwargs: Any
) -> _R:
    """Call a function without the arguments that it does not take, as
    JavaScript does."""
    try:
        args, kwargs = _fit(func, args, kwargs)
    except ValueError:  # a function of C that tells nobody what it takes
        pass
    return func(*args, **kwargs)


def relaxed_wrap(func: Callable[_P, _R]) -> Callable[..., _R]:
    """A function that ignores the arguments that `func` does not take."""

    @wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> _R:
        return relaxed_call(func, *args, **kwargs)

    return wrapper
