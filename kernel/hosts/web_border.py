"""Compares what crosses a WebAssembly module's border with a committed list.

    web_border.py MODULE.wasm LIST

One line each, in the order of the module's kinds: `import MODULE NAME`,
`export NAME`, `global INDEX TYPE` for every mutable global, and `table MIN
MAX` where the table can grow, `memory MODULE NAME MAX` for the memory, which
the page makes.  A snapshot is linear memory and the mutable globals, and
everything else that runs is ours: so a new line means new state or new
JavaScript, and somebody has to decide that.
"""

from __future__ import annotations

import sys
from pathlib import Path

from web_sections import (
    EXPORT,
    FUNCTION_IMPORT,
    GLOBAL,
    IMPORT,
    MEMORY_IMPORT,
    TABLE,
    Reader,
    sections,
)

VALUE_TYPES = {0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64",
               0x7B: "v128", 0x70: "funcref", 0x6F: "externref"}


def imports(reader: Reader) -> list[str]:
    lines = []
    for _ in range(reader.number()):
        module, name, kind = reader.text(), reader.text(), reader.byte()
        if kind == FUNCTION_IMPORT:
            reader.number()
            lines.append(f"import {module} {name}")
        elif kind == MEMORY_IMPORT:
            _, high = reader.limits()
            lines.append(f"memory {module} {name} {high or 'unlimited'}")
        else:
            raise ValueError(
                f"{module}.{name} is imported, no function or memory"
            )
    return lines


def tables(reader: Reader) -> list[str]:
    lines = []
    for _ in range(reader.number()):
        reader.byte()
        low, high = reader.limits()
        if high != low:
            lines.append(f"table {low} {high or 'unlimited'}")
    return lines


def mutable_globals(reader: Reader) -> list[str]:
    lines = []
    for index in range(reader.number()):
        value_type, is_mutable = reader.byte(), reader.byte()
        reader.skip_expression()
        if is_mutable:
            lines.append(f"global {index} {VALUE_TYPES[value_type]}")
    return lines


def exports(reader: Reader) -> list[str]:
    lines = []
    for _ in range(reader.number()):
        name = reader.text()
        reader.byte()
        reader.number()
        lines.append(f"export {name}")
    return sorted(lines)


def border(data: bytes) -> list[str]:
    found = dict(sections(data))
    lines = []
    for kind, read in ((IMPORT, imports), (EXPORT, exports),
                       (GLOBAL, mutable_globals), (TABLE, tables)):
        if kind in found:
            lines += read(Reader(found[kind]))
    return lines


def main() -> int:
    module, listed = Path(sys.argv[1]), Path(sys.argv[2])
    found = border(module.read_bytes())
    wanted = [
        line for line in listed.read_text().splitlines()
        if line and not line.startswith("#")
    ]
    extra = [line for line in found if line not in wanted]
    missing = [line for line in wanted if line not in found]
    for line in extra:
        print(f"{module.name}: {line}: not in {listed.name}")
    for line in missing:
        print(f"{module.name}: {line}: listed, but not there")
    if extra or missing:
        print(f"README.md beside {listed.name} says what may be there.")
    return 1 if extra or missing else 0


if __name__ == "__main__":
    sys.exit(main())
