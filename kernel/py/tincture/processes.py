"""What starts processes, in a page, which has none: it says so."""

from __future__ import annotations

import errno
import os
import sys
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, NoReturn

INSTEAD = (
    "there are no processes in a page; threads have the same interface in "
    "multiprocessing.dummy and concurrent.futures.ThreadPoolExecutor"
)


def _refuse(*_arguments: Any) -> NoReturn:
    raise OSError(errno.ENOTSUP, INSTEAD)


def _run_command(command: str | bytes | os.PathLike[Any]) -> int:
    """Execute the command in a subshell: nowhere here, which is -1."""
    text = os.fsdecode(command)
    warnings.warn(
        f"there are no processes in a page, so {text!r} was not run",
        RuntimeWarning,
        stacklevel=2,
    )
    return -1


def install() -> None:
    """Finish os, of which the C library only says that it failed."""
    if sys.platform == "emscripten":
        os.fork = _refuse
        os.system = _run_command


def finish_multiprocessing(module: ModuleType) -> None:
    """Finish multiprocessing.process."""
    if sys.platform == "emscripten":
        module.BaseProcess.start = _refuse
