"""The figures of tests/fuzz: every fuzzer is of one area, the tables are what
the figures say, and lines are summed by library."""

from __future__ import annotations

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packages"))

from driver import faults  # noqa: E402


class FaultsTest(unittest.TestCase):
    def test_every_fuzzer_is_of_one_area(self) -> None:
        sources = sorted((ROOT / "tests" / "fuzz").glob("fuzz_*.c"))
        self.assertTrue(sources)
        for source in sources:
            name = source.stem.removeprefix("fuzz_")
            areas = [
                area
                for area, pattern in faults.AREAS.items()
                if re.match(pattern, name)
            ]
            self.assertEqual(len(areas), 1, f"{name}: {areas}")

    def test_tables_are_current(self) -> None:
        text = faults.README.read_text("utf-8")
        self.assertIn(faults.render(faults.read()), text)

    def test_sums(self) -> None:
        fuzzers = {
            "fs_image": {"executions": 1_000_000, "sanitized": 5},
            "fs_syscalls": {"executions": 234, "sanitized": 6},
        }
        text = faults.render({"fuzzers": fuzzers})
        self.assertIn("| **file system** | 1 000 234 | 11 |", text)
        self.assertIn("| **bridge** | 0 | 0 | 0 |", text)

    def test_lines_by_library(self) -> None:
        def file(name: str, covered: int) -> dict:
            lines = {"covered": covered, "count": 10}
            return {"filename": name, "summary": {"lines": lines}}

        totals = faults._sum_lines([
            file("/r/bridge/json.c", 4),
            file("/r/bridge/buffer.c", 5),
            file("/r/kernel/fs/pipe.c", 6),
            file("/r/tests/fuzz/fuzz_bridge_json.c", 7),
        ])
        self.assertEqual(totals["bridge"], {"reached": 9, "lines": 20})
        self.assertEqual(totals["kernel/fs"], {"reached": 6, "lines": 10})
        self.assertEqual(totals["plugin/pack"], {"reached": 0, "lines": 0})


if __name__ == "__main__":
    unittest.main()
