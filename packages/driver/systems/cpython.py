"""CPython: configure, make, and the standard library as .pyc."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from ..machine import REPOSITORY, cache_home
from ..progress import BuildError
from . import cpython_profile
from .common import OPTIMISE, WASM_FLAGS, WASM_LINK_FLAGS, Job
from .cpython_profile import use_flags

STDLIB_SCRIPT = REPOSITORY / "packages" / "driver" / "stdlib.py"


def build(job: Job) -> None:
    """CPython's configure and make, then headers, archives and library."""
    counting = _configure(job, "tincture-counting")
    profile = cpython_profile.collect(job, counting)
    work = _configure(job, "tincture-build")
    archives = job.recipe.build["archives"]
    flags = f"{job.recipe.build['flags']} {use_flags(job, profile)}"
    make = ["emmake", job.command("make"), "-j2"]
    # The libraries beside libpython have no flags of their own: recipes see
    # them, and would be built again.
    job.run("make libraries", [*make, *archives[1:]], work)
    targets = [archives[0], "pybuilddir.txt"]
    job.run("make", [*make, f"CFLAGS_NODIST={flags}", *targets], work)
    (job.out / "lib").mkdir(parents=True)
    for archive in archives:
        shutil.copyfile(work / archive, job.out / "lib" / Path(archive).name)
    link = " ".join(job.recipe.build["link"])
    (job.out / "lib" / "python-link.txt").write_text(link + "\n", "utf-8")
    headers = job.out / "include" / "python3.13"
    shutil.copytree(job.source / "Include", headers)
    shutil.copyfile(work / "pyconfig.h", headers / "pyconfig.h")
    _build_stdlib(job, work)


def _configure(job: Job, name: str) -> Path:
    """A build directory in the source, ready for make."""
    inside = job.toolchain.inside
    work = job.source / name
    work.mkdir()
    prefix = inside(job.inputs)
    variables = {
        "CONFIG_SITE": str(inside(job.source / job.recipe.build["site"])),
        "CFLAGS": WASM_FLAGS,
        "OPT": f"-DNDEBUG {OPTIMISE} -g0",
        "LDFLAGS": WASM_LINK_FLAGS,
    }
    for name, library in job.recipe.build["libraries"].items():
        variables[f"{name}_CFLAGS"] = f"-I{prefix}/include"
        variables[f"{name}_LIBS"] = f"-L{prefix}/lib {library}"
    known = _configure_answers(job, variables)
    configure = [
        job.command("emconfigure"),
        "../configure",
        f"--cache-file={inside(known)}",
        f"--with-build-python={job.command('python')}",
        *job.recipe.build["configure"],
    ]
    job.run("configure", configure, work, variables)
    return work


def _configure_answers(job: Job, variables: Mapping[str, str]) -> Path:
    """configure's cache file: its answers take three minutes to find.

    They hold for this toolchain, this configure script and these variables,
    so that a changed patch or list of modules need not ask again.
    """
    build = job.recipe.build
    script = (job.source / "configure").read_bytes()
    site = (job.source / build["site"]).read_bytes()
    material = [job.toolchain.identity, dict(variables), build["configure"]]
    digest = hashlib.sha256(json.dumps(material).encode() + script + site)
    answers = cache_home() / "configure" / f"{digest.hexdigest()[:24]}.cache"
    answers.parent.mkdir(exist_ok=True)
    return answers


def _build_stdlib(job: Job, work: Path) -> None:
    """The library's .pyc tree, and the names that can be imported."""
    inside = job.toolchain.inside
    tree = job.out / "share" / "tincture" / "stdlib"
    generated = work / (work / "pybuilddir.txt").read_text("utf-8").strip()
    extra = sorted(generated.glob("_sysconfigdata*.py"))
    if not extra:
        raise BuildError("CPython's build made no _sysconfigdata module")
    command = [
        job.command("python"),
        str(inside(STDLIB_SCRIPT)),
        str(inside(job.source / "Lib")),
        str(inside(tree)),
        json.dumps(job.recipe.build["exclude"]),
        *(str(inside(path)) for path in extra),
    ]
    job.run("stdlib", command, work)
    names = {path.name.split(".")[0] for path in tree.iterdir()}
    config = (work / "Modules" / "config.c").read_text("utf-8")
    names.update(re.findall(r'\{"(\w+)", ', config))
    modules = tree.with_name("modules.txt")
    modules.write_text("\n".join(sorted(names)) + "\n", "utf-8")
