"""How each build system is driven: one module for each, by its name.

A module here has `build(job)`, which leaves a prefix tree (include/, lib/,
share/) in job.out; commands run inside the toolchain and their output goes to
the job's log.  To add a system: a module, a line in SYSTEMS, and the other
files of the driver that decide what it makes.  The name of a system is what a
recipe says in build.system; recipes only say what it needs to know.

A system's own module, common.py and those files are part of the cache keys of
its recipes, and of no others.
"""

from __future__ import annotations

import hashlib
import importlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .common import Job

HERE = Path(__file__).resolve().parent

# What all Python packages go through: extension modules become objects,
# modules become .pyc.
_PYTHON = ("systems/python.py", "localize.py", "site_tree.py", "stdlib.py")

# By system, other files of the driver's directory.
SYSTEMS: dict[str, tuple[str, ...]] = {
    "cmake": (),
    "cpython": ("stdlib.py", "systems/cpython_profile.py"),
    "files": (),
    "make": ("cross.py",),
    "meson": (*_PYTHON, "cross.py", "../tools.lock"),
    "modules": (*_PYTHON, "systems/ninja.py"),
    "sources": ("systems/ninja.py",),
    "stdlib_part": (*_PYTHON, "systems/modules.py", "systems/ninja.py"),
    "tests": (*_PYTHON, "systems/modules.py", "systems/ninja.py"),
    "wheel": _PYTHON,
}


def sources_of(system: str) -> list[Path]:
    """The files of the driver that decide what a system makes."""
    own = [HERE / "common.py", HERE / f"{system}.py"]
    return [*own, *(HERE.parent / name for name in SYSTEMS[system])]


def source_hash(system: str) -> str:
    """The part of a cache key that stands for the driver."""
    digest = hashlib.sha256()
    for path in sources_of(system):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def build(job: Job) -> None:
    """Build one recipe by its system."""
    module = importlib.import_module(f".{job.recipe.system}", __package__)
    module.build(job)
