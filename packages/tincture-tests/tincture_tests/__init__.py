"""Test suites in a kernel: pytest, unittest and CPython's regrtest.

`run` runs some units (files) of a suite and reports each test as a dict,
`listed` says which units there are.  Neither knows a page, so the same runs
in a notebook, in Node and in a run of a whole suite.  `show` is for people:
the suite as a table in the page.

    import tincture_tests
    tincture_tests.run("pytest", ["test_tea.py"], {}, print)
    tincture_tests.show("numpy", files="linalg")
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tincture_tests.results import KINDS, Tally
from tincture_tests.suites import listed, settings, versions

__all__ = ["listed", "run", "settings", "show", "versions"]


def run(
    kind: str,
    targets: Iterable[str],
    options: Mapping[str, Any] | None = None,
    report: Callable[[dict[str, Any]], object] | None = None,
) -> dict[str, Any]:
    """Run units of a suite; `report` gets each result as soon as it is there.

    A result is {"id", "outcome", "seconds", "message"}; the outcome is one of
    passed, failed, error, skipped, xfailed and xpassed, and the message has
    the traceback or the reason.  The id is pytest's or unittest's own; that
    of a unit that cannot be imported, or skips itself, is the target.  Before
    each test and each unit `report` gets {"id", "outcome": "started"}.

    Options, all of them optional:

    keyword     an expression for pytest's -k; part of a test's id otherwise
    ids         the tests to run of these targets, and no others
    deselect    tests that are not to be run
    arguments   more words for pytest
    resources   what regrtest may use: "cpu", "walltime" ...
    output      True lets the runner print, as it does by itself

    What comes back is {"exit", "counts", "seconds"}: the exit code that the
    runner would end with, and how often each outcome was.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind {kind!r}; there are {', '.join(KINDS)}")
    runner = importlib.import_module(f"tincture_tests.{kind}_runner")
    tally = Tally(report)
    start_s = time.perf_counter()
    exit_code = runner.run(list(targets), dict(options or {}), tally)
    seconds = time.perf_counter() - start_s
    return {"exit": exit_code, "counts": tally.counts, "seconds": seconds}


def show(suite: str, **options: Any) -> None:
    """Run a suite and show its results as a table; see tincture_tests.view."""
    from tincture_tests import view

    view.show(suite, **options)
