"""The kernel's answer to a failed import names the profiles that there are."""

from __future__ import annotations

import importlib.util
import tomllib
import unittest
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]

# Images that every profile has.
ALWAYS = {"core", "zones"}


def load_missing() -> ModuleType:
    """kernel/py/tincture/missing.py alone; its package needs the kernel."""
    path = ROOT / "kernel" / "py" / "tincture" / "missing.py"
    spec = importlib.util.spec_from_file_location("missing", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def packages_beside() -> set[str]:
    """The packages of images that no profile has, and any can take."""
    text = (ROOT / "packages" / "profiles.toml").read_text("utf-8")
    data = tomllib.loads(text)
    held = {image for one in data["profile"] for image in one["images"]}
    return {
        package
        for name, image in data["images"].items()
        if name not in held and not image.get("tests", False)
        for package in image["packages"]
    }


def packages_by_profile() -> dict[str, set[str]]:
    """The packages of each profile beyond core's, smallest profile first."""
    text = (ROOT / "packages" / "profiles.toml").read_text("utf-8")
    data = tomllib.loads(text)
    return {
        profile["name"]: {
            package
            for image in profile["images"]
            if image not in ALWAYS
            for package in data["images"][image]["packages"]
        }
        for profile in data["profile"]
        if not profile.get("tests", False)
    }


class Missing(unittest.TestCase):
    """BUILT_IN of missing.py against packages/profiles.toml."""

    def setUp(self) -> None:
        self.missing = load_missing()
        self.profiles = packages_by_profile()

    def package_of(self, module: str) -> str:
        """The recipe that brings a module."""
        name = self.missing.find_distribution(module).lower()
        return name.removeprefix("python-")

    def test_each_module_names_the_smallest_profile(self) -> None:
        for module, said in self.missing.BUILT_IN.items():
            package = self.package_of(module)
            having = [
                name
                for name, packages in self.profiles.items()
                if package in packages
            ]
            self.assertEqual([said], having[:1], module)

    def test_packages_beside_the_profiles_are_named(self) -> None:
        built_in = set().union(*self.profiles.values())
        named = {one.replace("_", "-") for one in self.missing.BESIDE}
        self.assertEqual(packages_beside() - built_in, named)

    def test_each_package_is_named(self) -> None:
        named = {self.package_of(one) for one in self.missing.BUILT_IN}
        self.assertEqual(set().union(*self.profiles.values()), named)


if __name__ == "__main__":
    unittest.main()
