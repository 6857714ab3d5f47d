"""The inner builds: this repository's C, compiled in the toolchain."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from .machine import REPOSITORY
from .progress import BuildError, run_logged, say
from .toolchain import Toolchain

STAMP = ".tincture-inner"

# What profiles.py writes for the link; not in the build's own directory,
# which is emptied when the toolchain changes.
PROFILES = REPOSITORY / "build" / "profiles"


def _configure_command(
    toolchain: Toolchain, flavour: str, out: Path, prefix: Path
) -> list[str]:
    inside = toolchain.inside
    target = "wasm" if flavour == "wasm" else "native"
    command = [
        toolchain.commands["cmake"],
        *("-G", "Ninja"),
        *("-S", str(inside(REPOSITORY))),
        *("-B", str(inside(out))),
        f"-DTINCTURE_INNER={target}",
        f"-DTINCTURE_PREFIX={inside(prefix)}",
        # The flags are all in CMakeLists.txt.
        "-DCMAKE_BUILD_TYPE=None",
    ]
    if target == "wasm":
        profiles = inside(PROFILES)
        command.append(f"-DTINCTURE_PROFILES_DIRECTORY={profiles}")
        return [toolchain.commands["emcmake"], *command]
    return [
        *command,
        f"-DTINCTURE_FLAVOUR={flavour}",
        f"-DCMAKE_C_COMPILER={toolchain.commands['clang']}",
        "-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld",
    ]


def build(
    toolchain: Toolchain,
    flavour: str,
    out: Path,
    prefix: Path,
    targets: list[str],
) -> None:
    """Configure where needed, then build; Ninja's output is shown.

    Ninja does not see that a compiler was exchanged behind an equal path, so
    another toolchain or another way to configure begins from nothing.
    """
    command = _configure_command(toolchain, flavour, out, prefix)
    material = "\n".join([toolchain.identity, *command])
    stamp = hashlib.sha256(material.encode()).hexdigest()
    stamped = out / STAMP
    if not stamped.exists() or stamped.read_text("utf-8") != stamp:
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        log = out / "configure.log"
        say(f"configuring the {flavour} build in {out}")
        run_logged(
            f"configuring {flavour}",
            toolchain.wrap(command, REPOSITORY),
            log,
            environment=toolchain.environment(),
        )
        stamped.write_text(stamp, "utf-8")
    ninja = [
        toolchain.commands["ninja"],
        "-C",
        str(toolchain.inside(out)),
        *targets,
    ]
    if toolchain.pass_through(ninja, REPOSITORY) != 0:
        raise BuildError(f"the {flavour} build in {out} failed; see above")
