"""`%matplotlib`: which backend draws."""

from __future__ import annotations

import os
import sys

from tincture.magic import UsageError

INLINE = "module://matplotlib_inline.backend_inline"
INTERACTIVE = "module://tincture.figure_backend"

# Names of backends that a page has under one of the two above.
NAMES = {
    "": INTERACTIVE,
    "inline": INLINE,
    "widget": INTERACTIVE,
    "ipympl": INTERACTIVE,
    "nbagg": INTERACTIVE,
    "notebook": INTERACTIVE,
    "tincture": INTERACTIVE,
    "webagg": INTERACTIVE,
}

# Windows of a desktop; a page's is the interactive canvas.
DESKTOP = (
    "auto", "gtk", "gtk3", "gtk4", "osx", "macosx", "qt", "qt4", "qt5", "qt6",
    "tk", "wx", "gtk3agg", "gtk4agg", "qtagg", "qt5agg", "tkagg", "wxagg",
)  # fmt: skip


# Those that draw to files only.
FILES = ("agg", "cairo", "pdf", "pgf", "ps", "svg", "template")

# What was chosen before pyplot was imported; it is applied after that.
_pending: str | None = None


def list_names() -> list[str]:
    """What `%matplotlib` can be followed by."""
    return sorted([*(name for name in NAMES if name), *FILES])


def _find(name: str) -> tuple[str, str]:
    """The name for the user, and matplotlib's."""
    key = name.lower()
    if key in DESKTOP or key == "":
        return "tincture", INTERACTIVE
    if key not in NAMES and key not in FILES and ":" not in name:
        raise UsageError(
            f"{name!r} is no backend of matplotlib here; there are "
            f"{', '.join(list_names())}"
        )
    return key, NAMES.get(key, name)


def enable(name: str | None) -> tuple[str, str]:
    """Choose a backend by one of its names; its name for the user, and
    matplotlib's.  Where pyplot is not imported yet it is not now: the
    choice waits for it."""
    global _pending
    shown, backend = _find((name or "").strip().strip("'\""))
    os.environ["MPLBACKEND"] = backend
    if "matplotlib.pyplot" in sys.modules:
        _apply(backend)
    else:
        _pending = backend
        if "matplotlib" in sys.modules:
            sys.modules["matplotlib"].use(backend)
    return shown, backend


def finish_pyplot() -> None:
    """pyplot was imported: a choice that waited takes effect, unless the
    program chose after it."""
    matplotlib = sys.modules["matplotlib"]
    if _pending and matplotlib.get_backend(auto_select=False) == _pending:
        _apply(_pending)


def _apply(backend: str) -> None:
    global _pending
    _pending = None
    sys.modules["matplotlib.pyplot"].switch_backend(backend)
    if backend in (INLINE, INTERACTIVE):
        sys.modules["matplotlib"].interactive(True)
    if backend == INLINE:
        from matplotlib_inline import backend_inline

        backend_inline.configure_inline_support(None, "inline")
