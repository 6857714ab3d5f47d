"""tincture_tests without a kernel: units, results, and the page's data."""

from __future__ import annotations

import os
import sys
import tempfile
import unittest
from pathlib import Path

PACKAGES = Path(__file__).resolve().parents[2] / "packages"
sys.path.insert(0, str(PACKAGES / "tincture-tests"))

import tincture_tests
from tincture_tests import view

TESTS = """
import unittest

class Tea(unittest.TestCase):
    def test_warm(self): pass
    def test_cold(self): self.assertEqual(1, 2)
    def test_lost(self): raise ValueError("gone")
    @unittest.skip("no pot")
    def test_pot(self): pass
    @unittest.expectedFailure
    def test_known(self): self.fail()
    @unittest.expectedFailure
    def test_better(self): pass
    def test_cups(self):
        for n in range(3):
            with self.subTest(n=n):
                self.assertNotEqual(n, 1)
"""
OUTCOMES = {
    "warm": "passed",
    "cold": "failed",
    "lost": "error",
    "pot": "skipped",
    "known": "xfailed",
    "better": "xpassed",
    "cups": "failed",
}


class TinctureTestsTest(unittest.TestCase):
    def setUp(self) -> None:
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(place.name)
        Path("mine/deep").mkdir(parents=True)
        Path("mine/test_tea.py").write_text(TESTS, "utf-8")
        Path("mine/deep/away_test.py").write_text("import nothing_here")
        Path("mine/deep/helper.py").write_text("")
        self.found: list[dict] = []

    def run_tea(self, **options: object) -> dict:
        targets = ["mine/test_tea.py"]
        return tincture_tests.run(
            "unittest", targets, options, self.found.append
        )

    def outcomes(self) -> dict[str, str]:
        return {
            result["id"].rpartition("_")[2]: result["outcome"]
            for result in self.found
            if result["outcome"] != "started"
        }

    def test_units(self) -> None:
        units = tincture_tests.listed("unittest", "mine")
        self.assertEqual(units, ["mine/test_tea.py", "mine/deep/away_test.py"])
        with self.assertRaises(ModuleNotFoundError):
            tincture_tests.listed("unittest", "no_such_package")
        with self.assertRaises(ValueError):
            tincture_tests.run("nose", [])

    def test_each_outcome(self) -> None:
        summary = self.run_tea()
        self.assertEqual(self.outcomes(), OUTCOMES)
        self.assertEqual(summary["exit"], 1)
        self.assertEqual(summary["counts"]["failed"], 2)
        started = [r for r in self.found if r["outcome"] == "started"]
        self.assertEqual(len(started), 1 + len(OUTCOMES))
        cups = next(r for r in self.found if r.get("message", "").count("n=1"))
        self.assertIn("AssertionError", cups["message"])

    def test_chosen(self) -> None:
        self.run_tea(keyword="o", deselect=["test_tea.Tea.test_known"])
        self.assertEqual({*self.outcomes()}, {"cold", "lost", "pot"})
        self.found.clear()
        self.run_tea(ids=["test_tea.Tea.test_warm"])
        self.assertEqual(self.outcomes(), {"warm": "passed"})

    def test_what_cannot_be_imported(self) -> None:
        unit = "mine/deep/away_test.py"
        tincture_tests.run("unittest", [unit], {}, self.found.append)
        self.assertEqual(
            [(r["id"], r["outcome"]) for r in self.found],
            [(unit, "started"), (unit, "error")],
        )
        self.assertIn("nothing_here", self.found[1]["message"])

    def test_long_messages_are_cut(self) -> None:
        text = "a" * 100_000 + "z"
        short = tincture_tests.results.cut(text)
        self.assertLess(len(short), 70_000)
        self.assertTrue(short.endswith("z"))
        self.assertIn("34465 characters", short)

    def test_packed_results_come_back(self) -> None:
        results = view.Results()
        for unit in ("a.py", "b.py", "a.py"):
            for outcome in ("passed", "failed"):
                result = {
                    "id": f"{unit}::{outcome}",
                    "outcome": outcome,
                    "seconds": 0.5,
                    "message": "</script>",
                }
                results.add(unit, result)
        again = view.Results.unpack(results.pack())
        self.assertEqual(again, results)
        self.assertEqual(again.pack(), results.pack())
        self.assertEqual(results.counts()["failed"], 2)
        self.assertNotIn("</script>", view._static(results))
        self.assertNotIn("<", view._script_json({"a": "</script><!--"}))

    def test_files_are_chosen_by_patterns_or_parts(self) -> None:
        unit = "pandas/tests/io/test_sql.py"
        for patterns in ("", "io/", "test_s*", "*/io/*", "nothing sql"):
            self.assertTrue(view._matches(unit, patterns), patterns)
        for patterns in ("nothing", "sql*", "io/test_sql"[::-1]):
            self.assertFalse(view._matches(unit, patterns), patterns)


if __name__ == "__main__":
    unittest.main()
