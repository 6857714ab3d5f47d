"""Ends the kernel in its middle: what comes behind must run all the same."""

import ctypes


def test_before() -> None:
    pass


def test_reads_beyond_memory() -> None:
    ctypes.string_at(0xFFFFFFF0)


def test_between() -> None:
    pass


def test_leaves() -> None:
    import os

    os._exit(3)


def test_behind() -> None:
    pass
