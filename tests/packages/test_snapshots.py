"""Snapshots: what they are made from, that they are the same each time, and
that the build notices when a restored kernel errs."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(REPOSITORY / "packages"))

from driver import snapshots  # noqa: E402
from driver.profiles import read_profiles  # noqa: E402
from driver.progress import BuildError  # noqa: E402

DIST = REPOSITORY / "build" / "dist"
SCRIPTS = REPOSITORY / "build" / "plugin"

# Stands in for run.mjs: says what it was given to start from.
RUN_MJS = """
import { readFileSync } from 'node:fs';
const { wasm, snapshot, cells } = JSON.parse(readFileSync(0, 'utf8'));
const start = snapshot === undefined ? 'cold' : ANSWER;
const text = `${start} 0123456789abcdef0123456789abcdef ${cells.length}`;
const id = snapshot === undefined ? 'a'.repeat(32) : 'b'.repeat(32);
console.log(JSON.stringify({ cells: [{ text, id }], error: null }));
"""


def core() -> snapshots.Profile:
    return read_profiles()[0]


class Cells(unittest.TestCase):
    def read(self, text: str) -> list[dict[str, str]]:
        with tempfile.TemporaryDirectory() as place:
            path = Path(place, "n.iomd")
            path.write_text(text, "utf-8")
            return snapshots.read_cells(path)

    def test_cells(self) -> None:
        text = "%% md\nwords\n%% py\na = 1\n\na\n%% py error\n1 / 0\n"
        self.assertEqual(
            self.read(text),
            [
                {"kind": "run", "source": "a = 1\n\na"},
                {"kind": "error", "source": "1 / 0"},
            ],
        )

    def test_unknown_kind(self) -> None:
        with self.assertRaisesRegex(BuildError, "no kind of cell walk"):
            self.read("%% py walk\n1\n")

    def test_every_profile_is_warmed_and_checked(self) -> None:
        for profile in read_profiles():
            self.assertTrue(profile.warm)
            for name in profile.warm:
                for place in (snapshots.WARM, snapshots.CHECKS):
                    cells = snapshots.read_cells(place / f"{name}.iomd")
                    self.assertTrue(cells, place / name)


class Comparison(unittest.TestCase):
    def check(self, answer: str) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            dist = Path(temporary)
            text = RUN_MJS.replace("ANSWER", json.dumps(answer))
            (dist / "run.mjs").write_text(text, "utf-8")
            place = snapshots.Place(dist, dist, dist, dist)
            snapshots._check(place, core())

    def test_equal(self) -> None:
        self.check("cold")

    def test_different(self) -> None:
        with self.assertRaisesRegex(BuildError, "otherwise than a cold one"):
            self.check("warm")


@unittest.skipUnless((DIST / "core.snapshot").exists(), "no build/dist")
class Reproducible(unittest.TestCase):
    def test_same_bytes(self) -> None:
        """Made once more from the same files, it is the same."""
        profile = core()
        names = snapshots.warm_files(profile, DIST)
        with tempfile.TemporaryDirectory() as temporary:
            target = Path(temporary, "again.snapshot")
            place = snapshots.Place(DIST, SCRIPTS, DIST, Path(temporary))
            freezer = snapshots._Freezer(place, profile)
            try:
                freezer.ask(snapshots._question(profile, place, target))
                images = [
                    {"name": name, "file": str(DIST / name)} for name in names
                ]
                freezer.ask({"images": images})
            finally:
                freezer.close()
            made = (DIST / snapshots.snapshot_file(profile)).read_bytes()
            is_same = target.read_bytes() == made
            self.assertTrue(is_same, "the bytes differ")

    def test_a_failing_cell_stops_the_build(self) -> None:
        profile = core()
        with tempfile.TemporaryDirectory() as temporary:
            place = snapshots.Place(DIST, SCRIPTS, DIST, Path(temporary))
            target = Path(temporary, "never.snapshot")
            question = snapshots._question(profile, place, target)
            question["cells"] = [{"kind": "error", "source": "1"}]
            freezer = snapshots._Freezer(place, profile, subprocess.DEVNULL)
            try:
                with self.assertRaisesRegex(BuildError, "no snapshot of"):
                    freezer.ask(question)
            finally:
                freezer.close()
            self.assertFalse(target.exists())


if __name__ == "__main__":
    unittest.main()
