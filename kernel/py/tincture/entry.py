"""What the kernel's C code calls.

Each function here is the whole of one call: C looks it up by name, passes
plain arguments and gets a plain result or an exception.  Modules that are
not needed by every cell are imported when they are.
"""

from __future__ import annotations

import builtins
import os
import sys

from tincture import (
    cells,
    engine,
    formatting,
    imports,
    js_modules,
    processes,
    restore,
    streams,
    threads,
    waiting,
)
from tincture.display import display
from tincture.errors import StdinNotImplementedError
from tincture.history import History

TYPE_CHECKING = False  # spares every start the import of typing
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import CodeType, FrameType
    from typing import Any

__all__ = ["StdinNotImplementedError"]

_CO_COROUTINE = 0x80  # inspect.CO_COROUTINE

_history: History


class _Cell:
    """The cell that runs, or ran last."""

    count = 0
    source = ""
    is_stored = False
    value: Any = None
    error: BaseException | None = None


cell = _Cell()


def history() -> History:
    """Inputs, results and the notebook's names."""
    return _history


def get_ipython() -> Any:
    """The object that notebooks know as IPython's shell."""
    from tincture import shell

    return shell.get_ipython()


def thread_names() -> list[str]:
    """Of the threads beside the main one that live."""
    return threads.names()


def start(namespace: dict[str, Any]) -> None:
    """Make a fresh interpreter the kernel's: called once."""
    global _history
    streams.install()
    waiting.install()
    threads.install()
    imports.install()
    js_modules.install()
    processes.install()
    restore.start()
    # As at a prompt, modules beside the notebook are found.
    sys.path.insert(0, "")
    sys.displayhook = show_value
    builtins.display = display  # type: ignore[attr-defined]
    builtins.get_ipython = get_ipython  # type: ignore[attr-defined]
    builtins.__IPYTHON__ = True  # type: ignore[attr-defined]
    # As in Jupyter, also if the notebook never says so.
    os.environ.setdefault(
        "MPLBACKEND", "module://matplotlib_inline.backend_inline"
    )
    _history = History(namespace)


def resume(settings: dict[str, Any]) -> None:
    """Go on in a copy of memory."""
    restore.resume(settings)


def run_loops() -> None:
    """Give the engine that compiles the eval loop something to see."""
    engine.run_loops()


def mounted(path: str) -> None:
    """An image was laid over a directory."""
    restore.mounted(path)


def trim() -> None:
    """Let go of what nobody can reach."""
    restore.trim()


def _enter_cell() -> None:
    cells.is_running = True
    if "tincture.event_loop" in sys.modules:
        sys.modules["tincture.event_loop"].enter_cell()


def begin_cell(
    source: str, name: str, count: int, is_stored: bool
) -> tuple[CodeType | None, CodeType | None, bool]:
    """Compile a cell: all but the last expression, the last expression, and
    whether its value is to be shown."""
    _enter_cell()
    streams.restore()
    cell.source, cell.count, cell.is_stored = source, count, is_stored
    cell.value = cell.error = None
    if is_stored:
        _history.add_input(count, source)
    if "tincture.shell" in sys.modules:
        sys.modules["tincture.shell"].before_cell(source, is_stored)
    return cells.compile_cell(source, name)


def after_turn() -> None:
    """What modules asked to be done when Python has run for the page."""
    for function in list(cells.after_turn):
        try:
            function()
        except Exception as error:
            formatting.report(error)


def end_cell() -> None:
    """Undo what begin_cell set up; also called after an error, which was
    published before."""
    try:
        if "tincture.shell" in sys.modules:
            sys.modules["tincture.shell"].after_cell(cell)
    finally:
        cell.value = cell.error = None
        cells.is_cell_turn = True
        end_turn()


def end_turn() -> None:
    """end_cell for what is no cell."""
    try:
        after_turn()
    finally:
        cells.is_running = cells.is_cell_turn = False
        if "tincture.event_loop" in sys.modules:
            sys.modules["tincture.event_loop"].leave_cell()


def run_coroutine(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a cell with a top-level await to its end."""
    import asyncio  # noqa: F401  which puts the kernel's loop in place

    from tincture import event_loop

    return event_loop.run_cell(coroutine)


def run_code(
    code: CodeType, names: dict[str, Any], local_names: dict[str, Any]
) -> Any:
    """Run code inside a cell, a top-level await in it included."""
    value = eval(code, names, local_names)
    if code.co_flags & _CO_COROUTINE:
        return run_coroutine(value)
    return value


def take_interrupt(frame: FrameType | None) -> bool:
    """False when an interrupt is to be an exception where it came."""
    if "tincture.event_loop" not in sys.modules:
        return False
    return sys.modules["tincture.event_loop"].take_interrupt(frame)


def next_task() -> float | None:
    """Seconds until tasks of earlier cells have something due."""
    if "tincture.event_loop" not in sys.modules:
        return None
    return sys.modules["tincture.event_loop"].seconds_to_due()


def run_tasks() -> float | None:
    """Run what tasks of earlier cells have due; seconds until the next."""
    if "tincture.event_loop" not in sys.modules:
        return None
    seconds = sys.modules["tincture.event_loop"].run_due()
    after_turn()
    return seconds


def show_result(value: Any, count: int, is_stored: bool) -> None:
    """Remember and publish the value of a cell's last expression."""
    cell.value = value
    if is_stored:
        _history.add_output(count, value)
    formatting.publish_result(value, count)


def show_value(value: Any) -> None:
    """sys.displayhook: show a value of the cell that runs."""
    if value is not None:
        show_result(value, cell.count, cell.is_stored)


def evaluate_expressions(expressions: dict[str, Any]) -> dict[str, Any]:
    """The replies to an execute_request's user_expressions."""
    return {
        key: _evaluate_expression(source)
        for key, source in expressions.items()
    }


def _evaluate_expression(source: Any) -> dict[str, Any]:
    try:
        code = cells.compile_expression(source)
        value = eval(code, _history.namespace)
        bundle = formatting.format_value(value)
    except Exception as error:
        return {"status": "error", **describe_exception(error)}
    data, metadata = bundle or ({}, {})
    return {"status": "ok", "data": data, "metadata": metadata}


def describe_exception(error: BaseException) -> dict[str, Any]:
    """ename, evalue and traceback of an exception."""
    from tincture import tracebacks

    if cells.is_running:
        cell.error = error
    return tracebacks.describe(error)


def describe_value(value: Any) -> dict[str, str]:
    """A value that tagged JSON has no form for."""
    return formatting.describe_value(value)


def answer(message_type: str, content: dict[str, Any]) -> dict[str, Any]:
    """The reply's content for a request that only asks."""
    import warnings

    from tincture import answers

    # Half-typed code is no reason to warn.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return answers.ANSWERS[message_type](_history, content)


def handle_comm(message_type: str, message: dict[str, Any]) -> None:
    """Pass a comm message to its comm."""
    from tincture import comms

    # A callback can make tasks, as a cell can.
    _enter_cell()
    try:
        comms.handle(message_type, message)
    finally:
        end_turn()
