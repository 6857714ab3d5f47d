"""Profiles: which packages each kernel is linked with, from profiles.toml.

A recipe that is in an image puts objects (lib/python/*.o) and libraries
(lib/*.a, its own and those of its inputs) into the link of every profile that
has the image.  For the link this writes, beside the WebAssembly build, a list
for CMake and a table of modules in C for each profile.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .localize import exported, sections
from .machine import REPOSITORY, write_if_changed
from .plan import listing_of, with_inputs
from .progress import BuildError
from .recipe import Recipe
from .toolchain import Toolchain

PROFILES_FILE = REPOSITORY / "packages" / "profiles.toml"
STDLIB_PATH = "/usr/lib/python3.13"
SITE_PATH = f"{STDLIB_PATH}/site-packages"

# Set to some profiles' names to link only those, while working on the rest.
ONLY_VARIABLE = "TINCTURE_PROFILES"

# What CPython's recipe brings: every profile is linked with it already, in
# the order of python-link.txt.
PYTHON_RECIPE = "cpython"


IMPORT_SECTION = 2
CXX_NAME = re.compile(rb"__cxa_|_Z[NSTdn]")


@dataclass(frozen=True)
class Image:
    """A read-only tree of files that is mounted at `path`."""

    name: str
    packages: tuple[str, ...]

    @property
    def file(self) -> str:
        return f"{self.name}.image"

    @property
    def path(self) -> str:
        return STDLIB_PATH if self.name == "core" else SITE_PATH


@dataclass(frozen=True)
class Profile:
    """One kernel and its images."""

    name: str
    images: tuple[Image, ...]
    warm: tuple[str, ...]  # what is done before its snapshot: packages/warm

    @property
    def packages(self) -> list[str]:
        return [name for image in self.images for name in image.packages]


def read_profiles(path: Path = PROFILES_FILE) -> list[Profile]:
    """All profiles, smallest first; checked."""
    data = tomllib.loads(path.read_text("utf-8"))
    images = {
        name: Image(name, tuple(table["packages"]))
        for name, table in data["images"].items()
    }
    profiles = []
    for table in data["profile"]:
        for name in table["images"]:
            if name not in images:
                raise BuildError(f"{path}: there is no image {name}")
        profiles.append(
            Profile(
                table["name"],
                tuple(images[name] for name in table["images"]),
                tuple(table["warm"]),
            )
        )
    return profiles


def wanted_profiles() -> list[Profile]:
    """All profiles, or those that the environment asks for."""
    profiles = read_profiles()
    names = os.environ.get(ONLY_VARIABLE, "").split()
    unknown = set(names) - {profile.name for profile in profiles}
    if unknown:
        raise BuildError(
            f"{ONLY_VARIABLE}: there is no profile {sorted(unknown)[0]}"
        )
    return [p for p in profiles if not names or p.name in names]


def read_objects(
    prefix: Path, entries: Mapping[str, Iterable[str]], packages: list[str]
) -> list[Path]:
    """The extension modules' objects of some packages."""
    for name in packages:
        if name not in entries:
            raise BuildError(f"{name} is in a profile and was not built")
    return [
        prefix / path
        for name in packages
        for path in sorted(entries[name])
        if path.startswith("lib/python/")
    ]


def _libraries(
    recipes: Mapping[str, Recipe],
    entries: Mapping[str, Iterable[str]],
    prefix: Path,
    packages: list[str],
) -> list[Path]:
    """Archives of the packages and their inputs that Python lacks."""
    known = with_inputs(recipes, [PYTHON_RECIPE])
    names = [n for n in with_inputs(recipes, packages) if n not in known]
    return [
        prefix / path
        for name in names
        for path in sorted(entries[name])
        if path.startswith("lib/") and path.endswith(".a")
    ]


TABLE_HEAD = """\
/* The extension modules of the profile {name}; made by the driver. */
#include <Python.h>

#include <stdbool.h>

#include "web.h"
"""

TABLE_TAIL = """\

int
web_add_modules(void)
{
    return PyImport_ExtendInittab(modules) < 0 ? -1 : 0;
}
"""


def _starter(place: int, init: str, constructors: list[str]) -> list[str]:
    """A function that does what loading a shared library would do."""
    lines = [f"PyObject *{init}(void);"]
    lines += [f"void {name}(void);" for name in constructors]
    lines += ["", "static PyObject *", f"start_{place}(void)", "{"]
    if constructors:
        lines += [
            "    static bool is_constructed;",
            "    if (!is_constructed) {",
            "        is_constructed = true;",
            *(f"        {name}();" for name in constructors),
            "    }",
        ]
    return [*lines, f"    return {init}();", "}", ""]


def module_table(name: str, objects: list[Path]) -> str:
    """The C file with a profile's table of modules."""
    lines = [TABLE_HEAD.format(name=name)]
    entries = []
    for place, path in enumerate(objects):
        names = exported(path.read_bytes())
        inits = [n for n in names if n.startswith("tn_init_")]
        constructors = sorted(
            (n for n in names if n.startswith("tn_ctor_")),
            key=lambda n: int(n.split("_")[2]),
        )
        if len(inits) != 1:
            raise BuildError(f"{path} exports {len(inits)} init functions")
        lines += _starter(place, inits[0], constructors)
        entries.append(f'    {{"{path.stem}", start_{place}}},')
    lines += ["static struct _inittab modules[] = {", *entries]
    lines += ["    {NULL, NULL},", "};"]
    return "\n".join(lines) + "\n" + TABLE_TAIL


def needs_cxx(objects: list[Path]) -> bool:
    """Whether an object imports something of C++'s run-time library."""
    return any(
        CXX_NAME.search(content)
        for path in objects
        for kind, content in sections(path.read_bytes())
        if kind == IMPORT_SECTION
    )


def write_link(
    toolchain: Toolchain,
    recipes: Mapping[str, Recipe],
    prefix: Path,
    out: Path,
) -> Path:
    """Write what kernel/hosts/CMakeLists.txt includes; its path."""
    inside = toolchain.inside
    entries = json.loads(listing_of(prefix).read_text("utf-8"))
    out.mkdir(parents=True, exist_ok=True)
    lines = []
    profiles = wanted_profiles()
    for profile in profiles:
        objects = read_objects(prefix, entries, profile.packages)
        table = out / f"{profile.name}_modules.c"
        write_if_changed(table, module_table(profile.name, objects))
        libraries = _libraries(recipes, entries, prefix, profile.packages)
        key = f"TN_PROFILE_{profile.name}"
        for suffix, paths in (
            ("TABLE", [table]),
            ("OBJECTS", objects),
            ("LIBRARIES", libraries),
        ):
            words = " ".join(f'"{inside(path)}"' for path in paths)
            lines.append(f"set({key}_{suffix} {words})")
        cxx = "ON" if needs_cxx(objects) else "OFF"
        lines.append(f"set({key}_CXX {cxx})")
    names = " ".join(profile.name for profile in profiles)
    lines.append(f"set(TN_PROFILES {names})")
    listing = out / "profiles.cmake"
    write_if_changed(listing, "\n".join(lines) + "\n")
    return listing
