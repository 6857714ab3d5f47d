# needs: pandas
# reads: evaluate.py pandas_cases.py pandas_expected.json
"""pandas beside what it answered natively; the cases say what."""

from __future__ import annotations

import pandas_cases as cases
from evaluate import check


def test_groups() -> None:
    check("pandas", cases.GROUPS)


def test_joins() -> None:
    check("pandas", cases.JOINS)


def test_shapes() -> None:
    check("pandas", cases.SHAPES)


def test_files() -> None:
    check("pandas", cases.FILES)


def test_times() -> None:
    check("pandas", cases.TIMES)


def test_columns() -> None:
    check("pandas", cases.COLUMNS)


def test_texts() -> None:
    check("pandas", cases.TEXTS)


def test_display() -> None:
    check("pandas", cases.DISPLAY)


def test_integers() -> None:
    check("pandas", cases.INTEGERS)
