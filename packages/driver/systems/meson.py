"""Python packages that Meson builds, as a cross build.

Meson learns about the target from a cross file, and about its Python from a
build-details.json (PEP 739).  What it links as shared libraries are objects:
../cross.py is the compiler.  Its programs come from tools.lock; a package
that another one's build imports leaves a module in lib/build-python.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from .. import tools
from ..machine import REPOSITORY
from ..progress import BuildError
from . import python
from .common import WASM_FLAGS, WASM_LINK_FLAGS, Job, install_files

CROSS_SCRIPT = REPOSITORY / "packages" / "driver" / "cross.py"
SUFFIX = ".cpython-313-wasm32-emscripten.so"
VERSION = {
    "major": 3,
    "minor": 13,
    "micro": 5,
    "releaselevel": "final",
    "serial": 0,
}


def _build_details(headers: Path) -> dict:
    """The target's Python, in the words of PEP 739."""
    return {
        "schema_version": "1.0",
        "base_prefix": "/usr",
        "platform": "emscripten-wasm32",
        "language": {"version": "3.13", "version_info": VERSION},
        "implementation": {
            "name": "cpython",
            "version": VERSION,
            "hexversion": 0x030D05F0,
            "cache_tag": "cpython-313",
            "_multiarch": "wasm32-emscripten",
        },
        "abi": {
            "flags": [],
            "extension_suffix": SUFFIX,
            "stable_abi_suffix": ".abi3.so",
        },
        "suffixes": {
            "source": [".py"],
            "bytecode": [".pyc"],
            "extensions": [SUFFIX],
        },
        "libpython": {"link_extensions": False},
        "c_api": {"headers": str(headers)},
    }


def _quoted(value: object) -> str:
    """A value in the form of Meson's machine files."""
    if isinstance(value, list):
        return "[" + ", ".join(map(_quoted, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str) or "'" in value or "\\" in value:
        raise BuildError(f"a machine file cannot hold {value!r}")
    return f"'{value}'"


def _cross_file(job: Job, details: Path) -> str:
    """The target's compilers, flags and properties."""
    inside = job.toolchain.inside
    interpreter = job.command("python")
    compiler = [interpreter, "-IS", str(inside(CROSS_SCRIPT))]
    flags = [
        *job.flags.split(),
        f"-I{inside(job.inputs) / 'include'}",
        *job.expand(job.recipe.build.get("flags", [])),
    ]
    link = [*WASM_FLAGS.split(), WASM_LINK_FLAGS]
    tables: dict[str, dict[str, object]] = {
        "binaries": {
            "c": [*compiler, "cc"],
            "cpp": [*compiler, "cxx"],
            "ar": job.command("emar"),
            "cython": [interpreter, "-m", "cython"],
            "pkg-config": "pkg-config",
        },
        "built-in options": {
            "c_args": flags,
            "cpp_args": flags,
            "c_link_args": link,
            "cpp_link_args": WASM_FLAGS.split(),
            "python.build_config": str(inside(details)),
            "python.platlibdir": "/site",
            "python.purelibdir": "/site",
        },
        "host_machine": {
            "system": "emscripten",
            "cpu_family": "wasm32",
            "cpu": "wasm32",
            "endian": "little",
        },
        "properties": {
            "needs_exe_wrapper": True,
            "skip_sanity_check": True,
            "pkg_config_libdir": str(inside(job.inputs) / "lib/pkgconfig"),
            **job.recipe.build.get("properties", {}),
        },
    }
    return _machine_file(tables)


def _native_file(job: Job) -> str:
    """The build machine's programs; nothing is compiled for it."""
    cython = [job.command("python"), "-m", "cython"]
    return _machine_file({"binaries": {"cython": cython}})


def _machine_file(tables: Mapping[str, Mapping[str, object]]) -> str:
    lines = []
    for name, table in tables.items():
        lines.append(f"[{name}]")
        lines += [f"{key} = {_quoted(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


def _environment(job: Job, work: Path) -> dict[str, str]:
    """What cross.py and the build's Python programs need to know."""
    inside = job.toolchain.inside
    flags = work / "emcc-flags"
    script = 'out=$1; shift; exec "$@" >"$out"'
    ask = [job.command("emcc"), "--cflags", *job.flags.split()]
    shell = ["sh", "-c", script, "sh", str(inside(flags)), *ask]
    job.run("flags", shell, work)
    path = [inside(tools.ensure()), inside(job.inputs) / "lib/build-python"]
    return {
        "PYTHONPATH": ":".join(map(str, path)),
        "PYTHONNOUSERSITE": "1",
        "TINCTURE_CFLAGS": flags.read_text("utf-8").strip(),
        "TINCTURE_CLANG": job.command("clang"),
        "TINCTURE_WASM_LD": job.command("wasm-ld"),
        **job.recipe.build.get("environment", {}),
    }


def build(job: Job) -> None:
    """Set up, compile, install into a stage, and take what is needed."""
    inside = job.toolchain.inside
    description = job.recipe.build
    work = job.source.with_name("build")
    stage = job.source.with_name("stage")
    machine = job.source.with_name("machine")
    machine.mkdir()
    details = machine / "build-details.json"
    headers = inside(job.inputs) / "include" / "python3.13"
    details.write_text(json.dumps(_build_details(headers)), "utf-8")
    cross = machine / "cross.ini"
    cross.write_text(_cross_file(job, details), "utf-8")
    native = machine / "native.ini"
    native.write_text(_native_file(job), "utf-8")
    variables = _environment(job, machine)
    meson = [job.command("python"), "-m", "mesonbuild.mesonmain"]
    if "meson" in description:
        # numpy brings a Meson of its own, with more in it.
        vendored = inside(job.source) / description["meson"]
        meson = [job.command("python"), str(vendored)]
    setup = [
        *meson,
        "setup",
        str(inside(work)),
        f"--cross-file={inside(cross)}",
        f"--native-file={inside(native)}",
        "--prefix=/",
        "--buildtype=plain",
        "-Db_ndebug=true",
        "-Dpython.bytecompile=-1",
        *(f"-D{option}" for option in description.get("options", [])),
    ]
    job.run("setup", setup, job.source, variables)
    ninja = [job.command("ninja"), "-C", str(inside(work)), "-j2"]
    job.run("compile", ninja, job.source, variables)
    install = [*meson, "install", "--quiet", "--no-rebuild"]
    install += ["-C", str(inside(work)), f"--destdir={inside(stage)}"]
    job.run("install", install, job.source, variables)
    _take(job, stage / "site")


def _take(job: Job, site: Path) -> None:
    """Modules, files and headers out of the stage."""
    unwanted = {
        path
        for pattern in job.recipe.build.get("without_modules", [])
        for path in site.glob(pattern.replace(".", "/") + SUFFIX)
    }
    for path in sorted(site.rglob("*.so")):
        if path not in unwanted:
            name = str(path.relative_to(site)).removesuffix(SUFFIX)
            python.install_module(job, name.replace("/", "."), path)
    install_files(job, site, job.recipe.build.get("headers", {}))
    install_files(job, job.source, job.recipe.build.get("source_files", {}))
    python.write_dist_info(job, site)
    python.install_site(job, site)
