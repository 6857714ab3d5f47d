# needs: numpy
# reads: fp_status_cases.py fp_status_expected.json
"""numpy's floating-point errors beside those of native status flags."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import fp_status_cases as cases
import numpy as np

# A failure tells of so many groups.
TOLD_COUNT = 12


def test_every_case_is_reported_as_natively() -> None:
    expected = json.loads(Path("fp_status_expected.json").read_text())
    found = cases.measure()
    assert found.keys() == expected.keys()
    different = [
        f"{name}:\n  native {expected[name]}\n  here   {digits}"
        for name, digits in found.items()
        if digits != expected[name]
    ]
    told = "\n".join(different[:TOLD_COUNT])
    assert not different, f"{len(different)} of {len(found)} differ:\n{told}"


def test_modes() -> None:
    said: list[str] = []

    class Log:
        def write(self, text: str) -> None:
            said.append(text)

    with np.errstate(all="log", call=Log()):
        np.array([1.0]) / 0
    assert said == ["Warning: divide by zero encountered in divide\n"]
    with np.errstate(divide="raise"), np.errstate(divide="ignore"):
        np.log(0.0)
    with np.errstate(invalid="raise", divide="ignore"):
        np.log(0.0)
        try:
            np.log(-1.0)
        except FloatingPointError as error:
            assert str(error) == "invalid value encountered in log"
        else:
            raise AssertionError("log(-1) did not raise")


def test_errors_do_not_linger() -> None:
    with np.errstate(all="ignore"):
        np.array([1.0, 0.0]) / 0
        np.array([np.nan]).astype(int)
    with np.errstate(all="raise"):
        assert (np.array([1.0, 2.0]) + 1).tolist() == [2.0, 3.0]
        assert np.float64(2.0) * 2 == 4


def test_missing_values_are_silent() -> None:
    """Data with NaN and infinities, of more than one piece of a loop."""
    values = np.linspace(-5, 5, 10_001)
    values[::3] = np.nan
    values[1::30] = np.inf
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(values + 1).sum() == 3334
        assert np.isinf(values * 2).sum() == np.isinf(values).sum()
        assert np.nanmin(values) == values[2]
        np.exp(values), np.sqrt(np.abs(values)), np.maximum(values, 0)
        np.nanmean(np.where(np.isinf(values), np.nan, values))


def test_linear_algebra_raises() -> None:
    try:
        np.linalg.inv(np.zeros((2, 2)))
    except np.linalg.LinAlgError as error:
        assert str(error) == "Singular matrix"
    else:
        raise AssertionError("a singular matrix was inverted")
