"""Loops for the engine that compiles the eval loop; see hosts/web_teach.c."""

from __future__ import annotations

# Rounds after which V8 has reason to compile the second eval loop.
ROUNDS = 1000


def run_loops() -> None:
    """Iterate over values of many types, each by an instruction that is new,
    so that no specialized one takes its place; then calculate."""
    for _ in {1: 1}:
        pass
    for _ in "a":
        pass
    for _ in b"a":
        pass
    for _ in {1}:
        pass
    for _ in zip("a"):
        pass
    for _ in map(len, "a"):
        pass
    for number in range(ROUNDS):
        number * 2 % 7
