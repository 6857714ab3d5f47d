"""Makes a package's tree for an image from one laid out like site-packages.

Run by the toolchain's Python 3.13 (its bytecode is the target's), not
imported by the driver:

    python3.13 site_tree.py SITE OUT EXCLUDE_JSON

A module NAME.py becomes NAME.pyc in the same place, without its source; other
files are copied.  What no running program reads is left out: sources of
extension modules, type stubs, and the metadata that installers keep.  An
exclude pattern with a slash is compared with whole paths, one without with
the name of each file and directory.
"""

from __future__ import annotations

import fnmatch
import json
import shutil
import sys
from pathlib import Path

from stdlib import compile_module

MOUNT_POINT = "/usr/lib/python3.13/site-packages"

NEVER_READ = (
    "*.[acho]",
    "*.cpp",
    "*.hpp",
    "*.p[xy][dixc]",
    "*.pyi",
    "*.so",
    "*.in",
    "meson.build",
    "py.typed",
    "__pycache__",
    "*.dist-info/INSTALLER",
    "*.dist-info/RECORD*",
    "*.dist-info/REQUESTED",
    "*.dist-info/WHEEL",
    "*.dist-info/licen[sc]es",
    "*.dist-info/LICEN[SC]E*",
    "*.dist-info/AUTHORS*",
    "*.dist-info/top_level.txt",
    "*.dist-info/zip-safe",
)


def is_excluded(path: str, globs: list[str]) -> bool:
    """True when the path, or a directory above it, matches a pattern."""
    parts = path.split("/")
    heads = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    for glob in globs:
        names = heads if "/" in glob else parts
        if any(fnmatch.fnmatchcase(name, glob) for name in names):
            return True
    return False


def copy_metadata(source: Path, target: Path) -> None:
    """METADATA without the project's long description."""
    head, _, _ = source.read_text("utf-8").partition("\n\n")
    target.write_text(head + "\n", "utf-8")


def main(arguments: list[str]) -> int:
    site, out = Path(arguments[0]), Path(arguments[1])
    globs = [*NEVER_READ, *json.loads(arguments[2])]
    paths = sorted(
        str(path.relative_to(site))
        for path in site.rglob("*")
        if path.is_file()
    )
    kept = [path for path in paths if not is_excluded(path, globs)]
    for path in kept:
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.endswith(".py"):
            compile_module(site / path, path, out, MOUNT_POINT)
        elif path.endswith(".dist-info/METADATA"):
            copy_metadata(site / path, target)
        else:
            shutil.copyfile(site / path, target)
    size = sum(file.stat().st_size for file in out.rglob("*.*"))
    print(f"{len(kept)} of {len(paths)} files, {size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
