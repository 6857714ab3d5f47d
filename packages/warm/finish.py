"""Makes a warm kernel look new, and prints which files it has imported.

Runs outside the notebook's names, as the last thing before memory is trimmed
and written.  What is kept is caches and modules; what a reader could take for
something of their own goes.
"""

from __future__ import annotations

import gc
import importlib
import json
import linecache
import os
import sys
import warnings

import __main__
from tincture import cells, entry


def close_figures() -> None:
    """pyplot's figures; the numbers of new ones begin at 1 again."""
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


def forget_tables() -> None:
    """What the page could ask for more rows of."""
    if "tincture.tables" in sys.modules:
        sys.modules["tincture.tables"]._tables.clear()


def forget_names() -> None:
    """The notebook's names are those of a fresh kernel."""
    first_names: set[str] = sys.__dict__.pop("_tincture_first_names")
    for name in set(vars(__main__)) - first_names:
        del vars(__main__)[name]
    for name in ("last_exc", "last_type", "last_value", "last_traceback"):
        sys.__dict__.pop(name, None)


def forget_sources() -> None:
    """The cells that ran, which tracebacks would quote."""
    linecache.clearcache()
    cells._unstored_names.clear()
    entry.cell.source = ""


def forget_warnings() -> None:
    """A warning that was shown once is shown to the reader too."""
    for module in list(sys.modules.values()):
        getattr(module, "__dict__", {}).pop("__warningregistry__", None)
    warnings._filters_mutated()  # type: ignore[attr-defined]


def forget_directories() -> None:
    """What finders remember of directories that change now."""
    importlib.invalidate_caches()
    sys.path_importer_cache.clear()


def check_home() -> None:
    """A reader's home directory is empty, but for caches."""
    names = [name for name in os.listdir() if not name.startswith(".")]
    if names:
        raise RuntimeError(f"the warm-up left {names} in the home directory")


def imported_files() -> list[str]:
    """The files whose modules no import will read again."""
    origins = {
        getattr(getattr(module, "__spec__", None), "origin", None)
        for module in list(sys.modules.values())
    }
    return sorted(
        origin
        for origin in origins
        if isinstance(origin, str)
        and origin.endswith(".pyc")
        and os.path.isfile(origin)
    )


def main() -> None:
    """All of it."""
    close_figures()
    forget_tables()
    check_home()
    forget_names()
    forget_sources()
    forget_warnings()
    gc.collect()
    print(json.dumps(imported_files()))
    forget_directories()


main()
