"""Compares what crosses a WebAssembly module's border with a committed list.

    web_border.py MODULE.wasm LIST

One line each, in the order of the module's kinds: `import MODULE NAME`,
`export NAME`, `global INDEX TYPE` for every mutable global, and `table MIN
MAX` where the table can grow.  A snapshot is linear memory and the mutable
globals, and everything else that runs is ours: so a new line means new state
or new JavaScript, and somebody has to decide that.
"""

from __future__ import annotations

import sys
from pathlib import Path

IMPORT, TABLE, GLOBAL, EXPORT = 2, 4, 6, 7
VALUE_TYPES = {0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64",
               0x7B: "v128", 0x70: "funcref", 0x6F: "externref"}

# Opcodes of the constant expressions that begin a global, by how many LEB128
# numbers or bytes follow them.
LEB_OPERAND = {0x41, 0x42, 0x23, 0xD2, 0xD0}
FLOAT_SIZE = {0x43: 4, 0x44: 8}
END = 0x0B


class Reader:
    """Bytes of a section, taken from the front."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def number(self) -> int:
        """An unsigned LEB128; of a signed one only the end is found."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def text(self) -> str:
        size = self.number()
        self.at += size
        return self.data[self.at - size:self.at].decode()

    def limits(self) -> tuple[int, int | None]:
        flags = self.byte()
        low = self.number()
        return low, self.number() if flags & 1 else None

    def skip_expression(self) -> None:
        while (opcode := self.byte()) != END:
            if opcode in LEB_OPERAND:
                self.number()
            elif opcode in FLOAT_SIZE:
                self.at += FLOAT_SIZE[opcode]
            else:
                raise ValueError(f"opcode {opcode:#x} in a constant")


def sections(data: bytes) -> dict[int, Reader]:
    if data[:8] != b"\0asm\1\0\0\0":
        raise ValueError("not a WebAssembly module")
    reader = Reader(data)
    reader.at = 8
    found = {}
    while reader.at < len(data):
        kind = reader.byte()
        size = reader.number()
        found[kind] = Reader(data[reader.at:reader.at + size])
        reader.at += size
    return found


def imports(reader: Reader) -> list[str]:
    lines = []
    for _ in range(reader.number()):
        module, name, kind = reader.text(), reader.text(), reader.byte()
        if kind == 0:
            reader.number()
            lines.append(f"import {module} {name}")
        else:
            raise ValueError(f"{module}.{name} is imported, no function")
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
    found = sections(data)
    lines = []
    for kind, read in ((IMPORT, imports), (EXPORT, exports),
                       (GLOBAL, mutable_globals), (TABLE, tables)):
        if kind in found:
            lines += read(found[kind])
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
