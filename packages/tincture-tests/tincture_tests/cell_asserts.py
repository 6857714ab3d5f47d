"""Assertions in cells that say what was compared, as those in files do.

pytest rewrites the asserts of a test file when it is imported.  Code of a
cell is there already, so for the time of a run the functions of the notebook
get code that was compiled once more, from the cells' sources, with rewritten
asserts.
"""

from __future__ import annotations

import __future__

import ast
import linecache
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from _pytest.assertion.rewrite import rewrite_asserts

_FUTURE_FLAGS = 0
for _name in __future__.all_feature_names:
    _FUTURE_FLAGS |= getattr(__future__, _name).compiler_flag
# `nested_scopes` shares its bit with another meaning.
_FUTURE_FLAGS &= ~__future__.nested_scopes.compiler_flag


def _functions(namespace: dict[str, Any]) -> Iterator[FunctionType]:
    """The functions of a notebook and of its classes."""
    for value in list(namespace.values()):
        # A fixture or a decorated test has the function inside.
        for _ in range(_WRAPPER_LIMIT):
            if isinstance(value, FunctionType | type):
                break
            value = getattr(value, "__wrapped__", None) or getattr(
                value, "_fixture_function", None
            )
        if isinstance(value, FunctionType):
            yield value
        elif isinstance(value, type) and value.__module__ == "__main__":
            members = (getattr(m, "__func__", m) for m in vars(value).values())
            yield from (m for m in members if isinstance(m, FunctionType))


# How many decorators are looked through.
_WRAPPER_LIMIT = 8


def _codes(code: CodeType) -> Iterator[CodeType]:
    for item in code.co_consts:
        if isinstance(item, CodeType):
            yield item
            yield from _codes(item)


def _parse(source: str) -> ast.Module:
    """The tree of a cell, whose commands of IPython's become calls."""
    try:
        return ast.parse(source)
    except SyntaxError:
        from tincture import transform

        return ast.parse(transform.transform(source).source)


def _recompile(name: str, flags: int, config: Any) -> dict[Any, CodeType]:
    """A cell's functions with rewritten asserts, by place."""
    source = "".join(linecache.getlines(name))
    try:
        tree = _parse(source)
        rewrite_asserts(tree, source.encode(), name, config)
        flags = flags & _FUTURE_FLAGS | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code = compile(tree, name, "exec", flags, dont_inherit=True)
    except SyntaxError:
        return {}
    return {(c.co_qualname, c.co_firstlineno): c for c in _codes(code)}


class Rewriting:
    """Functions of a namespace with rewritten asserts, until `undo`."""

    def __init__(self, namespace: dict[str, Any], config: Any) -> None:
        self._namespace = namespace
        self._originals: list[tuple[FunctionType, CodeType]] = []
        cells: dict[tuple[str, int], dict[Any, CodeType]] = {}
        for function in _functions(namespace):
            code = function.__code__
            if not code.co_filename.startswith("<cell "):
                continue
            flags = code.co_flags & _FUTURE_FLAGS
            key = code.co_filename, flags
            if key not in cells:
                cells[key] = _recompile(*key, config)
            found = cells[key].get((code.co_qualname, code.co_firstlineno))
            if found is not None and found.co_freevars == code.co_freevars:
                self._originals.append((function, code))
                function.__code__ = found
        if self._originals:
            self._bind()

    def _bind(self) -> None:
        """The names by which rewritten code reaches pytest."""
        import builtins

        import _pytest.assertion.rewrite

        self._namespace["@py_builtins"] = builtins
        self._namespace["@pytest_ar"] = _pytest.assertion.rewrite

    def undo(self) -> None:
        for function, code in self._originals:
            function.__code__ = code
        for name in ("@py_builtins", "@pytest_ar"):
            self._namespace.pop(name, None)
