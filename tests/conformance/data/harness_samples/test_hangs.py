"""Hangs, once where Python looks for signals and once where it does not."""

import re


def test_before() -> None:
    pass


def test_loops() -> None:
    while True:
        pass


def test_loops_in_c() -> None:
    re.match("(a*)*b", "a" * 60)


def test_behind() -> None:
    pass
