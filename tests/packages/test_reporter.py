"""What a log of node's tests shows of those that fail, and how little else."""

from __future__ import annotations

import subprocess
import tempfile
import unittest
from pathlib import Path

REPORTER = Path(__file__).resolve().parents[1] / "reporter.mjs"

MIXED = """
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
test('has parts', (t) => t.test('part', () => {}));
test('is left out', { skip: 'not here' }, () => {});
describe('suite, chromium', () => {
  test('differs', () => {
    console.log('seen on the way');
    assert.equal('what came', 'what was expected');
  });
  test('hangs', { timeout: 50 }, () => new Promise((resolve) => {
    setTimeout(resolve, 500);
  }));
});
"""
FINE = """
import { test } from 'node:test';
test('is fine', () => { console.log('nobody asks'); });
"""
FAILS = """
import { describe, test } from 'node:test';
describe('suite', () => {
  test('fails', () => { throw new Error('cannot pass'); });
});
"""
BROKEN = "throw new Error('cannot be loaded');\n"


class ReporterTest(unittest.TestCase):
    """tests/reporter.mjs under node's own runner."""

    def report(self, **files: str) -> str:
        """What is printed for test files of these names."""
        with tempfile.TemporaryDirectory() as folder:
            names = []
            for name, text in files.items():
                names.append(f"{name}.test.mjs")
                Path(folder, names[-1]).write_text(text, "utf-8")
            command = ["node", "--test", "--test-concurrency=1"]
            done = subprocess.run(
                [*command, f"--test-reporter={REPORTER}", *names],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
            )
        self.assertEqual(done.returncode != 0, "not ok" in done.stdout)
        return done.stdout

    def test_what_passes_is_a_line(self) -> None:
        head, line, end = self.report(a=FINE).splitlines()
        self.assertEqual(head, "TAP version 13")
        self.assertRegex(line, r"^ok 1 - a.test.mjs \(1 passed, [\d.]+ s\)$")
        self.assertEqual(end, "# 1 passed, 0 skipped, 0 failed")

    def test_a_failure_is_told_at_once_and_at_the_end(self) -> None:
        text = self.report(a=MIXED, b=FINE)
        lines = text.splitlines()
        names = [
            "not ok 1 - suite, chromium > differs",
            "not ok 2 - suite, chromium > hangs",
        ]
        self.assertEqual(lines[1], names[0])
        self.assertEqual(lines[-3:-1], names)
        self.assertEqual(lines[-1], "# 3 passed, 1 skipped, 2 failed")
        self.assertIn("what came", text)
        self.assertIn("seen on the way", text)
        self.assertIn("timed out", text)
        self.assertNotIn("nobody asks", text)
        self.assertRegex(text, r"(?m)^ok 1 - a.test.mjs \(2 passed, 1 skipped")
        self.assertRegex(text, r"(?m)^# failed: suite, chromium \(0 passed, 2")
        self.assertLess(text.index("what came"), text.index("b.test.mjs"))

    def test_what_another_file_printed_is_not_told(self) -> None:
        text = self.report(a=FINE, b=FAILS)
        self.assertIn("cannot pass", text)
        self.assertNotIn("nobody asks", text)

    def test_a_file_that_does_not_load_says_why(self) -> None:
        text = self.report(a=BROKEN, b=FINE)
        self.assertRegex(text, r"(?m)^not ok 1 - .*a\.test\.mjs$")
        self.assertIn("cannot be loaded", text)
        self.assertIn("ok 2 - b.test.mjs", text)


if __name__ == "__main__":
    unittest.main()
