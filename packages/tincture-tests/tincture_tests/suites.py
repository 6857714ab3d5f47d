"""Which units a suite has: the files of a package, or of a directory."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# CPython's own suite, by the name that `tincture pack --tests` knows.
PYTHON = "python"

# What a suite's own project runs it with.  pandas: its continuous
# integration's choice of tests, and no wish for data files that wheels lack.
_ARGUMENTS = {
    "pandas": [
        "-m",
        "not slow and not network and not db",
        "--no-strict-data-files",
    ],
}

# What a suite has beside the package of its name.
_MORE_PACKAGES = {"matplotlib": ["mpl_toolkits"]}

# Directories that hold no tests of their own.
SKIPPED_DIRECTORIES = {"__pycache__", ".git", "node_modules"}


def _is_test_file(name: str) -> bool:
    """pytest's own patterns, and unittest's."""
    return name.endswith(".py") and (
        name.startswith("test") or name.endswith("_test.py")
    )


def _walk(place: Path) -> Iterator[Path]:
    for directory, directories, files in os.walk(place):
        directories[:] = sorted(set(directories) - SKIPPED_DIRECTORIES)
        for name in sorted(files):
            if _is_test_file(name):
                yield Path(directory, name)


def _roots() -> list[Path]:
    return [Path.cwd(), *(Path(entry).absolute() for entry in sys.path)]


def root_of(unit: str) -> Path:
    """The directory that a unit's path begins at."""
    for root in _roots():
        if (root / unit).exists():
            return root
    raise FileNotFoundError(f"there is no {unit}")


def _short(path: Path) -> str:
    """A file's path from the nearest root that it is below."""
    path = path.absolute()
    above = [root for root in _roots() if path.is_relative_to(root)]
    root = max(above, key=lambda root: len(root.parts), default=Path("/"))
    return str(path if root == Path("/") else path.relative_to(root))


def places_of(suite: str) -> list[Path]:
    """Where a suite's files are: a directory, or a package's own."""
    place = Path(suite)
    if place.exists():
        return [place]
    spec = importlib.util.find_spec(suite)
    if spec is None:
        raise ModuleNotFoundError(
            f"there is no package and no directory {suite}"
        )
    places = [Path(path) for path in spec.submodule_search_locations or ()]
    return places or [Path(spec.origin or suite)]


def listed(kind: str, suite: str) -> list[str]:
    """The units of a suite, each of which `run` takes as a target.

    A suite is a package's name or a directory; its units are files, by their
    paths below an entry of sys.path or the current directory.  Those of
    regrtest, whose only suite is Python's, have regrtest's names: test_os,
    test.test_asyncio.test_tasks.
    """
    if kind == "regrtest":
        from test.libregrtest.findtests import findtests

        return list(findtests())
    units = []
    for name in [suite, *_MORE_PACKAGES.get(suite, ())]:
        for place in places_of(name):
            units += [place] if place.is_file() else _walk(place)
    return [_short(unit) for unit in units]


def settings(suite: str) -> dict[str, Any]:
    """How a suite is run: its kind, and the options that belong to it."""
    if suite == PYTHON:
        return {"kind": "regrtest", "options": {}}
    options = {"arguments": list(_ARGUMENTS.get(suite, ()))}
    return {"kind": "pytest", "options": options}


def versions(suite: str) -> list[tuple[str, str]]:
    """What is tested, with its version, and what it stands on."""
    found = []
    names = [suite, "numpy", "pandas", "matplotlib", "pytest"]
    for name in dict.fromkeys(names):
        try:
            found.append((name, importlib.metadata.version(name)))
        except (importlib.metadata.PackageNotFoundError, ValueError):
            continue
    return [("Python", platform.python_version()), *found]
