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

# Set to build what is marked `tests`, which no ordinary report carries: "all",
# or the names of some of those profiles and images.
TESTS_VARIABLE = "TINCTURE_TESTS"
ALL_TESTS = "all"

# In build/dist, what there is for tests; profiles.json does not know of it.
TESTS_FILE = "tests.json"

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
    path: str
    needs: tuple[str, ...]  # images that have to be there too
    is_for_tests: bool
    profile: str | None  # of these tests, where it is not the smallest

    @property
    def file(self) -> str:
        return f"{self.name}.image"


@dataclass(frozen=True)
class Profile:
    """One kernel and its images."""

    name: str
    images: tuple[Image, ...]
    warm: tuple[str, ...]  # what is done before its snapshot: packages/warm
    is_for_tests: bool

    @property
    def packages(self) -> list[str]:
        return [name for image in self.images for name in image.packages]


@dataclass(frozen=True)
class Catalogue:
    """What profiles.toml lists, in its order."""

    profiles: tuple[Profile, ...]
    images: tuple[Image, ...]

    @property
    def optional_images(self) -> list[Image]:
        """Images that no profile has, for notebooks that ask for them."""
        held = {image.name for p in self.profiles for image in p.images}
        return [
            image
            for image in self.images
            if image.name not in held and not image.is_for_tests
        ]

    @property
    def test_names(self) -> set[str]:
        """The profiles and images that are for tests."""
        both = (*self.profiles, *self.images)
        return {one.name for one in both if one.is_for_tests}

    @property
    def test_packages(self) -> set[str]:
        """The recipes that only test images hold."""
        held: dict[bool, set[str]] = {True: set(), False: set()}
        for image in self.images:
            held[image.is_for_tests].update(image.packages)
        return held[True] - held[False]


def _read_image(name: str, table: Mapping) -> Image:
    return Image(
        name,
        tuple(table["packages"]),
        STDLIB_PATH if table.get("stdlib", False) else SITE_PATH,
        tuple(table.get("needs", ())),
        table.get("tests", False),
        table.get("profile"),
    )


def _check_image(path: Path, images: Mapping[str, Image], name: str) -> None:
    if name not in images:
        raise BuildError(f"{path}: there is no image {name}")


def read_catalogue(path: Path = PROFILES_FILE) -> Catalogue:
    """All profiles, smallest first, and all images; checked."""
    data = tomllib.loads(path.read_text("utf-8"))
    images = {
        name: _read_image(name, table)
        for name, table in data["images"].items()
    }
    for image in images.values():
        for name in image.needs:
            _check_image(path, images, name)
    profiles = []
    for table in data["profile"]:
        is_for_tests = table.get("tests", False)
        for name in table["images"]:
            _check_image(path, images, name)
            if images[name].is_for_tests and not is_for_tests:
                raise BuildError(
                    f"{path}: {table['name']} is in reports, and its image"
                    f" {name} is for tests"
                )
        profiles.append(
            Profile(
                table["name"],
                tuple(images[name] for name in table["images"]),
                tuple(table["warm"]),
                is_for_tests,
            )
        )
    names = {profile.name for profile in profiles}
    for image in images.values():
        if image.profile is not None and image.profile not in names:
            raise BuildError(f"{path}: there is no profile {image.profile}")
    return Catalogue(tuple(profiles), tuple(images.values()))


def read_profiles(path: Path = PROFILES_FILE) -> list[Profile]:
    """The profiles of reports, smallest first."""
    profiles = read_catalogue(path).profiles
    return [profile for profile in profiles if not profile.is_for_tests]


def _chosen_tests(catalogue: Catalogue) -> set[str]:
    """The names that TINCTURE_TESTS asks for."""
    names = set(os.environ.get(TESTS_VARIABLE, "").split())
    if names == {ALL_TESTS}:
        return catalogue.test_names
    unknown = names - catalogue.test_names
    if unknown:
        raise BuildError(
            f"{TESTS_VARIABLE}: {sorted(unknown)[0]} is neither {ALL_TESTS!r}"
            f" nor one of {' '.join(sorted(catalogue.test_names))}"
        )
    return names


def wanted_profiles() -> list[Profile]:
    """The profiles of reports, or those of them that the environment asks
    for, and the profiles for tests that it asks for."""
    catalogue = read_catalogue()
    names = set(os.environ.get(ONLY_VARIABLE, "").split())
    unknown = names - {profile.name for profile in catalogue.profiles}
    if unknown:
        raise BuildError(
            f"{ONLY_VARIABLE}: there is no profile {sorted(unknown)[0]}"
        )
    tests = _chosen_tests(catalogue)
    return [
        profile
        for profile in catalogue.profiles
        if profile.name in names | tests
        or not (profile.is_for_tests or names)
    ]


def wanted_test_images() -> list[Image]:
    """The images for tests that the environment asks for, by their own names
    or by their profiles'."""
    catalogue = read_catalogue()
    names = _chosen_tests(catalogue)
    for profile in wanted_profiles():
        names |= {image.name for image in profile.images}
    return [
        image
        for image in catalogue.images
        if image.is_for_tests and image.name in names
    ]


def unwanted_test_packages() -> set[str]:
    """The recipes that nothing but tests needs, when none of those is asked
    for that needs them."""
    wanted = {name for one in wanted_test_images() for name in one.packages}
    return read_catalogue().test_packages - wanted


def is_test_file(name: str) -> bool:
    """Whether a file of build/dist is there for tests only."""
    catalogue = read_catalogue()
    images = [image.file for image in catalogue.images if image.is_for_tests]
    profiles = [p.name for p in catalogue.profiles if p.is_for_tests]
    name = name.removesuffix(".zst")
    return (
        name == TESTS_FILE
        or name in images
        or name.startswith(tuple(f"{profile}." for profile in profiles))
    )


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
