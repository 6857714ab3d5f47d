"""Static archives straight from lists of C and C++ files."""

from __future__ import annotations

import shutil

from . import ninja
from .common import Job, install_files, install_pkgconfig


def build(job: Job) -> None:
    """Compile and archive what [build.libraries] lists."""
    description = job.recipe.build
    common = job.expand(description.get("flags", []))
    include = f"-I{job.toolchain.inside(job.inputs) / 'include'}"
    lines = ninja.rules(job, include)
    for name, library in description["libraries"].items():
        compilations, objects = ninja.compilations(
            job,
            name,
            library.get("directory", "."),
            library["sources"],
            [*common, *job.expand(library.get("flags", []))],
        )
        lines += compilations
        lines.append(f"build lib{name}.a: archive {' '.join(objects)}")
    work = job.source.with_name("build")
    ninja.run(job, lines, work)
    (job.out / "lib").mkdir(parents=True)
    for archive in work.glob("*.a"):
        shutil.copyfile(archive, job.out / "lib" / archive.name)
    install_files(job, job.source, description.get("headers", {}))
    install_pkgconfig(job)
