"""image_tree: lines stay, columns go, and what runs is the same."""

from __future__ import annotations

import ast
import sys
import unittest
from pathlib import Path
from types import CodeType

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packages"))

from driver import image_tree  # noqa: E402

SAMPLE = '''
"""A module."""


def long_way(first,
             second=(1,
                     2)):
    """Has several lines in one expression."""
    total = 0
    for item in (first,

                 *second):
        total += (item
                  if item
                  else 7)
    try:
        return [value * total for value in range(3)
                if value] + [lambda: total]
    finally:
        del total


class Thing:
    async def wait(self):
        async with self:
            yield await self
''' + "\n" * 90 + "far = long_way(1)\n"


def all_code(code: CodeType) -> list[CodeType]:
    found = [code]
    for item in code.co_consts:
        if isinstance(item, CodeType):
            found += all_code(item)
    return found


class StripTest(unittest.TestCase):
    def check(self, code: CodeType) -> None:
        stripped = image_tree.strip_code(code)
        pairs = zip(all_code(code), all_code(stripped), strict=True)
        for before, after in pairs:
            self.assertEqual(
                [line for line, *_ in before.co_positions()],
                [line for line, *_ in after.co_positions()],
            )
            self.assertEqual(
                list(before.co_lines())[-1][1], list(after.co_lines())[-1][1]
            )
            columns = {c for _, _, c, _ in after.co_positions()}
            self.assertLessEqual(columns, {None})
            self.assertEqual(before.co_code, after.co_code)
            self.assertLessEqual(
                len(after.co_linetable), len(before.co_linetable)
            )

    def test_every_form_of_entry(self) -> None:
        self.check(compile(SAMPLE, "sample.py", "exec"))

    def test_real_modules(self) -> None:
        for module in (ast, unittest.case):
            path = Path(module.__file__)
            self.check(compile(path.read_text("utf-8"), str(path), "exec"))

    def test_stripped_code_runs(self) -> None:
        names: dict = {}
        code = compile(SAMPLE, "sample.py", "exec")
        exec(image_tree.strip_code(code), names)
        self.assertEqual(names["far"][:2], [4, 8])
        self.assertTrue(callable(names["far"][2]))

    def test_twice_is_once(self) -> None:
        once = image_tree.strip_code(compile(SAMPLE, "sample.py", "exec"))
        twice = image_tree.strip_code(once)
        for before, after in zip(all_code(once), all_code(twice), strict=True):
            self.assertEqual(before.co_linetable, after.co_linetable)


if __name__ == "__main__":
    unittest.main()
