"""What branches CPython takes and what it calls, for the compiler.

libpython is built twice.  The first one counts (LLVM's instrumentation, in
WebAssembly, so that it counts the very code that is compiled afterwards), is
linked with packages/cpython/profile_main.c for Node, and runs the tests that
the recipe names: those that CPython's own build profiles native code with.
"""

from __future__ import annotations

from pathlib import Path

from .common import WASM_FLAGS, WASM_LINK_FLAGS, Job

# The counts of all tests together; mostly zeros, in a file of 2 MB.
RAW_FILE = "counts.profraw"
PROFILE_FILE = "counts.profdata"

COUNT = "-fprofile-generate"

# Node's own limit is 984 KB, as in a browser; the tests recurse deeper.
NODE_STACK = "--stack-size=3900"


def use_flags(job: Job, profile: Path) -> str:
    """What libpython is compiled with, given the counts."""
    return f"-fprofile-use={job.toolchain.inside(profile)}"


def collect(job: Job, build: Path) -> Path:
    """Count in a configured build directory; the file for use_flags()."""
    flags = f"CFLAGS_NODIST={job.recipe.build['flags']} {COUNT}"
    archives = job.recipe.build["archives"]
    make = ["emmake", job.command("make"), "-j2", flags, *archives]
    job.run("counting make", [*make, "pybuilddir.txt"], build)
    job.run("counting link", _link(job, build), build)
    _run_tests(job, build)
    merge = ["merge", "-o", PROFILE_FILE, RAW_FILE]
    job.run("counts", [job.command("llvm-profdata"), *merge], build)
    return build / PROFILE_FILE


def _link(job: Job, build: Path) -> list[str]:
    inside = job.toolchain.inside
    source = inside(job.source)
    return [
        job.command("emcc"),
        *WASM_FLAGS.split(),
        *WASM_LINK_FLAGS.split(),
        "-O2",
        COUNT,
        # Files of the machine, by NODEFS; profile_run.mjs mounts them.
        "-lnodefs.js",
        "-sFORCE_FILESYSTEM",
        "-sEXPORTED_RUNTIME_METHODS=ENV,FS",
        "-sENVIRONMENT=node",
        "-sALLOW_MEMORY_GROWTH",
        "-sMAXIMUM_MEMORY=4GB",
        "-sSTACK_SIZE=2MB",
        # The counts are written by exit().
        "-sEXIT_RUNTIME",
        f"-I{inside(build)}",
        f"-I{source}/Include",
        f"{source}/profile_main.c",
        *job.recipe.build["archives"],
        f"-L{inside(job.inputs)}/lib",
        *(word for word in job.recipe.build["libraries"].values()),
        "-o",
        "counting.mjs",
    ]


def _run_tests(job: Job, build: Path) -> None:
    """One process, so that there is one file; its tests must pass."""
    inside = job.toolchain.inside
    source = inside(job.source)
    generated = (build / "pybuilddir.txt").read_text("utf-8").strip()
    variables = {
        "LLVM_PROFILE_FILE": str(inside(build / RAW_FILE)),
        "PYTHONPATH": f"{source}/Lib:{inside(build)}/{generated}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
    }
    command = [
        job.command("node"),
        NODE_STACK,
        f"{source}/profile_run.mjs",
        "counting.mjs",
        str(source),
        *("-m", "test", "--pgo", "--randseed=0"),
        *job.recipe.build["profile_tests"],
    ]
    job.run("counting", command, build, variables)
