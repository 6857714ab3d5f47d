"""Runs pytest in this interpreter, with a result for each test."""

from __future__ import annotations

import builtins
import contextlib
import os
import sys
import traceback
import unittest.mock
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tincture_tests.results import Tally, chooser
from tincture_tests.suites import root_of

# Nothing is kept between runs, and a file that cannot be imported ends none.
ALWAYS = ("-p", "no:cacheprovider", "--continue-on-collection-errors")

# Results are reported instead of printed.
QUIET = ("-p", "no:terminalreporter")


class Recorder:
    """A pytest plugin that makes one result of each test's phases."""

    def __init__(self, tally: Tally, wants: Callable[[str], bool]) -> None:
        self._tally = tally
        self._wants = wants
        self._reports: dict[str, list[pytest.TestReport]] = {}
        self.is_interrupted = False

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave out what was not asked for."""
        others = [item for item in items if not self._wants(item.nodeid)]
        if others:
            items[:] = [item for item in items if self._wants(item.nodeid)]
            config.hook.pytest_deselected(items=others)

    def pytest_keyboard_interrupt(self, excinfo: Any) -> None:
        """Stop was pressed, or a test called pytest.exit()."""
        self.is_interrupted |= excinfo.type is KeyboardInterrupt

    def pytest_collectstart(self, collector: pytest.Collector) -> None:
        """A file is about to be imported."""
        if isinstance(collector, pytest.Module):
            self._tally.start(collector.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be imported, or skips itself as a whole."""
        if report.failed:
            self._tally.add(report.nodeid, "error", 0, report.longreprtext)
        elif report.skipped:
            self._tally.add(report.nodeid, "skipped", 0, _reason(report))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._tally.start(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._reports.setdefault(report.nodeid, []).append(report)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        reports = self._reports.pop(nodeid, [])
        if reports:
            seconds = sum(report.duration for report in reports)
            outcome, message = _judge(reports)
            self._tally.add(nodeid, outcome, seconds, message)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a test was skipped, or is expected to fail."""
    expected = getattr(report, "wasxfail", None)
    if expected is not None:
        return str(expected).removeprefix("reason: ")
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return report.longreprtext


def _judge(reports: list[pytest.TestReport]) -> tuple[str, str]:
    """Outcome and message of one test: what failed counts first."""
    failed = [report for report in reports if report.failed]
    if failed:
        parts = []
        for report in failed:
            parts.append(report.longreprtext)
            parts += (f"--- {name} ---\n{text}" for name, text in report.sections)
        in_call = any(report.when == "call" for report in failed)
        return "failed" if in_call else "error", "\n".join(parts)
    for report in reports:
        is_expected = hasattr(report, "wasxfail")
        if report.skipped:
            outcome = "xfailed" if is_expected else "skipped"
            return outcome, _reason(report)
        if is_expected and report.when == "call":
            return "xpassed", _reason(report)
    return "passed", ""


@contextlib.contextmanager
def _without_notebook() -> Iterator[None]:
    """What is tested finds what `python -m pytest` has: a file of __main__'s,
    no IPython, and figures that nobody looks at."""
    main, named = vars(sys.modules["__main__"]), vars(builtins)
    hidden = {
        "file": main.get("__file__"),
        "main": main.pop("get_ipython", None),
        "builtins": named.pop("get_ipython", None),
    }
    main["__file__"] = str(Path(pytest.__file__).with_name("__main__.py"))
    with unittest.mock.patch.dict(os.environ, MPLBACKEND="agg"):
        figures = _figures_unseen()
        try:
            yield
        finally:
            figures()
            _put(main, "__file__", hidden["file"])
            _put(main, "get_ipython", hidden["main"])
            _put(named, "get_ipython", hidden["builtins"])


def _put(namespace: dict[str, Any], name: str, value: Any) -> None:
    """Give a name back what it had, which may be nothing."""
    namespace.pop(name, None)
    if value is not None:
        namespace[name] = value


def _figures_unseen() -> Callable[[], None]:
    """Matplotlib as in a program, if it is imported; what takes that back."""
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is None:
        return lambda: None
    # Asking rcParams itself for its backend would choose one.
    params = dict.copy(matplotlib.rcParams)
    matplotlib.use("agg")
    matplotlib.interactive(False)

    def restore() -> None:
        matplotlib.interactive(params["interactive"])
        if isinstance(params["backend"], str):
            matplotlib.use(params["backend"])

    return restore


def _skipping_place(skip: BaseException) -> Path:
    """The directory whose conftest.py skips itself; else the root of all."""
    frames = traceback.extract_tb(skip.__traceback__)
    files = [Path(frame.filename) for frame in frames]
    places = [file.parent for file in files if file.name == "conftest.py"]
    return places[-1] if places else Path("/")


def _run_below(
    root: Path,
    arguments: list[str],
    paths: list[str],
    recorder: Recorder,
    tally: Tally,
) -> int:
    """pytest's exit code for paths below a root.

    A conftest.py that skips itself ends pytest before its first test, where
    its directory is named on the command line; so the others are run again.
    """
    while paths:
        try:
            return int(pytest.main([*arguments, *paths], plugins=[recorder]))
        except pytest.skip.Exception as skip:
            place = _skipping_place(skip)
            below = [path for path in paths if Path(path).is_relative_to(place)]
            skipped = below or paths
            for path in skipped:
                name = str(Path(path).relative_to(root))
                tally.add(name, "skipped", 0, str(skip.msg))
            paths = [path for path in paths if path not in skipped]
    return 0


def run(targets: list[str], options: dict[str, Any], tally: Tally) -> int:
    """Run files, directories or node ids; the largest of pytest's exit codes.

    What `listed` names is looked for below sys.path, so the ids begin with
    the path from there.
    """
    words = [*ALWAYS, *(() if options.get("output") else QUIET)]
    if options.get("keyword"):
        words += ["-k", options["keyword"]]
    words += options.get("arguments", ())
    by_root: dict[Path, list[str]] = {}
    for target in targets:
        root = root_of(target.partition("::")[0])
        by_root.setdefault(root, []).append(str(root / target))
    wants = chooser(options)
    codes = [0]
    with _without_notebook():
        for root, paths in by_root.items():
            recorder = Recorder(tally, wants)
            arguments = [f"--rootdir={root}", *words]
            codes.append(_run_below(root, arguments, paths, recorder, tally))
            if recorder.is_interrupted:
                raise KeyboardInterrupt
    return max(codes)
