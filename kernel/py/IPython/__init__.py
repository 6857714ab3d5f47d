"""A small stand-in for IPython: what notebooks import of it.

It is no IPython: `get_ipython()` is the kernel's own object, and only the
modules here exist.  A real IPython on sys.path (a wheel that was packed)
takes its place.
"""

from __future__ import annotations

from tincture import __version__ as _tincture_version
from tincture.entry import get_ipython

__all__ = ["display", "embed", "get_ipython", "version_info"]

# The interface that this follows; the local part says what it really is.
version_info = (9, 0, 0, "")
__version__ = f"9.0.0+tincture.{_tincture_version}"


def embed(*args: object, **options: object) -> None:
    """A console inside a program, which a page does not have."""
    raise NotImplementedError(
        "IPython.embed() needs a terminal; this is Tincture's small stand-in "
        "for IPython"
    )


def __getattr__(name: str) -> object:
    if name in ("core", "lib", "utils", "display"):
        from importlib import import_module

        return import_module(f"IPython.{name}")
    raise AttributeError(
        f"module 'IPython' has no attribute {name!r}: this is Tincture's "
        "small stand-in; the real one comes with `tincture pack "
        "--requirements ipython`"
    )
