"""What every Python package's build ends with.

Extension modules become localised objects, lib/python/a.b.X.o; everything
else that would stand in site-packages becomes share/tincture/site/NAME, as
.pyc and data.
"""

from __future__ import annotations

import json
import re
import shutil
from email.parser import HeaderParser
from pathlib import Path

from ..machine import REPOSITORY
from ..progress import BuildError
from .common import Job

DRIVER = REPOSITORY / "packages" / "driver"
LOCALIZE_SCRIPT = DRIVER / "localize.py"
SITE_SCRIPT = DRIVER / "site_tree.py"


def install_module(job: Job, module: str, linked: Path) -> None:
    """Bring one extension module's object to its place."""
    inside = job.toolchain.inside
    out = job.out / "lib" / "python" / f"{module}.o"
    command = [
        job.command("python"),
        "-IS",
        str(inside(LOCALIZE_SCRIPT)),
        str(inside(linked)),
        module,
        str(inside(out)),
    ]
    job.run(f"localise {module}", command, job.source)


def install_site(job: Job, site: Path) -> None:
    """Compile and copy a tree that is laid out like site-packages."""
    inside = job.toolchain.inside
    out = job.out / "share" / "tincture" / "site" / job.recipe.name
    command = [
        job.command("python"),
        "-S",
        str(inside(SITE_SCRIPT)),
        str(inside(site)),
        str(inside(out)),
        json.dumps(job.recipe.build.get("exclude", [])),
    ]
    job.run("site", command, job.source)


def write_dist_info(job: Job, site: Path) -> None:
    """What importlib.metadata asks for, from the source's PKG-INFO."""
    path = job.source / "PKG-INFO"
    if not path.exists():
        raise BuildError(f"{job.recipe.name}: the source has no PKG-INFO")
    headers = HeaderParser().parsestr(path.read_text("utf-8"))
    name = re.sub(r"[-_.]+", "_", headers["Name"])
    place = site / f"{name}-{headers['Version']}.dist-info"
    place.mkdir()
    shutil.copyfile(path, place / "METADATA")
    groups = job.recipe.build.get("entry_points", {})
    if groups:
        lines = []
        for group, points in groups.items():
            lines.append(f"[{group}]")
            lines += [f"{key} = {value}" for key, value in points.items()]
        text = "\n".join(lines) + "\n"
        (place / "entry_points.txt").write_text(text, "utf-8")


def gather_site(job: Job, site: Path) -> None:
    """Bring what [build.site] lists together: {place: path in the source}."""
    site.mkdir(parents=True, exist_ok=True)
    for place, path in job.recipe.build.get("site", {}).items():
        source, target = job.source / path, site / place
        if not source.exists():
            raise BuildError(f"{job.recipe.name}: the source has no {path}")
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copyfile(source, target)
