"""What every build system is given, and what several of them do alike."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..progress import BuildError
from ..recipe import Recipe
from ..toolchain import Toolchain

# Exceptions and longjmp are WebAssembly's own: a JavaScript frame between
# Python and the page would forbid suspending.
WASM_FLAGS = "-msimd128 -fwasm-exceptions -sSUPPORT_LONGJMP=wasm"

# A recipe may say otherwise in build.optimise.
OPTIMISE = "-O2"

# A C program needs no libc++; Emscripten would build it, a minute's work, and
# link every trial of a configure script with it.
WASM_LINK_FLAGS = "-sDEFAULT_TO_CXX=0"


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
        """Compiler flags of the target, and of the recipe."""
        optimise = f"{self.recipe.build.get('optimise', OPTIMISE)} -g0"
        if self.target == "wasm":
            return f"{optimise} {WASM_FLAGS}"
        return optimise

    def expand(self, words: Iterable[str]) -> list[str]:
        """Words of a recipe, with its placeholders for directories."""
        places = {
            "{source}": str(self.toolchain.inside(self.source)),
            "{inputs}": str(self.toolchain.inside(self.inputs)),
        }
        expanded = []
        for word in words:
            for name, place in places.items():
                word = word.replace(name, place)
            expanded.append(word)
        return expanded

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


def install_pkgconfig(job: Job) -> None:
    """Say to pkg-config how to link: {"lapack": "openblas"}, what it needs."""
    for name, requires in job.recipe.build.get("pkgconfig", {}).items():
        lines = [
            "prefix=${pcfiledir}/../..",
            f"Name: {name}",
            f"Description: {name}, from the recipe {job.recipe.name}",
            f"Version: {job.recipe.version}",
            f"Requires: {requires}",
            "Cflags: -I${prefix}/include",
            f"Libs: -L${{prefix}}/lib -l{name}",
        ]
        path = job.out / "lib" / "pkgconfig" / f"{name}.pc"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", "utf-8")
