"""Tests of a package, and what they need beside it.

Their files stay sources, because tests read themselves and pytest rewrites
them; beside these are compiled modules with all their columns, in __pycache__,
but not of what pytest rewrites: that it compiles itself, in every run.
Their extension modules are built as others are.
"""

from __future__ import annotations

import fnmatch
import json
import shutil
from pathlib import Path

from ..progress import BuildError
from . import modules
from .common import Job

# Code objects say where the image is mounted.
LIBRARY = "/usr/lib/python3.13"
SITE = f"{LIBRARY}/site-packages"

# What compiled modules do not have: they are never looked at for being old.
COMPILE = """\
import compileall, fnmatch, json, py_compile, re, sys
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
place, mounted, rewritten = sys.argv[1:]
globs = [fnmatch.translate(glob) for glob in json.loads(rewritten)]
compileall.compile_dir(
    place, quiet=2, stripdir=place, prependdir=mounted, invalidation_mode=mode,
    rx=re.compile("|".join(globs)) if globs else None
)
"""


def build(job: Job) -> None:
    """Compile [build.modules], copy [build.files] {place: path}."""
    modules.build(job)
    tree = job.out / "share" / "tincture" / "site" / job.recipe.name
    description = job.recipe.build
    for place, path in description.get("files", {}).items():
        _copy(job, path, tree / place)
    if not tree.is_dir():
        raise BuildError(f"{job.recipe.name} has no files")
    mounted = LIBRARY if description.get("stdlib", False) else SITE
    inside = job.toolchain.inside(tree)
    # Some tests' data does not compile, on purpose: that is no failure.
    command = [job.command("python"), "-IS", "-c", COMPILE]
    rewritten = json.dumps(description.get("rewritten", []))
    job.run("compile", [*command, str(inside), mounted, rewritten], job.source)


def _copy(job: Job, path: str, target: Path) -> None:
    """A file, or a directory without what [build] exclude names."""
    source = job.source / path
    if not source.exists():
        raise BuildError(f"{job.recipe.name}: the source has no {path}")
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        return
    globs = job.recipe.build.get("exclude", [])

    def excluded(directory: str, names: list[str]) -> set[str]:
        relative = Path(directory).relative_to(job.source)
        return {
            name
            for name in names
            if any(fnmatch.fnmatch(f"{relative / name}", g) for g in globs)
        }

    shutil.copytree(source, target, ignore=excluded, dirs_exist_ok=True)
