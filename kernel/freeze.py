"""Compiles py/ to a C table of frozen modules.

    python3.13 freeze.py OUT.c [DEPFILE]

The code objects carry `<frozen tincture.display>` and the like as their file
name, so nothing of the building machine is in them.  It must run on the
minor version of Python that the kernel is linked with, because marshalled
code is that version's.
"""

from __future__ import annotations

import marshal
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent / "py"
BYTES_PER_LINE = 20


def find_modules() -> list[tuple[str, Path, bool]]:
    """Name, file and whether it is a package, in order of name."""
    modules = []
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        modules.append((name, path, is_package))
    return modules


def compile_module(name: str, path: Path) -> bytes:
    """The marshalled code of one module."""
    source = path.read_bytes()
    code = compile(source, f"<frozen {name}>", "exec", dont_inherit=True)
    return marshal.dumps(code)


def format_array(symbol: str, data: bytes) -> str:
    """The bytes as a C array."""
    lines = [
        "    " + "".join(f"{byte}," for byte in data[i : i + BYTES_PER_LINE])
        for i in range(0, len(data), BYTES_PER_LINE)
    ]
    body = "\n".join(lines)
    return f"static const unsigned char {symbol}[] = {{\n{body}\n}};\n"


def main() -> None:
    """Write the table, and what it depends on."""
    if sys.version_info[:2] != (3, 13):
        sys.exit("freeze.py needs Python 3.13, which the kernel is linked with")
    out = Path(sys.argv[1])
    arrays, rows, paths = [], [], []
    for name, path, is_package in find_modules():
        symbol = "code_" + name.replace(".", "_")
        data = compile_module(name, path)
        arrays.append(format_array(symbol, data))
        rows.append(
            f'    {{"{name}", {symbol}, (int)sizeof({symbol}),'
            f" {int(is_package)}}},\n"
        )
        paths.append(str(path))
    out.write_text(
        "/* Made by kernel/freeze.py from kernel/py. */\n"
        "#include <Python.h>\n\n"
        "extern const struct _frozen tn_frozen_modules[];\n\n"
        + "\n".join(arrays)
        + "\nconst struct _frozen tn_frozen_modules[] = {\n"
        + "".join(rows)
        + "    {NULL, NULL, 0, 0},\n};\n"
    )
    if len(sys.argv) > 2:
        Path(sys.argv[2]).write_text(f"{out}: {' '.join(paths)}\n")


if __name__ == "__main__":
    main()
