# needs: numpy
"""numpy's elementary functions on arrays, beside the scalar ones of libm."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

SEED = 20260131
COUNT = 4001

# Units in the last place that array and scalar may be apart.  In the kernel
# they are the same but for expm1's and tanh's last unit.
DOUBLE_TOLERANCE_ULP = 2
SINGLE_TOLERANCE_ULP = 4

FUNCTIONS: dict[str, tuple[Callable[[float], float], float, float]] = {
    "exp": (math.exp, -740.0, 705.0),
    "exp2": (math.exp2, -1060.0, 1020.0),
    "expm1": (math.expm1, -60.0, 60.0),
    "log": (math.log, 1e-300, 1e300),
    "log2": (math.log2, 1e-300, 1e300),
    "tanh": (math.tanh, -25.0, 25.0),
    "sin": (math.sin, -1e4, 1e4),
    "cos": (math.cos, -1e4, 1e4),
}


def inputs(low: float, high: float) -> np.ndarray:
    """Numbers all over a range, also near zero and one."""
    random = np.random.default_rng(SEED)
    values = random.uniform(low, high, COUNT)
    values[::4] = random.uniform(max(low, 0.4), min(high, 2.5), 1001)
    values[1::4] = 1 + random.normal(0, 1e-3, 1000)
    if low < 0:
        values[2::8] = random.normal(0, 1e-9, 500)
    return values


def distance_ulp(found: np.ndarray, exact: np.ndarray) -> float:
    """The largest distance in units in the last place."""
    assert (np.isnan(found) == np.isnan(exact)).all()
    same = (found == exact) | np.isnan(exact)
    units = np.spacing(np.abs(exact[~same]))
    apart = np.abs(found[~same] - exact[~same]) / units
    return float(apart.max(initial=0))


def test_doubles() -> None:
    for name, (scalar, low, high) in FUNCTIONS.items():
        values = inputs(low, high)
        exact = np.array([scalar(value) for value in values.tolist()])
        apart = distance_ulp(getattr(np, name)(values), exact)
        assert apart <= DOUBLE_TOLERANCE_ULP, (name, apart)


def test_floats() -> None:
    for name, (scalar, low, high) in FUNCTIONS.items():
        low, high = max(low, -80.0), min(high, 80.0)
        values = inputs(low, high).astype("f4")
        exact = np.array([scalar(value) for value in values.tolist()])
        apart = distance_ulp(getattr(np, name)(values), exact.astype("f4"))
        assert apart <= SINGLE_TOLERANCE_ULP, (name, apart)


def test_power() -> None:
    random = np.random.default_rng(SEED)
    bases = np.exp(random.uniform(-30, 30, COUNT))
    exponents = random.uniform(-20, 20, COUNT)
    exact = np.array([math.pow(a, b) for a, b in
                      zip(bases.tolist(), exponents.tolist())])
    assert distance_ulp(np.power(bases, exponents), exact) <= 2
    whole = np.round(exponents)
    exact = np.array([math.pow(-a, b) for a, b in
                      zip(bases.tolist(), whole.tolist())])
    assert distance_ulp(np.power(-bases, whole), exact) <= 2
    row = np.array([2.0, 3.0, 2.0])
    assert np.power.accumulate(row).tolist() == [2.0, 8.0, 64.0]


def test_special_values() -> None:
    values = np.array([0.0, -0.0, 1.0, np.inf, -np.inf, np.nan])
    expected = {
        "exp": [1.0, 1.0, math.e, np.inf, 0.0, np.nan],
        "exp2": [1.0, 1.0, 2.0, np.inf, 0.0, np.nan],
        "expm1": [0.0, -0.0, math.expm1(1), np.inf, -1.0, np.nan],
        "log": [-np.inf, -np.inf, 0.0, np.inf, np.nan, np.nan],
        "log2": [-np.inf, -np.inf, 0.0, np.inf, np.nan, np.nan],
        "tanh": [0.0, -0.0, math.tanh(1), 1.0, -1.0, np.nan],
        "sin": [0.0, -0.0, math.sin(1), np.nan, np.nan, np.nan],
        "cos": [1.0, 1.0, math.cos(1), np.nan, np.nan, np.nan],
    }
    with np.errstate(all="ignore"):
        for name, results in expected.items():
            for kind, digits in (("f8", 15), ("f4", 6)):
                found = getattr(np, name)(values.astype(kind))
                exact = np.array(results).astype(kind)
                near = np.isclose(found, exact, 10.0 ** -digits, 0,
                                  equal_nan=True)
                signs = np.signbit(found) == np.signbit(exact)
                assert (near & (signs | np.isnan(exact))).all(), (name, found)


def near(found: np.ndarray, exact: np.ndarray) -> bool:
    """Whether results agree; native loops depend on the layout a little."""
    return found.shape == exact.shape and distance_ulp(
        found, exact) <= DOUBLE_TOLERANCE_ULP


def test_layouts() -> None:
    """Operands that are strided, reversed, odd in count, or the result."""
    values = inputs(0.1, 5.0)
    for kind in ("f8", "f4"):
        array = values.astype(kind)
        for name in ("exp", "log", "tanh", "sin", "exp2"):
            function = getattr(np, name)
            whole = function(array)
            for part in (slice(None, None, 3), slice(None, None, -1),
                         slice(7), slice(1), slice(5, 1030)):
                assert near(function(array[part]), whole[part]), name
            copy = array.copy()
            function(copy, out=copy)
            assert near(copy, whole), name
            spread = np.zeros(2 * COUNT, dtype=kind)
            function(array, out=spread[::2])
            assert near(spread[::2], whole), name
            assert not spread[1::2].any(), name
        powers = np.power(array, array[::-1])
        assert near(np.power(array[::2], array[::-1][::2]), powers[::2])
        assert near(np.power(array, array.dtype.type(2.5)),
                    np.power(array, np.full_like(array, 2.5)))
