"""build/dist, what a static web server serves, and the packed examples."""

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .cache import sha256_file
from .machine import REPOSITORY, ensure_browsers
from .page import install
from .profiles import (
    PROFILES_FILE,
    Image,
    Profile,
    is_test_file,
    read_catalogue,
    read_profiles,
    wanted_profiles,
    wanted_test_images,
)
from .progress import BuildError, say
from .snapshots import (
    IMAGE_OPTIONS,
    Place,
    bare_file,
    make,
    snapshot_file,
    warm_files,
)
from .split import split
from .suites import node_environment
from .toolchain import Toolchain

# How hard parts for tests are compressed: they are large, and nobody waits
# for them but tests.
TESTS_LEVEL = 6

# What the page's build leaves for others and a server need not serve.
NOT_SERVED = {"kernel.mjs", "freeze.mjs", "record.mjs"}

# The notebook behind build/dist/tincture.html, and what that is packed with.
EMPTY_NOTEBOOK = REPOSITORY / "plugin" / "page" / "tincture.ipynb"
EMPTY_REPORT = "tincture.html"
EMPTY_PROFILE = "scientific"

# The view of a page of tests, which the packer puts into it before anything
# was run.
TESTS_VIEW = REPOSITORY / "packages" / "tincture-tests" / "tincture_tests"

# By report, what it was packed from.
STAMPS = REPOSITORY / "build" / "packed"

# What is done to an image's files before.
TREE_SCRIPT = REPOSITORY / "packages" / "driver" / "image_tree.py"


@dataclass(frozen=True)
class Builds:
    """Where the parts come from."""

    native: Path  # the rel flavour
    wasm: Path
    page: Path
    prefix: Path  # of the wasm packages


def _find(tree: Path, name: str) -> Path:
    """The one file of this name in a build tree."""
    found = [path for path in tree.rglob(name) if path.is_file()]
    if len(found) != 1:
        raise BuildError(f"{tree} has {len(found)} files called {name}")
    return found[0]


def copy_if_changed(source: Path, target: Path) -> bool:
    """Copy, leaving an equal file's date alone."""
    if target.exists() and sha256_file(source) == sha256_file(target):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    # A program that runs cannot be written to, only be replaced.
    fresh = target.with_name(f".{target.name}.new")
    shutil.copy(source, fresh)
    fresh.replace(target)
    return True


def _image_sources(builds: Builds, image: Image) -> dict[str, Path]:
    """The image's files by their paths in it."""
    share = builds.prefix / "share" / "tincture"
    trees = [share / "site" / name for name in image.packages]
    if image.name == "core":
        trees = [share / "stdlib"]
    files: dict[str, Path] = {}
    for tree in trees:
        for path in sorted(tree.rglob("*")):
            if path.is_file():
                name = str(path.relative_to(tree))
                if name in files:
                    raise BuildError(f"{image.file}: {name} is there twice")
                files[name] = path
    if not files:
        raise BuildError(f"{image.file} would be empty; see {PROFILES_FILE}")
    return files


def _make_image(
    toolchain: Toolchain, builds: Builds, image: Image, target: Path
) -> bool:
    """One image, when its files or its tool changed."""
    tool = _find(builds.native, "tn-image")
    files = _image_sources(builds, image)
    digest = hashlib.sha256(sha256_file(tool).encode())
    digest.update(f"{sha256_file(TREE_SCRIPT)} {IMAGE_OPTIONS}\n".encode())
    for name, path in sorted(files.items()):
        digest.update(f"{name} {sha256_file(path)}\n".encode())
    stamp = builds.native / f"{image.name}-image.key"
    key = digest.hexdigest()
    if target.exists() and stamp.exists() and stamp.read_text() == key:
        return False
    tree = builds.native / "image-tree"
    shutil.rmtree(tree, ignore_errors=True)
    for name, path in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, tree / name)
    commands = [[str(tool), "create", str(target), str(tree), *IMAGE_OPTIONS]]
    # Tests look at their sources, and at the carets of tracebacks.
    if not image.is_for_tests:
        python = toolchain.commands["python"]
        script = str(toolchain.inside(TREE_SCRIPT))
        strip = [python, "-IS", script, str(toolchain.inside(tree))]
        commands.insert(0, strip)
    for command in commands:
        if toolchain.pass_through(command, REPOSITORY) != 0:
            raise BuildError(f"making {image.file} failed; see above")
    shutil.rmtree(tree)
    stamp.write_text(key, "utf-8")
    return True


def _compress(dist: Path, names: list[str]) -> None:
    """The forms in which a report carries parts, made once.

    The browser itself unpacks page.wasm, and page.wasm everything else.  The
    packer compares them with the originals before it uses them.
    """
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
        file.write((dist / "page.wasm").read_bytes())
    target = dist / "page.wasm.gz"
    if not target.exists() or target.read_bytes() != packed.getvalue():
        target.write_bytes(packed.getvalue())
    for_tests = [name for name in names if is_test_file(name)]
    others = [name for name in names if not is_test_file(name)]
    level = ["--level", str(TESTS_LEVEL)]
    for options, chosen in (([], others), (level, for_tests)):
        command = [str(dist / "tincture"), "compress", *options]
        command += [str(dist / name) for name in chosen]
        if chosen and subprocess.run(command, check=False).returncode != 0:
            raise BuildError("compressing the parts of a report failed")


def _remove_others(dist: Path, names: set[str]) -> None:
    """Remove what an older build left behind, and what was packed from it.

    What is for tests stays: not every build makes it.
    """
    described = {"profiles.json", "licences.json", EMPTY_REPORT}
    for path in dist.iterdir():
        packed = path.suffix in (".zst", ".gz")
        name = path.stem if packed else path.name
        if name not in names | described and not is_test_file(name):
            path.unlink()


def _make_snapshots(
    toolchain: Toolchain, builds: Builds, profiles: list[Profile], dist: Path
) -> list[str]:
    """The profiles' snapshots; the names of all files that belong to them."""
    place = Place(
        dist=dist,
        scripts=builds.page,
        image_tool=_find(builds.native, "tn-image"),
        work=builds.native / "snapshots",
    )
    names = []
    for profile in profiles:
        make(toolchain, place, profile)
        names += [snapshot_file(profile), *warm_files(profile, dist)]
        names += split(toolchain, place, profile)
    return names


def assemble(toolchain: Toolchain, builds: Builds, dist: Path) -> None:
    """Bring build/dist up to date."""
    profiles = wanted_profiles()
    parts = {
        "tincture": _find(builds.native, "tincture"),
        "page.wasm": _find(builds.wasm, "page.wasm"),
        "resolve.py": REPOSITORY / "plugin" / "pack" / "resolve.py",
        "tests.css": TESTS_VIEW / "view.css",
        "tests.js": TESTS_VIEW / "view.js",
    }
    kernels = [
        f"{profile.name}{suffix}"
        for profile in profiles
        for suffix in (".wasm", ".bare.wasm")
    ]
    parts.update((name, _find(builds.wasm, name)) for name in kernels)
    for path in builds.page.iterdir():
        if path.name not in NOT_SERVED and not path.name.startswith("."):
            parts[path.name] = path
    dist.mkdir(parents=True, exist_ok=True)
    changed = [
        name
        for name, source in sorted(parts.items())
        if copy_if_changed(source, dist / name)
    ]
    held = [image for profile in profiles for image in profile.images]
    others = [*read_catalogue().optional_images, *wanted_test_images()]
    images = {image.file: image for image in (*held, *others)}
    for name, image in images.items():
        if _make_image(toolchain, builds, image, dist / name):
            changed.append(name)
    frozen = _make_snapshots(toolchain, builds, profiles, dist)
    if {*read_profiles()} <= {*profiles}:
        _remove_others(dist, {*parts, *images, *frozen})
    # A cold kernel is packed seldom; the packer then compresses it itself.
    packed = sorted({*images, *frozen})
    _compress(dist, ["editor.js", *packed])
    if changed:
        say(f"dist: {', '.join(changed)}")


def _example_files(example: dict, place: Path, data: Path) -> list[Path]:
    """The files to embed: of the example, or of a data recipe."""
    files = []
    for entry in example.get("files", []):
        if isinstance(entry, str):
            path = place / entry
        else:
            path = data / entry["recipe"] / entry["path"]
        if not path.exists():
            raise BuildError(f"{place / 'example.toml'}: there is no {path}")
        files.append(path)
    return files


def _pack(
    dist: Path, inputs: list[Path], report: Path, words: list[str]
) -> None:
    """`tincture pack` when anything that goes into the report changed."""
    # The packer keeps what it compressed beside the parts.
    parts = [
        path
        for path in dist.iterdir()
        if path.suffix not in (".zst", ".gz", ".html")
        and not is_test_file(path.name)
    ]
    digest = hashlib.sha256(" ".join(words).encode())
    for path in sorted([*inputs, *parts]):
        digest.update(f"{path} {sha256_file(path)}\n".encode())
    stamp = STAMPS / report.stem
    if (
        report.exists()
        and stamp.exists()
        and stamp.read_text("utf-8") == digest.hexdigest()
    ):
        return
    say(f"packing {report.relative_to(REPOSITORY)}")
    command = [str(dist / "tincture"), "pack", *words, "-o", str(report)]
    if subprocess.run(command, cwd=REPOSITORY, check=False).returncode != 0:
        raise BuildError(f"packing {report.stem} failed; see above")
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest.hexdigest(), "utf-8")


def make_empty_report(dist: Path) -> None:
    """The report without cells, for notebooks that are written in the page.

    A build of some profiles only may not have the one that it needs.
    """
    if EMPTY_PROFILE in {profile.name for profile in wanted_profiles()}:
        options = ["--profile", EMPTY_PROFILE, "--view", "explore"]
        words = [str(EMPTY_NOTEBOOK), *options]
        _pack(dist, [EMPTY_NOTEBOOK], dist / EMPTY_REPORT, words)


def _pack_example(place: Path, dist: Path, data: Path, out: Path) -> Path:
    """Pack one example when anything that goes into it changed."""
    report = out / f"{place.name}.html"
    example = tomllib.loads((place / "example.toml").read_text("utf-8"))
    files = _example_files(example, place, data)
    inputs = [path for path in place.iterdir() if path.is_file()]
    words = [
        str(place / example["notebook"]),
        *("--title", example["title"]),
        *("--view", example["view"]),
        *(word for path in files for word in ("--file", str(path))),
        *example.get("options", []),
    ]
    _pack(dist, [*inputs, *files], report, words)
    return report


def make_reports(dist: Path, data: Path, out: Path) -> list[Path]:
    """Pack every example."""
    out.mkdir(parents=True, exist_ok=True)
    examples = sorted((REPOSITORY / "examples").glob("*/example.toml"))
    return [
        _pack_example(path.parent, dist, data, out) for path in examples
    ]


def play_reports(reports: list[Path], again: bool) -> int:
    """Play reports in both browsers; unchanged ones are not played again."""
    ensure_browsers()
    tests = REPOSITORY / "tests" / "browser"
    install(tests)
    words = [*(["--again"] if again else []), *map(str, reports)]
    command = ["node", str(tests / "play.mjs"), *words]
    return subprocess.run(
        command, cwd=REPOSITORY, env=node_environment(), check=False
    ).returncode
