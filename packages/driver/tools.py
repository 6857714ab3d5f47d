"""Python programs that builds run (Meson, Cython ...), pinned in tools.lock.

A wheel of pure modules, or of modules for the toolchain's Python, needs no
installer: its files are unpacked into one directory of the cache, and
PYTHONPATH leads there.  The lock is part of the cache keys of what they make.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from .machine import cache_home, exclusive
from .progress import say
from .source import (
    FETCHER,
    TOOLS_LOCK,
    extract_wheel,
    fetch,
    read_tools_lock,
)


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
                for wheel in wheels.values():
                    extract_wheel(fetch(wheel), fresh)
                fresh.rename(place)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
    return place
