"""What a test's result is, and how results are counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

KINDS = ("pytest", "unittest", "regrtest")

OUTCOMES = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")

# Reported when a test, or the import of a unit, begins.
STARTED = "started"

# A longer message is cut in its middle: a test can print without end.
MESSAGE_LIMIT = 64 * 1024


def cut(text: str) -> str:
    """The text, or its two ends."""
    if len(text) <= MESSAGE_LIMIT:
        return text
    half = MESSAGE_LIMIT // 2
    left_out = len(text) - 2 * half
    return f"{text[:half]}\n... {left_out} characters ...\n{text[-half:]}"


class Tally:
    """Takes results, counts them, and passes them on."""

    def __init__(
        self, report: Callable[[dict[str, Any]], object] | None = None
    ) -> None:
        self.counts = dict.fromkeys(OUTCOMES, 0)
        self._report = report

    def start(self, name: str) -> None:
        """A test begins: the last such name is what a crash ended."""
        if self._report is not None:
            self._report({"id": name, "outcome": STARTED})

    def add(
        self, name: str, outcome: str, seconds: float = 0.0, message: str = ""
    ) -> None:
        """One test's result."""
        self.counts[outcome] += 1
        if self._report is not None:
            self._report(
                {
                    "id": name,
                    "outcome": outcome,
                    "seconds": round(seconds, 6),
                    "message": cut(message),
                }
            )

    @property
    def exit_code(self) -> int:
        """0 where nothing failed, as all three runners have it."""
        return int(self.counts["failed"] + self.counts["error"] > 0)


def chooser(options: Mapping[str, Any]) -> Callable[[str], bool]:
    """Whether the options ask for a test, by its id."""
    ids = options.get("ids")
    wanted = None if ids is None else set(ids)
    unwanted = set(options.get("deselect") or ())
    return lambda name: (
        name not in unwanted and (wanted is None or name in wanted)
    )
