"""Modules whose code stayed behind when their memory was copied.

A report has an empty file for a module that its snapshot has imported already:
so directories, and what lists them (pkgutil, importlib.resources), show all that
can be imported.  Where a program has such a module imported once more (it took
it out of sys.modules, or calls importlib.reload) it gets the module that there
is, as it is: without this finder it would get an error.  Running its code again,
as runpy would, is an ImportError.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import SourcelessFileLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

_kept: dict[str, ModuleType] = {}


class _Loader(SourcelessFileLoader):
    """Gives the module that there is; a module's own loader becomes this, so
    that its spec stays the same, and its package's data can be read."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _kept[spec.name]

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: it was executed before the snapshot."""

    def get_code(self, fullname: str) -> CodeType:
        raise ImportError(
            f"the code of {fullname} is not in this file, only the module as "
            "it was imported (`tincture pack --cold` packs the code)",
            name=fullname,
        )


class _Finder:
    """Stands before the finder that looks for files."""

    @staticmethod
    def find_spec(
        name: str, path: object = None, target: object = None
    ) -> ModuleSpec | None:
        module = _kept.get(name)
        return None if module is None else module.__spec__


def _has_code(path: str) -> bool:
    """False for an empty file, from which nothing was ever imported."""
    try:
        return os.path.getsize(path) > 0
    except OSError:
        return False


def keep() -> None:
    """Note the imported modules whose code is not there."""
    for name, module in list(sys.modules.items()):
        spec = getattr(module, "__spec__", None)
        loader = getattr(spec, "loader", None)
        if (
            type(loader) is SourcelessFileLoader
            and spec.name == name
            and not _has_code(loader.path)
        ):
            loader.__class__ = _Loader
            _kept[name] = module
    if _kept and _Finder not in sys.meta_path:
        sys.meta_path.insert(0, _Finder)
