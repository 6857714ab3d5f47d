"""What pytest is told about notebooks; it loads this by its entry point.

- Tests that stand in cells are collected as `notebook`, unless the run names
  other files; `pytest.main(["__main__"])` names them alone.
- The page shows colours, although its streams are no terminal.
- A run leaves no test modules behind: the next one reads files anew.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Generator
from types import ModuleType
from typing import Any

import pytest

from tincture_tests import cell_asserts

# How `pytest.main` names the notebook's own tests, and what they are shown as.
MAIN = "__main__"
NOTEBOOK = "notebook"

_wanted = pytest.StashKey[bool]()
_modules = pytest.StashKey[set[str]]()
_undo = pytest.StashKey[cell_asserts.Rewriting]()


class Notebook(pytest.Module):
    """The tests that were defined in cells."""

    def _getobj(self) -> ModuleType:
        return sys.modules[MAIN]


def _is_in_kernel() -> bool:
    """Whether this is a notebook's kernel, not a process at a terminal."""
    return "_tincture" in sys.modules


def _wants_notebook(config: pytest.Config) -> bool:
    """Whether the run is of the cells too; their name is no file's."""
    if MAIN in config.args:
        config.args.remove(MAIN)
        return True
    return config.args_source is not pytest.Config.ArgsSource.ARGS


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Before anything is collected."""
    if not _is_in_kernel():
        return
    config.stash[_wanted] = _wants_notebook(config)
    config.stash[_modules] = set(sys.modules)
    importlib.invalidate_caches()
    if config.option.color == "auto" and sys.stdout is sys.__stdout__:
        config.option.color = "yes"


def pytest_unconfigure(config: pytest.Config) -> None:
    """After the run, however it ended."""
    rewriting = config.stash.get(_undo, None)
    if rewriting is not None:
        rewriting.undo()
    before = config.stash.get(_modules, None)
    if before is None:
        return
    for name in sys.modules.keys() - before:
        if _is_test_module(sys.modules[name]):
            del sys.modules[name]


def _is_test_module(module: Any) -> bool:
    """A module that pytest read from a test file or a conftest.py."""
    loader = getattr(module, "__loader__", None)
    return type(loader).__name__ == "AssertionRewritingHook"


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The notebook is collected beside the session's files."""
    config = collector.config
    report = yield
    wants = isinstance(collector, pytest.Session) and report.passed
    if wants and config.stash.get(_wanted, False):
        namespace = vars(sys.modules[MAIN])
        config.stash[_undo] = cell_asserts.Rewriting(namespace, config)
        path = config.invocation_params.dir / NOTEBOOK
        report.result.append(Notebook.from_parent(collector, path=path))
    return report
