"""`%matplotlib`: which backend draws."""

from __future__ import annotations

import os
import sys

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


def list_names() -> list[str]:
    """What `%matplotlib` can be followed by."""
    drawing_to_files = ["agg", "pdf", "ps", "svg"]
    return sorted([*(name for name in NAMES if name), *drawing_to_files])


def enable(name: str | None) -> tuple[str, str]:
    """Choose a backend by one of its names; its name for the user, and
    matplotlib's.  Where pyplot is not imported yet it is not now: the
    choice waits for it."""
    wanted = (name or "").strip().strip("'\"")
    key = wanted.lower()
    if key in DESKTOP:
        key = ""
    backend = NAMES.get(key, wanted)
    os.environ["MPLBACKEND"] = backend
    matplotlib = sys.modules.get("matplotlib")
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].switch_backend(backend)
        _apply(backend)
    elif matplotlib is not None:
        matplotlib.use(backend)
    return key or "tincture", backend


def _apply(backend: str) -> None:
    """What a choice changes beside the backend."""
    matplotlib = sys.modules["matplotlib"]
    if backend in (INLINE, INTERACTIVE):
        matplotlib.interactive(True)
    if backend == INLINE:
        from matplotlib_inline import backend_inline

        backend_inline.configure_inline_support(None, "inline")
