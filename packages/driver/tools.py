"""Python programs that builds run (Meson, Cython ...), pinned in tools.lock.

A wheel of pure modules, or of modules for the toolchain's Python, needs no
installer: its files are unpacked into one directory of the cache, and
PYTHONPATH leads there.  The lock is part of the cache keys of what they make.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from pathlib import Path

from .machine import cache_home, exclusive
from .progress import say
from .source import FETCHER, TOOLS_LOCK, fetch, read_tools_lock


def unpack_wheels(wheels: list[Path], out: Path) -> None:
    """The modules and metadata of wheels, side by side."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(out)


def ensure(lock: Path = TOOLS_LOCK) -> Path:
    """The directory for PYTHONPATH, made first where it is not there."""
    key = hashlib.sha256(lock.read_bytes()).hexdigest()[:24]
    place = cache_home() / "tools" / key
    with exclusive("tools"):
        if not place.exists():
            say(f"bringing the Python packages of {lock.name}")
            wheels = read_tools_lock(lock)
            wheels.pop(FETCHER, None)
            fresh = place.with_name(f"{key}.new-{os.getpid()}")
            try:
                unpack_wheels([fetch(w) for w in wheels.values()], fresh)
                fresh.rename(place)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
    return place
