"""Recipes: what a package is, read from packages/NAME/recipe.toml.

A recipe is data.  Everything in it is checked here, so that the code that
builds needs no checks of its own; see ../README.md for the fields.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .machine import REPOSITORY
from .progress import BuildError
from .systems import SYSTEMS

TARGETS = ("wasm", "native", "data")
# The source of a package of ours: nothing but its repository_files.
OWN_SOURCE = "repository"
SOURCE_KINDS: dict[str, set[str]] = {
    "debian": {"suite", "package"},
    "npm": {"package", "version"},
    "pypi": {"package", "version"},
    OWN_SOURCE: set(),
}

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PATCH_NAME = re.compile(r"\d{4}-[a-z0-9-]+\.patch")
# What is asked of the result, and changes nothing in it.
_NOT_BUILT = ("budget", "import_test")
_BUDGETS = {"objects", "files"}
_TOP_KEYS = {
    "name",
    "version",
    "licence",
    "targets",
    "inputs",
    "heavy",
    "source",
    "licence_files",
    "repository_files",
    "build",
    *_NOT_BUILT,
}


@dataclass(frozen=True)
class Source:
    """Where an archive comes from and what it must be."""

    kind: str
    package: str
    file: str  # the archive's name
    sha256: str
    suite: str = ""  # debian
    version: str = ""  # npm, pypi
    member: str = ""  # an archive inside the archive, to be unpacked instead
    strip: int = 1  # leading directories to leave out


@dataclass(frozen=True)
class LicenceFile:
    path: str  # in the unpacked source
    sha256: str
    line_count: int = 0  # how many first lines are the licence; 0: all

    def text(self, source: Path) -> bytes:
        """The licence in an unpacked source; checked against sha256."""
        text = (source / self.path).read_bytes()
        if self.line_count:
            lines = text.splitlines(keepends=True)
            text = b"".join(lines[: self.line_count])
        return text


@dataclass(frozen=True)
class Recipe:
    """One package."""

    directory: Path
    name: str
    version: str
    licence: str  # SPDX expression
    targets: tuple[str, ...]
    inputs: tuple[str, ...]  # recipes that have to be built before
    heavy: bool  # uses both cores for minutes
    source: Source
    licence_files: tuple[LicenceFile, ...]
    build: Mapping[str, Any]  # for the build system; see systems/
    patches: tuple[Path, ...]
    repository_files: tuple[Path, ...]  # copied into the source
    budget: Mapping[str, int]  # bytes of objects and of files, at most
    import_test: str  # Python that must run where the package is

    @property
    def system(self) -> str:
        return self.build["system"]

    def place_of(self, path: Path) -> Path:
        """Where one of repository_files stands in the source.

        Those of the recipe's own directory keep their paths; others come to
        the root, which must not become a package itself.
        """
        if path.is_relative_to(self.directory):
            return path.relative_to(self.directory)
        if path.name == "__init__.py":
            return Path(path.parent.name, path.name)
        return Path(path.name)

    def fingerprint(self) -> str:
        """Hash of the recipe's meaning: its text, patches and files."""
        digest = hashlib.sha256()
        text = (self.directory / "recipe.toml").read_text("utf-8")
        data = tomllib.loads(text)
        for key in _NOT_BUILT:
            data.pop(key, None)
        digest.update(json.dumps(data, sort_keys=True).encode())
        for patch in self.patches:
            digest.update(patch.name.encode() + b"\0" + patch.read_bytes())
        for path in self.repository_files:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()


class _Checker:
    """Collects what is wrong with one recipe."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[str] = []

    def need(self, truth: bool, fault: str) -> None:
        if not truth:
            self.faults.append(fault)

    def text(self, table: Mapping, key: str, where: str = "") -> str:
        value = table.get(key)
        self.need(
            isinstance(value, str) and value != "",
            f"{where}{key} must be a text",
        )
        return value if isinstance(value, str) else ""

    def texts(self, table: Mapping, key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        good = isinstance(value, list) and all(
            isinstance(item, str) for item in value
        )
        self.need(good, f"{key} must be a list of texts")
        return tuple(value) if good else ()

    def finish(self) -> None:
        if self.faults:
            lines = "\n".join(f"  {fault}" for fault in self.faults)
            raise BuildError(f"{self.path}:\n{lines}")


def _read_source(check: _Checker, table: Mapping) -> Source:
    kind = check.text(table, "kind", "source.")
    check.need(
        kind in SOURCE_KINDS,
        f"source.kind must be one of {', '.join(sorted(SOURCE_KINDS))}",
    )
    if kind == OWN_SOURCE:
        for key in sorted(table.keys() - {"kind"}):
            check.need(False, f"source.{key} is unknown")
        return Source(kind=kind, package="", file="", sha256="")
    for key in sorted(SOURCE_KINDS.get(kind, ())):
        check.text(table, key, "source.")
    known = {"kind", "file", "sha256", "member", "strip", "package"}
    for key in sorted(table.keys() - known - SOURCE_KINDS.get(kind, set())):
        check.need(False, f"source.{key} is unknown")
    sha256 = check.text(table, "sha256", "source.")
    check.need(
        _SHA256.fullmatch(sha256) is not None,
        "source.sha256 must be 64 hexadecimal digits",
    )
    return Source(
        kind=kind,
        package=check.text(table, "package", "source."),
        file=check.text(table, "file", "source."),
        sha256=sha256,
        suite=table.get("suite", ""),
        version=table.get("version", ""),
        member=table.get("member", ""),
        strip=table.get("strip", 1),
    )


def _read_patches(check: _Checker, directory: Path) -> tuple[Path, ...]:
    """Numbered patches, each with a reason and what became of it upstream."""
    patches = tuple(sorted(directory.glob("*.patch")))
    for patch in patches:
        check.need(
            _PATCH_NAME.fullmatch(patch.name) is not None,
            f"{patch.name}: a patch is called NNNN-what-it-does.patch",
        )
        head = patch.read_text("utf-8").split("\n--- ", 1)[0]
        for field in ("Reason:", "Upstream:", "Remove when:"):
            check.need(
                f"\n{field} " in "\n" + head,
                f"{patch.name}: the head has no `{field}` line",
            )
    return patches


def _read_repository_files(check: _Checker, data: Mapping) -> tuple[Path, ...]:
    """This repository's own files that a build needs."""
    paths = []
    for name in check.texts(data, "repository_files"):
        path = REPOSITORY / name
        check.need(path.is_file(), f"repository_files: there is no {name}")
        paths.append(path)
    return tuple(path for path in paths if path.is_file())


def _read_budget(check: _Checker, table: Mapping) -> dict[str, int]:
    for key in sorted(table.keys() - _BUDGETS):
        check.need(False, f"budget.{key} is unknown")
    for key, value in table.items():
        check.need(isinstance(value, int), f"budget.{key} must be bytes")
    return dict(table)


def read_recipe(directory: Path) -> Recipe:
    """Read and check one recipe; BuildError lists every fault in it."""
    path = directory / "recipe.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BuildError(f"{path}: {error}") from error
    check = _Checker(path)
    for key in sorted(data.keys() - _TOP_KEYS):
        check.need(False, f"{key} is unknown")
    name = check.text(data, "name")
    check.need(name == directory.name, f"name must be {directory.name}")
    targets = check.texts(data, "targets")
    check.need(targets != (), "targets must name at least one target")
    for target in targets:
        check.need(target in TARGETS, f"target {target} is unknown")
    licences = []
    for entry in data.get("licence_files", []):
        licences.append(
            LicenceFile(
                check.text(entry, "path", "licence_files."),
                check.text(entry, "sha256", "licence_files."),
                entry.get("line_count", 0),
            )
        )
    check.need(licences != [], "licence_files must name at least one file")
    build = data.get("build", {})
    check.need(
        build.get("system") in SYSTEMS,
        f"build.system must be one of {', '.join(sorted(SYSTEMS))}",
    )
    recipe = Recipe(
        directory=directory,
        name=name,
        version=check.text(data, "version"),
        licence=check.text(data, "licence"),
        targets=targets,
        inputs=check.texts(data, "inputs"),
        heavy=data.get("heavy", False) is True,
        source=_read_source(check, data.get("source", {})),
        licence_files=tuple(licences),
        build=build,
        patches=_read_patches(check, directory),
        repository_files=_read_repository_files(check, data),
        budget=_read_budget(check, data.get("budget", {})),
        import_test=data.get("import_test", ""),
    )
    check.finish()
    return recipe


def read_recipes(packages: Path) -> dict[str, Recipe]:
    """Every recipe under packages/, by name."""
    recipes = {}
    for path in sorted(packages.glob("*/recipe.toml")):
        recipes[path.parent.name] = read_recipe(path.parent)
    for recipe in recipes.values():
        for name in recipe.inputs:
            if name not in recipes:
                raise BuildError(f"{recipe.name}: there is no recipe {name}")
            missing = set(recipe.targets) - set(recipes[name].targets)
            if missing:
                raise BuildError(
                    f"{recipe.name}: {name} is not built for"
                    f" {', '.join(sorted(missing))}"
                )
    return recipes
