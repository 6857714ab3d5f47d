"""Files of build/dist that the packages decide: profiles and licences.

profiles.json says which kernel holds which modules, smallest first, so that
the packer can take the smallest that a notebook needs, and which images are
mounted beside it when they are asked for.  tests.json says the same of what
is there for tests only.  licences.json holds the licence text of everything
that a report carries.
"""

from __future__ import annotations

import fnmatch
import json
import subprocess
from collections.abc import Mapping
from email.parser import HeaderParser
from pathlib import Path

from .machine import REPOSITORY, write_if_changed
from .plan import listing_of, with_inputs
from .profiles import (
    PYTHON_RECIPE,
    Image,
    Profile,
    read_catalogue,
    wanted_profiles,
    wanted_test_images,
)
from .progress import BuildError
from .recipe import Recipe
from .snapshots import bare_file, snapshot_file, warm_files
from .split import first_file, rest_file
from .toolchain import Toolchain

VERSION = "0.1.0"
MUSL_COPYRIGHT = "system/lib/libc/musl/COPYRIGHT"

# npm packages that build the page and are not in it.
PAGE_TOOLS = (
    "esbuild",
    "@esbuild/*",
    "typescript",
    "@typescript/*",
    "@types/*",
    "undici-types",
)


def _core_modules(prefix: Path) -> set[str]:
    """What is importable without any package: CPython's and the kernel's."""
    share = prefix / "share" / "tincture"
    own = {path.stem for path in (REPOSITORY / "kernel" / "py").iterdir()}
    own = {name for name in own if not name.startswith((".", "_"))}
    library = {path.name.split(".")[0] for path in (share / "stdlib").iterdir()}
    listed = (share / "modules.txt").read_text("utf-8").split()
    return {*listed, *library, *own}


def _image_modules(prefix: Path, image: Image) -> set[str]:
    """The names at the top of what an image's packages bring."""
    names = set()
    for package in image.packages:
        tree = prefix / "share" / "tincture" / "site" / package
        if tree.is_dir():
            names |= {
                path.name.split(".")[0]
                for path in tree.iterdir()
                if path.suffix != ".dist-info"
            }
    return names


def _distributions(prefix: Path, image: Image) -> list[dict[str, str]]:
    """Name and version of what importlib.metadata finds in an image."""
    found = []
    for package in image.packages:
        tree = prefix / "share" / "tincture" / "site" / package
        for path in sorted(tree.glob("*.dist-info/METADATA")):
            headers = HeaderParser().parsestr(path.read_text("utf-8"))
            found.append(
                {"name": headers["Name"], "version": headers["Version"]}
            )
    return found


def _image_list(
    profile: Profile, files: list[str], dist: Path
) -> list[dict[str, object]]:
    return [
        {
            "file": file,
            "size": (dist / file).stat().st_size,
            "path": image.path,
        }
        for file, image in zip(files, profile.images, strict=True)
    ]


def _image(image: Image, prefix: Path, dist: Path) -> dict:
    """An image that is mounted when it is asked for."""
    chosen = {} if image.profile is None else {"profile": image.profile}
    return {
        "name": image.name,
        "file": image.file,
        "size": (dist / image.file).stat().st_size,
        "path": image.path,
        "packages": _distributions(prefix, image),
        "modules": sorted(_image_modules(prefix, image)),
        "needs": list(image.needs),
        **chosen,
    }


def _profile(profile: Profile, prefix: Path, dist: Path) -> dict:
    """One profile, for the parts that are in `dist`."""
    modules = _core_modules(prefix)
    packages = []
    for image in profile.images:
        modules |= _image_modules(prefix, image)
        packages += _distributions(prefix, image)
    cold_files = [image.file for image in profile.images]
    return {
        "name": profile.name,
        # For a cold start; a warm one is from a snapshot.
        "wasm": f"{profile.name}.wasm",
        "images": _image_list(profile, cold_files, dist),
        "warm": {
            # Node takes it whole, browsers in two.
            "wasm": bare_file(profile),
            "first": first_file(profile),
            "rest": rest_file(profile),
            "snapshot": snapshot_file(profile),
            "snapshot_size": (dist / snapshot_file(profile)).stat().st_size,
            "images": _image_list(profile, warm_files(profile, dist), dist),
        },
        "packages": packages,
        "modules": sorted(modules),
    }


def profiles(python: str, prefix: Path, dist: Path) -> dict:
    """The content of profiles.json; `python` is CPython's version."""
    return {
        "version": VERSION,
        "python": python,
        "profiles": [
            _profile(profile, prefix, dist)
            for profile in wanted_profiles()
            if not profile.is_for_tests
        ],
        "images": [
            _image(image, prefix, dist)
            for image in read_catalogue().optional_images
        ],
    }


def tests(recipes: Mapping[str, Recipe], prefix: Path, dist: Path) -> dict:
    """The content of tests.json: what there is beside, for tests."""
    images = wanted_test_images()
    names = {name for image in images for name in image.packages}
    return {
        "profiles": [
            _profile(profile, prefix, dist)
            for profile in wanted_profiles()
            if profile.is_for_tests
        ],
        "images": [_image(image, prefix, dist) for image in images],
        "licences": [
            {
                **_recipe_licence(recipes[name], prefix),
                "images": _images_with(name),
            }
            for name in sorted(names & read_catalogue().test_packages)
        ],
    }


def packages(recipes: Mapping[str, Recipe], prefix: Path) -> dict:
    """For the tests: what each package must do, and which profiles have it.

    One that no profile has is in an image that goes with any profile.
    """
    listing = json.loads(listing_of(prefix).read_text("utf-8"))
    profiles = [p for p in wanted_profiles() if not p.is_for_tests]
    found: dict[str, dict] = {}

    def facts_of(name: str) -> dict:
        facts = {
            "import_test": recipes[name].import_test,
            "modules": [
                path.removeprefix("lib/python/").removesuffix(".o")
                for path in listing[name]
                if path.startswith("lib/python/")
            ],
            "profiles": [],
            "images": [],
        }
        return found.setdefault(name, facts)

    for profile in profiles:
        for name in profile.packages:
            facts_of(name)["profiles"].append(profile.name)
    for image in read_catalogue().optional_images:
        for name in image.packages:
            facts = facts_of(name)
            if not facts["profiles"]:
                facts["profiles"] = [profile.name for profile in profiles]
                facts["images"] = [image.name, *image.needs]
    return {"packages": found}


def _package(name: str, version: str, licence: str, files: list) -> dict:
    return {
        "name": name,
        "version": version,
        "licence": licence,
        "files": files,
    }


def _recipe_licence(recipe: Recipe, prefix: Path) -> dict:
    place = prefix / "share" / "tincture" / "licences" / recipe.name
    texts = [_text(path) for path in sorted(place.iterdir())]
    return _package(recipe.name, recipe.version, recipe.licence, texts)


def _text(path: Path) -> dict[str, str]:
    return {"name": path.name, "text": path.read_text("utf-8", "replace")}


def _runtime(toolchain: Toolchain) -> list[dict]:
    """Emscripten's libraries, which are linked into every kernel.

    LLVM's own (compiler-rt) may be linked without notice, as its licence's
    exception says.
    """
    script = f'cat "$(em-config EMSCRIPTEN_ROOT)/{MUSL_COPYRIGHT}"'
    result = subprocess.run(
        toolchain.wrap(["sh", "-c", script], REPOSITORY),
        env=toolchain.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise BuildError(f"no licence of musl: {result.stderr.strip()}")
    emscripten = _text(Path(__file__).with_name("emscripten-licence.txt"))
    musl = {"name": "COPYRIGHT", "text": result.stdout}
    return [
        _package("emscripten", "6.0.5", "MIT", [emscripten]),
        _package("musl", "1.2.6", "MIT", [musl]),
    ]


def _page_packages(modules: Path) -> list[dict]:
    """npm packages that are bundled into the page."""
    lock = json.loads((modules.parent / "package-lock.json").read_text())
    packages = []
    for path, facts in sorted(lock["packages"].items()):
        name = path.removeprefix("node_modules/")
        if not path or any(fnmatch.fnmatch(name, t) for t in PAGE_TOOLS):
            continue
        texts = sorted((modules / name).glob("LICEN[CS]E*"))
        packages.append(
            _package(
                name,
                facts["version"],
                facts.get("license", ""),
                [_text(text) for text in texts],
            )
        )
    return packages


def _carriers(recipes: Mapping[str, Recipe]) -> dict[str, list[str]]:
    """By recipe, the profiles that carry it, where that is not all of them."""
    carriers: dict[str, list[str]] = {}
    found = read_catalogue().profiles
    for profile in found:
        for name in with_inputs(recipes, [PYTHON_RECIPE, *profile.packages]):
            carriers.setdefault(name, []).append(profile.name)
    return {
        name: names
        for name, names in carriers.items()
        if len(names) < len(found)
    }


def _images_with(name: str) -> list[str]:
    """The images with this recipe that no ordinary profile has."""
    catalogue = read_catalogue()
    tests = [image for image in catalogue.images if image.is_for_tests]
    images = [*catalogue.optional_images, *tests]
    return [image.name for image in images if name in image.packages]


def licences(
    recipes: Mapping[str, Recipe],
    prefix: Path,
    toolchain: Toolchain,
    modules: Path,
) -> dict:
    """The content of licences.json.

    A package of some profiles only says of which, and one of images beside
    the profiles of which of those.
    """
    listing = json.loads(listing_of(prefix).read_text("utf-8"))
    own = _text(REPOSITORY / "LICENSE")
    packages = [_package("tincture", VERSION, "BSD-3-Clause", [own])]
    carriers = _carriers(recipes)
    for name in sorted({*recipes} - read_catalogue().test_packages):
        if name in listing:
            package = _recipe_licence(recipes[name], prefix)
            if name in carriers:
                package["profiles"] = carriers[name]
            if images := _images_with(name):
                package["images"] = images
            packages.append(package)
    packages += _runtime(toolchain)
    packages += _page_packages(modules)
    return {"packages": packages}


def write_json(path: Path, content: dict) -> None:
    """Write JSON, leaving an equal file's date alone."""
    text = json.dumps(content, ensure_ascii=False, indent=1)
    write_if_changed(path, text + "\n")
