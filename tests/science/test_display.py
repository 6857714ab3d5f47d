# needs: pandas matplotlib
# reads: evaluate.py display_cases.py display_expected.json
"""What is shown of tables and figures, beside what Jupyter shows."""

from __future__ import annotations

import display_cases as cases
from evaluate import check


def test_tables() -> None:
    check("display", cases.TABLES)


def test_figures() -> None:
    check("display", cases.FIGURES)
