"""time.sleep, input and getpass, which wait at the kernel's host."""

from __future__ import annotations

import builtins
import sys
import time

import _tincture

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

native_input = builtins.input
_native_sleep = time.sleep


def sleep(seconds: float, /) -> None:
    """Delay execution for a given number of seconds.

    The argument may be a floating-point number for subsecond precision.
    """
    if not _tincture.sleep(seconds):
        _native_sleep(seconds)  # a thread of the program's own


def read_line(prompt: Any = "", /) -> str:
    """Read a string from the page.  The prompt is shown beside the field.

    A program that put something else at sys.stdin is asked there.
    """
    if sys.stdin is not sys.__stdin__:
        return native_input(prompt)
    return _tincture.request_input(str(prompt), False)


def read_password(
    prompt: str = "Password: ", stream: Any = None, **options: Any
) -> str:
    """Read a password from the page, without showing it."""
    return _tincture.request_input(str(prompt), True)


def install() -> None:
    """Replace the functions of modules that are always there."""
    for function, name, home in (
        (sleep, "sleep", "time"),
        (read_line, "input", "builtins"),
        (read_password, "getpass", "getpass"),
    ):
        function.__name__ = function.__qualname__ = name
        function.__module__ = home
    time.sleep = sleep
    builtins.input = read_line


def install_getpass(getpass: ModuleType) -> None:
    """Called when a program imports getpass."""
    getpass.getpass = read_password  # type: ignore[attr-defined]
