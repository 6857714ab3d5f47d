"""Event handlers and timers, whose proxies are let go of when they end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import js

from pyodide.ffi import create_once_callable, create_proxy

__all__ = [
    "add_event_listener",
    "clear_interval",
    "clear_timeout",
    "remove_event_listener",
    "set_interval",
    "set_timeout",
]

# What keeps the proxies: by the element's id, the event and the function.
_listeners: dict[tuple[int, str, Callable[..., Any]], tuple[Any, Any]] = {}

# By what JavaScript calls the timer.
_timers: dict[Any, Any] = {}


def _key(timer: Any) -> Any:
    """A browser's timers are numbers, Node's are objects."""
    return timer if isinstance(timer, int) else getattr(timer, "js_id", timer)


def add_event_listener(
    elt: Any, event: str, listener: Callable[[Any], Any]
) -> None:
    """Call a function whenever the event comes."""
    key = (elt.js_id, event, listener)
    if key not in _listeners:
        _listeners[key] = (create_proxy(listener), elt)
    elt.addEventListener(event, _listeners[key][0])


def remove_event_listener(
    elt: Any, event: str, listener: Callable[[Any], Any]
) -> None:
    """Undo add_event_listener(), called with the same arguments."""
    proxy, _ = _listeners.pop((elt.js_id, event, listener))
    elt.removeEventListener(event, proxy)
    proxy.destroy()


def set_timeout(callback: Callable[[], Any], timeout: int) -> Any:
    """Call a function once, after so many milliseconds; gives what
    clear_timeout() takes."""

    def call() -> Any:
        _timers.pop(_key(timer), None)
        return callback()

    once = create_once_callable(call)
    timer = js.setTimeout(once, timeout)
    _timers[_key(timer)] = once
    return timer


def _clear(timer: Any) -> None:
    proxy = _timers.pop(_key(timer), None)
    if proxy is not None:
        proxy.destroy()


def clear_timeout(timeout_retval: Any) -> None:
    """Do not call the function of set_timeout()."""
    js.clearTimeout(timeout_retval)
    _clear(timeout_retval)


def set_interval(callback: Callable[[], Any], interval: int) -> Any:
    """Call a function every so many milliseconds; gives what
    clear_interval() takes."""
    proxy = create_proxy(callback)
    timer = js.setInterval(proxy, interval)
    _timers[_key(timer)] = proxy
    return timer


def clear_interval(interval_retval: Any) -> None:
    """Do not call the function of set_interval() any more."""
    js.clearInterval(interval_retval)
    _clear(interval_retval)
