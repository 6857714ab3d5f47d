"""Promises in asyncio: what a coroutine awaits, and waiting without one.

JavaScript keeps what came of a promise until the event loop takes it
(plugin/src/interop/promises.ts), so a promise that settles wakes the loop and
calls nobody.
"""

from __future__ import annotations

import _thread
import asyncio
import inspect
from asyncio import events, tasks

import _tincture
import _tincture_js as js

from tincture import event_loop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Any

# By token: who waits for a promise, and the promise, to ask it again when
# memory was restored.
_pending: dict[int, tuple[asyncio.Future[Any], Any]] = {}

_last_token = 0

# What has settled is taken in two steps, by one thread at a time.
_taking = _thread.allocate_lock()


def wait_for(promise: Any) -> asyncio.Future[Any]:
    """A future of the running loop that ends as the promise does."""
    global _last_token
    loop = asyncio.get_event_loop()
    future: asyncio.Future[Any] = loop.create_future()
    _last_token += 1
    token = _last_token
    _pending[token] = (future, promise)
    js.operate(js.THEN, promise, token)
    future.add_done_callback(lambda _: _pending.pop(token, None))
    return future


def take_settled() -> bool:
    """Tell who waits what came of promises, and whether there was any; the
    event loops call this when they have waited, and before."""
    _notice_restore()
    if not _pending or not _taking.acquire(blocking=False):
        return False
    try:
        has_taken = False
        while (token := js.operate(js.TAKE_SETTLED)) is not ...:
            has_taken = True
            _settle(token)
        return has_taken
    finally:
        _taking.release()


def _settle(token: int) -> None:
    """Take what came of the promise that was named last."""
    error, value = None, None
    try:
        value = js.operate(js.TAKE_VALUE)
    except Exception as raised:
        error = raised.with_traceback(None)
    future, _ = _pending.pop(token, (None, None))
    if future is None or future.done():
        return
    if error is None:
        future.set_result(value)
    else:
        if isinstance(error, StopIteration):
            error = RuntimeError(f"a promise was rejected with {error!r}")
        future.set_exception(error)
    loop: Any = future.get_loop()
    if loop is not events._get_running_loop():
        # Another thread's, which may be about to wait.
        loop._write_to_self()


event_loop.news.append(take_settled)


_seen_restores = js.restores()


def _notice_restore() -> None:
    """After a restore of memory every promise is asked again; it may be
    gone."""
    global _seen_restores
    if _seen_restores == js.restores():
        return
    _seen_restores = js.restores()
    for token, (future, promise) in list(_pending.items()):
        try:
            js.operate(js.THEN, promise, token)
        except Exception as error:
            if not future.done():
                future.set_exception(error)


def can_run_sync() -> bool:
    """Whether run_sync() can wait here."""
    return _tincture.wait_refusal() is None


def run_sync(awaitable: Awaitable[Any]) -> Any:
    """Wait for a promise, coroutine or future, without `await`; the page and
    other tasks go on meanwhile."""
    refusal = _tincture.wait_refusal()
    if refusal is not None:
        if inspect.iscoroutine(awaitable):
            awaitable.close()
        raise RuntimeError(f"run_sync() cannot wait: {refusal}")
    if not event_loop.is_main_thread():
        return event_loop.run_in_thread(awaitable)
    loop = asyncio.get_event_loop()
    if not loop.is_running():
        return loop.run_until_complete(_finish(awaitable))
    return _run_inside(loop, tasks.ensure_future(_finish(awaitable), loop=loop))


async def _finish(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def _run_inside(loop: Any, future: asyncio.Future[Any]) -> Any:
    """Turn a loop that runs already, on behalf of the task that waits.  Its
    outer turn counts on as many ready callbacks as there were."""
    count = len(loop._ready)
    current = asyncio.current_task(loop)
    if current is not None:
        tasks._leave_task(loop, current)
    try:
        while not future.done():
            loop._run_once()
    finally:
        if current is not None:
            tasks._enter_task(loop, current)
        while len(loop._ready) < count:
            handle = events.Handle(lambda: None, (), loop)
            loop._ready.append(handle)
    return future.result()
