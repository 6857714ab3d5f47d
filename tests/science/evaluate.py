"""Compares expressions' results with what CPython answered natively.

    python3.13 tests/science/evaluate.py pandas > tests/science/pandas_expected.json

writes down, with the wheels of the versions that the recipes name, what the
expressions in pandas_cases.py give: the text of each result, or its exception.
Read what changed in the file; it is the answer that the kernel is held to.
"""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path

# How far one place of a picture's map may be from the native one (of 255).
BRIGHTNESS_TOLERANCE = 6


def text_of(value: object) -> str:
    """What is compared: the text that a notebook would show."""
    to_string = getattr(value, "to_string", None)
    if callable(to_string) and not isinstance(value, type):
        return f"{to_string()}\n{getattr(value, 'dtype', '')}".rstrip()
    return value if isinstance(value, str) else repr(value)


def evaluate(package: str, cases: Mapping[str, str]) -> dict[str, str]:
    """Every case's result by its name; each starts from `setup()`."""
    module = importlib.import_module(f"{package}_cases")
    results = {}
    for name, expression in cases.items():
        names = module.setup()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                results[name] = text_of(eval(expression, names))
            except Exception as error:
                results[name] = f"{type(error).__name__}: {error}"
    return results


def is_same(actual: str, expected: str) -> bool:
    """Equal texts, or maps of pictures that are almost equal."""
    both = (actual, expected)
    if not all(text.startswith("map\n") for text in both):
        return actual == expected
    one, other = (bytes.fromhex(text[4:]) for text in both)
    differences = [abs(a - b) for a, b in zip(one, other, strict=True)]
    return max(differences) <= BRIGHTNESS_TOLERANCE


def check(package: str, cases: Mapping[str, str]) -> None:
    """AssertionError that names every case with another result."""
    path = Path(__file__).with_name(f"{package}_expected.json")
    expected = json.loads(path.read_text("utf-8"))
    wrong = [
        f"{name}\n--- expected\n{expected[name]}\n--- but got\n{actual}"
        for name, actual in evaluate(package, cases).items()
        if not is_same(actual, expected[name])
    ]
    assert not wrong, "\n\n".join([f"{len(wrong)} differ", *wrong])


def main(package: str) -> None:
    """Write down the results of all cases of a package."""
    cases = importlib.import_module(f"{package}_cases").CASES
    text = json.dumps(evaluate(package, cases), indent=1, ensure_ascii=False)
    print(text)


if __name__ == "__main__":
    main(sys.argv[1])
