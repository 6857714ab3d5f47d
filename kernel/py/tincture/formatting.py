"""From an object to a mime bundle.

The protocol is IPython's: `_ipython_display_` shows by itself,
`_repr_mimebundle_` gives several forms at once, `_repr_html_` and its like
one each, any of them with metadata as a second member of a tuple.  One that
raises is reported as an error event, and the others still count.
"""

from __future__ import annotations

import sys
import types
from binascii import b2a_base64

import _tincture

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

    Bundle = tuple[dict[str, Any], dict[str, Any]]

# Characters of text/plain; what is longer is cut, with a note of its length.
TEXT_LIMIT = 1 << 17

# Characters of the repr in a value that tagged JSON has no form for.
VALUE_TEXT_LIMIT = 1 << 16

# Mime type -> the method that makes it; the program may add others.
methods = {
    "text/html": "_repr_html_",
    "text/markdown": "_repr_markdown_",
    "image/svg+xml": "_repr_svg_",
    "image/png": "_repr_png_",
    "application/pdf": "_repr_pdf_",
    "image/jpeg": "_repr_jpeg_",
    "text/latex": "_repr_latex_",
    "application/json": "_repr_json_",
    "application/javascript": "_repr_javascript_",
}

# An object that has this attribute has every attribute, so none counts.
_CANARY = "_ipython_canary_method_should_not_exist_"

# Their text/plain is their repr(), without the printer of containers.
simple_types: set[type] = {
    bool, bytes, complex, float, int, str, types.NoneType
}  # fmt: skip


def _draw_figure(figure: Any) -> Any:
    from matplotlib_inline import drawing

    return drawing.draw(figure, "png")


_CONTAINERS = (dict, frozenset, list, set, tuple)

# Mime type -> class, or its module and name -> function of an object.  A
# figure of matplotlib is a PNG until the program asks for other formats.
registered: dict[
    str, dict[type | tuple[str, str], Callable[[Any], Any]]
] = {"image/png": {("matplotlib.figure", "Figure"): _draw_figure}}


def _keys_of(cls: type) -> list[type | tuple[str, str]]:
    """What the class's values are found by in `registered`."""
    return [
        key
        for base in cls.__mro__
        for key in (base, (base.__module__, base.__name__))
    ]


_SIMPLE_KEYS = {key for cls in simple_types for key in _keys_of(cls)}

# Lists that take what would be sent: capture.py.  The last one counts.
captures: list[list[dict[str, Any]]] = []

# Mime types that the program has turned off.
disabled: set[str] = set()


def _find_registered(
    value: Any, mime_type: str
) -> Callable[[Any], Any] | None:
    functions = registered.get(mime_type)
    if not functions:
        return None
    for key in _keys_of(type(value)):
        if key in functions:
            return functions[key]
    return None


def _find_method(value: Any, name: str) -> Callable[..., Any] | None:
    """The bound method; None for a class and for what only pretends."""
    try:
        method = getattr(value, name, None)
        if method is None or getattr(value, _CANARY, None) is not None:
            return None
    except Exception:
        return None
    if isinstance(value, type) and not isinstance(method, types.MethodType):
        return None
    return method if callable(method) else None


def report(error: BaseException) -> None:
    """Show an exception that does not end what raised it."""
    from tincture import tracebacks

    _tincture.publish("error", tracebacks.describe(error))


def _call(method: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """The method's result; None when it has none or raised."""
    try:
        return method(*args, **options)
    except NotImplementedError:
        return None
    except Exception as error:
        report(error)
        return None


def _split(result: Any) -> tuple[Any, Any]:
    """Data and metadata of what a method returned."""
    if isinstance(result, tuple) and len(result) == 2:
        return result
    return result, None


def _is_json_type(mime_type: str) -> bool:
    return mime_type == "application/json" or mime_type.endswith("+json")


def encode(mime_type: str, data: Any) -> Any:
    """Data as it stands in a bundle: binary as base64, text as it is."""
    if isinstance(data, (bytes, bytearray, memoryview)):
        if mime_type.startswith("text/") or mime_type.endswith("+xml"):
            return bytes(data).decode("utf-8", "replace")
        return b2a_base64(data, newline=False).decode("ascii")
    if not isinstance(data, str) and not _is_json_type(mime_type):
        raise TypeError(
            f"{mime_type} must be str or bytes, not {type(data).__name__}"
        )
    return data


def cut_text(text: str, limit: int) -> str:
    """The text, or its beginning and a note."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n... (cut: {len(text)} characters in all)"


def _print(value: Any) -> str:
    if type(value) in simple_types:
        return repr(value)
    from tincture import pretty

    try:
        return pretty.pretty(value)
    except RecursionError:
        if not isinstance(value, _CONTAINERS):
            raise
    return repr(value)  # C code that goes deeper


def plain_text(value: Any) -> str:
    """The value as text, cut; where its repr raises, the error is reported
    and a description stands in."""
    try:
        text = _print(value)
    except Exception as error:
        report(error)
        name = type(value).__name__
        return f"<{name} object, whose repr raised {type(error).__name__}>"
    return cut_text(text, TEXT_LIMIT)


def _add(bundle: Bundle, mime_type: str, data: Any, metadata: Any) -> None:
    if data is None:
        return
    try:
        data = encode(mime_type, data)
        # So that one form that is not JSON does not spoil the others.
        if not isinstance(data, str):
            _tincture.check_json(data)
        if metadata is not None:
            _tincture.check_json(metadata)
    except (TypeError, ValueError) as error:
        report(error)
        return
    bundle[0][mime_type] = data
    if metadata is not None:
        bundle[1][mime_type] = metadata


def _add_mimebundle(
    bundle: Bundle,
    value: Any,
    include: Collection[str] | None,
    exclude: Collection[str] | None,
) -> None:
    method = _find_method(value, "_repr_mimebundle_")
    if method is None:
        return
    data, metadata = _split(_call(method, include=include, exclude=exclude))
    metadata = metadata or {}
    for mime_type, item in (data or {}).items():
        _add(bundle, mime_type, item, metadata.get(mime_type))
    for key, item in metadata.items():
        bundle[1].setdefault(key, item)


def _add_reprs(
    bundle: Bundle, value: Any, is_wanted: Callable[[str], bool]
) -> None:
    for mime_type, name in tuple(methods.items()):
        if not is_wanted(mime_type):
            continue
        function = _find_registered(value, mime_type)
        if function is not None:
            result = _call(function, value)
        elif mime_type in bundle[0]:
            continue
        else:
            method = _find_method(value, name)
            result = _call(method) if method is not None else None
        _add(bundle, mime_type, *_split(result))
    for mime_type in registered.keys() - methods.keys():
        function = _find_registered(value, mime_type)
        if function is not None and is_wanted(mime_type):
            _add(bundle, mime_type, *_split(_call(function, value)))


def _is_plain(value: Any) -> bool:
    """True for a value of a simple type, of which there is no other form: its
    class has no methods for any, and the program registered none for such."""
    if type(value) not in simple_types or disabled:
        return False
    for functions in registered.values():
        if not _SIMPLE_KEYS.isdisjoint(functions):
            return False
    return True


def _find_own_display(value: Any) -> Callable[..., Any] | None:
    """`_ipython_display_`; a figure has that of its canvas."""
    figure = getattr(sys.modules.get("matplotlib.figure"), "Figure", None)
    if figure is not None and isinstance(value, figure):
        value = value.canvas
    return _find_method(value, "_ipython_display_")


def format_value(
    value: Any,
    include: Collection[str] | None = None,
    exclude: Collection[str] | None = None,
) -> Bundle | None:
    """The bundle's data and metadata; None when the value showed itself."""
    if not include and not exclude and _is_plain(value):
        return {"text/plain": plain_text(value)}, {}

    def is_wanted(mime_type: str) -> bool:
        if include and mime_type not in include:
            return False
        if mime_type in disabled:
            return False
        return not exclude or mime_type not in exclude

    method = _find_own_display(value)
    if method is not None:
        _call(method)
        return None
    bundle: Bundle = ({}, {})
    _add_mimebundle(bundle, value, include, exclude)
    for mime_type in [name for name in bundle[0] if not is_wanted(name)]:
        del bundle[0][mime_type]
    _add_reprs(bundle, value, is_wanted)
    if "text/plain" not in bundle[0] and is_wanted("text/plain"):
        bundle[0]["text/plain"] = plain_text(value)
    if "pandas" in sys.modules:
        from tincture import tables

        if is_wanted(tables.MIME_TYPE):
            tables.add_view(bundle[0], value)
    return bundle


def publish(name: str, content: dict[str, Any]) -> None:
    """Send a mime bundle, or keep it where a program captures output."""
    if not captures:
        _tincture.publish(name, content)
        return
    kept = {key: content[key] for key in ("data", "metadata")}
    kept["transient"] = content.get("transient", {})
    kept["update"] = name == "update_display_data"
    captures[-1].append(kept)


def publish_result(value: Any, count: int) -> None:
    """Send a cell's result."""
    bundle = format_value(value)
    if bundle is None or not bundle[0]:
        return
    data, metadata = bundle
    publish(
        "execute_result",
        {"execution_count": count, "data": data, "metadata": metadata},
    )


def describe_value(value: Any) -> dict[str, str]:
    """The members of an "object" in tagged JSON.  Only an interrupt and the
    like get out of here."""
    cls = type(value)
    try:
        text = cut_text(repr(value), VALUE_TEXT_LIMIT)
    except Exception as error:
        text = f"<{cls.__name__} object, whose repr raised "
        text += f"{type(error).__name__}>"
    members = {"type": f"{cls.__module__}.{cls.__qualname__}", "repr": text}
    if cls.__module__ == "builtins":
        members["type"] = cls.__qualname__
    method = _find_method(value, "_repr_html_")
    if method is None:
        return members
    try:
        html = _split(method())[0]
    except Exception:
        return members
    if isinstance(html, str):
        members["html"] = html
    return members
