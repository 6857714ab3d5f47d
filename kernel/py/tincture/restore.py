"""Python in a copy of its memory: what is fresh, and what stays as it was.

A build's snapshot is the same for everybody who opens it, so all that must
differ from one start of Python to the next is made anew: randomness, the
environment, names that nobody else may have.  A saved state is one person's
program that goes on: nothing of it changes but what describes the page that it
is in now.  A checkpoint does not even come here.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What describes the page, and not the program.
PAGE_VARIABLES = ("TZ", "TINCTURE_CONNECT", "TINCTURE_PIXEL_RATIO")

# Blocks of up to so many bytes numpy keeps for itself when an array is freed,
# and how many of each size (numpy/_core/src/multiarray/alloc.c).
NUMPY_CACHE_SIZE = 1024
NUMPY_CACHE_COUNT = 7

# Collections until nothing more is found: a finaliser can leave garbage.
COLLECTION_LIMIT = 5

# What the page said of itself; a notebook may have said otherwise since.
_page: dict[str, str] = {}


def start() -> None:
    """Note what the page says of itself."""
    for name in PAGE_VARIABLES:
        if name in os.environ:
            _page[name] = os.environ[name]


def resume(settings: dict[str, Any]) -> None:
    """Go on in a copy of memory, as the settings of tn_web_resume say."""
    given = settings.get("env") or {}
    if settings["kind"] == "build":
        os.environ.update(given)
        if settings.get("argv"):
            sys.argv[:] = settings["argv"]
        _refresh()
    else:
        _describe_page(given)
    start()
    _apply_page()


def _describe_page(given: dict[str, str]) -> None:
    for name in PAGE_VARIABLES:
        if name in given and os.environ.get(name) == _page.get(name):
            os.environ[name] = given[name]


def _apply_page() -> None:
    """Let modules that have read the environment read it again."""
    _read_time_zone()
    if "tincture.figure_view" in sys.modules:
        sys.modules["tincture.figure_view"].read_screen_ratio()


def _read_time_zone() -> None:
    """Set what `time` says of the zone, which it reads at its import only; its
    functions look at TZ themselves."""
    import time

    if hasattr(time, "tzset"):
        time.tzset()
        return
    now = time.localtime()
    zones = {
        (moment.tm_isdst > 0): (-moment.tm_gmtoff, moment.tm_zone)
        for moment in (
            time.localtime(time.mktime((now.tm_year, month, 1) + 6 * (0,)))
            for month in (1, 7)
        )
    }
    standard = zones.get(False) or zones[True]
    summer = zones.get(True) or standard
    time.timezone, time.altzone = standard[0], summer[0]
    time.daylight = int(standard != summer)
    time.tzname = standard[1], summer[1]


def _refresh() -> None:
    """Make anew what no two starts of Python may share, where its module was
    imported already."""
    for name, refresh in _REFRESHED.items():
        if name in sys.modules:
            refresh(sys.modules[name])


def _refresh_random(random: Any) -> None:
    random.seed()


def _refresh_numpy(mtrand: Any) -> None:
    """The legacy functions' global state; default_rng() keeps none."""
    mtrand._rand.seed()


def _refresh_uuid(uuid: Any) -> None:
    uuid._node = uuid._last_timestamp = None


def _refresh_tempfile(tempfile: Any) -> None:
    tempfile._name_sequence = None


def _refresh_processes(process: Any) -> None:
    secret = process.AuthenticationString(os.urandom(32))
    process.current_process().authkey = secret


def _refresh_logging(logging: Any) -> None:
    """Records count their milliseconds from here."""
    import time

    logging._startTime = time.time_ns()


_REFRESHED = {
    "random": _refresh_random,
    "numpy.random.mtrand": _refresh_numpy,
    "uuid": _refresh_uuid,
    "tempfile": _refresh_tempfile,
    "multiprocessing.process": _refresh_processes,
    "logging": _refresh_logging,
}


def mounted(path: str) -> None:
    """An image was laid over a directory while Python lived."""
    import importlib

    importlib.invalidate_caches()
    if os.path.basename(path) == "site-packages":
        import site

        site.addsitedir(path)


def trim() -> None:
    """Let go of what nobody can reach, so that it can be overwritten."""
    import gc

    from tincture import kept_modules

    kept_modules.keep()
    for _ in range(COLLECTION_LIMIT):
        if gc.collect() == 0:
            break
    if "numpy" in sys.modules:
        _trim_numpy(sys.modules["numpy"])


def _trim_numpy(numpy: Any) -> None:
    for size in range(1, NUMPY_CACHE_SIZE):
        arrays = [numpy.zeros(size, "u1") for _ in range(NUMPY_CACHE_COUNT)]
        del arrays
