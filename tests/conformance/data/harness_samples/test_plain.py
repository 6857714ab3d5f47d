"""Passes, fails, is skipped and expects to fail."""

import pytest


def test_passes() -> None:
    assert 1 + 1 == 2


def test_fails() -> None:
    assert 1 + 1 == 3


@pytest.mark.skip(reason="the sample is skipped")
def test_skips() -> None:
    raise AssertionError


@pytest.mark.xfail(reason="the sample expects it")
def test_expects_failure() -> None:
    raise AssertionError


@pytest.mark.parametrize("number", [1, 2, 3])
def test_parameters(number: int) -> None:
    assert number == 2
