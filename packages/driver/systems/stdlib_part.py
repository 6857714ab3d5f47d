"""A part of CPython's standard library that is built on its own.

CPython is built once, without the module; a change here does not build it
again.  The modules in Lib/ that belong to it go where the others are.
"""

from __future__ import annotations

import json
import shutil

from ..machine import REPOSITORY
from . import modules
from .common import Job

STDLIB_SCRIPT = REPOSITORY / "packages" / "driver" / "stdlib.py"


def build(job: Job) -> None:
    """Build [build.modules] and compile the packages of [build] stdlib."""
    modules.build(job)
    inside = job.toolchain.inside
    library = job.source.with_name("library")
    for name in job.recipe.build["stdlib"]:
        shutil.copytree(job.source / "Lib" / name, library / name)
    command = [
        job.command("python"),
        str(inside(STDLIB_SCRIPT)),
        str(inside(library)),
        str(inside(job.out / "share" / "tincture" / "stdlib")),
        json.dumps(job.recipe.build.get("exclude", [])),
    ]
    job.run("stdlib", command, job.source)
