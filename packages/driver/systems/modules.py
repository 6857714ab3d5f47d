"""Python packages whose extension modules are plain lists of sources."""

from __future__ import annotations

from . import ninja, python
from .common import Job, install_files


def build(job: Job) -> None:
    """Compile [build.modules], one object each, and gather [build.site].

    Libraries stay out of the objects: two modules that use FreeType share
    the one that the kernel is linked with.
    """
    description = job.recipe.build
    inputs = job.toolchain.inside(job.inputs)
    common = job.expand(description.get("flags", []))
    include = f"-I{inputs}/include -I{inputs}/include/python3.13"
    lines = ninja.rules(job, include)
    for name, module in description.get("modules", {}).items():
        compilations, objects = ninja.compilations(
            job,
            name,
            ".",
            module["sources"],
            [*common, *job.expand(module.get("flags", []))],
        )
        lines += compilations
        lines.append(f"build {name}.o: join {' '.join(objects)}")
    work = job.source.with_name("build")
    ninja.run(job, lines, work)
    for name in description.get("modules", {}):
        python.install_module(job, name, work / f"{name}.o")
    install_files(job, job.source, description.get("headers", {}))
    site = job.source.with_name("site")
    python.gather_site(job, site)
    if description.get("site"):
        python.write_dist_info(job, site)
        python.install_site(job, site)
