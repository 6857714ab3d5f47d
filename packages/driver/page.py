"""npm's side: the packages of a directory, and the page's bundles."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from .cache import sha256_file
from .machine import REPOSITORY, cache_home, ensure_command
from .progress import BuildError, run_logged, say

STAMP = ".tincture-lock"


def install(directory: Path) -> None:
    """`npm ci`, when package-lock.json is not the installed one."""
    wanted = sha256_file(directory / "package-lock.json")
    modules = directory / "node_modules"
    stamp = modules / STAMP
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return
    ensure_command("npm", "npm", f"the packages of {directory.name}")
    say(f"npm ci in {directory.relative_to(REPOSITORY)}")
    environment = dict(os.environ)
    # A browser that a package would bring cannot be fetched, and is not
    # wanted: the tests drive the machine's.
    environment["PUPPETEER_SKIP_DOWNLOAD"] = "1"
    run_logged(
        f"npm ci in {directory.name}",
        ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"],
        cache_home() / "logs" / f"npm-{directory.name}.log",
        cwd=directory,
        environment=environment,
    )
    stamp.write_text(wanted, "utf-8")


def _sources_hash(plugin: Path) -> str:
    """Hash of everything that the bundles are made from."""
    digest = hashlib.sha256()
    files = [path for path in plugin.iterdir() if path.is_file()]
    for directory in ("src", "page"):
        files += (p for p in (plugin / directory).rglob("*") if p.is_file())
    for path in sorted(files):
        name = path.relative_to(plugin)
        digest.update(f"{name} {sha256_file(path)}\n".encode())
    return digest.hexdigest()


def build(out: Path) -> None:
    """The page's bundles, by plugin/build.mjs, when a source changed."""
    plugin = REPOSITORY / "plugin"
    install(plugin)
    stamp = out / STAMP
    key = _sources_hash(plugin)
    if stamp.exists() and stamp.read_text("utf-8") == key:
        return
    node = shutil.which("node")
    if node is None:
        raise BuildError("node is not on PATH; install nodejs.")
    say("bundling the page")
    command = [node, str(plugin / "build.mjs"), "--out", str(out)]
    if subprocess.run(command, cwd=REPOSITORY, check=False).returncode != 0:
        raise BuildError("plugin/build.mjs failed; see above")
    stamp.write_text(key, "utf-8")
