"""The kernel in two: what a start and ordinary first cells use, and the rest.

Firefox compiles all of a module before any of it runs, 20 to 40 ms a megabyte:
core took 150 ms and takes 55 in two, where its first part has a fifth of the
code.  Which functions that part has is recorded (plugin/src/record.ts): a
kernel that notes what it calls starts from the profile's snapshot and plays
the notebooks that warmed and check the snapshot.  binaryen's wasm-split does
the noting and the splitting; functions keep their slots in the table, so that
snapshots are of both forms.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable
from pathlib import Path

from .cache import sha256_file
from .machine import REPOSITORY
from .profiles import Profile
from .progress import BuildError, elapsed, say
from .snapshots import (
    CHECKS,
    ENVIRONMENT,
    HOME,
    WARM,
    Place,
    bare_file,
    read_cells,
    snapshot_file,
    warm_files,
)
from .toolchain import Toolchain

STUBS = REPOSITORY / "kernel" / "hosts" / "web_stubs.py"

# Where wasm-split has the first module import what the second will bring.
PLACEHOLDERS = "placeholder.deferred"

# What compiled code may use; modules do not say it themselves.
FEATURES = (
    "--enable-simd",
    "--enable-exception-handling",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-multivalue",
    "--enable-reference-types",
    "--enable-call-indirect-overlong",
    "--enable-extended-const",
)


def first_file(profile: Profile) -> str:
    """The part of the kernel that is compiled before it starts."""
    return f"{profile.name}.first.wasm"


def rest_file(profile: Profile) -> str:
    """The part that is compiled afterwards."""
    return f"{profile.name}.rest.wasm"


class _Splitter:
    """One profile's kernel at work."""

    def __init__(
        self, toolchain: Toolchain, place: Place, profile: Profile
    ) -> None:
        self.toolchain = toolchain
        self.place = place
        self.profile = profile
        self.notes = place.work / f"{profile.name}-split"

    def run(self, command: Iterable[object]) -> None:
        """A command of the toolchain's."""
        words = [str(word) for word in command]
        if self.toolchain.pass_through(words, REPOSITORY) != 0:
            raise BuildError(f"{' '.join(words)} failed; see above")

    def split(self) -> None:
        """Write both files."""
        self.notes.mkdir(parents=True, exist_ok=True)
        dist, notes, profile = self.place.dist, self.notes, self.profile
        bare = dist / bare_file(profile)
        record = self.record(bare)
        primary, stubs = notes / "primary.wasm", notes / "stubs.wasm"
        text, merged = notes / "stubs.wat", notes / "merged.wasm"
        rest = notes / rest_file(profile)
        self.run([
            "wasm-split", "--split", *FEATURES, bare, "--profile", record,
            "-o1", primary, "-o2", rest,
        ])
        python = self.toolchain.commands["python"]
        self.run([python, STUBS, "write", primary, text])
        self.run(["wasm-as", *FEATURES, text, "-o", stubs])
        self.run([
            "wasm-merge", *FEATURES, primary, "primary", stubs, PLACEHOLDERS,
            "-o", merged,
        ])
        self.run([
            python, STUBS, "hide", merged, dist / first_file(profile),
        ])
        rest.replace(dist / rest_file(profile))

    def record(self, bare: Path) -> Path:
        """Play the notebooks; wasm-split's record of what was called."""
        noting = self.notes / "noting.wasm"
        self.run([
            "wasm-split", "--instrument", *FEATURES, bare, "-o", noting,
        ])
        record = self.notes / "record"
        request = self.notes / "request.json"
        request.write_text(json.dumps(self.request(noting, record)), "utf-8")
        self.run([
            self.toolchain.commands["node"], "--experimental-wasm-jspi",
            self.place.scripts / "record.mjs", request,
        ])
        return record

    def request(self, noting: Path, record: Path) -> dict[str, object]:
        """What record.mjs is told."""
        dist, profile = self.place.dist, self.profile
        inside = self.toolchain.inside
        return {
            "wasm": str(inside(noting)),
            "snapshot": str(inside(dist / snapshot_file(profile))),
            "images": [
                {"name": name, "file": str(inside(dist / name))}
                for name in warm_files(profile, dist)
            ],
            "env": ENVIRONMENT,
            "home": HOME,
            "cells": [
                cell
                for name in profile.warm
                for place in (WARM, CHECKS)
                for cell in read_cells(place / f"{name}.iomd")
            ],
            "record": str(inside(record)),
        }


def _key(place: Place, profile: Profile) -> str:
    """A hash of everything that the two files are made from."""
    files = [
        place.dist / bare_file(profile),
        place.dist / snapshot_file(profile),
        place.scripts / "record.mjs",
        *(WARM / f"{name}.iomd" for name in profile.warm),
        *(CHECKS / f"{name}.iomd" for name in profile.warm),
        STUBS,
        Path(__file__),
    ]
    lines = [f"{path.name} {sha256_file(path)}\n" for path in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def split(toolchain: Toolchain, place: Place, profile: Profile) -> list[str]:
    """Bring a profile's two files up to date; their names."""
    names = [first_file(profile), rest_file(profile)]
    stamp = place.work / f"{profile.name}-split.key"
    key = _key(place, profile)
    if (
        all((place.dist / name).exists() for name in names)
        and stamp.exists()
        and stamp.read_text("utf-8") == key
    ):
        return names
    began_s = time.monotonic()
    stamp.unlink(missing_ok=True)
    _Splitter(toolchain, place, profile).split()
    stamp.write_text(key, "utf-8")
    sizes = [
        f"{(place.dist / name).stat().st_size / 1e6:.1f}" for name in names
    ]
    say(
        f"{profile.name}: split into {' and '.join(sizes)} MB"
        f" in {elapsed(began_s)}"
    )
    return names
