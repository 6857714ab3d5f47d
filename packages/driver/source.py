"""Fetches source archives and unpacks them, checked by SHA-256.

An archive is kept in the cache under its checksum.  Debian's come through
apt with lists of its own (so that any user can do it and the machine's apt
is left alone), npm's through `npm pack`, the Python index's through pip.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from .cache import sha256_file
from .machine import (
    REPOSITORY,
    cache_home,
    ensure_command,
    exclusive,
    mirror,
)
from .progress import BuildError, capture, run_logged, say
from .recipe import OWN_SOURCE, LicenceFile, Recipe, Source
from .toolchain import Toolchain

# Python programs that builds run, the one that fetches the others first.
TOOLS_LOCK = REPOSITORY / "packages" / "tools.lock"
FETCHER = "pip"


def read_tools_lock(path: Path = TOOLS_LOCK) -> dict[str, Source]:
    """The wheels of a lock, by project."""
    wheels = {}
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            project, version, file, sha256 = line.split()
            wheels[project] = Source(
                kind="pypi",
                package=project,
                version=version,
                file=file,
                sha256=sha256,
            )
    return wheels


def _log(source: Source) -> Path:
    return cache_home() / "logs" / f"source-{source.package}.log"


def _apt_options(suite: str) -> list[str]:
    """Options that give apt a state of its own with one source suite."""
    place = cache_home() / "apt" / suite
    (place / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (place / "cache").mkdir(exist_ok=True)
    (place / "status").touch()
    sources = place / "sources.list"
    sources.write_text(f"deb-src {mirror()} {suite} main\n", "utf-8")
    settings = {
        "Dir::State": place,
        "Dir::State::lists": place / "lists",
        "Dir::State::status": place / "status",
        "Dir::Cache": place / "cache",
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "-",
        "Acquire::Languages": "none",
        "Acquire::Check-Valid-Until": "false",
        "APT::Sandbox::User": "",
        "Debug::NoLocking": "true",
    }
    return [
        word for key, value in settings.items() for word in ("-o", f"{key}={value}")
    ]


def _fetch_debian(source: Source, place: Path) -> Path:
    options = _apt_options(source.suite)
    log = _log(source)
    lists = cache_home() / "apt" / source.suite / "lists"
    with exclusive(f"apt-{source.suite}"):
        if not any(lists.glob("*Sources*")):
            run_logged("apt-get update", ["apt-get", *options, "update"], log)
        wish = f"{source.package}/{source.suite}"
        command = ["apt-get", *options, "source", "--print-uris", wish]
        offered = []
        for line in capture(command).splitlines():
            if not line.startswith("'"):
                continue
            uri, file, _size, _digest = line.split()
            offered.append(file)
            if file == source.file:
                out = place / file
                run_logged(
                    f"fetching {file}",
                    [
                        "/usr/lib/apt/apt-helper",
                        *options,
                        "download-file",
                        uri.strip("'"),
                        str(out),
                        f"SHA256:{source.sha256}",
                    ],
                    log,
                )
                return out
    raise BuildError(
        f"Debian {source.suite} has no {source.file} any more; for"
        f" {source.package} it has {', '.join(offered) or 'nothing'}.\n"
        "  Change version, file and sha256 of the recipe, and run the tests."
    )


def _fetch_npm(source: Source, place: Path) -> Path:
    ensure_command("npm", "npm", f"the source of {source.package}")
    run_logged(
        f"fetching {source.package}",
        [
            "npm",
            "pack",
            "--silent",
            "--ignore-scripts",
            f"{source.package}@{source.version}",
        ],
        _log(source),
        cwd=place,
    )
    return place / source.file


def _fetch_pip(source: Source, place: Path) -> Path:
    """The pinned pip itself, by whichever pip the machine has."""
    ensure_command("pip3", "python3-pip", "the sources of Python packages")
    command = [
        "pip3",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        f"--dest={place}",
        f"pip=={source.version}",
    ]
    run_logged(f"fetching {source.file}", command, _log(source))
    return place / source.file


def _fetch_pypi(source: Source, place: Path) -> Path:
    """A file of the Python index, a wheel or a source archive."""
    if source.package == FETCHER:
        return _fetch_pip(source, place)
    with exclusive("pip"):
        pip = fetch(read_tools_lock()[FETCHER])
    script = Path(__file__).with_name("pip_fetch.py")
    run_logged(
        f"fetching {source.file}",
        [sys.executable, str(script), source.package, source.file, str(place)],
        _log(source),
        environment=dict(os.environ, PYTHONPATH=str(pip)),
    )
    return place / source.file


def fetch(source: Source) -> Path:
    """The archive, from the cache or from its registry."""
    archives = cache_home() / "sources"
    archives.mkdir(parents=True, exist_ok=True)
    kept = archives / f"{source.sha256[:16]}-{source.file}"
    if kept.exists() and sha256_file(kept) == source.sha256:
        return kept
    say(f"fetching {source.file}")
    _log(source).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=archives) as place:
        fetched = FETCHERS[source.kind](source, Path(place))
        if not fetched.exists():
            raise BuildError(f"{source.package} did not bring {source.file}")
        digest = sha256_file(fetched)
        if digest != source.sha256:
            raise BuildError(
                f"{source.file} is not the file that the recipe names:\n"
                f"  sha256 {digest}\n  wanted {source.sha256}"
            )
        fetched.rename(kept)
    return kept


FETCHERS: dict[str, Callable[[Source, Path], Path]] = {
    "debian": _fetch_debian,
    "npm": _fetch_npm,
    "pypi": _fetch_pypi,
}


def extract_wheel(archive: Path, out: Path) -> None:
    """A wheel is a ZIP of what stands below site-packages."""
    with zipfile.ZipFile(archive) as wheel:
        wheel.extractall(out)


def _extract(archive: Path, out: Path, strip: int) -> None:
    """Unpack, leaving out the first `strip` directories of each name."""
    # Python 3.11.2 has no filters; what is unpacked is known by checksum.
    options = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(archive) as tar:
        for member in tar:
            parts = Path(member.name).parts[strip:]
            if not parts:
                continue
            member.name = str(Path(*parts))
            if member.islnk():
                link = Path(member.linkname).parts[strip:]
                member.linkname = str(Path(*link))
            tar.extract(member, out, **options)


def _unpack_archive(source: Source, out: Path) -> None:
    archive = fetch(source)
    if source.member:
        with tempfile.TemporaryDirectory(dir=out.parent) as place:
            _extract(archive, Path(place), 0)
            _extract(Path(place) / source.member, out, source.strip)
    elif archive.suffix == ".whl":
        extract_wheel(archive, out)
    else:
        _extract(archive, out, source.strip)


def unpack(recipe: Recipe, toolchain: Toolchain, out: Path) -> None:
    """Unpack a recipe's source into `out` and apply its patches."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    if recipe.source.kind != OWN_SOURCE:
        _unpack_archive(recipe.source, out)
    for path in recipe.repository_files:
        place = out / recipe.place_of(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    for patch in recipe.patches:
        _apply(patch, toolchain, out)
    for licence in recipe.licence_files:
        _check_licence(recipe, licence, out)


def _apply(patch: Path, toolchain: Toolchain, out: Path) -> None:
    toolchain.run(
        f"applying {patch.name}",
        [
            "patch",
            "--strip=1",
            "--fuzz=0",
            "--no-backup-if-mismatch",
            f"--input={toolchain.inside(patch)}",
        ],
        cache_home() / "logs" / "patches.log",
        out,
    )


def _check_licence(recipe: Recipe, licence: LicenceFile, out: Path) -> None:
    """A licence that changed unnoticed is one nobody has read."""
    digest = "no such file"
    if (out / licence.path).exists():
        digest = hashlib.sha256(licence.text(out)).hexdigest()
    if digest != licence.sha256:
        raise BuildError(
            f"{recipe.name}: the licence {licence.path} has changed\n"
            f"  sha256 {digest}\n  wanted {licence.sha256}\n"
            "  Read it, then write the new checksum into the recipe."
        )
