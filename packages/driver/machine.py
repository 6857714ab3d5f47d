"""What the driver asks of the machine: apt, the mirror, the browsers.

The address of the Debian mirror is never written down in the repository: it
is the one that the machine's own apt sources use.
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .progress import BuildError, capture, run_logged, say

REPOSITORY = Path(__file__).resolve().parents[2]


def cache_home() -> Path:
    """Where everything costly is kept: the user's cache directory."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base).resolve() / "tincture"


@contextmanager
def exclusive(name: str) -> Iterator[None]:
    """Keep other processes out while something of this name is made."""
    locks = cache_home() / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    with (locks / name).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another build that is making {name}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_if_changed(path: Path, text: str) -> None:
    """Write, leaving an equal file's date alone."""
    if not path.exists() or path.read_text("utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def is_root() -> bool:
    return os.geteuid() == 0


def mirror() -> str:
    """The URI of the Debian mirror that this machine uses."""
    if shutil.which("apt-get") is None:
        raise BuildError(
            "apt-get is not here, and the sources come from Debian's mirror.\n"
            "  Build on Debian 12 or newer."
        )
    release = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    table = capture(
        [
            "apt-get",
            "indextargets",
            "--format",
            "$(SITE)|$(RELEASE)|$(COMPONENT)",
            "Identifier: Packages",
        ]
    )
    for line in table.splitlines():
        site, suite, component = line.split("|")
        if suite == release and component == "main":
            return site
    raise BuildError(
        f"No apt source of this machine offers Debian's {release or 'release'}"
        " main; add one to /etc/apt/sources.list.d."
    )


def install_packages(names: Sequence[str], why: str) -> None:
    """apt-get install as root; elsewhere say what is missing."""
    if not is_root():
        raise BuildError(
            f"{why} needs {', '.join(names)}.\n"
            f"  Run as root: apt-get install {' '.join(names)}"
        )
    say(f"installing {', '.join(names)} ({why})")
    # Another step of the build may be installing something too.
    with exclusive("apt-machine"):
        _apt_install(names)


def _apt_install(names: Sequence[str]) -> None:
    log = cache_home() / "logs" / "apt.log"
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    # So may the machine itself, on its first day.
    wait = ["-o", "DPkg::Lock::Timeout=600"]
    install = ["apt-get", *wait, "install", "-y", "--no-install-recommends"]
    update = ["apt-get", "update"]
    known = subprocess.run(
        ["apt-cache", "show", *names], capture_output=True, check=False
    )
    if known.returncode != 0:
        run_logged("apt-get update", update, log)
    command = [*install, *names]
    try:
        run_logged("apt-get install", command, log, environment=environment)
    except BuildError:
        # The package lists may be older than the mirror.
        run_logged("apt-get update", update, log)
        run_logged("apt-get install", command, log, environment=environment)


def ensure_command(command: str, package: str, why: str) -> None:
    """Make sure that `command` is on PATH, by apt-get where possible."""
    if shutil.which(command) is None:
        install_packages([package], why)
    if shutil.which(command) is None:
        raise BuildError(f"{package} is installed but gives no `{command}`.")


def ensure_browsers() -> None:
    """Chromium and Firefox ESR, which the browser tests drive."""
    missing = [
        name
        for name in ("chromium", "firefox-esr")
        if shutil.which(name) is None
    ]
    if missing:
        install_packages(missing, "the browser tests")
