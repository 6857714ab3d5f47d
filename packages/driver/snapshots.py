"""Snapshots: a kernel's memory with its packages imported, one a profile.

plugin/src/freeze.ts does it in Node; this gives it what a profile is made of,
makes the images without what is in memory already, and compares: a kernel
that starts from the snapshot has to give the same answers as a cold one.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .cache import sha256_file
from .machine import REPOSITORY
from .profiles import Image, Profile
from .progress import BuildError, elapsed, say
from .toolchain import Toolchain

WARM = REPOSITORY / "packages" / "warm"
FINISH = WARM / "finish.py"

# Notebooks that a restored kernel and a cold one have to answer alike.
CHECKS = REPOSITORY / "tests" / "restored"

HOME = "/home/tincture"

# An image stands in the report, and on the server, inside zstd -19, which
# packs whole files better than LZ4 blocks: 2.72 MB against 3.47 (3.39 with
# blocks of 256 KiB).  It costs 5 MB of memory: 9.4 MB against 4.3.
IMAGE_OPTIONS = ("--codec", "none")

# What a start sets anew; until then it is the same everywhere.
ENVIRONMENT = {"LANG": "C.UTF-8", "TZ": "UTC0"}

CHUNK = re.compile(r"^%% (\w+) ?(\w*)\n", re.MULTILINE)
# What a table or figure that lives is known by; fresh in each kernel.
RANDOM_NAME = re.compile(r'"[0-9a-f]{32}"')

KINDS = ("run", "error", "complete", "inspect")


@dataclass(frozen=True)
class Place:
    """Where things are."""

    dist: Path
    scripts: Path  # build/plugin
    image_tool: Path
    work: Path  # for trees and notes


def read_cells(path: Path) -> list[dict[str, str]]:
    """The Python of a notebook, with what its flag says that it is for."""
    _, *parts = CHUNK.split(path.read_text("utf-8"))
    cells = []
    for chunk, flag, source in zip(*[iter(parts)] * 3, strict=True):
        kind = flag or "run"
        if kind not in KINDS:
            raise BuildError(f"{path}: there is no kind of cell {kind}")
        if chunk == "py":
            cells.append({"kind": kind, "source": source.strip("\n")})
    return cells


def bare_file(profile: Profile) -> str:
    """The kernel that is started on a snapshot."""
    return f"{profile.name}.bare.wasm"


def snapshot_file(profile: Profile) -> str:
    """The name of a profile's snapshot in build/dist."""
    return f"{profile.name}.snapshot"


def trimmed_file(profile: Profile, image: Image) -> str:
    """The name of an image without what the snapshot has in memory."""
    return f"{profile.name}.{image.file}"


def warm_files(profile: Profile, dist: Path) -> list[str]:
    """The files of a profile's images that go with its snapshot.

    Where nothing was left out of one, it is the whole image.
    """
    names = []
    for image in profile.images:
        name = trimmed_file(profile, image)
        names.append(name if (dist / name).exists() else image.file)
    return names


def _tool(
    toolchain: Toolchain, place: Place, arguments: Iterable[object]
) -> None:
    command = [str(place.image_tool), *map(str, arguments)]
    if toolchain.pass_through(command, REPOSITORY) != 0:
        raise BuildError(f"{' '.join(command)} failed; see above")


def _empty(path: Path) -> None:
    """Let a file have no bytes, and be as old as it was."""
    status = path.stat()
    os.truncate(path, 0)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _trim_image(
    toolchain: Toolchain,
    place: Place,
    profile: Profile,
    image: Image,
    imported: list[str],
) -> Path:
    """The image without what is in those files that are modules in memory.

    They stay as empty ones, so that directories show what can be imported.
    Tests get it whole: they import modules once more, and run their files.
    """
    whole = place.dist / image.file
    if profile.is_for_tests:
        return whole
    trimmed = place.dist / trimmed_file(profile, image)
    tree = place.work / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    _tool(toolchain, place, ["extract", whole, tree])
    inside = f"{image.path}/"
    paths = [
        tree / name.removeprefix(inside)
        for name in imported
        if name.startswith(inside)
    ]
    found = [path for path in paths if path.is_file()]
    if found:
        for path in found:
            _empty(path)
        _tool(toolchain, place, ["create", trimmed, tree, *IMAGE_OPTIONS])
    else:
        trimmed.unlink(missing_ok=True)
    shutil.rmtree(tree)
    return trimmed if found else whole


class _Freezer:
    """freeze.mjs at work: a line each way in turn."""

    def __init__(
        self, place: Place, profile: Profile, errors: int | None = None
    ) -> None:
        self.profile = profile
        self.process = subprocess.Popen(
            ["node", str(place.scripts / "freeze.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )

    def ask(self, question: Mapping[str, object]) -> dict:
        """The answer to a question."""
        assert self.process.stdin and self.process.stdout
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            self.process.wait()
            raise BuildError(
                f"no snapshot of the profile {self.profile.name}; see above"
            )
        return json.loads(answer)

    def close(self) -> None:
        """Let it end."""
        self.process.communicate()


def _question(profile: Profile, place: Place, snapshot: Path) -> dict:
    cells = [
        cell
        for name in profile.warm
        for cell in read_cells(WARM / f"{name}.iomd")
    ]
    return {
        "wasm": str(place.dist / f"{profile.name}.wasm"),
        "images": [
            {
                "name": image.file,
                "path": image.path,
                "file": str(place.dist / image.file),
            }
            for image in profile.images
        ],
        "env": ENVIRONMENT,
        "home": HOME,
        "cells": cells,
        "finish": FINISH.read_text("utf-8"),
        "snapshot": str(snapshot),
    }


def _freeze(toolchain: Toolchain, place: Place, profile: Profile) -> None:
    """Write a profile's snapshot and its images."""
    snapshot = place.dist / snapshot_file(profile)
    freezer = _Freezer(place, profile)
    try:
        answer = freezer.ask(_question(profile, place, snapshot))
        trimmed = [
            _trim_image(toolchain, place, profile, image, answer["imported"])
            for image in profile.images
        ]
        images = [{"name": path.name, "file": str(path)} for path in trimmed]
        freezer.ask({"images": images})
    finally:
        freezer.close()


def _play(place: Place, profile: Profile, path: Path, warm: bool) -> str:
    """What a notebook answers, as text with a line for each thing."""
    files = [image.file for image in profile.images]
    request: dict[str, object] = {
        "profile": profile.name,
        "wasm": f"{profile.name}.wasm",
        "files": [],
        "cells": [
            {"type": "py", "source": cell["source"]}
            for cell in read_cells(path)
        ],
        "allow_errors": True,
    }
    if warm:
        files = warm_files(profile, place.dist)
        request["wasm"] = bare_file(profile)
        request["snapshot"] = snapshot_file(profile)
    request["images"] = [
        {"file": file, "path": image.path}
        for file, image in zip(files, profile.images, strict=True)
    ]
    done = subprocess.run(
        ["node", str(place.dist / "run.mjs")],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 or not json.loads(done.stdout).get("cells"):
        raise BuildError(
            f"{path.name} cannot be played:\n{done.stdout}{done.stderr}"
        )
    text = json.dumps(json.loads(done.stdout), indent=1)
    return RANDOM_NAME.sub('"..."', text)


def _check(place: Place, profile: Profile) -> None:
    """A restored kernel answers as a cold one, or the build ends here."""
    for name in profile.warm:
        path = CHECKS / f"{name}.iomd"
        cold = _play(place, profile, path, warm=False)
        warm = _play(place, profile, path, warm=True)
        if cold != warm:
            lines = difflib.unified_diff(
                cold.splitlines(), warm.splitlines(), "cold", "restored", n=1
            )
            raise BuildError(
                f"{path.relative_to(REPOSITORY)} on the profile "
                f"{profile.name}: a kernel from the snapshot answers "
                "otherwise than a cold one:\n" + "\n".join(lines)
            )


def _hash(files: Iterable[Path]) -> str:
    lines = [f"{path.name} {sha256_file(path)}\n" for path in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _is_current(stamp: Path, key: str) -> bool:
    return stamp.exists() and stamp.read_text("utf-8") == key


def _made_from(place: Place, profile: Profile) -> list[Path]:
    """Everything that a snapshot is made from."""
    return [
        *(place.dist / image.file for image in profile.images),
        place.dist / f"{profile.name}.wasm",
        place.scripts / "freeze.mjs",
        place.image_tool,
        FINISH,
        *(WARM / f"{name}.iomd" for name in profile.warm),
        Path(__file__),
    ]


def make(toolchain: Toolchain, place: Place, profile: Profile) -> bool:
    """Bring a profile's snapshot and images up to date; whether anything was
    to be done."""
    made = place.work / f"{profile.name}.made"
    compared = place.work / f"{profile.name}.compared"
    snapshot = place.dist / snapshot_file(profile)
    checks = [CHECKS / f"{name}.iomd" for name in profile.warm]
    key = _hash(_made_from(place, profile))
    check_key = key + _hash([place.dist / "run.mjs", *checks])
    is_made = snapshot.exists() and _is_current(made, key)
    if is_made and _is_current(compared, check_key):
        return False
    began_s = time.monotonic()
    place.work.mkdir(parents=True, exist_ok=True)
    if not is_made:
        made.unlink(missing_ok=True)
        _freeze(toolchain, place, profile)
        made.write_text(key, "utf-8")
    compared.unlink(missing_ok=True)
    _check(place, profile)
    compared.write_text(check_key, "utf-8")
    what = "compared" if is_made else "made and compared"
    say(f"{snapshot.name}: {what} in {elapsed(began_s)}")
    return True
