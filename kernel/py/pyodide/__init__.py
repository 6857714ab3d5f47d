"""The names that programs import of Pyodide, over the kernel's own.

`pyodide.ffi`, `pyodide.code` and `pyodide.http` have what Pyodide documents
there.  What stood at the top level in earlier years is found here as well,
when it is asked for.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The release whose documents these modules follow.
__version__ = "314.0.7"

__all__ = ["__version__", "code", "ffi", "http", "webloop"]

_MODULES = frozenset({"code", "console", "ffi", "http", "webloop"})

# What the top level had once, and where it is now.
_OLD_NAMES = {
    **dict.fromkeys(
        (
            "CodeRunner",
            "eval_code",
            "eval_code_async",
            "find_imports",
            "run_js",
            "should_quiet",
        ),
        "pyodide.code",
    ),
    **dict.fromkeys(
        (
            "ConversionError",
            "JsException",
            "JsProxy",
            "create_once_callable",
            "create_proxy",
            "destroy_proxies",
            "register_js_module",
            "to_js",
            "unregister_js_module",
        ),
        "pyodide.ffi",
    ),
    "open_url": "pyodide.http",
}


def as_nested_list(obj: Any) -> Any:
    """A JavaScript array, and the arrays in it, as lists."""
    from pyodide.ffi import JsArray

    if isinstance(obj, JsArray):
        return [as_nested_list(item) for item in obj]
    return obj


def get_completions(
    code: str, cursor: int | None = None, namespaces: Any = None
) -> list[str]:
    """Names that may stand where the code, or its part before `cursor`,
    ends."""
    from tincture import completion, entry

    if namespaces is not None:
        namespace: dict[str, Any] = {}
        for each in reversed(namespaces):
            namespace.update(each)
    else:
        namespace = entry.history().namespace
    end = len(code) if cursor is None else cursor
    answer = completion.complete(code, end, namespace)
    return [match.rpartition(".")[2] for match in answer["matches"]]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"pyodide.{name}")
    if name in _OLD_NAMES:
        return getattr(import_module(_OLD_NAMES[name]), name)
    if name in ("IN_BROWSER", "IN_PYODIDE"):
        from tincture.js_modules import HAS_JAVASCRIPT

        return HAS_JAVASCRIPT
    raise AttributeError(f"module 'pyodide' has no attribute {name!r}")
