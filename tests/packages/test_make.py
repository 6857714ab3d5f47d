"""What recipes of the system `make` may say."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packages"))

from driver.recipe import read_recipe  # noqa: E402
from driver.systems.make import expand_braces  # noqa: E402


class Braces(unittest.TestCase):
    def test_plain_words_stay(self) -> None:
        self.assertEqual(expand_braces(["a.o", "b_c.o"]), ["a.o", "b_c.o"])

    def test_groups_are_multiplied_in_order(self) -> None:
        self.assertEqual(
            expand_braces(["{s,d}gemm_{n,t}.o", "x"]),
            ["sgemm_n.o", "sgemm_t.o", "dgemm_n.o", "dgemm_t.o", "x"],
        )

    def test_an_empty_choice_is_one(self) -> None:
        self.assertEqual(expand_braces(["a{,b}.o"]), ["a.o", "ab.o"])


class OpenBlas(unittest.TestCase):
    def test_no_object_is_named_twice(self) -> None:
        recipe = read_recipe(ROOT / "packages" / "openblas")
        for step in recipe.build["steps"]:
            targets = expand_braces(step["targets"])
            self.assertEqual(len(targets), len(set(targets)), step)


if __name__ == "__main__":
    unittest.main()
