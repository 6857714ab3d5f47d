"""A wrong cache must be impossible, an absent one only slow."""

from __future__ import annotations

import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packages"))

from driver import cache
from driver.cache import Entry
from driver.machine import REPOSITORY
from driver.plan import content_hash, entry_key, sync_tree
from driver.recipe import Recipe, read_recipe
from driver.systems import SYSTEMS, source_hash, sources_of


class EntryTest(unittest.TestCase):
    def setUp(self) -> None:
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = Path(place.name)
        for patcher in (
            mock.patch.dict(os.environ, XDG_CACHE_HOME=str(self.place)),
            mock.patch.object(cache, "say"),
        ):
            patcher.start()
            self.addCleanup(patcher.stop)

    def stored(self) -> Entry:
        tree = self.place / "tree"
        (tree / "lib").mkdir(parents=True)
        (tree / "lib" / "thing.a").write_bytes(b"archive")
        (tree / "run").write_bytes(b"#!")
        (tree / "run").chmod(0o755)
        entry = Entry("thing-wasm", "0" * 64)
        entry.store(tree)
        return entry

    def test_stored_is_usable(self) -> None:
        entry = self.stored()
        self.assertIsNone(entry.fault())
        self.assertTrue(entry.is_usable())
        self.assertFalse(Entry("thing-wasm", "1" * 64).is_usable())

    def test_damage_is_found_and_removed(self) -> None:
        def truncate(files: Path) -> None:
            (files / "lib" / "thing.a").write_bytes(b"arch")

        def change(files: Path) -> None:
            (files / "lib" / "thing.a").write_bytes(b"archivE")

        def remove(files: Path) -> None:
            (files / "lib" / "thing.a").unlink()

        def add(files: Path) -> None:
            (files / "lib" / "other.a").write_bytes(b"")

        def lock_out(files: Path) -> None:
            (files / "run").chmod(0o644)

        for damage in (truncate, change, remove, add, lock_out):
            with self.subTest(damage.__name__):
                entry = self.stored()
                damage(entry.files)
                self.assertIsNotNone(entry.fault())
                self.assertFalse(entry.is_usable())
                self.assertFalse(entry.path.exists())

    def test_an_entry_of_another_key_is_refused(self) -> None:
        entry = self.stored()
        other = Entry("thing-wasm", "0" * 63 + "1")
        # The directory's name holds only a part of the key.
        self.assertEqual(entry.path, other.path)
        self.assertIn("another key", str(other.fault()))

    def test_an_input_that_came_out_the_same_changes_nothing(self) -> None:
        one = self.stored()
        tree = self.place / "tree"
        (tree / "lib").mkdir(parents=True)
        (tree / "lib" / "thing.a").write_bytes(b"archive")
        (tree / "run").write_bytes(b"#!")
        (tree / "share").mkdir()
        (tree / "share" / "LICENSE").write_text("another text")
        other = Entry("thing-wasm", "2" * 64)
        other.store(tree)
        self.assertEqual(content_hash(one), content_hash(other))
        changed = Entry("thing-wasm", "3" * 64)
        tree.mkdir()
        (tree / "run").write_bytes(b"!#")
        changed.store(tree)
        self.assertNotEqual(content_hash(one), content_hash(changed))

    def test_no_manifest(self) -> None:
        entry = self.stored()
        (entry.path / "manifest.json").write_text("{", "utf-8")
        self.assertFalse(entry.is_usable())

    def test_a_prefix_is_brought_to_the_manifest(self) -> None:
        entry = self.stored()
        wanted = {
            path: (entry.files / path, facts)
            for path, facts in entry.manifest()["files"].items()
        }
        prefix = self.place / "prefix"
        (prefix / "old").mkdir(parents=True)
        (prefix / "old" / "left.h").write_text("left")
        self.assertEqual(sync_tree(wanted, prefix), 3)
        self.assertEqual(sync_tree(wanted, prefix), 0)
        (prefix / "run").write_bytes(b"??")
        self.assertEqual(sync_tree(wanted, prefix), 1)
        self.assertEqual((prefix / "run").read_bytes(), b"#!")
        self.assertFalse((prefix / "old" / "left.h").exists())
        (prefix / "kept.h").write_text("kept")
        self.assertEqual(sync_tree(wanted, prefix, {"kept.h"}), 0)
        self.assertEqual(sync_tree(wanted, prefix), 1)


class KeyTest(unittest.TestCase):
    """Everything that decides a result is in its key."""

    def setUp(self) -> None:
        self.recipe = read_recipe(REPOSITORY / "packages" / "zlib")

    def key(self, recipe: Recipe | None = None, **changes: object) -> str:
        facts: dict = {
            "target": "wasm",
            "toolchain_identity": "root",
            "driver": "driver",
            "inputs": [],
        }
        facts.update(changes)
        return entry_key(recipe or self.recipe, **facts)

    def test_equal_facts_give_the_same_key(self) -> None:
        self.assertEqual(self.key(), self.key())

    def test_each_fact_counts(self) -> None:
        for changes in (
            {"target": "native"},
            {"toolchain_identity": "another root"},
            {"driver": "another driver"},
            {"inputs": ["hash of an input"]},
        ):
            with self.subTest(changes):
                self.assertNotEqual(self.key(), self.key(**changes))

    def test_a_system_counts_for_its_own_recipes(self) -> None:
        files = {name: sources_of(name) for name in SYSTEMS}
        for name, paths in files.items():
            self.assertTrue(all(path.is_file() for path in paths), name)
            self.assertIn("common.py", [path.name for path in paths])
        hashes = {source_hash(name) for name in SYSTEMS}
        self.assertEqual(len(hashes), len(SYSTEMS))
        self.assertNotIn("cmake.py", [p.name for p in files["cpython"]])

    def test_data_does_not_depend_on_the_compiler(self) -> None:
        self.assertEqual(
            self.key(target="data"),
            self.key(target="data", toolchain_identity="another root"),
        )

    def test_recipe_and_patches_count(self) -> None:
        text = (self.recipe.directory / "recipe.toml").read_text("utf-8")
        with tempfile.TemporaryDirectory() as place:
            directory = Path(place) / "zlib"
            directory.mkdir()
            copy = directory / "recipe.toml"
            copy.write_text("# a comment\n" + text, "utf-8")
            self.assertEqual(self.key(read_recipe(directory)), self.key())
            copy.write_text(text.replace("HAVE_UNISTD_H", "X"), "utf-8")
            self.assertNotEqual(self.key(read_recipe(directory)), self.key())
            copy.write_text(text, "utf-8")
            (directory / "0001-a-patch.patch").write_text(
                "Reason: a\nUpstream: b\nRemove when: c\n", "utf-8"
            )
            self.assertNotEqual(self.key(read_recipe(directory)), self.key())


if __name__ == "__main__":
    unittest.main()
