"""A suite in the page: Run, progress, and a table of results.

What is displayed is HTML with its script (view.js): it searches, sorts and
filters without Python, so a saved page has the whole table.  While a suite
runs, a second display hands the script what came since the last time.  Its
buttons leave a wish here (`choose`) and run the cell again.
"""

from __future__ import annotations

import base64
import fnmatch
import gzip
import html
import json
import time
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from tincture_tests import run
from tincture_tests.results import OUTCOMES, STARTED
from tincture_tests.suites import listed, settings, versions

# How often the page is told what is new.
FEED_INTERVAL_S = 0.25

# Failures that a page without scripts shows; the others are only in the data.
STATIC_LIMIT = 50

# Where the page is handed what is new; nothing to see.
FEED = '<span class="tn-suite-feed" hidden></span>'

# What the page's buttons asked for, by suite: taken by the next `show`.
_wishes: dict[str, dict[str, Any]] = {}


def choose(suite: str, wish: dict[str, Any]) -> None:
    """What the next `show` of this suite runs.

    files       a pattern for its files
    keyword     as `run` has it
    ids         by unit, the tests to run once more; with them
    before      the results that these replace, as the page has them
    """
    _wishes[suite] = wish


def _matches(unit: str, patterns: str) -> bool:
    """Whether a unit is meant: by a pattern, or by a part of its name."""
    if not patterns.split():
        return True
    for pattern in patterns.split():
        if any(sign in pattern for sign in "*?["):
            name = unit.rpartition("/")[2]
            if fnmatch.fnmatch(unit, pattern) or fnmatch.fnmatch(name, pattern):
                return True
        elif pattern in unit:
            return True
    return False


@dataclass
class Results:
    """All results of a suite, in the order in which they came first."""

    places: dict[str, int] = field(default_factory=dict)  # of the units
    rows: dict[tuple[int, str], list[Any]] = field(default_factory=dict)

    def add(self, unit: str, result: dict[str, Any]) -> list[Any]:
        """Enter a result; the row as the page gets it."""
        place = self.places.setdefault(unit, len(self.places))
        outcome = OUTCOMES.index(result["outcome"])
        row = [
            place,
            result["id"],
            outcome,
            round(result["seconds"] * 1000, 2),
            result["message"],
        ]
        self.rows[place, result["id"]] = row
        return row

    def counts(self) -> dict[str, int]:
        counts = dict.fromkeys(OUTCOMES, 0)
        for row in self.rows.values():
            counts[OUTCOMES[row[2]]] += 1
        return counts

    def pack(self) -> str:
        """All of it as text: JSON, gzip, base64."""
        data = {"units": list(self.places), "rows": list(self.rows.values())}
        text = json.dumps(data, separators=(",", ":"))
        # No date: the same results give the same page.
        return base64.b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode()

    @classmethod
    def unpack(cls, text: str) -> Results:
        data = json.loads(gzip.decompress(base64.b64decode(text)))
        rows = {(row[0], row[1]): row for row in data["rows"]}
        places = {unit: place for place, unit in enumerate(data["units"])}
        return cls(places, rows)


def _asset(name: str) -> str:
    return resources.files("tincture_tests").joinpath(name).read_text("utf-8")


def _script_json(value: Any) -> str:
    """JSON that cannot end the script element that it stands in."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _describe(counts: dict[str, int]) -> str:
    parts = [f"{count:,} {name}" for name, count in counts.items() if count]
    return ", ".join(parts) or "no results"


def _static(results: Results) -> str:
    """What is there without scripts: counts, and what failed."""
    bad = (OUTCOMES.index("failed"), OUTCOMES.index("error"))
    failures = [row for row in results.rows.values() if row[2] in bad]
    parts = [f"<p>{html.escape(_describe(results.counts()))}</p>"]
    for row in failures[:STATIC_LIMIT]:
        summary = html.escape(f"{OUTCOMES[row[2]]}: {row[1]}")
        parts.append(
            f"<details><summary>{summary}</summary>"
            f"<pre>{html.escape(row[4])}</pre></details>"
        )
    if len(failures) > STATIC_LIMIT:
        parts.append(f"<p>... and {len(failures) - STATIC_LIMIT:,} more</p>")
    return "".join(parts)


class View:
    """The two displays of a suite that runs."""

    def __init__(self, state: dict[str, Any]) -> None:
        from IPython.display import display

        self._state = state
        self._assets = (
            f"<style>{_asset('view.css')}</style>"
            f"<script>{_asset('view.js')}</script>"
        )
        self._rows: list[list[Any]] = []
        self._fed_s = time.monotonic()
        bundle = self._bundle(Results())
        self._handle = display(bundle, raw=True, display_id=True)
        empty = {"text/html": FEED, "text/plain": ""}
        self._feeder = display(empty, raw=True, display_id=True)

    def _bundle(self, results: Results) -> dict[str, str]:
        markup = (
            '<div class="tn-suite"><script type="application/json">'
            f"{_script_json(self._state)}</script>{_static(results)}</div>"
        )
        text = f"{self._state['suite']}: {_describe(results.counts())}"
        return {"text/html": markup + self._assets, "text/plain": text}

    def feed(self, unit: str, row: list[Any] | None = None) -> None:
        """Tell the page of a result, or of the file that is run now."""
        if row is not None:
            self._rows.append(row)
        self._state["now"] = unit
        if time.monotonic() - self._fed_s >= FEED_INTERVAL_S:
            self.flush()

    def flush(self) -> None:
        """Hand over what was held back."""
        news = {**self._state, "rows": self._rows}
        del news["packed"]
        call = f"tinctureSuites.feed({_script_json(news)})"
        self._show_feed(f"<script>{call}</script>")
        self._rows = []
        self._fed_s = time.monotonic()

    def _show_feed(self, markup: str) -> None:
        self._feeder.update(
            {"text/html": FEED + markup, "text/plain": ""},
            raw=True,
        )

    def finish(self, results: Results) -> None:
        """The display as it is saved: with everything."""
        self._state["packed"] = results.pack()
        self._state["now"] = ""
        self._handle.update(self._bundle(results), raw=True)
        self._show_feed("")


def _plan(
    suite: str, kind: str, wish: dict[str, Any]
) -> list[tuple[str, list[str] | None]]:
    """The units to run, each with the tests of it that are wanted."""
    if wish.get("ids"):
        return list(wish["ids"].items())
    files = wish.get("files", "")
    return [(unit, None) for unit in listed(kind, suite) if _matches(unit, files)]


def _run_unit(
    unit: str,
    ids: list[str] | None,
    wish: dict[str, Any],
    results: Results,
    view: View,
) -> None:
    known = settings(wish["suite"])
    options = {**known["options"], **wish["options"], "ids": ids}
    options["keyword"] = wish.get("keyword", "")

    def report(result: dict[str, Any]) -> None:
        if result["outcome"] != STARTED:
            view.feed(unit, results.add(unit, result))

    # At once: a file that hangs is the one that is named.
    view.feed(unit)
    view.flush()
    run(wish["kind"], [unit], options, report)


def show(
    suite: str,
    files: str = "",
    keyword: str = "",
    kind: str | None = None,
    **options: Any,
) -> None:
    """Run a suite and show what it gives as a table that can be searched.

    The suite is a package, a directory or "python"; `files` says which of its
    files, by patterns or parts of their names, and `keyword` which tests.
    Other options are those of `run`.
    """
    wish = {"files": files, "keyword": keyword, **_wishes.pop(suite, {})}
    kind = kind or settings(suite)["kind"]
    wish |= {"suite": suite, "kind": kind, "options": options}
    before = wish.pop("before", None)
    results = Results.unpack(before) if before else Results()
    plan = _plan(suite, kind, wish)
    state: dict[str, Any] = {
        "suite": suite,
        "state": "running",
        "versions": versions(suite),
        "files": wish["files"],
        "keyword": wish["keyword"],
        "packed": before,
        "done": 0,
        "total": len(plan),
    }
    view = View(state)
    start_s = time.perf_counter()
    try:
        for unit, ids in plan:
            _run_unit(unit, ids, wish, results, view)
            state["done"] += 1
            state["seconds"] = time.perf_counter() - start_s
        state["state"] = "done"
    except KeyboardInterrupt:
        state["state"] = "stopped"
    finally:
        state["seconds"] = time.perf_counter() - start_s
        if state["state"] == "running":
            state["state"] = "stopped"
        view.finish(results)
