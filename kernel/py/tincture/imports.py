"""What the kernel adds to modules when a program imports them.

Importing asyncio at every start would cost more than all the rest of the
kernel, so its event loop is put in place right after the first import.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any


def _finish_asyncio(module: ModuleType) -> None:
    from tincture import event_loop

    event_loop.install()


def _finish_getpass(module: ModuleType) -> None:
    from tincture import waiting

    waiting.install_getpass(module)


_FINISH: dict[str, Callable[[ModuleType], None]] = {
    "asyncio": _finish_asyncio,
    "getpass": _finish_getpass,
}


class Finder:
    """Stands first on sys.meta_path and finds nothing by itself."""

    @classmethod
    def find_spec(
        cls,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """The spec another finder has, with the kernel's part added."""
        if name not in _FINISH:
            return None
        for finder in sys.meta_path:
            if finder is not cls:
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    _add_to_loader(spec.loader, _FINISH[name])
                    return spec
        return None


def _add_to_loader(
    loader: Any, finish: Callable[[ModuleType], None]
) -> None:
    execute = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        del loader.exec_module
        execute(module)
        finish(module)

    loader.exec_module = exec_module


def install() -> None:
    """Add the finder; modules imported already are finished now."""
    sys.meta_path.insert(0, Finder)
    for name, finish in _FINISH.items():
        if name in sys.modules:
            finish(sys.modules[name])
