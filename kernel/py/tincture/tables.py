"""The page view of a DataFrame or Series that its repr cuts.

Beside the cut table the bundle says that there is more; the page then opens a
comm of the target "tincture.table" and asks for one page after another:

    page to kernel   {"request", "start", "count", "column", "sort", "filter"}
    kernel to page   {"request", "start", "total", "labels", "cells", ...}

Everything travels as text that pandas has formatted.  `sort` is null or
{"key", "descending"}, where a key is a column's position, or -1 - i for level
i of the index.

What was shown is kept, as a copy that shares its data until either changes,
so that the pages are of the table that the reader sees.
"""

from __future__ import annotations

import os
import sys
from typing import Any

MIME_TYPE = "application/vnd.tincture.table+json"
TARGET = "tincture.table"

# Tables that are kept, and the memory that all but the newest may hold.
TABLE_LIMIT = 16
SIZE_LIMIT = 256 << 20

# Rows and columns of one page.
ROW_LIMIT = 100
COLUMN_LIMIT = 60

# Characters of one cell.
CELL_LIMIT = 200

# Cells of a table that is searched for text: every one is formatted then.
FILTER_CELL_LIMIT = 500_000

# Columns that a notebook's repr shows, where pandas' option says "as many as
# the terminal is wide".
DEFAULT_COLUMNS = 20

_tables: dict[str, _Table] = {}


def _text(value: Any) -> str:
    """str(value); an object that cannot say what it is gets its type's
    name."""
    try:
        text = str(value)
    except Exception:
        text = f"<{type(value).__name__} object>"
    if len(text) > CELL_LIMIT:
        text = f"{text[:CELL_LIMIT]}…"
    return text


def _format(values: Any) -> list[str]:
    """A Series' values as pandas shows them."""
    from pandas.io.formats.format import DataFrameFormatter

    try:
        texts = DataFrameFormatter(values.to_frame("")).format_col(0)
    except Exception:
        # One value that cannot be formatted does not hide the others.
        return [_text(value) for value in values.array]
    return [_text(text.strip()) for text in texts]


class _Table:
    """A table that was shown, and the order its rows were last asked in."""

    def __init__(self, value: Any) -> None:
        import pandas

        # A Series has no column; its name, if it has one, stands for that.
        self._label: str | None = None
        if isinstance(value, pandas.DataFrame):
            self._frame = value.copy(deep=False)
        else:
            self._frame = value.to_frame()
            self._label = "" if value.name is None else _text(value.name)
        self._order_key: tuple[Any, ...] = (None, "")
        self._order: Any = None

    @property
    def size(self) -> int:
        """Bytes of its arrays."""
        return int(self._frame.memory_usage(index=False, deep=False).sum())

    @property
    def can_filter(self) -> bool:
        """Looking at every cell takes no more than a moment."""
        return bool(self._frame.size <= FILTER_CELL_LIMIT)

    def _column(self, key: int) -> Any:
        """A column, or a level of the index, counted from the first row."""
        import pandas

        if key >= 0:
            array = self._frame.iloc[:, key].array
        else:
            array = self._frame.index.get_level_values(-1 - key).array
        return pandas.Series(array)

    def _sorted(self, sort: dict[str, Any]) -> Any:
        values = self._column(int(sort["key"]))
        options = {"ascending": not sort["descending"], "kind": "stable"}
        try:
            return values.sort_values(**options).index.to_numpy()
        except Exception:
            # Values that cannot be compared are sorted as they read.
            import pandas

            texts = pandas.Series([_text(value) for value in values])
            return texts.sort_values(**options).index.to_numpy()

    def _matching(self, text: str) -> Any:
        """Which rows hold the text, in whatever column."""
        import numpy
        import pandas

        found = numpy.zeros(len(self._frame), bool)
        levels = self._frame.index.nlevels
        wanted = text.casefold()
        for key in range(-levels, self._frame.shape[1]):
            values = self._column(key)
            try:
                texts = values.astype(str)
            except Exception:
                texts = pandas.Series([_text(value) for value in values])
            found |= numpy.fromiter(
                (wanted in each.casefold() for each in texts.fillna("")),
                bool,
                len(found),
            )
        return found

    def _rows(self, sort: dict[str, Any] | None, text: str) -> Any:
        """Positions of the rows in the wanted order; None for all as they
        are.  The last answer is kept: the next page needs it again."""
        text = text.strip() if self.can_filter else ""
        key = (sort and (sort["key"], sort["descending"]), text)
        if key != self._order_key:
            order = self._sorted(sort) if sort else None
            if text:
                found = self._matching(text)
                if order is None:
                    order = found.nonzero()[0]
                else:
                    order = order[found[order]]
            self._order_key, self._order = key, order
        return self._order

    def page(self, question: dict[str, Any]) -> dict[str, Any]:
        """The answer to one question."""
        order = self._rows(question["sort"], str(question["filter"]))
        total = len(self._frame) if order is None else len(order)
        start = min(max(int(question["start"]), 0), total)
        stop = min(start + min(int(question["count"]), ROW_LIMIT), total)
        rows = slice(start, stop) if order is None else order[start:stop]
        first = min(max(int(question["column"]), 0), self._frame.shape[1])
        columns = slice(first, first + COLUMN_LIMIT)
        part = self._frame.iloc[rows, columns]
        return {
            "start": start,
            "total": total,
            **self._describe_index(part),
            **self._describe_columns(part),
        }

    def _describe_index(self, part: Any) -> dict[str, Any]:
        index = part.index
        levels = [
            _format(index.get_level_values(level).to_series())
            for level in range(index.nlevels)
        ]
        return {
            "names": ["" if n is None else _text(n) for n in index.names],
            "index_types": [
                str(index.get_level_values(level).dtype)
                for level in range(index.nlevels)
            ],
            "index": [list(row) for row in zip(*levels)],
        }

    def _describe_columns(self, part: Any) -> dict[str, Any]:
        from pandas.api.types import is_bool_dtype, is_numeric_dtype

        columns = part.columns
        levels = [
            [_text(label) for label in columns.get_level_values(level)]
            for level in range(columns.nlevels)
        ]
        if self._label is not None:
            levels = [[self._label]]
        types = list(part.dtypes)
        texts = [_format(part.iloc[:, at]) for at in range(part.shape[1])]
        return {
            "labels": [list(labels) for labels in zip(*levels)],
            "types": [str(each) for each in types],
            "numeric": [
                bool(is_numeric_dtype(each) and not is_bool_dtype(each))
                for each in types
            ],
            "column_count": int(self._frame.shape[1]),
            "column_limit": COLUMN_LIMIT,
            "filters": self.can_filter,
            "cells": [list(row) for row in zip(*texts)]
            or [[] for _ in range(len(part))],
        }


def _is_cut(value: Any) -> bool:
    """True when the value's repr leaves rows or columns out."""
    import pandas

    rows = pandas.get_option("display.max_rows")
    if rows and len(value) > rows:
        return True
    if value.ndim == 1:
        return False
    columns = pandas.get_option("display.max_columns")
    if columns == 0:
        columns = DEFAULT_COLUMNS
    return columns is not None and value.shape[1] > columns


def _keep(value: Any) -> str:
    """Remember a table; the oldest make room."""
    from comm import get_comm_manager

    get_comm_manager().register_target(TARGET, _accept)
    name = os.urandom(16).hex()
    _tables[name] = _Table(value)
    sizes = {key: table.size for key, table in _tables.items()}
    total = sum(sizes.values())
    for key in list(_tables)[:-1]:
        if len(_tables) <= TABLE_LIMIT and total <= SIZE_LIMIT:
            break
        total -= sizes[key]
        del _tables[key]
    return name


def add_view(data: dict[str, Any], value: Any) -> None:
    """Say in a bundle's data that the page can have all of a cut table.

    A frame that is too odd for that has its repr, and no more."""
    pandas = sys.modules.get("pandas")
    types = (getattr(pandas, "DataFrame", ()), getattr(pandas, "Series", ()))
    if not isinstance(value, types) or MIME_TYPE in data:
        return
    try:
        if _is_cut(value):
            rows, columns = len(value), value.shape[1] if value.ndim == 2 else 1
            name = _keep(value)
            data[MIME_TYPE] = {"id": name, "rows": rows, "columns": columns}
    except Exception:
        return


def _accept(comm: Any, message: dict[str, Any]) -> None:
    """The page opens a table."""
    table = _tables.get(message["content"]["data"].get("id"))
    if table is None:
        comm.close()
        return

    def answer(message: dict[str, Any]) -> None:
        question = message["content"]["data"]
        try:
            page = table.page(question)
        except Exception as error:
            page = {"error": f"{type(error).__name__}: {error}"}
        comm.send({"request": question["request"], **page})

    comm.on_msg(answer)
