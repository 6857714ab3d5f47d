"""The pinned toolchain: a Debian root of its own, or what is on PATH.

As root the driver makes a root directory with mmdebstrap under the user's
cache directory and runs commands in it by chroot, in a mount namespace of
their own, so that no mount outlives its command.  The repository stands at
/tincture/repo and the cache at /tincture/cache there, so that no output can
hold a path of this machine.

Others, and root where mounts are not possible, need Emscripten, Node, clang
and the build Python on PATH.
"""

from __future__ import annotations

import fnmatch
import functools
import hashlib
import os
import shutil
import subprocess
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .machine import (
    REPOSITORY,
    cache_home,
    ensure_command,
    exclusive,
    is_root,
    mirror,
)
from .progress import BuildError, capture, run_logged, say

LOCK_FILE = REPOSITORY / "packages" / "toolchain.lock"
WISH_FILE = REPOSITORY / "packages" / "toolchain.toml"

ROOT_REPOSITORY = Path("/tincture/repo")
ROOT_CACHE = Path("/tincture/cache")

# Part of every cache key: raise it when the way commands are run changes
# what they make.
LAYOUT_VERSION = 1

LOCK_HEAD = """\
# The packages of the toolchain root, one a line: name and version.
# Written by `python3 packages/build.py toolchain --accept`.
# Which of them must agree is said in toolchain.toml.
"""

# Arguments: root, repository, cache, working directory, command...
ENTER_SCRIPT = """
set -e
root=$1 repository=$2 cache=$3 directory=$4
shift 4
mkdir -p "$root/tincture/repo" "$root/tincture/cache"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$repository" "$root/tincture/repo"
mount --bind "$cache" "$root/tincture/cache"
exec chroot "$root" /bin/sh -c 'cd "$0" && exec "$@"' "$directory" "$@"
"""


@dataclass(frozen=True)
class Wish:
    """toolchain.toml: what the root is made of and what must agree."""

    suite: str
    include: list[str]
    locked: list[str]
    commands: dict[str, str]

    @classmethod
    def read(cls, path: Path = WISH_FILE) -> Wish:
        data = tomllib.loads(path.read_text("utf-8"))
        return cls(
            suite=data["suite"],
            include=data["include"],
            locked=data["locked"],
            commands=data["commands"],
        )

    def is_locked(self, package: str) -> bool:
        """True for a package that decides what comes out of a build."""
        return any(fnmatch.fnmatch(package, glob) for glob in self.locked)


def read_lock(path: Path = LOCK_FILE) -> dict[str, str]:
    """Package versions by name."""
    versions = {}
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, version = line.split()
            versions[name] = version
    return versions


def write_lock(versions: Mapping[str, str], path: Path = LOCK_FILE) -> None:
    lines = [f"{name} {versions[name]}" for name in sorted(versions)]
    path.write_text(LOCK_HEAD + "\n".join(lines) + "\n", "utf-8")


def locked_text(wish: Wish, versions: Mapping[str, str]) -> str:
    """The part of a lock that decides what comes out of a build."""
    return "".join(
        f"{name} {versions[name]}\n"
        for name in sorted(versions)
        if wish.is_locked(name)
    )


def drift(
    wish: Wish, locked: Mapping[str, str], seen: Mapping[str, str]
) -> list[str]:
    """One line for each package that must agree with the lock and does not."""
    lines = []
    for name in sorted(locked.keys() | seen.keys()):
        if wish.is_locked(name) and locked.get(name) != seen.get(name):
            lines.append(
                f"  {name}: locked {locked.get(name, 'not at all')},"
                f" the mirror has {seen.get(name, 'none')}"
            )
    return lines


def drift_error(lines: Sequence[str]) -> BuildError:
    return BuildError(
        "The toolchain has drifted: these packages are not the locked ones.\n"
        + "\n".join(lines)
        + "\n  The mirror does not offer the locked versions any more."
        "\n  To go on with the new ones:"
        " python3 packages/build.py toolchain --accept"
        "\n  then run the tests and commit packages/toolchain.lock."
    )


@dataclass
class Toolchain:
    """A way to run commands with the pinned compilers."""

    identity: str  # decides, with a recipe, whether a result can be reused
    root: Path | None  # None: the commands are on PATH
    commands: dict[str, str] = field(default_factory=dict)

    def inside(self, path: Path) -> Path:
        """Where a path of the repository or the cache is for commands."""
        if self.root is None:
            return path
        for outer, inner in self._places():
            if path == outer or outer in path.parents:
                return inner / path.relative_to(outer)
        raise BuildError(
            f"{path} is neither in the repository nor in the cache,"
            " so the toolchain cannot see it."
        )

    def translate(self, argument: str) -> str:
        """An argument with the machine's paths replaced by those inside."""
        if self.root is not None:
            for outer, inner in self._places():
                argument = argument.replace(str(outer), str(inner))
        return argument

    def _places(self) -> list[tuple[Path, Path]]:
        return [(cache_home(), ROOT_CACHE), (REPOSITORY, ROOT_REPOSITORY)]

    def environment(self, extra: Mapping[str, str] | None = None) -> dict:
        """A small, equal environment on every machine."""
        cache = self.inside(cache_home())
        variables = {
            "HOME": str(cache / "home"),
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "SOURCE_DATE_EPOCH": "1749600000",
            "CCACHE_DIR": str(cache / "ccache"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if self.root is None:
            variables["PATH"] = os.environ.get("PATH", os.defpath)
            for name in ("HOME", "EM_CONFIG", "EM_CACHE"):
                if name in os.environ:
                    variables[name] = os.environ[name]
        for name in ("TINCTURE_SUITE", "TINCTURE_PATTERN", "CI", "TERM"):
            if name in os.environ:
                variables[name] = os.environ[name]
        variables.update(extra or {})
        return variables

    def wrap(self, command: Sequence[str], directory: Path) -> list[str]:
        """The command line, for this machine, that runs `command` inside."""
        (cache_home() / "home").mkdir(parents=True, exist_ok=True)
        if self.root is None:
            return list(command)
        return [
            "unshare",
            "--mount",
            "sh",
            "-c",
            ENTER_SCRIPT,
            "enter",
            str(self.root),
            str(REPOSITORY),
            str(cache_home()),
            str(self.inside(directory)),
            *command,
        ]

    def run(
        self,
        what: str,
        command: Sequence[str],
        log: Path,
        directory: Path,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        """Run a build command quietly."""
        run_logged(
            what,
            self.wrap(command, directory),
            log,
            cwd=directory,
            environment=self.environment(extra),
        )

    def pass_through(self, command: Sequence[str], directory: Path) -> int:
        """Run a command on this terminal; its exit status."""
        translated = [self.translate(argument) for argument in command]
        return subprocess.run(
            self.wrap(translated, directory),
            cwd=directory,
            env=self.environment(),
            check=False,
        ).returncode

    def capture(
        self,
        command: Sequence[str],
        directory: Path,
        extra: Mapping[str, str] | None = None,
        stderr: int = subprocess.PIPE,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command, whose words are for inside, for what it prints;
        subprocess.STDOUT as `stderr` puts everything in one text."""
        return subprocess.run(
            self.wrap(command, directory),
            cwd=directory,
            env=self.environment(extra),
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            errors="replace",
            check=False,
        )


@functools.cache
def can_mount() -> bool:
    """Whether a mount namespace of our own can be had."""
    if not is_root() or shutil.which("unshare") is None:
        return False
    trial = subprocess.run(
        ["unshare", "--mount", "mount", "--bind", "/tmp", "/tmp"],
        capture_output=True,
        check=False,
    )
    return trial.returncode == 0


def installed_versions(root: Path) -> dict[str, str]:
    """Packages of a root by name."""
    text = capture(
        [
            "chroot",
            str(root),
            "dpkg-query",
            "--show",
            "--showformat=${Package} ${Version}\\n",
        ]
    )
    return dict(line.split() for line in text.splitlines())


def _make_root(wish: Wish, root: Path) -> None:
    """Fill an empty place with a Debian root."""
    ensure_command("mmdebstrap", "mmdebstrap", "the toolchain's own root")
    site = mirror()
    say(f"making the toolchain root ({wish.suite}) in {root.parent}")
    command = [
        "mmdebstrap",
        "--variant=minbase",
        "--mode=root",
        "--components=main",
        # The index of a frozen mirror is past its date.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        '--aptopt=Acquire::Languages "none"',
        "--dpkgopt=path-exclude=/usr/share/man/*",
        "--dpkgopt=path-exclude=/usr/share/locale/*",
        f"--include={','.join(wish.include)}",
        wish.suite,
        str(root),
        f"deb {site} {wish.suite} main",
    ]
    run_logged(
        "mmdebstrap", command, cache_home() / "logs" / "toolchain.log"
    )
    (root / "tincture").mkdir()


def _identity(text: str) -> str:
    material = f"{LAYOUT_VERSION}\n{text}"
    return hashlib.sha256(material.encode()).hexdigest()[:16]


def _ensure_root(wish: Wish, accept: bool) -> Toolchain:
    place = cache_home() / "toolchain"
    place.mkdir(parents=True, exist_ok=True)
    with exclusive("toolchain"):
        locked = read_lock() if LOCK_FILE.exists() else {}
        text = locked_text(wish, locked)
        root = place / _identity(text + ",".join(wish.include))
        if accept or not root.exists():
            fresh = place / f"new-{os.getpid()}"
            try:
                _make_root(wish, fresh)
                seen = installed_versions(fresh)
                lines = drift(wish, locked, seen)
                if lines and not accept:
                    raise drift_error(lines)
                if accept:
                    write_lock(seen)
                    say(f"{LOCK_FILE.name}: {len(lines)} locked changes")
                    text = locked_text(wish, seen)
                    root = place / _identity(text + ",".join(wish.include))
                if root.exists():
                    shutil.rmtree(root)
                fresh.rename(root)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
    return Toolchain(root.name, root, dict(wish.commands))


def _ensure_path(wish: Wish) -> Toolchain:
    """Check and name the toolchain that is on PATH."""
    lines, commands = [], {}
    for name, alternatives in wish.commands.items():
        for command in alternatives.split():
            if shutil.which(command) is not None:
                commands[name] = command
                break
        else:
            raise BuildError(
                f"{alternatives.split()[0]} is not on PATH.\n  As root on"
                " Debian the driver makes a toolchain root by itself; here"
                " that is not possible\n  (not root, or no mounts), so it"
                " needs emcc 6.0.5, Node 24, clang and Python 3.13 with"
                " headers on PATH."
            )
        if name in ("emcc", "clang", "node", "python"):
            version = capture([commands[name], "--version"]).splitlines()[0]
            lines.append(version)
    if "6.0.5" not in lines[0]:
        raise BuildError(f"emcc 6.0.5 is wanted; PATH has: {lines[0]}")
    return Toolchain("path-" + _identity("\n".join(lines)), None, commands)


def ensure(accept: bool = False) -> Toolchain:
    """The toolchain, made first where it is not there yet."""
    wish = Wish.read()
    if can_mount() and os.environ.get("TINCTURE_TOOLCHAIN") != "path":
        toolchain = _ensure_root(wish, accept)
        toolchain.commands = {
            name: alternatives.split()[0]
            for name, alternatives in wish.commands.items()
        }
        return toolchain
    return _ensure_path(wish)
