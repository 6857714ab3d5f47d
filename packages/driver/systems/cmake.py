"""CMake, with Ninja; what is kept of its installation is listed."""

from __future__ import annotations

import shutil

from .common import WASM_LINK_FLAGS, Job, find


def build(job: Job) -> None:
    """Configure, build and install with CMake and Ninja."""
    inside = job.toolchain.inside
    work = job.source.with_name("build")
    stage = job.source.with_name("stage")
    command = [
        job.command("cmake"),
        *("-G", "Ninja"),
        *("-S", str(inside(job.source))),
        *("-B", str(inside(work))),
        f"-DCMAKE_INSTALL_PREFIX={inside(stage)}",
        "-DCMAKE_BUILD_TYPE=Release",
        "-DCMAKE_C_FLAGS_RELEASE=-DNDEBUG",
        f"-DCMAKE_C_FLAGS={job.flags}",
        "-DBUILD_SHARED_LIBS=OFF",
        f"-DCMAKE_PREFIX_PATH={inside(job.inputs)}",
        *(f"-D{option}" for option in job.recipe.build.get("options", [])),
    ]
    if job.target == "wasm":
        command.insert(0, job.command("emcmake"))
        command.append(f"-DCMAKE_EXE_LINKER_FLAGS={WASM_LINK_FLAGS}")
    else:
        command.append(f"-DCMAKE_C_COMPILER={job.command('clang')}")
    job.run("configure", command, job.source)
    ninja = [job.command("ninja"), "-C", str(inside(work)), "install"]
    job.run("build", ninja, job.source)
    for path in find(stage, job.recipe.build["keep"]):
        if (stage / path).is_file():
            target = job.out / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(stage / path, target)
