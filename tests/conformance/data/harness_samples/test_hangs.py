"""Hangs in C, where neither Python nor the page gets a turn."""

import re


def test_before() -> None:
    pass


def test_loops() -> None:
    re.match("(a*)*b", "a" * 60)


def test_behind() -> None:
    pass
