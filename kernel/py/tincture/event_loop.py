"""The asyncio event loop of a kernel: waits at the host, not at sockets.

It is asyncio's own loop for Unix, around whose selector is one that waits at
the host, where the page can end the wait, and without a pipe to itself: who
schedules something while nothing runs wakes the host.  Pipes and sockets, which
reach this program, can be watched.

While a cell without await runs, the loop counts as running, so that
`asyncio.create_task` works at the top level of a cell as in Jupyter; the
task goes on when the loop really runs, in a cell with await or when the
kernel is idle.  `asyncio.run` and `loop.run_until_complete` work in such a
cell too: the pretence steps aside for them.
"""

from __future__ import annotations

import _thread
import asyncio
import contextvars
import errno
import selectors
import signal
import sys
from asyncio import base_events, coroutines, events, runners, unix_events
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import _tincture

from tincture import cells

# Nothing rings when a pipe becomes ready: with one to watch, waits are short.
WATCH_INTERVAL_S = 0.01

# Nor does what comes from JavaScript, in a thread beside the main one.
NEWS_INTERVAL_S = 0.01

# Stands for "no limit" where somebody is there who can end the wait.
_LONG_S = 1e6

_HAS_PROCESSES = sys.platform not in ("emscripten", "wasi")

# Their code is the loop's, whoever calls it.
_LOOP_MODULES = ("asyncio.base_events", "asyncio.events", __name__)

_is_installed = False
_kernel_loop: KernelEventLoop | None = None
_is_in_cell = False

# While tasks run that no cell waits for.
_is_idle = False

# Loops whose own code the main thread is in, the innermost last: also while
# they do not count as running, or no more.
_entered: list[KernelEventLoop] = []

# Each brings what has happened outside of Python, and says whether there was
# anything; js_promises adds itself.
news: list[Callable[[], bool]] = []


def _take_news() -> bool:
    return any([take() for take in news])


def is_main_thread() -> bool:
    """Whether this is the thread in which cells run."""
    return _thread.get_ident() == _thread._get_main_thread_ident()


def _other_threads_live() -> bool:
    threading = sys.modules.get("threading")
    return threading is not None and threading.active_count() > 1


class _Selector:
    """The place where a loop without anything to do waits: in the main thread
    at the host, in another at a lock.  Descriptors are for `watcher`, which is
    only asked what is ready now."""

    def __init__(self, watcher: selectors.BaseSelector) -> None:
        self._watcher = watcher
        self.register = watcher.register
        self.unregister = watcher.unregister
        self.modify = watcher.modify
        self.get_key = watcher.get_key
        self.get_map = watcher.get_map
        self.close = watcher.close
        self._bell = _thread.allocate_lock()
        self._bell.acquire()
        # False while the loop runs callbacks, and so will look for more.
        self.wants_bell = True

    def ring(self) -> None:
        """End a wait: something is to be done that was not."""
        _tincture.wake()
        with suppress(RuntimeError):  # it rings already
            self._bell.release()

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        is_watching = bool(self.get_map())
        ready = self._watcher.select(0) if is_watching else []
        if _take_news():
            return ready
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if is_watching:
            timeout = min(WATCH_INTERVAL_S, timeout or _LONG_S)
        self.wants_bell = True
        try:
            self._wait(timeout)
        finally:
            self.wants_bell = False
        _take_news()
        return self._watcher.select(0) if is_watching else []

    def _wait(self, timeout: float | None) -> None:
        if not is_main_thread():
            interval = NEWS_INTERVAL_S if news else _LONG_S
            self._bell.acquire(timeout=min(timeout or _LONG_S, interval))
            return
        if timeout is None and _other_threads_live():
            timeout = _LONG_S
        if _tincture.wait(timeout):
            return
        if timeout is None or timeout == _LONG_S:
            raise RuntimeError(
                f"nothing can end this wait: {_tincture.wait_refusal()}"
            )
        _tincture.sleep(timeout)


class _Executor(ThreadPoolExecutor):
    """The loop's own threads; one that does not start is no failure while
    others work."""

    def _adjust_thread_count(self) -> None:
        try:
            super()._adjust_thread_count()  # type: ignore[misc]
        except RuntimeError:
            if not self._threads:
                raise


class KernelEventLoop(unix_events._UnixSelectorEventLoop):
    """asyncio's loop over the kernel's host."""

    _selector: _Selector  # type: ignore[assignment]

    def __init__(
        self, selector: selectors.BaseSelector | None = None
    ) -> None:
        super().__init__(
            _Selector(selector or selectors.PollSelector())  # type: ignore[arg-type]
        )
        # What run_until_complete waits for, and whether an interrupt has
        # cancelled it.
        self._awaited: asyncio.Future[Any] | None = None
        self._is_interrupted = False
        # Calls into the loop that have not returned, and whether an interrupt
        # came that the outermost is to raise.
        self._depth = 0
        self._is_due = False
        # Given to the loop's own threads and not yet done.
        self._work_count = 0

    def _make_self_pipe(self) -> None:
        """The selector has a bell instead."""

    def _close_self_pipe(self) -> None:
        """Nothing was made."""

    def _write_to_self(self) -> None:
        self._selector.ring()

    def call_soon(
        self,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        # From the page's events, while the loop waits or does not run.
        self._check_closed()
        if self._selector.wants_bell:
            self._selector.ring()
        return super().call_soon(callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        self._check_closed()
        if self._selector.wants_bell:
            self._selector.ring()
        return super().call_at(when, callback, *args, context=context)

    def enter(self) -> None:
        """From here to leave() an interrupt in the loop's own code is for
        raise_due()."""
        if self._depth == 0:
            self._is_due = False
        self._depth += 1
        if is_main_thread():
            _entered.append(self)

    def leave(self) -> None:
        self._depth -= 1
        if is_main_thread():
            _entered.pop()

    def raise_due(self) -> None:
        if self._depth == 0 and self._is_due:
            raise KeyboardInterrupt

    def close(self) -> None:
        """The kernel's own loop stays open: later cells run on it, and a
        script's last line closes what asyncio.get_event_loop() gave it."""
        if self is not _kernel_loop:
            super().close()

    def forget_stop(self) -> None:
        """A stop() that no run took, in a cell that has ended, is not for the
        next one."""
        self._stopping = False

    async def shutdown_default_executor(
        self, timeout: float | None = None
    ) -> None:
        """As above, the kernel's own loop goes on: with new threads."""
        await super().shutdown_default_executor(timeout)
        if self is _kernel_loop:
            self._default_executor = None
            self._executor_shutdown_called = False

    def run_forever(self) -> None:
        self._check_closed()
        self.enter()
        try:
            with _step_aside():
                self._selector.wants_bell = False
                try:
                    self._run()
                finally:
                    self._selector.wants_bell = True
        finally:
            self.leave()
        self.raise_due()

    def _run(self) -> None:
        while True:
            try:
                return super().run_forever()
            except KeyboardInterrupt:
                # The loop outlives cells.  An interrupt that an earlier one
                # heard in one task reaches those that wait for that task, one
                # after the other, and perhaps now; it is nothing to this one.
                if self is not _kernel_loop or _tincture.was_interrupted():
                    raise
                awaited = self._awaited
                if _is_idle or (awaited is not None and awaited.done()):
                    return None

    def run_until_complete(self, future: Any) -> Any:
        self.enter()
        try:
            with _step_aside():
                self._check_closed()
                self._check_running()
                awaited = asyncio.ensure_future(future, loop=self)
                result = self._complete(awaited)
        finally:
            self.leave()
        self.raise_due()
        return result

    def _complete(self, awaited: asyncio.Future[Any]) -> Any:
        self._awaited = awaited
        self._is_interrupted = False
        try:
            return super().run_until_complete(awaited)
        except asyncio.CancelledError as error:
            if not self._is_interrupted:
                raise
            # The traceback tells where the program waited.
            interrupt = KeyboardInterrupt()
            raise interrupt.with_traceback(error.__traceback__) from None
        except (KeyboardInterrupt, SystemExit):
            self._forget_end(awaited)
            raise
        finally:
            self._awaited = None

    def _forget_end(self, awaited: asyncio.Future[Any]) -> None:
        """What was to stop the loop, which has stopped already, must not stop
        the next run; and nobody is told of an exception that is raised."""
        if awaited.done() and not awaited.cancelled():
            awaited.exception()
        for handle in self._ready:
            is_end = handle._callback is base_events._run_until_complete_cb
            if is_end and handle._args[0] is awaited:
                handle.cancel()

    def take_interrupt(self, frame: FrameType | None) -> bool:
        """End what is awaited, if this interrupt came while the loop itself
        ran.  An exception there would lose the step that a task was about to
        make, and the task would wait for ever; inside a task or a callback
        it is for that one."""
        if not _is_loops(frame, asyncio.current_task(self) is not None):
            return False
        awaited = self._awaited
        if awaited is not None and not awaited.done():
            self._is_interrupted = True
            return awaited.cancel()
        if _is_idle:
            return True  # there is nothing to end
        if self._depth == 0:
            return False
        self._is_due = True
        if awaited is None and self.is_running():
            self.stop()
        return True

    def run_in_executor(
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> Any:
        """In a thread, or at once where none can be started."""
        if executor is None and self._default_executor is None:
            self._default_executor = _Executor(thread_name_prefix="asyncio")
        try:
            future = super().run_in_executor(executor, func, *args)
        except RuntimeError as error:
            if executor is not None or "new thread" not in str(error):
                raise
        else:
            if executor is None:
                self._work_count += 1
                future.add_done_callback(self._finish_work)
            return future
        # What it has queued runs here.
        self._default_executor = None
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future

    def _finish_work(self, _: Any) -> None:
        """Let idle threads end: while one lives there is no checkpoint."""
        self._work_count -= 1
        executor = self._default_executor
        if self._work_count == 0 and isinstance(executor, _Executor):
            self._default_executor = None
            executor.shutdown(wait=False)

    def add_signal_handler(
        self, sig: int, callback: Callable[..., object], *args: Any
    ) -> None:
        if coroutines.iscoroutine(callback) or coroutines.iscoroutinefunction(
            callback
        ):
            raise TypeError(
                "coroutines cannot be used with add_signal_handler()"
            )
        self._check_signal(sig)
        self._check_closed()
        handle = asyncio.Handle(callback, args, self, None)
        try:
            # Between two bytecodes of the main thread, so without a pipe.
            signal.signal(sig, lambda one, _frame: self._handle_signal(one))
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            raise RuntimeError(f"sig {sig} cannot be caught") from error
        self._signal_handlers[sig] = handle

    async def _make_subprocess_transport(
        self, protocol: Any, args: Any, *others: Any, **options: Any
    ) -> Any:
        if not _HAS_PROCESSES:
            raise OSError(errno.ENOTSUP, "there are no processes in a page")
        return await super()._make_subprocess_transport(
            protocol, args, *others, **options
        )

    def seconds_to_next(self) -> float | None:
        """When the loop has something to do: 0 for now, None for never."""
        is_watching = bool(self._selector.get_map())
        if self._ready or (is_watching and self._selector.select(0)):
            return 0.0
        seconds = WATCH_INTERVAL_S if is_watching else None
        if self._scheduled:
            until_timer = max(0.0, self._scheduled[0].when() - self.time())
            seconds = min(until_timer, seconds or _LONG_S)
        return seconds


def _is_loops(frame: FrameType | None, is_in_task: bool) -> bool:
    """True for a frame of the event loop's own code.  In a task's step it is
    still that when the step ends by scheduling the next one."""
    if frame is None:
        return True
    name = frame.f_globals.get("__name__", "")
    if name in _LOOP_MODULES:
        return True
    return not is_in_task and (
        name.startswith("asyncio.") or name == "selectors"
    )


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
    # Every new loop is one that can run here.
    unix_events._UnixDefaultEventLoopPolicy._loop_factory = KernelEventLoop
    for name in ("SelectorEventLoop", "EventLoop"):
        for module in (asyncio, unix_events):
            setattr(module, name, KernelEventLoop)
    _kernel_loop = KernelEventLoop()
    asyncio.set_event_loop(_kernel_loop)
    _wrap_runners()
    _is_installed = True
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
    if _kernel_loop is not None and not _kernel_loop.is_running():
        _kernel_loop.forget_stop()
    events._set_running_loop(None)


def run_cell(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a cell's coroutine to its end, other tasks beside it."""
    assert _kernel_loop is not None
    # No task factory of the program's: this is the cell itself.
    context = contextvars.copy_context()
    task = asyncio.Task(
        coroutine, loop=_kernel_loop, name="cell", context=context
    )
    _kernel_loop.enter()
    try:
        result = _kernel_loop.run_until_complete(task)
    except RuntimeError:
        raise  # its own, or the loop was stopped, and may go on
    except BaseException as end:
        # What a signal's handler raises can come while the loop waits.
        if task.done():
            raise
        raise _cancel(_kernel_loop, task, end) from None
    finally:
        _keep_context(context)
        _kernel_loop.leave()
    _kernel_loop.raise_due()
    return result


def _keep_context(context: contextvars.Context) -> None:
    """What a cell set in context variables is there in the next one, as it is
    after a cell without await."""
    missing = object()
    for variable, value in context.items():
        if variable.get(missing) is not value:
            variable.set(value)


def _cancel(
    loop: KernelEventLoop,
    task: asyncio.Task[Any],
    end: BaseException,
) -> BaseException:
    """End an interrupted cell's task; its traceback, which tells where the
    cell waited, becomes the interrupt's.  A task that outlived its cell would
    take its interrupts to the next one, so those that come meanwhile, here or
    in what the task waits for, only count."""
    while not task.done():
        task.cancel()
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError as cancelled:
            return end.with_traceback(cancelled.__traceback__)
        except (KeyboardInterrupt, SystemExit) as another:
            end = another
        except BaseException as error:
            return error
    return end


def take_interrupt(frame: FrameType | None) -> bool:
    """False when the interrupt is to be an exception where it came."""
    loop = _entered[-1] if _entered else events._get_running_loop()
    return isinstance(loop, KernelEventLoop) and loop.take_interrupt(frame)


def create_kernel_task(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """A task of the kernel's loop, from another thread."""
    assert _kernel_loop is not None
    task = _kernel_loop.create_task(coroutine)
    # It may be about to wait, and count on nothing to come.
    _kernel_loop._write_to_self()
    return task


def run_in_thread(awaitable: Any) -> Any:
    """Wait in a thread beside the main one: on a loop of its own, for the
    main thread may be busy; but what belongs to the kernel's loop is waited
    for there."""
    if asyncio.isfuture(awaitable):
        return asyncio.run_coroutine_threadsafe(
            _finish(awaitable), awaitable.get_loop()
        ).result()
    return asyncio.run(_finish(awaitable))


async def _finish(awaitable: Any) -> Any:
    return await awaitable


def seconds_to_due() -> float | None:
    """When tasks of earlier cells want a turn: 0 for now, None for never."""
    if _kernel_loop is None or _kernel_loop.is_closed():
        return None
    _take_news()
    return _kernel_loop.seconds_to_next()


def run_due() -> float | None:
    """One turn for tasks of earlier cells."""
    global _is_idle
    seconds = seconds_to_due()
    if seconds is None or seconds > 0:
        return seconds
    assert _kernel_loop is not None
    stop = _kernel_loop.call_soon(_kernel_loop.stop)
    _is_idle = True
    try:
        _kernel_loop.run_forever()
    finally:
        _is_idle = False
        stop.cancel()  # or, after an interrupt, it would end the next run
    return _kernel_loop.seconds_to_next()
