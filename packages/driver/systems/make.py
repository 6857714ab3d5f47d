"""Libraries whose own makefiles compile them: chosen targets, then archives.

A large library's makefiles know how each object is made, but would make all
of them.  A recipe names those that are needed, directory by directory; names
that differ in a letter stand together, as in a shell: {s,d}gemm_{nn,nt}.o.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from ..machine import REPOSITORY
from .common import Job, find, install_files, install_pkgconfig

CROSS_SCRIPT = REPOSITORY / "packages" / "driver" / "cross.py"


def expand_braces(words: Iterable[str]) -> list[str]:
    """Each word with every choice of its {a,b} groups."""
    expanded = []
    for word in words:
        parts = re.split(r"\{([^{}]*)\}", word)
        choices = [
            part.split(",") if index % 2 else [part]
            for index, part in enumerate(parts)
        ]
        expanded += ["".join(way) for way in itertools.product(*choices)]
    return expanded


def _compiler(job: Job) -> tuple[str, dict[str, str]]:
    """The target's C compiler, without Emscripten's own start each time."""
    if job.target != "wasm":
        return job.command("clang"), {}
    inside = job.toolchain.inside
    flags = job.source.with_name("emcc-flags")
    ask = f'exec "$0" --cflags {job.flags} >"$1"'
    shell = ["sh", "-c", ask, job.command("emcc"), str(inside(flags))]
    job.run("flags", shell, job.source)
    command = f"{job.command('python')} -IS {inside(CROSS_SCRIPT)} cc"
    return command, {
        "TINCTURE_CFLAGS": flags.read_text("utf-8").strip(),
        "TINCTURE_CLANG": job.command("clang"),
    }


def _archive(job: Job, name: str, objects: list[str]) -> None:
    """One archive of objects, which are paths in the source."""
    archiver = job.command("emar" if job.target == "wasm" else "ar")
    out = job.out / "lib" / f"lib{name}.a"
    out.parent.mkdir(parents=True, exist_ok=True)
    list_file = job.source.with_name(f"{name}.objects")
    list_file.write_text("\n".join(objects) + "\n", "utf-8")
    inside = job.toolchain.inside
    command = [archiver, "rcs", str(inside(out)), f"@{inside(list_file)}"]
    job.run("archive", command, job.source)


def build(job: Job) -> None:
    """Make the targets of each [[build.steps]], and archive them."""
    description = job.recipe.build
    compiler, environment = _compiler(job)
    flags = " ".join([job.flags, *job.expand(description.get("flags", []))])
    variables = [
        f"CC={compiler}",
        f"HOSTCC={job.command('clang')}",
        *(f"{name}={flags}" for name in description["flag_variables"]),
        *description["variables"],
    ]
    objects: list[str] = []
    for step in description["steps"]:
        directory = step["directory"]
        targets = expand_braces(step["targets"])
        command = [job.command("make"), "-j2", "-C", directory, *targets]
        command += [*variables, *step.get("variables", [])]
        job.run(f"make {directory}", command, job.source, environment)
        objects += [f"{directory}/{target}" for target in targets]
    _archive(job, description["archive"], find(job.source, objects))
    install_files(job, job.source, description.get("headers", {}))
    install_pkgconfig(job)
