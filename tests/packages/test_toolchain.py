"""The lock: which drift counts and what is said about it."""

from __future__ import annotations

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packages"))

from driver.machine import REPOSITORY, cache_home
from driver.progress import BuildError
from driver.toolchain import (
    Toolchain,
    Wish,
    drift,
    drift_error,
    locked_text,
    read_lock,
    write_lock,
)

WISH = Wish("forky", ["emscripten"], ["emscripten", "libgcc-*-dev"], {})
LOCKED = {"emscripten": "6.0.5", "tzdata": "1", "libgcc-16-dev": "16.2"}


class LockTest(unittest.TestCase):
    def test_it_is_read_as_it_was_written(self) -> None:
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "lock"
            write_lock(LOCKED, path)
            self.assertEqual(read_lock(path), LOCKED)

    def test_other_packages_may_move(self) -> None:
        self.assertEqual(drift(WISH, LOCKED, {**LOCKED, "tzdata": "2"}), [])
        self.assertEqual(
            locked_text(WISH, LOCKED),
            locked_text(WISH, {**LOCKED, "tzdata": "2"}),
        )

    def test_drift_is_named_with_both_versions(self) -> None:
        seen = {"emscripten": "6.0.6", "libgcc-17-dev": "17.1"}
        lines = "\n".join(drift(WISH, LOCKED, seen))
        self.assertIn("emscripten: locked 6.0.5, the mirror has 6.0.6", lines)
        self.assertIn("libgcc-16-dev: locked 16.2, the mirror has no", lines)
        self.assertIn("libgcc-17-dev: locked not at all", lines)

    def test_the_error_says_what_to_do(self) -> None:
        text = str(drift_error(["  emscripten: locked 6.0.5"]))
        self.assertIn("does not offer the locked versions any more", text)
        self.assertIn("build.py toolchain --accept", text)

    def test_the_repository_locks_what_it_includes(self) -> None:
        wish, lock = Wish.read(), read_lock()
        for name in ("emscripten", "clang-21", "binaryen", "nodejs"):
            self.assertTrue(wish.is_locked(name))
        for name in wish.include:
            self.assertIn(name, lock)


class PlaceTest(unittest.TestCase):
    """Commands in the root see the repository at a neutral place."""

    def setUp(self) -> None:
        self.toolchain = Toolchain("name", Path("/a/root"))

    def test_inside(self) -> None:
        inside = self.toolchain.inside(REPOSITORY / "kernel")
        self.assertEqual(inside, Path("/tincture/repo/kernel"))
        inside = self.toolchain.inside(cache_home() / "work")
        self.assertEqual(inside, Path("/tincture/cache/work"))
        with self.assertRaises(BuildError):
            self.toolchain.inside(Path("/elsewhere"))

    def test_translate(self) -> None:
        argument = f"-DPREFIX={REPOSITORY}/build"
        self.assertEqual(
            self.toolchain.translate(argument), "-DPREFIX=/tincture/repo/build"
        )

    def test_without_a_root_nothing_moves(self) -> None:
        toolchain = Toolchain("name", None)
        self.assertEqual(toolchain.inside(REPOSITORY), REPOSITORY)
        self.assertEqual(toolchain.wrap(["cc"], REPOSITORY), ["cc"])


if __name__ == "__main__":
    unittest.main()
