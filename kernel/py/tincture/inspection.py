"""inspect_request: what the object at the cursor is."""

from __future__ import annotations

import inspect
import linecache
from typing import Any

from tincture import scanning
from tincture.formatting import cut_text
from tincture.safe_eval import Found, Unknown, follow

# Characters of the value, the docstring and the source in a reply.
VALUE_LIMIT = 200
DOC_LIMIT = 1 << 16
SOURCE_LIMIT = 1 << 18


def _find_source(code: str, cursor: int) -> str | None:
    """The dotted expression at the cursor, or the function of the call that
    the cursor is in."""
    end = scanning.name_end(code, cursor)
    start = scanning.name_start(code, end)
    text = code[:end]
    place = scanning.scan(text)
    if place.is_comment:
        return None
    if place.string_start is None and start < end:
        return text[scanning.expression_start(text, end) :]
    while place.brackets:
        bracket = place.brackets.pop()
        if text[bracket] == "(":
            source = text[scanning.expression_start(text, bracket) : bracket]
            if source.strip():
                return source
    return None


def _describe_signature(name: str, value: Any) -> str | None:
    if not callable(value):
        return None
    try:
        return f"{name}{inspect.signature(value)}"
    except Exception:
        return None


def _describe_value(value: Any) -> str | None:
    """The value itself, where that is short and runs no foreign code."""
    if type(value) not in (bool, bytes, complex, float, int, str, type(None)):
        return None
    try:
        text = repr(value)
    except ValueError:
        return None  # an int with too many digits
    return cut_text(text, VALUE_LIMIT)


def _describe_size(value: Any) -> str | None:
    if type(value) in (dict, frozenset, list, set, tuple, str, bytes):
        return str(len(value))
    return None


def _find_class_file(cls: type) -> str | None:
    """The cell that a class of a notebook stands in, known by its methods:
    inspect looks for the file of __main__, which has none."""
    for member in vars(cls).values():
        code = getattr(member, "__code__", None)
        if code is not None and linecache.getlines(code.co_filename):
            return code.co_filename
    return None


def _find_file(value: Any) -> str | None:
    if isinstance(value, type) and value.__module__ == "__main__":
        return _find_class_file(value)
    try:
        return inspect.getsourcefile(value) or inspect.getfile(value)
    except Exception:
        return None


def _read_class(cls: type) -> str:
    filename = _find_class_file(cls)
    first = getattr(cls, "__firstlineno__", None)
    if filename is None or first is None:
        raise OSError
    lines = linecache.getlines(filename)
    return "".join(inspect.getblock(lines[first - 1 :]))


def _find_code(value: Any) -> str | None:
    try:
        if isinstance(value, type) and value.__module__ == "__main__":
            source = _read_class(value)
        else:
            source = inspect.getsource(value)
        return cut_text(source.rstrip(), SOURCE_LIMIT)
    except Exception:
        return None


def _find_doc(value: Any) -> str | None:
    try:
        doc = inspect.getdoc(value)
    except Exception:
        return None
    if not isinstance(doc, str):
        return None
    return cut_text(doc, DOC_LIMIT)


def _find_class_doc(cls: type) -> str | None:
    """None for built-in classes, whose docstring says how to make one."""
    return None if cls.__module__ == "builtins" else _find_doc(cls)


def _describe_class(cls: type) -> str:
    if cls.__module__ in ("builtins", "__main__"):
        return cls.__qualname__
    return f"{cls.__module__}.{cls.__qualname__}"


def _is_documented(value: Any) -> bool:
    """True for what has a docstring of its own, rather than its class's."""
    return isinstance(value, type(inspect)) or callable(value)


def _describe(name: str, found: Found, detail_level: int) -> str:
    if found.cls is not None:
        entries = [
            ("Type", _describe_class(found.cls)),
            ("Class docstring", _find_class_doc(found.cls)),
        ]
        return _join(entries)
    value = found.value
    entries = [
        ("Signature", _describe_signature(name, value)),
        ("Type", _describe_class(type(value))),
        ("Value", _describe_value(value)),
        ("Length", _describe_size(value)),
        ("File", _find_file(value)),
    ]
    source = _find_code(value) if detail_level else None
    if source is not None:
        entries.append(("Source", source))
    elif _is_documented(value):
        entries.append(("Docstring", _find_doc(value)))
    else:
        entries.append(("Class docstring", _find_class_doc(type(value))))
    return _join(entries)


def _join(entries: list[tuple[str, str | None]]) -> str:
    parts = []
    for key, text in entries:
        if not text:
            continue
        separator = "\n" if "\n" in text or key == "Source" else " "
        parts.append(f"{key}:{separator}{text}")
    return "\n".join(parts)


def _describe_magic(code: str, cursor: int) -> str | None:
    """What the magic at the cursor does."""
    from tincture import transform

    end = scanning.name_end(code, cursor)
    start = transform.command_start(code[:end]) if "%" in code else None
    if start is None:
        return None
    from tincture.magics_names import describe_magic
    from tincture.shell import get_ipython

    return describe_magic(get_ipython(), code[start:end])


def inspect_code(
    code: str, cursor: int, detail_level: int, namespace: dict[str, Any]
) -> dict[str, Any]:
    """The content of an inspect_reply."""
    cursor = max(0, min(cursor, len(code)))
    reply: dict[str, Any] = {
        "status": "ok",
        "found": False,
        "data": {},
        "metadata": {},
    }
    text = _describe_magic(code, cursor)
    if text is not None:
        reply["found"] = True
        reply["data"] = {"text/plain": text}
        return reply
    source = _find_source(code, cursor)
    if source is None:
        return reply
    try:
        found = follow(source, namespace)
    except Unknown:
        return reply
    name = source.strip().rpartition(".")[2]
    reply["found"] = True
    reply["data"] = {"text/plain": _describe(name, found, detail_level)}
    return reply
