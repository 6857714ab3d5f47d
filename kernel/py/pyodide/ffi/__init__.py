"""Between Python and JavaScript, with the names of Pyodide's `pyodide.ffi`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tincture import js_modules

if not js_modules.HAS_JAVASCRIPT:
    raise ImportError(js_modules.NO_JAVASCRIPT, name="pyodide.ffi")

import _tincture_js
from _tincture_js import JsException, JsProxy, jsnull

from tincture.js_promises import can_run_sync, run_sync
from tincture.js_types import (
    ConversionError,
    InternalError,
    JsArray,
    JsAsyncGenerator,
    JsAsyncIterable,
    JsAsyncIterator,
    JsBuffer,
    JsCallable,
    JsCallableDoubleProxy,
    JsDomElement,
    JsDoubleProxy,
    JsGenerator,
    JsIterable,
    JsIterator,
    JsMap,
    JsMutableMap,
    JsOnceCallable,
    JsPromise,
    JsTypedArray,
)

__all__ = [
    "ConversionError",
    "InternalError",
    "JsArray",
    "JsAsyncGenerator",
    "JsAsyncIterable",
    "JsAsyncIterator",
    "JsBigInt",
    "JsBuffer",
    "JsCallable",
    "JsCallableDoubleProxy",
    "JsDomElement",
    "JsDoubleProxy",
    "JsException",
    "JsFetchResponse",
    "JsGenerator",
    "JsIterable",
    "JsIterator",
    "JsMap",
    "JsMutableMap",
    "JsNull",
    "JsOnceCallable",
    "JsPromise",
    "JsProxy",
    "JsTypedArray",
    "JsWeakRef",
    "ToJsConverter",
    "can_run_sync",
    "create_once_callable",
    "create_proxy",
    "destroy_proxies",
    "jsnull",
    "register_js_module",
    "run_sync",
    "to_js",
    "unregister_js_module",
]

IN_PYODIDE = True

JsNull = type(jsnull)

_T = TypeVar("_T")


class JsBigInt(int):
    """An int that is a BigInt in JavaScript, however small it is."""


class JsFetchResponse(JsProxy if TYPE_CHECKING else object):  # type: ignore
    """What `await js.fetch(...)` gives, for annotations."""


class JsWeakRef(JsProxy if TYPE_CHECKING else object):  # type: ignore
    """A JavaScript WeakRef, for annotations."""


class ToJsConverter(Protocol):
    """A converter of to_js()."""

    def __call__(
        self,
        value: Any,
        convert: Callable[[Any], Any],
        cache_conversion: Callable[[Any, Any], None],
        /,
    ) -> Any: ...


def _root() -> Any:
    return _tincture_js.root("ffi")


def create_proxy(
    obj: Any, /, *, capture_this: bool = False, roundtrip: bool = True
) -> Any:
    """A proxy of the object that lives until its destroy().

    With `capture_this`, JavaScript's `this` is the first argument of a call.
    The proxy stays one when JavaScript gives it back, unless `roundtrip` is
    false: unwrap() has the object.
    """
    return _root().create_proxy(obj, capture_this, roundtrip)


def create_once_callable(obj: Callable[..., Any], /) -> Any:
    """A JavaScript function that can be called once, and then lets go of the
    Python function behind it."""
    return _root().create_once_callable(obj)


def to_js(
    obj: Any,
    /,
    *,
    depth: int = -1,
    pyproxies: Any = None,
    create_pyproxies: bool = True,
    dict_converter: Callable[[Iterable[Any]], Any] | None = None,
    default_converter: ToJsConverter | None = None,
    eager_converter: ToJsConverter | None = None,
) -> Any:
    """The object as one of JavaScript's own.

    Lists and tuples become arrays, dicts objects, sets Sets, buffers typed
    arrays, to a depth of `depth` levels; each object becomes one, wherever it
    is met.  Anything else becomes a proxy, which `pyproxies` (a JavaScript
    array) gets, or with `create_pyproxies=False` is a ConversionError.

    `dict_converter` makes something else of a dict's pairs, such as
    `js.Map.new`; `default_converter` is asked about what has no conversion,
    `eager_converter` about everything that is no number or text.  Both get
    the object, a function that converts, and one that remembers a result
    before what is in it is converted.
    """
    try:
        return _root().to_js(
            obj,
            depth,
            pyproxies,
            create_pyproxies,
            dict_converter,
            default_converter,
            eager_converter,
        )
    except JsException as error:
        if getattr(error, "type", None) != "ConversionError":
            raise
        message = error.message
    raise ConversionError(message)


def destroy_proxies(pyproxies: Any, /) -> None:
    """Destroy all proxies in a JavaScript array."""
    _root().destroy_proxies(pyproxies)


def register_js_module(name: str, jsproxy: Any) -> None:
    """Let programs import a JavaScript object under this name."""
    js_modules.register(name, jsproxy)


def unregister_js_module(name: str) -> None:
    """Undo register_js_module()."""
    js_modules.unregister(name)
