"""What a recipe may say, and how its faults are told."""

from __future__ import annotations

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packages"))

from driver.machine import REPOSITORY
from driver.plan import in_order
from driver.progress import BuildError
from driver.recipe import read_recipe, read_recipes

GOOD = """\
name = "thing"
version = "1.0"
licence = "MIT"
targets = ["wasm", "native"]

[[licence_files]]
path = "LICENSE"
sha256 = "{zeros}"

[source]
kind = "debian"
suite = "trixie"
package = "thing"
file = "thing_1.0.orig.tar.gz"
sha256 = "{zeros}"

[build]
system = "sources"
""".replace("{zeros}", "0" * 64)

PATCH = """\
Reason: It does not compile.
Upstream: Sent.
Remove when: The next version is out.

--- a/thing.c
+++ b/thing.c
"""


class RecipeTest(unittest.TestCase):
    def setUp(self) -> None:
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.packages = Path(place.name)

    def write(self, text: str, name: str = "thing") -> Path:
        directory = self.packages / name
        directory.mkdir(exist_ok=True)
        (directory / "recipe.toml").write_text(text, "utf-8")
        return directory

    def fault(self, text: str) -> str:
        with self.assertRaises(BuildError) as caught:
            read_recipe(self.write(text))
        return str(caught.exception)

    def test_good(self) -> None:
        recipe = read_recipe(self.write(GOOD))
        self.assertEqual(recipe.targets, ("wasm", "native"))
        self.assertEqual(recipe.source.package, "thing")
        self.assertEqual(recipe.system, "sources")

    def test_own_source(self) -> None:
        head, _, rest = GOOD.partition("[source]")
        _, found, build = rest.partition("\n[build]")
        self.assertTrue(found)
        own = f'{head}[source]\nkind = "repository"\n{found}{build}'
        recipe = read_recipe(self.write(own))
        self.assertEqual(recipe.source.kind, "repository")
        inside = recipe.directory / "thing" / "__init__.py"
        outside = Path("/elsewhere/other/__init__.py")
        self.assertEqual(recipe.place_of(inside), Path("thing/__init__.py"))
        self.assertEqual(recipe.place_of(outside), Path("other/__init__.py"))
        wrong = own.replace('"repository"', '"repository"\nsha256 = ""')
        self.assertIn("source.sha256 is unknown", self.fault(wrong))

    def test_every_fault_is_named_at_once(self) -> None:
        text = GOOD.replace('name = "thing"', 'name = "other"')
        text = text.replace('licence = "MIT"', 'colour = "blue"')
        fault = self.fault(text)
        self.assertIn("name must be thing", fault)
        self.assertIn("colour is unknown", fault)
        self.assertIn("licence must be a text", fault)

    def test_checksums_are_checked(self) -> None:
        fault = self.fault(GOOD.replace("0" * 64, "0" * 63))
        self.assertIn("64 hexadecimal digits", fault)

    def test_unknown_values(self) -> None:
        for old, new, fault in (
            ('"native"', '"arm"', "target arm is unknown"),
            ('kind = "debian"', 'kind = "git"', "source.kind must be one"),
            ('system = "sources"', 'system = "x"', "build.system must be"),
            ('suite = "trixie"', 'sweet = "trixie"', "sweet is unknown"),
        ):
            with self.subTest(new):
                self.assertIn(fault, self.fault(GOOD.replace(old, new)))

    def test_not_toml(self) -> None:
        self.assertIn("recipe.toml", self.fault("name = \n"))

    def test_patches_say_why(self) -> None:
        directory = self.write(GOOD)
        patch = directory / "0001-make-it-compile.patch"
        patch.write_text(PATCH, "utf-8")
        self.assertEqual(read_recipe(directory).patches, (patch,))
        patch.write_text(PATCH.replace("Reason: ", ""), "utf-8")
        with self.assertRaisesRegex(BuildError, "no `Reason:` line"):
            read_recipe(directory)

    def test_inputs_must_exist_for_the_target(self) -> None:
        user = GOOD.replace('name = "thing"', 'name = "user"')
        self.write('inputs = ["absent"]\n' + user, "user")
        with self.assertRaisesRegex(BuildError, "there is no recipe absent"):
            read_recipes(self.packages)
        self.write('inputs = ["thing"]\n' + user, "user")
        self.write(GOOD.replace('"wasm", "native"', '"wasm"'))
        with self.assertRaisesRegex(BuildError, "not built for native"):
            read_recipes(self.packages)

    def test_circles_are_found(self) -> None:
        for name, other in (("one", "two"), ("two", "one")):
            text = f'inputs = ["{other}"]\n' + GOOD.replace("thing", name)
            self.write(text, name)
        with self.assertRaisesRegex(BuildError, "needs itself"):
            in_order(read_recipes(self.packages), "wasm")

    def test_the_repository_keeps_to_it(self) -> None:
        recipes = read_recipes(REPOSITORY / "packages")
        order = [recipe.name for recipe in in_order(recipes, "wasm")]
        self.assertLess(order.index("zlib"), order.index("cpython"))


if __name__ == "__main__":
    unittest.main()
