"""What magics are made of: decorators, options, the table of all.

The names are those of IPython.core.magic, so that a notebook can define
magics of its own.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

KINDS = ("line", "cell")


class UsageError(Exception):
    """A command that was used wrongly; shown without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


def _mark(kinds: tuple[str, ...]) -> Callable[..., Any]:
    def decorator(target: Any) -> Any:
        def mark(function: Any, name: str) -> Any:
            marks = getattr(function, "_magics", ())
            function._magics = (*marks, *((kind, name) for kind in kinds))
            return function

        if isinstance(target, str):
            return lambda function: mark(function, target)
        return mark(target, target.__name__)

    return decorator


line_magic = _mark(("line",))
cell_magic = _mark(("cell",))
line_cell_magic = _mark(KINDS)

line_magic.__doc__ = "Make a method of Magics `%name`."
cell_magic.__doc__ = "Make a method of Magics `%%name`."
line_cell_magic.__doc__ = "Make a method of Magics both."


def needs_local_scope(function: Any) -> Any:
    """The magic gets `local_ns`, the names where it was called."""
    function.needs_local_scope = True
    return function


def no_var_expand(function: Any) -> Any:
    """The magic gets its line without `{...}` and `$name` replaced."""
    function._ipython_magic_no_var_expand = True
    return function


def output_can_be_silenced(function: Any) -> Any:
    """A semicolon after the magic hides its result."""
    function._ipython_magic_output_can_be_silenced = True
    return function


def magics_class(cls: type) -> type:
    """Collect the marked methods of a class of magics."""
    table: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    for base in reversed(cls.__mro__):
        for attribute, value in vars(base).items():
            for kind, name in getattr(value, "_magics", ()):
                table[kind][name] = attribute
    cls._magic_names = table  # type: ignore[attr-defined]
    cls.registered = True  # type: ignore[attr-defined]
    return cls


class Magics:
    """A class of magics; each marked method is one."""

    _magic_names: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}

    # Other names of the magics here.
    aliases: dict[str, str] = {}

    def __init__(self, shell: Any = None, **options: Any) -> None:
        self.shell = shell
        self.options_table: dict[str, str] = {}
        self.magics = {
            kind: {
                name: getattr(self, attribute)
                for name, attribute in self._magic_names[kind].items()
            }
            for kind in KINDS
        }
        for table in self.magics.values():
            for alias, name in self.aliases.items():
                if name in table:
                    table[alias] = table[name]

    def parse_options(
        self, arg_str: str, opt_str: str, *long_opts: str, **options: Any
    ) -> tuple[Options, Any]:
        """Options and the rest of a line, by the letters of getopt."""
        found, rest = split_options(arg_str, opt_str, long_opts)
        if options.get("mode") == "list":
            return found, rest.split()
        return found, rest


class Options(dict):  # type: ignore[type-arg]
    """Options by letter or name, also as attributes."""

    def __getattr__(self, name: str) -> Any:
        return self.get(name)


def _take_value(rest: str) -> tuple[str, str]:
    """The first word, without its quotation marks, and what follows."""
    rest = rest.lstrip()
    if rest[:1] in ("'", '"'):
        end = rest.find(rest[0], 1)
        if end > 0:
            return rest[1:end], rest[end + 1 :].lstrip()
    word, _, rest = rest.partition(" ")
    return word, rest.lstrip()


def _take_long(
    found: Options, word: str, rest: str, names: tuple[str, ...]
) -> str:
    name, equals, value = word[2:].partition("=")
    if name in names:
        found[name] = ""
    elif f"{name}=" in names:
        if not equals:
            value, rest = _take_value(rest)
        found[name] = value
    else:
        raise UsageError(f"option --{name} not recognized")
    return rest


def split_options(
    line: str, letters: str, names: tuple[str, ...] = ()
) -> tuple[Options, str]:
    """Options at the start of a line, and the rest as it stands: that may be
    code, in which spaces and quotation marks matter."""
    found = Options()
    rest = line.strip()
    while rest.startswith("-") and len(rest) > 1 and not rest[1].isspace():
        word, _, after = rest.partition(" ")
        after = after.lstrip()
        if word == "--":
            return found, after
        if word.startswith("--"):
            rest = _take_long(found, word, after, names)
            continue
        i = 1
        while i < len(word):
            letter = word[i]
            at = letters.find(letter)
            if at < 0 or letter == ":":
                raise UsageError(f"option -{letter} not recognized")
            i += 1
            if letters[at + 1 : at + 2] != ":":
                found[letter] = ""
                continue
            value = word[i:]
            if not value:
                value, after = _take_value(after)
            if not value:
                raise UsageError(f"option -{letter} requires argument")
            found[letter] = value
            break
        rest = after
    return found, rest


def split_words(line: str) -> list[str]:
    """The words of a line, quoted ones without their marks."""
    import shlex

    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(str(error)) from None


class MagicsManager:
    """All magics by kind and name."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.magics: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
        self.auto_magic = False

    def register(self, *classes: Any) -> None:
        """Add the magics of classes, or of their instances."""
        for one in classes:
            instance = self._make(one) if isinstance(one, type) else one
            for kind in KINDS:
                self.magics[kind].update(instance.magics[kind])

    def _make(self, cls: Any) -> Any:
        if issubclass(cls, Magics):
            return cls(self.shell)
        # The real IPython's class takes no shell but its own.
        instance = cls()
        instance.shell = self.shell
        return instance

    def register_function(
        self,
        function: Any,
        magic_kind: str = "line",
        magic_name: str | None = None,
    ) -> None:
        """Make a function a magic."""
        if magic_kind not in (*KINDS, "line_cell"):
            raise ValueError(
                f"magic_kind must be one of line, cell, line_cell, "
                f"{magic_kind!r} given"
            )
        name = magic_name or function.__name__
        kinds = KINDS if magic_kind == "line_cell" else (magic_kind,)
        for kind in kinds:
            self.magics[kind][name] = function

    def lsmagic(self) -> dict[str, dict[str, Any]]:
        """The table."""
        return self.magics


def _registering(kind: str) -> Callable[..., Any]:
    def decorator(target: Any) -> Any:
        from tincture.shell import get_ipython

        def register(function: Any, name: str) -> Any:
            get_ipython().register_magic_function(function, kind, name)
            return function

        if isinstance(target, str):
            return lambda function: register(function, target)
        return register(target, target.__name__)

    return decorator


register_line_magic = _registering("line")
register_cell_magic = _registering("cell")
register_line_cell_magic = _registering("line_cell")


def find_nearest(name: str, names: list[str]) -> str | None:
    """The name that was probably meant."""
    import difflib

    found = difflib.get_close_matches(name, names, 1)
    return found[0] if found else None


def _find_field(text: str, start: int) -> int:
    """Where the `}` of a field stands whose inside begins at `start`; -1."""
    depth = 0
    for i in range(start, len(text)):
        if text[i] in "[({":
            depth += 1
        elif text[i] == "}" and depth == 0:
            return i
        elif text[i] in "])}":
            depth -= 1
    return -1


def _evaluate_field(field: str, namespace: dict[str, Any]) -> str:
    value = eval(field, namespace)  # noqa: S307
    return value if isinstance(value, str) else format(value)


def expand(text: str, namespace: dict[str, Any]) -> str:
    """The text with `{expression}` and `$name` replaced; what cannot be
    evaluated leaves all as it is."""
    if "{" not in text and "$" not in text:
        return text
    out: list[str] = []
    i = 0
    while i < len(text):
        character = text[i]
        if text[i : i + 2] in ("{{", "}}", "$$"):
            out.append(character)
            i += 2
            continue
        if character == "{":
            end = _find_field(text, i + 1)
            if end < 0:
                return text
            try:
                out.append(_evaluate_field(text[i + 1 : end], namespace))
            except Exception:
                return text
            i = end + 1
            continue
        if character == "$":
            end = i + 1
            while text[end : end + 1].isidentifier() or (
                end > i + 1 and text[end : end + 1].isalnum()
            ):
                end += 1
            if text[i + 1 : end] in namespace:
                out.append(str(namespace[text[i + 1 : end]]))
                i = end
                continue
        out.append(character)
        i += 1
    return "".join(out)


def caller_namespace(depth: int) -> dict[str, Any]:
    """The local names of the code that called, `depth` frames up."""
    return sys._getframe(depth + 1).f_locals
