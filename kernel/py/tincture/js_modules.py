"""JavaScript objects as modules: `js`, which is JavaScript's global object,
and what a page registers under a name of its own.

A module is the object itself, so `from js import document` reads an
attribute, and `import js.console` finds what has no module.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

HAS_JAVASCRIPT = "_tincture_js" in sys.builtin_module_names

NO_JAVASCRIPT = (
    "there is no JavaScript here: this kernel is a program of its own, and "
    "the module `js` is only where Python runs in a page"
)

# By name, what was registered.
_modules: dict[str, Any] = {}


class Loader:
    """Gives the object in place of a new module."""

    def __init__(self, module: Any) -> None:
        self.module = module

    def create_module(self, spec: ModuleSpec) -> Any:
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        """The object is as it is."""

    def is_package(self, name: str) -> bool:
        return True


class Finder:
    """On sys.meta_path."""

    @classmethod
    def find_spec(
        cls,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """The spec of a JavaScript object, or None."""
        parent, _, child = name.rpartition(".")
        if parent:
            module = _find_child(name, parent, child)
        else:
            module = _find(name)
        if module is None:
            return None
        from importlib.machinery import ModuleSpec

        return ModuleSpec(name, Loader(module), origin="JavaScript",
                          is_package=True)


def _find(name: str) -> Any:
    if name in _modules:
        return _modules[name]
    if name != "js":
        return None
    if not HAS_JAVASCRIPT:
        raise ImportError(NO_JAVASCRIPT, name="js")
    import _tincture_js

    return _tincture_js.global_object()


def _find_child(name: str, parent: str, child: str) -> Any:
    """An attribute of a JavaScript object, which has to be an object too."""
    if parent.partition(".")[0] not in _modules and parent != "js":
        return None
    import _tincture_js

    module = sys.modules.get(parent)
    if not isinstance(module, _tincture_js.JsProxy):
        return None
    found = getattr(module, child, None)
    if not isinstance(found, _tincture_js.JsProxy):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return found


def register(name: str, module: Any) -> None:
    """Let programs import an object under this name."""
    if not isinstance(name, str):
        raise TypeError("the name of a module must be a string")
    _forget(name)
    _modules[name] = module


def unregister(name: str) -> None:
    """Undo register(); what was imported stays with who imported it."""
    if name not in _modules:
        raise ValueError(f"no JavaScript module is registered as {name!r}")
    del _modules[name]
    _forget(name)


def _forget(name: str) -> None:
    for each in list(sys.modules):
        if each == name or each.startswith(f"{name}."):
            del sys.modules[each]


def install() -> None:
    """Add the finder, behind those for files."""
    sys.meta_path.append(Finder)
