# needs: matplotlib pandas
# reads: evaluate.py matplotlib_cases.py matplotlib_expected.json
"""matplotlib beside what it answered natively; the cases say what."""

from __future__ import annotations

import matplotlib_cases as cases
from evaluate import check
from matplotlib.backends import backend_registry


def test_pictures() -> None:
    check("matplotlib", cases.PICTURES)


def test_plots() -> None:
    check("matplotlib", cases.PLOTS)


def test_backends_outlast_an_emptied_registry() -> None:
    def known() -> set[str]:
        names = backend_registry.list_all()
        return {name for name in names if not name.startswith("module://")}

    before = known()
    backend_registry._clear()
    assert known() == before


def test_files_and_errors() -> None:
    check("matplotlib", cases.FILES_AND_ERRORS)
