"""Static archives straight from lists of C files, by a Ninja file."""

from __future__ import annotations

import shutil

from .common import Job, find, install_files


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


def build(job: Job) -> None:
    """Static archives straight from lists of C files."""
    work = job.source.with_name("build")
    work.mkdir()
    (work / "build.ninja").write_text(_ninja_text(job), "utf-8")
    job.run("compile", [job.command("ninja")], work)
    (job.out / "lib").mkdir(parents=True)
    for archive in work.glob("*.a"):
        shutil.copyfile(archive, job.out / "lib" / archive.name)
    install_files(job, job.source, job.recipe.build.get("headers", {}))
