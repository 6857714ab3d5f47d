"""Makes the standard library's tree of .pyc files for the image.

Run by the toolchain's Python 3.13 (its bytecode is the target's), not
imported by the driver:

    python3.13 stdlib.py LIBRARY OUT EXCLUDE_JSON [EXTRA_MODULE...]

A module NAME.py becomes NAME.pyc in the same place, without its source; its
code objects say /usr/lib/python3.13/NAME.py, where the image is mounted.
"""

from __future__ import annotations

import fnmatch
import json
import py_compile
import sys
from pathlib import Path

MOUNT_POINT = "/usr/lib/python3.13"


def is_excluded(path: str, globs: list[str]) -> bool:
    """True when the path, or a directory above it, matches a glob."""
    parts = path.split("/")
    heads = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return any(fnmatch.fnmatch(head, glob) for head in heads for glob in globs)


def compile_module(
    source: Path, path: str, out: Path, mount_point: str = MOUNT_POINT
) -> None:
    """Compile one module; the same bytes on every machine."""
    target = (out / path).with_suffix(".pyc")
    target.parent.mkdir(parents=True, exist_ok=True)
    py_compile.compile(
        str(source),
        str(target),
        f"{mount_point}/{path}",
        doraise=True,
        optimize=0,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def main(arguments: list[str]) -> int:
    library, out = Path(arguments[0]), Path(arguments[1])
    globs = json.loads(arguments[2])
    modules = {
        str(source.relative_to(library)): source
        for source in library.rglob("*.py")
    }
    for extra in arguments[3:]:
        modules[Path(extra).name] = Path(extra)
    kept = sorted(path for path in modules if not is_excluded(path, globs))
    for path in kept:
        compile_module(modules[path], path, out)
    size = sum(file.stat().st_size for file in out.rglob("*.pyc"))
    print(f"{len(kept)} of {len(modules)} modules, {size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
