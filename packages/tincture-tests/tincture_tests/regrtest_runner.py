"""Runs files of CPython's own suite in this interpreter, as regrtest does.

libregrtest runs a file as always; only its result class is another, which
reports each test.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib.util
import io
import signal
import sys
from collections.abc import Iterator
from typing import Any

from tincture_tests.results import Tally
from tincture_tests.unittest_runner import RecordingResult

# What of regrtest's resources a test may use, unless others are given.
RESOURCES = ("cpu", "decimal", "tzdata", "walltime")

# Files that ask for the network and need no more than this host's own.
OF_THIS_HOST = ("test_socketserver", "test_timeout")

_is_set_up = False


def _set_up() -> None:
    """What regrtest does once in a process."""
    global _is_set_up
    if _is_set_up:
        return
    from test import support
    from test.libregrtest import utils

    _is_set_up = True
    utils.setup_unraisable_hook()
    utils.setup_threading_excepthook()
    support.record_original_stdout(sys.stdout)


@contextlib.contextmanager
def _as_program() -> Iterator[None]:
    """What `python -m test` finds: no cell around it, and what Python itself
    puts in place for a program, streams with descriptors among it."""
    import __main__
    from asyncio import events
    from tincture import waiting

    loop, cell_input = events._get_running_loop(), builtins.input
    spec, streams = __main__.__spec__, (sys.stdin, sys.__stdin__)
    show, handler = sys.displayhook, signal.getsignal(signal.SIGINT)
    events._set_running_loop(None)
    builtins.input = waiting.native_input
    sys.displayhook = sys.__displayhook__
    signal.signal(signal.SIGINT, signal.default_int_handler)
    __main__.__spec__ = importlib.util.find_spec("test.__main__")
    with open("/dev/null", encoding="utf-8") as nothing:
        nothing.buffer.raw.name = "<stdin>"  # type: ignore[attr-defined]
        sys.stdin = sys.__stdin__ = nothing
        try:
            yield
        finally:
            sys.stdin, sys.__stdin__ = streams
            __main__.__spec__ = spec
            signal.signal(signal.SIGINT, handler)
            sys.displayhook = show
            builtins.input = cell_input
            events._set_running_loop(loop)


def _patterns(options: dict[str, Any]) -> list[tuple[str, bool]] | None:
    """What regrtest's own filter is told: patterns, and whether they are to
    be run; the last one that matches counts."""
    wanted = list(options.get("ids") or ())
    if options.get("keyword"):
        wanted.append(f"*{options['keyword']}*")
    found = [(pattern, True) for pattern in wanted]
    found += [(name, False) for name in options.get("deselect") or ()]
    return found or None


def _run_tests(name: str, options: dict[str, Any]) -> Any:
    """regrtest's description of a run of this file."""
    from test.libregrtest.runtests import RunTests

    resources = tuple(options.get("resources", RESOURCES))
    if name in OF_THIS_HOST:
        resources += ("network",)
    return RunTests(
        tests=(name,),
        fail_fast=False,
        fail_env_changed=False,
        match_tests=_patterns(options),
        match_tests_dict=None,
        rerun=False,
        forever=False,
        pgo=False,
        pgo_extended=False,
        output_on_failure=not options.get("output"),
        timeout=None,
        verbose=0,
        quiet=False,
        hunt_refleak=None,
        test_dir=None,
        use_junit=False,
        coverage=False,
        memory_limit=None,
        gc_threshold=None,
        use_resources=resources,
        python_cmd=None,
        randomize=False,
        random_seed=0,
    )


@contextlib.contextmanager
def _recording(tally: Tally) -> Any:
    """libregrtest's runners make results of ours."""
    from test.libregrtest import testresult

    original = testresult.RegressionTestResult

    class Result(RecordingResult):
        """What `tally` gets, from a runner that knows another class."""

        USE_XML = False

        def __init__(self, stream: Any, descriptions: Any, verbosity: Any) -> None:
            super().__init__(stream, descriptions, 0)
            self.buffer = False
            self.tally = tally

    testresult.RegressionTestResult = Result
    try:
        yield
    finally:
        testresult.RegressionTestResult = original


def _run_file(name: str, options: dict[str, Any], tally: Tally) -> None:
    from test.libregrtest.result import State
    from test.libregrtest.single import run_single_test

    printed = io.StringIO()
    before = sum(tally.counts.values())
    errors = contextlib.redirect_stderr(printed)
    with errors if not options.get("output") else contextlib.nullcontext():
        with _recording(tally):
            result = run_single_test(name, _run_tests(name, options))
    if result.state == State.INTERRUPTED:
        raise KeyboardInterrupt
    ran_any = sum(tally.counts.values()) > before
    seconds = result.duration or 0.0
    if result.state in (State.SKIPPED, State.RESOURCE_DENIED):
        reason = printed.getvalue().strip()
        reason = reason.removeprefix(f"{name} skipped -- ")
        tally.add(name, "skipped", seconds, reason)
    elif result.state == State.DID_NOT_RUN and not options.get("ids"):
        tally.add(name, "skipped", seconds, "no test was run")
    elif result.state == State.UNCAUGHT_EXC or (
        State.is_failed(result.state) and not ran_any
    ):
        tally.add(name, "error", seconds, printed.getvalue())


def run(targets: list[str], options: dict[str, Any], tally: Tally) -> int:
    """Run files by regrtest's names, as test_os; 0, or 2 where a test failed.

    One name a call is best: what a file changes in the interpreter is there
    for the next.
    """
    _set_up()
    from test.support import os_helper

    for name in targets:
        tally.start(name)
        with _as_program(), os_helper.temp_cwd(quiet=True):
            _run_file(name, options, tally)
    return 2 * tally.exit_code
