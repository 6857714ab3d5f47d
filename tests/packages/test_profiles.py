"""Profiles: what each kernel is linked with and which files go with it."""

from __future__ import annotations

import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packages"))

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packages" / "driver"))

import site_tree
from driver import profiles
from driver.localize import localised
from driver.machine import REPOSITORY
from driver.progress import BuildError
from driver.recipe import read_recipes
from test_localize import an_object, linking

TEXT = """\
[[profile]]
name = "small"
images = ["core"]
warm = ["core"]

[[profile]]
name = "large"
images = ["core", "more"]
warm = ["core", "more"]

[[profile]]
name = "checked"
images = ["core", "probes"]
warm = []
tests = true

[images.core]
packages = []
stdlib = true

[images.more]
packages = ["thing"]

[images.aside]
packages = ["aside"]
needs = ["more"]

[images.probes]
packages = ["probe", "thing"]
profile = "large"
tests = true
"""


class ProfilesTest(unittest.TestCase):
    def setUp(self) -> None:
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = Path(place.name)
        self.file = self.place / "profiles.toml"
        self.file.write_text(TEXT, "utf-8")

    def test_they_are_read_in_their_order(self) -> None:
        small, large = profiles.read_profiles(self.file)
        self.assertEqual((small.name, small.packages), ("small", []))
        self.assertEqual((large.name, large.packages), ("large", ["thing"]))
        self.assertEqual(small.images[0].path, "/usr/lib/python3.13")
        self.assertEqual(
            large.images[1].path, "/usr/lib/python3.13/site-packages"
        )

    def test_an_unknown_image_is_named(self) -> None:
        self.file.write_text(TEXT.replace('"more"]', '"most"]'), "utf-8")
        with self.assertRaisesRegex(BuildError, "no image most"):
            profiles.read_profiles(self.file)

    def test_an_image_of_tests_names_its_profile(self) -> None:
        images = profiles.read_catalogue(self.file).images
        chosen = {image.name: image.profile for image in images}
        self.assertEqual((chosen["probes"], chosen["aside"]), ("large", None))
        wrong = TEXT.replace('profile = "large"', 'profile = "larger"')
        self.file.write_text(wrong, "utf-8")
        with self.assertRaisesRegex(BuildError, "no profile larger"):
            profiles.read_profiles(self.file)

    def test_tests_stand_aside(self) -> None:
        catalogue = profiles.read_catalogue(self.file)
        self.assertEqual(catalogue.test_names, {"checked", "probes"})
        self.assertEqual(catalogue.test_packages, {"probe"})
        aside = [image.name for image in catalogue.optional_images]
        self.assertEqual(aside, ["aside"])

    def test_a_report_has_no_image_for_tests(self) -> None:
        self.file.write_text(TEXT.replace('"more"]', '"probes"]', 1), "utf-8")
        with self.assertRaisesRegex(BuildError, "large is in reports"):
            profiles.read_profiles(self.file)

    def choose(self, only: str, tests: str) -> tuple[list[str], list[str]]:
        """The names of the profiles and test images that are wanted."""
        catalogue = profiles.read_catalogue(self.file)
        with (
            mock.patch.object(
                profiles, "read_catalogue", return_value=catalogue
            ),
            mock.patch.dict(
                os.environ, TINCTURE_PROFILES=only, TINCTURE_TESTS=tests
            ),
        ):
            return (
                [one.name for one in profiles.wanted_profiles()],
                [one.name for one in profiles.wanted_test_images()],
            )

    def test_tests_are_asked_for(self) -> None:
        both = ["small", "large"]
        self.assertEqual(self.choose("", ""), (both, []))
        checked = ([*both, "checked"], ["probes"])
        self.assertEqual(self.choose("", "all"), checked)
        self.assertEqual(self.choose("", "checked"), checked)
        self.assertEqual(self.choose("", "probes"), (both, ["probes"]))
        self.assertEqual(self.choose("checked", ""), (["checked"], ["probes"]))
        with self.assertRaisesRegex(BuildError, "some is neither 'all'"):
            self.choose("", "some")

    def test_files_for_tests_are_known(self) -> None:
        for name, expected in (
            ("tests.json", True),
            ("cpython-tests.image.zst", True),
            ("core_tests.first.wasm", True),
            ("core.core.image", False),
            ("profiles.json", False),
        ):
            with self.subTest(name):
                self.assertEqual(profiles.is_test_file(name), expected)

    def test_the_environment_chooses(self) -> None:
        with mock.patch.dict(os.environ, TINCTURE_PROFILES="core"):
            chosen = profiles.wanted_profiles()
            self.assertEqual([profile.name for profile in chosen], ["core"])
        with mock.patch.dict(os.environ, TINCTURE_PROFILES="core cor"):
            with self.assertRaisesRegex(BuildError, "no profile cor"):
                profiles.wanted_profiles()

    def test_the_table_of_modules(self) -> None:
        path = self.place / "a.b.thing.o"
        path.write_bytes(localised(an_object(linking()), "a.b.thing"))
        text = profiles.module_table("large", [path])
        self.assertIn('{"a.b.thing", start_0},', text)
        early = text.index("        tn_ctor_0_a__b__thing();")
        late = text.index("        tn_ctor_1_a__b__thing();")
        init = text.index("    return tn_init_a__b__thing();")
        self.assertTrue(early < late < init)
        path.write_bytes(an_object(linking()))
        with self.assertRaisesRegex(BuildError, "exports 0 init functions"):
            profiles.module_table("large", [path])

    def test_cxx_is_seen_by_what_is_imported(self) -> None:
        path = self.place / "thing.o"
        for name, needed in ((b"memcpy", False), (b"__cxa_throw", True)):
            entry = b"\3env" + bytes([len(name)]) + name + b"\0\0"
            section = bytes([2, len(entry) + 1, 1]) + entry
            path.write_bytes(b"\0asm\1\0\0\0" + section)
            self.assertEqual(profiles.needs_cxx([path]), needed)

    def test_the_repository_keeps_to_it(self) -> None:
        recipes = read_recipes(REPOSITORY / "packages")
        found = profiles.read_profiles()
        self.assertEqual(found[0].name, "core")
        for profile in found:
            self.assertEqual(profile.images[0].name, "core")
            self.assertEqual(
                len(profile.packages), len(set(profile.packages))
            )
            for name in profile.packages:
                self.assertIn("wasm", recipes[name].targets)
                self.assertNotEqual(recipes[name].import_test, "", name)
                self.assertIn("files", recipes[name].budget, name)


class SiteTreeTest(unittest.TestCase):
    def test_what_is_left_out(self) -> None:
        globs = [*site_tree.NEVER_READ, "tests", "pkg/data/*.big"]
        for path, expected in (
            ("pkg/one.py", False),
            ("pkg/_c.pyi", True),
            ("pkg/_c.pyx", True),
            ("pkg/tests/test_one.py", True),
            ("pkg/protests/one.py", False),
            ("pkg/data/a.big", True),
            ("pkg/other/a.big", False),
            ("pkg/__init__.pxd", True),
            ("pkg/lib.a", True),
            ("pkg/data.csv", False),
            ("pkg-1.0.dist-info/METADATA", False),
            ("pkg-1.0.dist-info/RECORD", True),
            ("pkg-1.0.dist-info/entry_points.txt", False),
            ("pkg-1.0.dist-info/licenses/LICENSE", True),
        ):
            with self.subTest(path):
                self.assertEqual(site_tree.is_excluded(path, globs), expected)


if __name__ == "__main__":
    unittest.main()
