"""Ninja files for packages whose sources a recipe lists."""

from __future__ import annotations

from pathlib import Path

from .common import Job, find

CXX_SUFFIXES = (".cc", ".cpp", ".cxx")


def rules(job: Job, flags: str) -> list[str]:
    """How C and C++ are compiled, archived and joined."""
    wasm = job.target == "wasm"
    archiver = job.command("emar" if wasm else "ar")
    lines = []
    for rule, emscripten, native in (
        ("cc", "emcc", "clang"),
        ("cxx", "em++", "clang++"),
    ):
        compiler = emscripten if wasm else job.command("clang")
        if not wasm and rule == "cxx":
            compiler = compiler.replace("clang", native)
        lines += [
            f"rule {rule}",
            f"  command = {compiler} {job.flags} {flags} $flags"
            " -MMD -MF $out.d -c $in -o $out",
            "  depfile = $out.d",
        ]
    lines += [
        "rule archive",
        f"  command = rm -f $out && {archiver} rcs $out $in",
        "rule join",
        f"  command = {job.command('wasm-ld')} --relocatable -o $out $in",
    ]
    return lines


def compilations(
    job: Job, name: str, directory: str, patterns: list[str], flags: list[str]
) -> tuple[list[str], list[str]]:
    """Lines that compile a list of sources, and the objects' names."""
    base = job.source / directory
    inside = job.toolchain.inside(job.source) / directory
    lines, objects = [], []
    for path in find(base, patterns):
        unit = f"{name}/{path.replace('/', '_')}.o"
        rule = "cxx" if Path(path).suffix in CXX_SUFFIXES else "cc"
        lines.append(f"build {unit}: {rule} {inside / path}")
        lines.append(f"  flags = {' '.join(flags)}")
        objects.append(unit)
    return lines, objects


def run(job: Job, lines: list[str], work: Path) -> None:
    """Write the file into `work` and run Ninja there."""
    work.mkdir()
    (work / "build.ninja").write_text("\n".join(lines) + "\n", "utf-8")
    job.run("compile", [job.command("ninja"), "-j2"], work)
