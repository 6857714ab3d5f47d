"""The sections of a WebAssembly module, for the two tools beside this file."""

from __future__ import annotations

MAGIC = b"\0asm\1\0\0\0"

# Numbers of sections.
CUSTOM, IMPORT, TABLE, MEMORY, GLOBAL = 0, 2, 4, 5, 6
EXPORT, START, DATA, DATA_COUNT = 7, 8, 11, 12

# Kinds of imports.
FUNCTION_IMPORT, MEMORY_IMPORT = 0, 2

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

    def take(self, size: int) -> bytes:
        if self.at + size > len(self.data):
            raise ValueError("the module ends too early")
        self.at += size
        return self.data[self.at - size:self.at]

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
        return self.take(self.number()).decode()

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


def number(value: int) -> bytes:
    """An unsigned LEB128."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def sections(data: bytes) -> list[tuple[int, bytes]]:
    """Number and content of each section, in the module's order."""
    if not data.startswith(MAGIC):
        raise ValueError("not a WebAssembly module")
    reader = Reader(data)
    reader.take(len(MAGIC))
    found = []
    while reader.at < len(data):
        found.append((reader.byte(), reader.take(reader.number())))
    return found


def written(parts: list[tuple[int, bytes]]) -> bytes:
    """A module of these sections."""
    return MAGIC + b"".join(
        bytes([kind]) + number(len(content)) + content
        for kind, content in parts
    )
