"""Runs unittest in this interpreter, with a result for each test."""

from __future__ import annotations

import importlib
import importlib.util
import io
import sys
import time
import traceback
import unittest
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

from tincture_tests.results import Tally, chooser
from tincture_tests.suites import root_of

_Problem: TypeAlias = tuple[type[BaseException], BaseException, TracebackType]


class RecordingResult(unittest.TextTestResult):
    """A text result that makes one result of each test, subtests included."""

    tally: Tally

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        super().startTest(test)
        self.tally.start(test.id())
        self._start_s = time.perf_counter()
        self._outcome = "passed"
        self._messages: list[str] = []

    def stopTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        seconds = time.perf_counter() - self._start_s
        self.tally.add(
            test.id(), self._outcome, seconds, "\n".join(self._messages)
        )
        del self._start_s
        super().stopTest(test)

    def _note(self, test: Any, outcome: str, message: str) -> None:
        """One more thing about the test that runs, or about a class or a
        module, whose fixtures fail between tests."""
        if not hasattr(self, "_start_s"):
            self.tally.add(test.id(), outcome, 0, message)
            return
        if self._outcome not in ("failed", "error"):
            self._outcome = outcome
        self._messages.append(message)

    def addError(self, test: Any, err: _Problem) -> None:  # noqa: N802
        super().addError(test, err)
        self._note(test, "error", self.errors[-1][1])

    def addFailure(self, test: Any, err: _Problem) -> None:  # noqa: N802
        super().addFailure(test, err)
        self._note(test, "failed", self.failures[-1][1])

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802
        super().addSkip(test, reason)
        self._note(test, "skipped", reason)

    def addExpectedFailure(self, test: Any, err: _Problem) -> None:  # noqa: N802
        super().addExpectedFailure(test, err)
        self._note(test, "xfailed", self.expectedFailures[-1][1])

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802
        super().addUnexpectedSuccess(test)
        self._note(test, "xpassed", "")

    def addSubTest(  # noqa: N802
        self, test: Any, subtest: Any, err: _Problem | None
    ) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            is_failure = issubclass(err[0], test.failureException)
            found = self.failures if is_failure else self.errors
            outcome = "failed" if is_failure else "error"
            self._note(test, outcome, f"{subtest}\n{found[-1][1]}")


def import_file(path: Path) -> Any:
    """The module of a test file, read anew."""
    name = path.stem
    sys.modules.pop(name, None)
    importlib.invalidate_caches()
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _load_target(loader: unittest.TestLoader, target: str) -> Any:
    """The tests of a file, or of a module, class or method by its name."""
    if not target.endswith(".py"):
        return loader.loadTestsFromName(target)
    path = root_of(target) / target
    directory = str(path.parent)
    sys.path.insert(0, directory)
    try:
        return loader.loadTestsFromModule(import_file(path))
    finally:
        sys.path.remove(directory)


def _load(target: str, tally: Tally) -> unittest.TestSuite:
    """A target's tests; why there are none is its result."""
    loader = unittest.TestLoader()
    try:
        suite = _load_target(loader, target)
        if not loader.errors:
            return suite
        tally.add(target, "error", 0, "\n".join(loader.errors))
    except unittest.SkipTest as skip:
        tally.add(target, "skipped", 0, str(skip))
    except KeyboardInterrupt:
        raise
    except BaseException:
        # SystemExit and what pytest raises are none of Exception's.
        tally.add(target, "error", 0, traceback.format_exc())
    return unittest.TestSuite()


def _wanted(
    suite: unittest.TestSuite, keyword: str, wants: Callable[[str], bool]
) -> unittest.TestSuite:
    """The tests that the options ask for."""
    found = unittest.TestSuite()
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            found.addTest(_wanted(test, keyword, wants))
        elif keyword in test.id() and wants(test.id()):
            found.addTest(test)
    return found


def run(targets: list[str], options: dict[str, Any], tally: Tally) -> int:
    """Run files or dotted names; the exit code that unittest would have."""
    result_class = type("Result", (RecordingResult,), {"tally": tally})
    stream = None if options.get("output") else io.StringIO()
    keyword, wants = options.get("keyword") or "", chooser(options)
    for target in targets:
        tally.start(target)
        suite = _wanted(_load(target, tally), keyword, wants)
        unittest.TextTestRunner(stream, resultclass=result_class).run(suite)
    return tally.exit_code
