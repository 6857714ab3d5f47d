"""Results of costly work, by the hash of everything that decides them.

An entry is a directory: files/ and manifest.json with the size and SHA-256 of
each file.  It is written under a temporary name and renamed, so that it is
whole or absent, and its manifest is checked whenever it is used: a damaged
entry is thrown away and made again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

from .machine import cache_home
from .progress import say


def sha256_file(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def describe_tree(tree: Path) -> dict[str, dict]:
    """Size, SHA-256 and executable bit of every file, by relative path."""
    files = {}
    for path in sorted(tree.rglob("*")):
        if path.is_symlink():
            raise ValueError(f"{path} is a symbolic link")
        if path.is_file():
            files[str(path.relative_to(tree))] = {
                "size": path.stat().st_size,
                "sha256": sha256_file(path),
                "executable": os.access(path, os.X_OK),
            }
    return files


class Entry:
    """One result in the cache, or the place for it."""

    def __init__(self, name: str, key: str) -> None:
        self.name = name
        self.key = key
        self.path = cache_home() / "entries" / f"{name}-{key[:24]}"

    @property
    def files(self) -> Path:
        return self.path / "files"

    def manifest(self) -> dict:
        text = (self.path / "manifest.json").read_text("utf-8")
        return json.loads(text)

    def fault(self) -> str | None:
        """What is wrong with the entry; None for a sound one."""
        try:
            manifest = self.manifest()
        except (OSError, ValueError) as error:
            return f"no readable manifest ({error})"
        if manifest.get("key") != self.key:
            return "the manifest is another key's"
        seen = describe_tree(self.files)
        for path, facts in manifest["files"].items():
            if path not in seen:
                return f"{path} is missing"
            if seen[path] != facts:
                return f"{path} is not the file that was stored"
        extra = sorted(seen.keys() - manifest["files"].keys())
        return f"{extra[0]} was added" if extra else None

    def is_usable(self) -> bool:
        """True for a sound entry; a damaged one is removed, aloud."""
        if not self.path.exists():
            return False
        fault = self.fault()
        if fault is None:
            return True
        say(f"cache: {self.name}: {fault}; making it again")
        shutil.rmtree(self.path)
        return False

    def store(self, tree: Path) -> None:
        """Move a finished tree into the cache."""
        fresh = self.path.with_name(f"{self.path.name}.new-{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        try:
            shutil.move(tree, fresh / "files")
            manifest = {
                "name": self.name,
                "key": self.key,
                "files": describe_tree(fresh / "files"),
            }
            (fresh / "manifest.json").write_text(
                json.dumps(manifest, indent=1), "utf-8"
            )
            fresh.rename(self.path)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
