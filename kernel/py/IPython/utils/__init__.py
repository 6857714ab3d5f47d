"""The parts of IPython.utils that notebooks import."""

from __future__ import annotations


def __getattr__(name: str) -> object:
    from importlib import import_module

    if not name.startswith("_"):
        try:
            return import_module(f"{__name__}.{name}")
        except ModuleNotFoundError:
            pass
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
