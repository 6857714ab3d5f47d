# needs: numpy
"""Where extremes are, and what generators bring: exact answers."""

from __future__ import annotations

import numpy as np

TYPES = "bBhHiIlLqQefd"
SIZES = (1, 2, 7, 8, 63, 255, 256, 257, 512, 700, 1500)


def first_extreme(values: list, sign: int) -> int:
    """The first NaN, else the first of the largest (smallest)."""
    best = 0
    for index, value in enumerate(values):
        if value != value:
            return index
        if sign * value > sign * values[best]:
            best = index
    return best


def check(array: np.ndarray, what: str) -> None:
    values = array.tolist()
    assert array.argmax() == first_extreme(values, 1), f"argmax {what}"
    assert array.argmin() == first_extreme(values, -1), f"argmin {what}"


def test_extremes_of_every_type_and_size() -> None:
    random = np.random.default_rng(4)
    for code in TYPES:
        for size in SIZES:
            for limit in (3, 100):
                low = 0 if code.isupper() else -limit
                array = random.integers(low, limit, size).astype(code)
                check(array, f"{code} {size} below {limit}")
                check(np.sort(array), f"{code} {size} sorted")
                check(np.sort(array)[::-1], f"{code} {size} reversed")


def test_what_is_not_a_number_comes_first() -> None:
    for code in "efd":
        for size in SIZES:
            for place in {0, size // 3, size // 2, size - 1}:
                array = np.linspace(-1.0, 1.0, size).astype(code)
                array[place] = np.nan
                check(array, f"{code} {size} nan at {place}")
                array[size // 2] = np.nan
                check(array, f"{code} {size} two nans")


def test_infinities_and_zeros() -> None:
    for code in "efd":
        for size in SIZES:
            array = np.zeros(size, code)
            array[::2] = -0.0
            check(array, f"{code} {size} zeros")
            array[size // 2] = np.inf
            check(array, f"{code} {size} infinity")
            array[size // 3] = -np.inf
            check(array, f"{code} {size} both infinities")
            check(np.full(size, -np.inf, code), f"{code} {size} minus")


def test_generators_bring_the_same_numbers_everywhere() -> None:
    random = np.random.default_rng(12345)
    assert random.random(3).tolist() == [
        0.22733602246716966,
        0.31675833970975287,
        0.7973654573327341,
    ]
    assert random.integers(0, 2**63 - 1, 3, dtype=np.int64).tolist() == [
        6237348419996972167,
        3607348892368485766,
        3069666675758614433,
    ]
    assert random.integers(0, 10**15, 2, dtype=np.int64).tolist() == [
        598308753587189,
        186734185603713,
    ]
    random.bit_generator.advance(10**20)
    assert random.random() == 0.11099510493655695
    philox = np.random.Generator(np.random.Philox(7))
    assert philox.integers(0, 2**40, 2, dtype=np.int64).tolist() == [
        515470278212,
        468552302073,
    ]
