"""Makes wheels for the cases, in the directory named by its argument.

Entries are stored, without times, so that a wheel has the same hash wherever
it is made; `deflated` is the one that is not.
"""

from __future__ import annotations

import base64
import hashlib
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ZERO_TIME = (1980, 1, 1, 0, 0, 0)


def line(name: str, text: str) -> str:
    """A line of RECORD."""
    digest = hashlib.sha256(text.encode()).digest()
    plain = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return f"{name},sha256={plain},{len(text)}\n"


def make(
    directory: Path,
    stem: str,
    files: Mapping[str, str],
    headers: Sequence[str] = (),
    *,
    tags: str = "py3-none-any",
    method: int = zipfile.ZIP_STORED,
    record: str | None = None,
) -> None:
    """A wheel of these files; `record` is put in the place of the right one."""
    name, version = stem.split("-")
    info = f"{stem}.dist-info"
    metadata = ["Metadata-Version: 2.1", f"Name: {name}"]
    metadata += [f"Version: {version}", *headers, ""]
    contents = {
        **files,
        f"{info}/METADATA": "\n".join(metadata),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nTag: {tags}\n",
    }
    lines = [line(file, text) for file, text in contents.items()]
    lines.append(f"{info}/RECORD,,\n")
    contents[f"{info}/RECORD"] = "".join(lines) if record is None else record
    path = directory / f"{stem}-{tags}.whl"
    with zipfile.ZipFile(path, "w", method) as archive:
        for file, text in contents.items():
            entry = zipfile.ZipInfo(file, ZERO_TIME)
            entry.compress_type = method
            archive.writestr(entry, text)


def main(directory: Path) -> None:
    """Sound wheels first, then those that are to be refused."""
    directory.mkdir(exist_ok=True)
    native = "cp313-cp313-manylinux_2_17_x86_64"
    licence = {"alpha-1.0.dist-info/licenses/LICENSE": "Do <as> you like.\n"}
    make(
        directory,
        "alpha-1.0",
        {"alpha/__init__.py": "import beta\n", **licence},
        [
            "License: MIT",
            "Requires-Dist: beta>=2; sys_platform == 'emscripten'",
            "Requires-Dist: gamma; python_version < '3.8'",
            "Requires-Dist: NumPy>=2",
        ],
    )
    make(directory, "beta-2.1", {"beta.py": ""}, ["Provides-Extra: x"])
    many = {f"deflated/m{i}.py": "x = 1\n" * 200 for i in range(5)}
    make(directory, "deflated-1.0", many, method=zipfile.ZIP_DEFLATED)
    make(directory, "plots-1.0", {"plots.py": ""}, ["Requires-Dist: pandas"])
    for version in ("0.12.1", "0.13.0"):
        make(directory, f"cycler-{version}", {"cycler.py": version})
    make(directory, "turns-1.0", {"turns.py": ""}, ["Requires-Dist: cycler"])
    make(directory, "old-1.0", {"old.py": ""}, ["Requires-Dist: numpy<2"])
    make(directory, "newer-1.0", {"n.py": ""}, ["Requires-Python: >=3.14"])
    make(directory, "native-1.0", {"native.so": ""}, tags=native)
    make(directory, "numpy-1.26", {"numpy.py": ""}, tags=native)
    make(directory, "escape-1.0", {"../../escaped.py": ""})
    make(directory, "liar-1.0", {"a.py": ""}, record="a.py,sha256=AAAA,0\n")
    make(directory, "damaged-1.0", {"a.py": "x = 1\n"})
    path = directory / "damaged-1.0-py3-none-any.whl"
    path.write_bytes(path.read_bytes().replace(b"x = 1", b"x = 2"))


main(Path(sys.argv[1]))
