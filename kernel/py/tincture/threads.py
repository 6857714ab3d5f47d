"""What is different about Python's threads in a page.

They are real ones, on stacks that the engine suspends.  Where it suspends
none, the error says so; and where JavaScript waits for Python, a thread is
started without waiting for its first step.
"""

from __future__ import annotations

import _thread
import sys

import _tincture

TYPE_CHECKING = False  # spares every start the import of typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# kernel/hosts/web_thread.h: WEB_STRAND_LIMIT.
LIMIT = 128

_REFUSAL = "can't start new thread"


def _explain() -> str:
    if _thread._count() >= LIMIT:
        return f"{_REFUSAL}: {LIMIT} are running, and there can be no more"
    return (
        f"{_REFUSAL}: this browser cannot suspend WebAssembly"
        " (JavaScript Promise Integration), which threads need"
    )


def _explaining(start: Callable[..., Any]) -> Callable[..., Any]:
    def start_thread(function: Any, *args: Any, **options: Any) -> Any:
        try:
            started = start(function, *args, **options)
        except RuntimeError as error:
            if str(error) == _REFUSAL:
                error.args = (_explain(),)
            raise
        if _tincture.wait_refusal() is not None:
            _let_start_return(function)
        return started

    start_thread.__name__ = start_thread.__qualname__ = start.__name__
    start_thread.__module__ = start.__module__
    start_thread.__doc__ = start.__doc__
    return start_thread


def _let_start_return(function: Any) -> None:
    """threading.Thread.start() waits for the thread's first step."""
    threading = sys.modules.get("threading")
    thread = getattr(function, "__self__", None)
    if threading is not None and isinstance(thread, threading.Thread):
        thread._started.set()


def names() -> list[str]:
    """Of the threads beside the main one that live."""
    threading = sys.modules.get("threading")
    if threading is None:
        return []
    return [
        thread.name
        for thread in threading.enumerate()
        if thread is not threading.main_thread()
    ]


def install() -> None:
    """Replace the functions that start threads."""
    if sys.platform != "emscripten":
        return
    for name in ("start_new_thread", "start_joinable_thread"):
        setattr(_thread, name, _explaining(getattr(_thread, name)))
    _thread.start_new = _thread.start_new_thread  # type: ignore[attr-defined]
    threading = sys.modules.get("threading")
    if threading is not None:
        threading._start_joinable_thread = _thread.start_joinable_thread
