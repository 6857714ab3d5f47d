"""What JavaScript does to Python objects and C has no shorter way for: called
by kernel/js/proxy_operate.c, by name, with the object first.
"""

from __future__ import annotations

import _thread

from tincture import threads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from typing import Any


def __getattr__(name: str) -> Any:
    """What is needed less often: a page's object, an exception's class."""
    if name == "ConversionError":
        from pyodide.ffi import ConversionError

        return ConversionError
    from tincture import js_api

    return getattr(js_api, name)


def number_of(value: object) -> int:
    """What tells the object from all others."""
    return id(value)


# --- Properties -------------------------------------------------------------


def list_keys(value: Any, is_json: bool) -> list[str]:
    """The names of an object's properties: items first, then attributes."""
    if is_json and isinstance(value, dict):
        return [str(key) for key in value if isinstance(key, (str, int))]
    if is_json and hasattr(value, "__len__"):
        return [str(index) for index in range(len(value))]
    names = [str(name) for name in dir(value)]
    if isinstance(value, dict):
        keys = [str(key) for key in value if isinstance(key, (str, int))]
        return [*keys, *names]
    return names


# --- Text -------------------------------------------------------------------


def _is_own(filename: str) -> bool:
    return filename.startswith(("<frozen tincture.", "<frozen pyodide."))


def describe_exception(error: BaseException) -> str:
    """The name of its class, and in the next lines the traceback."""
    import traceback

    name = type(error).__name__
    # The kernel's own frames on the way into the program tell nobody anything.
    first = error.__traceback__
    while first is not None and _is_own(first.tb_frame.f_code.co_filename):
        first = first.tb_next
    try:
        text = "".join(
            traceback.format_exception(type(error), error, first)
        )
    except Exception as worse:
        text = f"{name} (its traceback cannot be told: {worse!r})\n"
    return f"{name}\n{text}"


def render(value: Any) -> str:
    """HTML that stands for the object."""
    import html

    from tincture import formatting

    described = formatting.describe_value(value)
    inner = described.get("html")
    if inner is None:
        inner = f"<pre>{html.escape(described['repr'])}</pre>"
    return f'<div class="rendered_html">{inner}</div>'


# --- Iterators --------------------------------------------------------------


def throw(generator: Any, error: Any) -> tuple[bool, Any]:
    """Whether the generator is at its end, and what it gave."""
    if not isinstance(error, BaseException):
        error = TypeError(f"only an Error can be thrown, not {error!r}")
    try:
        return False, generator.throw(error)
    except StopIteration as end:
        return True, end.value


def close(generator: Any) -> tuple[bool, Any]:
    """End a generator, which may give one more value instead."""
    try:
        return False, generator.throw(GeneratorExit())
    except StopIteration as end:
        return True, end.value
    except GeneratorExit:
        return True, None


def aiter(iterable: Any) -> Any:
    """The asynchronous iterator of an object."""
    return iterable.__aiter__()


async def asend(iterator: Any, *sent: Any) -> tuple[bool, Any]:
    """Whether the iterator is at its end, and its next value."""
    try:
        if sent and hasattr(iterator, "asend"):
            return False, await iterator.asend(sent[0])
        return False, await iterator.__anext__()
    except StopAsyncIteration:
        return True, None


async def athrow(generator: Any, error: Any) -> tuple[bool, Any]:
    """throw() of an asynchronous generator."""
    if not isinstance(error, BaseException):
        error = TypeError(f"only an Error can be thrown, not {error!r}")
    try:
        return False, await generator.athrow(error)
    except StopAsyncIteration:
        return True, None


async def aclose(generator: Any) -> tuple[bool, Any]:
    """close() of an asynchronous generator."""
    try:
        return False, await generator.athrow(GeneratorExit())
    except (StopAsyncIteration, GeneratorExit):
        return True, None


# --- Awaiting ---------------------------------------------------------------


async def _await(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def _make_task(awaitable: Any) -> Any:
    """A future of the loop that runs, or of the one that will: the kernel's,
    also for threads."""
    import asyncio

    from tincture import event_loop

    if asyncio.isfuture(awaitable):
        return awaitable
    if not asyncio.iscoroutine(awaitable):
        awaitable = _await(awaitable)
    if event_loop.is_main_thread():
        return asyncio.get_event_loop().create_task(awaitable)
    return event_loop.create_kernel_task(awaitable)


def schedule(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Let a coroutine that JavaScript gets go on by itself."""
    return _make_task(coroutine)


def start_awaiting(
    awaitable: Any,
    resolve: Callable[[Any], Any],
    reject: Callable[[BaseException], Any],
) -> None:
    """Settle a promise of JavaScript when the awaitable is done."""
    from asyncio import CancelledError

    def settle(task: Any) -> None:
        if task.cancelled():
            reject(CancelledError())
            return
        error = task.exception()
        if error is None:
            resolve(task.result())
        else:
            reject(error)

    _make_task(awaitable).add_done_callback(settle)


# --- Calls ------------------------------------------------------------------


def _split(
    values: tuple[Any, ...], name_count: int
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments by place and by name; the last values are the names of those
    before them."""
    first_name = len(values) - name_count
    first_named = first_name - name_count
    named = values[first_named:first_name]
    return values[:first_named], dict(zip(values[first_name:], named))


def call_relaxed(
    function: Callable[..., Any], name_count: int, *values: Any
) -> Any:
    """Call a function without the arguments that it does not take."""
    from pyodide.code import relaxed_call

    args, named = _split(values, name_count)
    return relaxed_call(function, *args, **named)


def call_promising(
    function: Callable[..., Any],
    resolve: Callable[[Any], Any],
    reject: Callable[[BaseException], Any],
    is_relaxed: bool,
    name_count: int,
    *values: Any,
) -> None:
    """Call a function in a thread of its own, where it may wait while cells
    run, and settle a promise with the outcome.  Coroutines are the event
    loop's, which is no thread's but the main one's."""
    import contextvars
    import inspect

    from pyodide.code import relaxed_call

    args, named = _split(values, name_count)
    call = relaxed_call if is_relaxed else _call

    def run() -> None:
        try:
            result = call(function, *args, **named)
            if inspect.iscoroutine(result):
                start_awaiting(result, resolve, reject)
                return
        except BaseException as error:
            reject(error)
            return
        resolve(result)

    if inspect.iscoroutinefunction(function):
        run()
        return
    context = contextvars.copy_context()
    try:
        _thread.start_new_thread(context.run, (run,))
    except RuntimeError as error:
        if _thread._count() >= threads.LIMIT:
            reject(error)
        else:
            context.run(run)  # nothing can be suspended here


def _call(function: Callable[..., Any], *args: Any, **named: Any) -> Any:
    return function(*args, **named)


# --- Sequences --------------------------------------------------------------


def extend(sequence: Any, *items: Any) -> int:
    """Append all; the length after it."""
    sequence.extend(items)
    return len(sequence)


def pop(sequence: Any, index: int) -> Any:
    """Take an item out."""
    return sequence.pop(index)


def splice(sequence: Any, start: int, end: int, *items: Any) -> list[Any]:
    """Put items in the place of others, which are returned."""
    removed = list(sequence[start:end])
    sequence[start:end] = items
    return removed


def reverse(sequence: Any) -> None:
    """Turn it round."""
    sequence.reverse()



def sort(
    sequence: Any, compare: Callable[[Any, Any], Any] | None = None
) -> None:
    """Sort in place, by Python's order or a function of JavaScript's."""
    from functools import cmp_to_key

    key = None if compare is None else cmp_to_key(compare)
    if isinstance(sequence, list):
        sequence.sort(key=key)
    else:
        sequence[:] = sorted(sequence, key=key)


def fill(sequence: Any, value: Any, start: int, end: int) -> None:
    """Set all items of a part."""
    for index in range(start, end):
        sequence[index] = value


def copy_within(sequence: Any, target: int, start: int, count: int) -> None:
    """Copy a part over another one."""
    sequence[target : target + count] = sequence[start : start + count]
