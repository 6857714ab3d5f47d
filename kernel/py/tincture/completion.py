"""complete_request: what could stand at the cursor.

Live objects are asked, without running properties or calls (safe_eval).
Positions count code points, as Jupyter's do and Python's strings.
"""

from __future__ import annotations

import builtins
import keyword
import os
import sys
from collections.abc import Iterable
from typing import Any

import _ast

from tincture import scanning
from tincture.safe_eval import Found, Unknown, find_static, follow

# Matches in one reply.
MATCH_LIMIT = 1000

_ONLY_AST = 0x0400  # ast.PyCF_ONLY_AST

# Modules of the standard library that do something when they are imported.
_NOISY_MODULES = {"antigravity", "idlelib", "this", "turtledemo", "__main__"}


class _Answer:
    """The text from `start` to the cursor becomes one of the matches."""

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end
        self.matches: list[tuple[str, str]] = []  # text and kind
        self._seen: set[str] = set()

    def add(self, text: str, kind: str) -> None:
        if text not in self._seen:
            self._seen.add(text)
            self.matches.append((text, kind))

    def reply(self) -> dict[str, Any]:
        matches = self.matches[:MATCH_LIMIT]
        types = [
            {"start": self.start, "end": self.end, "text": text, "type": kind}
            for text, kind in matches
        ]
        return {
            "status": "ok",
            "matches": [text for text, _ in matches],
            "cursor_start": self.start,
            "cursor_end": self.end,
            "metadata": {"_jupyter_types_experimental": types},
        }


def _kind(value: Any) -> str:
    if isinstance(value, type):
        return "class"
    if isinstance(value, type(sys)):
        return "module"
    if isinstance(value, property):
        return "property"
    return "function" if callable(value) else "instance"


def _fits(name: str, prefix: str) -> bool:
    """Names with an underscore are offered to who types one."""
    if not name.startswith(prefix):
        return False
    return not name.startswith("_") or prefix.startswith("_")


def _order(names: Iterable[str]) -> list[str]:
    return sorted(set(names), key=lambda name: (name.startswith("_"), name))


def _add_attributes(answer: _Answer, found: Found, prefix: str) -> None:
    owner = found.cls if found.cls is not None else found.value
    for name in _order(name for name in found.names() if _fits(name, prefix)):
        try:
            kind = _kind(find_static(owner, name))
        except Exception:
            kind = "instance"
        if kind == "instance" and isinstance(owner, type(sys)):
            kind = "statement"
        answer.add(name, kind)


def _bound_names(code: str, cursor: int) -> set[str]:
    """Names that the cell itself binds, though it has not run yet."""
    lines = code.split("\n")
    del lines[code.count("\n", 0, cursor)]
    for source in (code, "\n".join(lines)):
        try:
            tree = compile(source, "<cell>", "exec", _ONLY_AST | 0x2000)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            continue
        names: set[str] = set()
        _collect_names(tree, names)
        return names
    return set()


def _collect_names(tree: Any, names: set[str]) -> None:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, _ast.Name):
            if isinstance(node.ctx, _ast.Store):
                names.add(node.id)
        elif isinstance(node, _ast.arg):
            names.add(node.arg)
        elif isinstance(node, _ast.alias):
            names.add((node.asname or node.name).split(".")[0])
        elif isinstance(
            node, (_ast.FunctionDef, _ast.AsyncFunctionDef, _ast.ClassDef)
        ):
            names.add(node.name)
        for field in node._fields:
            value = getattr(node, field, None)
            items = value if isinstance(value, list) else [value]
            waiting.extend(item for item in items if isinstance(item, _ast.AST))


def _add_names(
    answer: _Answer,
    prefix: str,
    namespace: dict[str, Any],
    bound: set[str],
) -> None:
    own = [name for name in namespace if isinstance(name, str)]
    for name in _order(name for name in own if _fits(name, prefix)):
        answer.add(name, _kind(namespace[name]))
    for name in _order(name for name in bound if _fits(name, prefix)):
        answer.add(name, "instance")
    for name in (*keyword.kwlist, *keyword.softkwlist):
        if _fits(name, prefix):
            answer.add(name, "keyword")
    for name in _order(dir(builtins)):
        if _fits(name, prefix):
            answer.add(name, _kind(getattr(builtins, name)))


def _add_parameters(
    answer: _Answer,
    text: str,
    bracket: int,
    prefix: str,
    namespace: dict[str, Any],
) -> None:
    """Keyword arguments of the call that is open at `bracket`."""
    import inspect

    source = text[scanning.expression_start(text, bracket) : bracket]
    try:
        found = follow(source, namespace)
        parameters = inspect.signature(found.value).parameters.values()
    except Exception:
        return
    for parameter in parameters:
        is_by_name = parameter.kind in (
            parameter.POSITIONAL_OR_KEYWORD,
            parameter.KEYWORD_ONLY,
        )
        if is_by_name and parameter.name.startswith(prefix):
            answer.add(f"{parameter.name}=", "param")


# Modules


def _top_modules() -> set[str]:
    import pkgutil

    names = {module.name for module in pkgutil.iter_modules()}
    return names | set(sys.builtin_module_names)


def _submodules(package: str) -> set[str]:
    import importlib.util
    import pkgutil

    if package in sys.modules:
        path = getattr(sys.modules[package], "__path__", None)
    else:
        # find_spec imports the parents of a dotted name.
        if "." in package and package.partition(".")[0] not in sys.modules:
            return set()
        try:
            spec = importlib.util.find_spec(package)
        except (ImportError, ValueError):
            return set()
        path = spec.submodule_search_locations if spec is not None else None
    start = f"{package}."
    names = {
        name[len(start) :].partition(".")[0]
        for name in sys.modules
        if name.startswith(start)
    }
    if path is None:
        return names
    return names | {module.name for module in pkgutil.iter_modules(path)}


def _module_names(name: str) -> set[str]:
    """What `from name import` can take."""
    import importlib

    top = name.partition(".")[0]
    is_quiet = (
        top in sys.stdlib_module_names and top not in _NOISY_MODULES
    )
    names = _submodules(name)
    if name not in sys.modules and is_quiet:
        try:
            importlib.import_module(name)
        except Exception:
            return names
    if name in sys.modules:
        names |= set(dir(sys.modules[name]))
    return names


def _add_modules(answer: _Answer, text: str) -> None:
    """`import a.b.c`: the part after the last dot."""
    package, dot, prefix = text.rpartition(".")
    answer.start = answer.end - len(prefix)
    names = _submodules(package) if dot else _top_modules()
    for name in _order(name for name in names if _fits(name, prefix)):
        answer.add(name, "module")


def _complete_import(answer: _Answer, statement: str) -> bool:
    """False when the statement is no import."""
    words = statement.split()
    if not words or words[0] not in ("import", "from") or len(statement) <= len(
        words[0]
    ):
        return False
    if words[0] == "import":
        _add_modules(answer, statement[6:].rpartition(",")[2].lstrip())
        return True
    rest = statement[4:].lstrip()
    module, space, imported = rest.partition(" ")
    if not space:
        _add_modules(answer, module)
        return True
    imported = imported.lstrip()
    if imported == "import" or not imported.startswith("import"):
        if "import".startswith(imported):
            answer.start = answer.end - len(imported)
            answer.add("import", "keyword")
        return True
    prefix = imported[6:].replace("(", " ").rpartition(",")[2].lstrip()
    answer.start = answer.end - len(prefix)
    for name in _order(_module_names(module)):
        if _fits(name, prefix):
            answer.add(name, "instance")
    return True


# Keys and paths


def _keys_of(value: Any) -> list[Any]:
    method = getattr(type(value), "_ipython_key_completions_", None)
    if method is not None:
        return list(method(value))
    if isinstance(value, dict):
        return list(dict.keys(value))
    return []


def _find_keys(
    text: str, bracket: int, namespace: dict[str, Any]
) -> list[Any]:
    source = text[scanning.expression_start(text, bracket) : bracket]
    if not source:
        return []
    try:
        found = follow(source, namespace)
        return [] if found.is_instance_only else _keys_of(found.value)
    except Exception:
        return []


def _quote(key: str, quote: str) -> str:
    """The inside of a string literal between these quotation marks."""
    literal = repr(key)
    inside = literal[1:-1]
    if literal[0] == '"':
        inside = inside.replace('"', '\\"')
    inside = inside.replace("\\'", "'")
    return inside.replace(quote[0], "\\" + quote[0]) if quote else inside


def _complete_key(
    answer: _Answer, text: str, rest: str, place: scanning.Place, bracket: int,
    namespace: dict[str, Any],
) -> bool:
    """`d["na` and `d[`; False when there are no keys."""
    keys = _find_keys(text, bracket, namespace)
    if not keys:
        return False
    if place.string_start is None:
        prefix = text[bracket + 1 :].lstrip()
        answer.start = answer.end - len(prefix)
        for key in keys:
            literal = repr(key)
            if isinstance(key, (str, int, bytes)) and literal.startswith(
                prefix
            ):
                answer.add(literal, "dict key")
        return bool(answer.matches)
    answer.start = place.string_start + len(place.quote)
    prefix = text[answer.start :]
    closing = "" if rest.startswith(place.quote) else place.quote
    for key in keys:
        if isinstance(key, str):
            inside = _quote(key, place.quote)
            if inside.startswith(prefix):
                answer.add(inside + closing, "dict key")
    return True


def _complete_path(answer: _Answer, text: str, start: int) -> None:
    """A file name inside a string."""
    typed = text[start:]
    folder, prefix = os.path.split(typed)
    answer.start = answer.end - len(prefix)
    try:
        with os.scandir(os.path.expanduser(folder) or ".") as entries:
            found = [(entry.name, entry.is_dir()) for entry in entries]
    except (OSError, ValueError):
        return
    for name, is_folder in sorted(found):
        if name.startswith(prefix) and (prefix or not name.startswith(".")):
            answer.add(name + "/" if is_folder else name, "path")


def _complete_string(
    answer: _Answer, text: str, rest: str, place: scanning.Place,
    namespace: dict[str, Any],
) -> None:
    assert place.string_start is not None
    before = text[: place.string_start]
    if place.brackets and before.rstrip().endswith("["):
        bracket = place.brackets[-1]
        if _complete_key(answer, text, rest, place, bracket, namespace):
            return
    _complete_path(answer, text, place.string_start + len(place.quote))


def _complete_code(
    answer: _Answer, code: str, text: str, place: scanning.Place,
    namespace: dict[str, Any],
) -> None:
    start = answer.start
    prefix = text[start:]
    if start > 0 and text[start - 1] == ".":
        source = text[scanning.expression_start(text, start - 1) : start - 1]
        try:
            _add_attributes(answer, follow(source, namespace), prefix)
        except Unknown:
            pass
        return
    if place.brackets:
        bracket = place.brackets[-1]
        if text[bracket] == "[" and not text[bracket + 1 : start].strip():
            if _complete_key(answer, text, "", place, bracket, namespace):
                return
            answer.start = start
        elif text[bracket] == "(" and text[:start].rstrip()[-1:] in ("(", ","):
            _add_parameters(answer, text, bracket, prefix, namespace)
    if prefix or not text[place.statement_start : start].strip():
        _add_names(answer, prefix, namespace, _bound_names(code, len(text)))
    elif not answer.matches:
        _add_names(answer, prefix, namespace, set())


# Magics whose argument is a file.
_FILE_MAGICS = (
    "cat", "cd", "cp", "file", "less", "ll", "load", "ls", "mkdir", "more",
    "mv", "pycat", "rm", "rmdir", "run", "save", "writefile",
)  # fmt: skip


def _add_magics(answer: _Answer, text: str) -> None:
    """`%ti`: names of magics, with their signs."""
    from tincture.shell import get_ipython

    typed = text[answer.start :]
    name = typed.lstrip("%")
    magics = get_ipython().magics_manager.magics
    # A cell magic stands on the first line.
    is_first = not text[: answer.start].strip()
    for kind, sign in (("line", "%"), ("cell", "%%")):
        if kind == "line" and typed.startswith("%%"):
            continue
        if kind == "cell" and not is_first:
            continue
        for one in sorted(magics[kind]):
            if one.startswith(name):
                answer.add(f"{sign}{one}", "magic")


def _add_words(answer: _Answer, words: Iterable[str], prefix: str) -> None:
    for word in words:
        if word.startswith(prefix):
            answer.add(word, "magic")


def _complete_settings(answer: _Answer, prefix: str) -> None:
    """`%config InlineBackend.fig`."""
    from tincture import settings

    class_name, dot, option = prefix.partition(".")
    if not dot:
        _add_words(answer, settings.list_names(), prefix)
        return
    target = settings.find(class_name)
    if target is not None:
        answer.start = answer.end - len(option)
        _add_words(answer, type(target).class_trait_names(), option)


def _complete_magic(answer: _Answer, text: str) -> bool:
    """What stands on the line of a magic; False where that is Python."""
    from tincture import transform

    start = transform.command_start(text)
    if start is not None:
        answer.start = start
        _add_magics(answer, text)
        return True
    line = text[text.rfind("\n") + 1 :].lstrip()
    if not line.startswith("%"):
        return False
    name, space, arguments = line.lstrip("%").partition(" ")
    if not space:
        return True
    prefix = arguments.rpartition(" ")[2]
    answer.start = answer.end - len(prefix)
    if name in _FILE_MAGICS:
        _complete_path(answer, text, answer.start)
    elif name == "matplotlib":
        from matplotlib_inline import selection

        _add_words(answer, selection.list_names(), prefix)
    elif name == "config":
        _complete_settings(answer, prefix)
    else:
        answer.start = scanning.name_start(text, answer.end)
        return False
    return True


def complete(
    code: str, cursor: int, namespace: dict[str, Any]
) -> dict[str, Any]:
    """The content of a complete_reply."""
    cursor = max(0, min(cursor, len(code)))
    text, rest = code[:cursor], code[cursor:]
    place = scanning.scan(text)
    answer = _Answer(scanning.name_start(text, cursor), cursor)
    if place.is_comment:
        return answer.reply()
    if place.string_start is None and "%" in text:
        if not place.brackets and _complete_magic(answer, text):
            return answer.reply()
    if place.string_start is not None:
        _complete_string(answer, text, rest, place, namespace)
    elif not _complete_import(answer, text[place.statement_start :].lstrip()):
        _complete_code(answer, code, text, place, namespace)
    return answer.reply()
