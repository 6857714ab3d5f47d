"""How each build system is driven; recipes only say what it needs to know.

Every function takes a Job and leaves a prefix tree (include/, lib/, share/)
in job.out.  Commands run inside the toolchain and their output goes to the
job's log.

This file, stdlib.py and the toolchain's layout are part of every cache key:
changing them makes everything again.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .machine import REPOSITORY, cache_home
from .progress import BuildError
from .recipe import Recipe
from .toolchain import Toolchain

# Exceptions and longjmp are WebAssembly's own: a JavaScript frame between
# Python and the page would forbid suspending.
WASM_FLAGS = "-msimd128 -fwasm-exceptions -sSUPPORT_LONGJMP=wasm"
OPTIMISE = "-O2 -g0"

# A C program needs no libc++; Emscripten would build it, a minute's work, and
# link every trial of a configure script with it.
WASM_LINK_FLAGS = "-sDEFAULT_TO_CXX=0"

STDLIB_SCRIPT = REPOSITORY / "packages" / "driver" / "stdlib.py"


@dataclass
class Job:
    """One recipe for one target."""

    recipe: Recipe
    target: str
    toolchain: Toolchain
    source: Path  # unpacked and patched
    inputs: Path  # prefix with the recipes it needs
    out: Path  # prefix to be filled
    log: Path

    @property
    def flags(self) -> str:
        """Compiler flags of the target."""
        if self.target == "wasm":
            return f"{OPTIMISE} {WASM_FLAGS}"
        return OPTIMISE

    def command(self, name: str) -> str:
        return self.toolchain.commands[name]

    def run(
        self,
        step: str,
        command: list[str],
        directory: Path,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        what = f"{self.recipe.name} ({self.target}) {step}"
        self.toolchain.run(what, command, self.log, directory, extra)


def find(tree: Path, patterns: list[str]) -> list[str]:
    """Relative paths that match; each pattern must match something."""
    found: list[str] = []
    for pattern in patterns:
        matches = sorted(str(p.relative_to(tree)) for p in tree.glob(pattern))
        if not matches:
            raise BuildError(f"{pattern} matches nothing in the source")
        found.extend(matches)
    return found


def install_files(job: Job, source: Path, table: Mapping) -> None:
    """Copy files: {"include/cjson": ["cJSON.h"]}, directories flattened."""
    for place, patterns in table.items():
        target = job.out / place
        target.mkdir(parents=True, exist_ok=True)
        for path in find(source, patterns):
            shutil.copyfile(source / path, target / Path(path).name)


def _ninja_text(job: Job) -> str:
    """Rules for archives made directly from a list of sources."""
    wasm = job.target == "wasm"
    compiler = job.command("emcc" if wasm else "clang")
    archiver = job.command("emar" if wasm else "ar")
    lines = [
        "rule compile",
        f"  command = {compiler} {job.flags} $flags -MMD -MF $out.d"
        " -c $in -o $out",
        "  depfile = $out.d",
        "rule archive",
        f"  command = rm -f $out && {archiver} rcs $out $in",
    ]
    base = job.toolchain.inside(job.source)
    common = job.recipe.build.get("flags", [])
    for name, library in job.recipe.build["libraries"].items():
        directory = job.source / library.get("directory", ".")
        objects = []
        for path in find(directory, library["sources"]):
            unit = f"{name}/{path.replace('/', '_')}.o"
            place = base / library.get("directory", ".") / path
            objects.append(unit)
            flags = " ".join(common + library.get("flags", []))
            lines.append(f"build {unit}: compile {place}")
            lines.append(f"  flags = {flags}")
        lines.append(f"build lib{name}.a: archive {' '.join(objects)}")
    return "\n".join(lines) + "\n"


def build_sources(job: Job) -> None:
    """Static archives straight from lists of C files."""
    work = job.source.with_name("build")
    work.mkdir()
    (work / "build.ninja").write_text(_ninja_text(job), "utf-8")
    job.run("compile", [job.command("ninja")], work)
    (job.out / "lib").mkdir(parents=True)
    for archive in work.glob("*.a"):
        shutil.copyfile(archive, job.out / "lib" / archive.name)
    install_files(job, job.source, job.recipe.build.get("headers", {}))


def build_cmake(job: Job) -> None:
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


def build_files(job: Job) -> None:
    """Nothing to build: some files of the package, as they are."""
    install_files(job, job.source, job.recipe.build["files"])


def build_cpython(job: Job) -> None:
    """CPython's configure and make, then headers, archives and library."""
    inside = job.toolchain.inside
    work = job.source / "tincture-build"
    work.mkdir()
    prefix = inside(job.inputs)
    variables = {
        "CONFIG_SITE": str(inside(job.source / job.recipe.build["site"])),
        "CFLAGS": WASM_FLAGS,
        "OPT": f"-DNDEBUG {OPTIMISE}",
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
    archives = job.recipe.build["archives"]
    make = ["emmake", job.command("make"), "-j2", *archives, "pybuilddir.txt"]
    job.run("make", make, work)
    (job.out / "lib").mkdir(parents=True)
    for archive in archives:
        shutil.copyfile(work / archive, job.out / "lib" / Path(archive).name)
    link = " ".join(job.recipe.build["link"])
    (job.out / "lib" / "python-link.txt").write_text(link + "\n", "utf-8")
    headers = job.out / "include" / "python3.13"
    shutil.copytree(job.source / "Include", headers)
    shutil.copyfile(work / "pyconfig.h", headers / "pyconfig.h")
    _build_stdlib(job, work)


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


SYSTEMS: dict[str, Callable[[Job], None]] = {
    "sources": build_sources,
    "cmake": build_cmake,
    "cpython": build_cpython,
    "files": build_files,
}
