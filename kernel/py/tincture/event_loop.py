"""The asyncio event loop of a kernel: waits at the host, not at sockets.

While a cell without await runs, the loop counts as running, so that
`asyncio.create_task` works at the top level of a cell as in Jupyter; the
task goes on when the loop really runs, in a cell with await or when the
kernel is idle.  `asyncio.run` and `loop.run_until_complete` work in such a
cell too: the pretence steps aside for them.
"""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio import base_events, events, runners
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import _tincture

from tincture import cells

# Native threads cannot wake the host's wait; with some alive it is cut short.
THREAD_POLL_INTERVAL_S = 0.02

_HAS_THREADS = sys.platform not in ("emscripten", "wasi")

_is_installed = False
_kernel_loop: KernelEventLoop | None = None
_is_in_cell = False

# While tasks run that no cell waits for.
_is_idle = False


class _Selector:
    """The place where a loop without anything to do waits."""

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is not None and timeout <= 0:
            return []
        wanted = timeout
        if _HAS_THREADS and _other_threads_live():
            wanted = min(THREAD_POLL_INTERVAL_S, timeout or 1e9)
        if not _tincture.wait(wanted):
            if timeout is None:
                raise RuntimeError(
                    "nothing can end this wait: the kernel cannot wait for "
                    "the page here"
                )
            time.sleep(timeout)
        return []


def _other_threads_live() -> bool:
    threading = sys.modules.get("threading")
    return threading is not None and threading.active_count() > 1


class KernelEventLoop(base_events.BaseEventLoop):
    """BaseEventLoop over the kernel's host."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = _Selector()
        # What run_until_complete waits for, and whether an interrupt has
        # cancelled it.
        self._awaited: asyncio.Future[Any] | None = None
        self._is_interrupted = False

    def _process_events(self, event_list: list[Any]) -> None:
        """Nothing is selected, so nothing is to be processed."""

    def _write_to_self(self) -> None:
        """The selector never waits for long while other threads live."""

    def run_forever(self) -> None:
        with _step_aside():
            super().run_forever()

    def run_until_complete(self, future: Any) -> Any:
        with _step_aside():
            self._check_closed()
            self._check_running()
            self._awaited = asyncio.ensure_future(future, loop=self)
            self._is_interrupted = False
            try:
                return super().run_until_complete(self._awaited)
            except asyncio.CancelledError as error:
                if not self._is_interrupted:
                    raise
                # The traceback tells where the program waited.
                interrupt = KeyboardInterrupt()
                raise interrupt.with_traceback(error.__traceback__) from None
            finally:
                self._awaited = None

    def take_interrupt(self, frame: FrameType | None) -> bool:
        """End what is awaited, if this interrupt came while the loop itself
        ran.  An exception there would lose the step that a task was about to
        make, and the task would wait for ever; inside a task or a callback
        it is for that one."""
        if not _is_loops(frame, asyncio.current_task(self) is not None):
            return False
        awaited = self._awaited
        if awaited is None or awaited.done():
            return _is_idle  # then there is nothing to end
        self._is_interrupted = True
        return awaited.cancel()

    def run_in_executor(
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> Any:
        if _HAS_THREADS:
            return super().run_in_executor(executor, func, *args)
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future

    def seconds_to_next(self) -> float | None:
        """When the loop has something to do: 0 for now, None for never."""
        if self._ready:
            return 0.0
        if self._scheduled:
            return max(0.0, self._scheduled[0].when() - self.time())
        return None


class KernelPolicy(events.BaseDefaultEventLoopPolicy):
    """Every new loop is one that can run here."""

    _loop_factory = KernelEventLoop


def _is_loops(frame: FrameType | None, is_in_task: bool) -> bool:
    """True for a frame of the event loop's own code.  In a task's step it is
    still that when the step ends by scheduling the next one."""
    if frame is None:
        return True
    name = frame.f_globals.get("__name__", "")
    if name in ("asyncio.base_events", "asyncio.events", __name__):
        return True
    return not is_in_task and name.startswith("asyncio.")


@contextmanager
def _step_aside() -> Iterator[None]:
    """Stop pretending that the kernel's loop runs, while one really does."""
    is_pretended = (
        _is_in_cell
        and events._get_running_loop() is _kernel_loop
        and _kernel_loop is not None
        and not _kernel_loop.is_running()
    )
    if not is_pretended:
        yield
        return
    events._set_running_loop(None)
    try:
        yield
    finally:
        events._set_running_loop(_kernel_loop)


def _wrap_runners() -> None:
    run = runners.run
    run_in_runner = runners.Runner.run

    def run_aside(*args: Any, **options: Any) -> Any:
        with _step_aside():
            return run(*args, **options)

    def run_in_runner_aside(self: Any, *args: Any, **options: Any) -> Any:
        with _step_aside():
            return run_in_runner(self, *args, **options)

    for wrapper, wrapped in (
        (run_aside, run),
        (run_in_runner_aside, run_in_runner),
    ):
        for name in ("__module__", "__name__", "__qualname__", "__doc__"):
            setattr(wrapper, name, getattr(wrapped, name))
        wrapper.__wrapped__ = wrapped  # type: ignore[attr-defined]
    asyncio.run = runners.run = run_aside
    runners.Runner.run = run_in_runner_aside  # type: ignore[method-assign]


def install() -> None:
    """Make asyncio use the kernel's loop; called after its first import."""
    global _is_installed, _kernel_loop
    if _is_installed:
        return
    _is_installed = True
    asyncio.set_event_loop_policy(KernelPolicy())
    _kernel_loop = KernelEventLoop()
    asyncio.set_event_loop(_kernel_loop)
    _wrap_runners()
    if cells.is_running:
        enter_cell()


def enter_cell() -> None:
    """A cell begins."""
    global _is_in_cell
    _is_in_cell = True
    if events._get_running_loop() is None:
        events._set_running_loop(_kernel_loop)


def leave_cell() -> None:
    """It has ended."""
    global _is_in_cell
    _is_in_cell = False
    events._set_running_loop(None)


def run_cell(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a cell's coroutine to its end, other tasks beside it."""
    assert _kernel_loop is not None
    task = _kernel_loop.create_task(coroutine)
    try:
        return _kernel_loop.run_until_complete(task)
    except KeyboardInterrupt as interrupt:
        if task.done():
            raise
        raise _cancel(_kernel_loop, task, interrupt) from None


def _cancel(
    loop: KernelEventLoop,
    task: asyncio.Task[Any],
    interrupt: KeyboardInterrupt,
) -> BaseException:
    """End an interrupted cell's task; its traceback, which tells where the
    cell waited, becomes the interrupt's."""
    task.cancel()
    try:
        loop.run_until_complete(task)
    except asyncio.CancelledError as cancelled:
        return interrupt.with_traceback(cancelled.__traceback__)
    except BaseException as error:
        return error
    return interrupt


def take_interrupt(frame: FrameType | None) -> bool:
    """False when the interrupt is to be an exception where it came."""
    loop = events._get_running_loop()
    return isinstance(loop, KernelEventLoop) and loop.take_interrupt(frame)


def seconds_to_due() -> float | None:
    """When tasks of earlier cells want a turn: 0 for now, None for never."""
    if _kernel_loop is None or _kernel_loop.is_closed():
        return None
    return _kernel_loop.seconds_to_next()


def run_due() -> float | None:
    """One turn for tasks of earlier cells."""
    global _is_idle
    seconds = seconds_to_due()
    if seconds is None or seconds > 0:
        return seconds
    _kernel_loop.call_soon(_kernel_loop.stop)
    _is_idle = True
    try:
        _kernel_loop.run_forever()
    finally:
        _is_idle = False
    return _kernel_loop.seconds_to_next()
