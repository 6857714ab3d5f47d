"""Makes an extension module's object safe to link beside all the others.

    python3.13 -IS localize.py OBJECT MODULE OUT

The object is what `wasm-ld --relocatable` made of everything that a shared
library would hold.  Two of them clash wherever they define a symbol of one
name, and share inline functions of C++ that differ.  So, as if each were
loaded by itself:

- every defined symbol becomes local except the module's init function, which
  gets a name of its own: PyInit_X of the module a.b.X is tn_init_a__b__X;
- COMDAT groups, which merge equal names, are dropped, and weak symbols made
  ordinary ones;
- static constructors leave the list that runs before Python starts, because
  some call Python; they are kept under names (tn_ctor_0_a__b__X ...) for the
  table of modules to call just before the init function.

The tag of C++ exceptions stays shared: otherwise none would be caught.

The format is the tool conventions' "linking" section, version 2.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

MAGIC = b"\0asm\1\0\0\0"
LINKING_VERSION = 2

# Subsections of "linking".
INIT_FUNCTIONS, COMDATS, SYMBOL_TABLE = 6, 7, 8

# Kinds of symbols.
FUNCTION, DATA, GLOBAL, SECTION, TAG, TABLE = range(6)

WEAK, LOCAL, HIDDEN, UNDEFINED, EXPLICIT_NAME, NO_STRIP = (
    0x01,
    0x02,
    0x04,
    0x10,
    0x40,
    0x80,
)
BINDING = WEAK | LOCAL


class Reader:
    """Bytes, taken from the front."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def rest(self) -> bool:
        return self.at < len(self.data)

    def take(self, size: int) -> bytes:
        if self.at + size > len(self.data):
            raise ValueError("the object ends too early")
        self.at += size
        return self.data[self.at - size : self.at]

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        """An unsigned LEB128."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def text(self) -> bytes:
        return self.take(self.number())


def number(value: int) -> bytes:
    """An unsigned LEB128."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def text(value: bytes) -> bytes:
    return number(len(value)) + value


@dataclass
class Symbol:
    """One entry of the symbol table."""

    kind: int
    flags: int
    name: bytes | None = None
    numbers: list[int] = field(default_factory=list)

    @property
    def is_defined(self) -> bool:
        return not self.flags & UNDEFINED

    @classmethod
    def read(cls, reader: Reader) -> Symbol:
        symbol = cls(reader.byte(), reader.number())
        if symbol.kind == DATA:
            symbol.name = reader.text()
            if symbol.is_defined:
                symbol.numbers = [reader.number() for _ in range(3)]
        elif symbol.kind in (FUNCTION, GLOBAL, SECTION, TAG, TABLE):
            symbol.numbers = [reader.number()]
            if symbol._names_itself():
                symbol.name = reader.text()
        else:
            raise ValueError(f"a symbol of the unknown kind {symbol.kind}")
        return symbol

    def _names_itself(self) -> bool:
        return self.kind != SECTION and (
            self.is_defined or bool(self.flags & EXPLICIT_NAME)
        )

    def written(self) -> bytes:
        head = bytes([self.kind]) + number(self.flags)
        numbers = b"".join(map(number, self.numbers))
        name = text(self.name) if self.name is not None else b""
        return head + (
            name + numbers if self.kind == DATA else numbers + name
        )


def read_symbols(payload: bytes) -> list[Symbol]:
    reader = Reader(payload)
    symbols = [Symbol.read(reader) for _ in range(reader.number())]
    if reader.rest():
        raise ValueError("the symbol table has bytes left over")
    return symbols


def _constructors(payload: bytes) -> list[int]:
    """Symbol indexes of static constructors, in the order of their calls."""
    reader = Reader(payload)
    pairs = [
        (reader.number(), reader.number()) for _ in range(reader.number())
    ]
    return [symbol for _priority, symbol in sorted(pairs, key=lambda p: p[0])]


def export_name(prefix: str, module: str) -> bytes:
    """tn_init_a__b__X for the module a.b.X."""
    return f"{prefix}_{module.replace('.', '__')}".encode()


def localise(
    symbols: list[Symbol], constructors: list[int], module: str
) -> None:
    """Change the symbols as the head of this file says."""
    init = f"PyInit_{module.rpartition('.')[2]}".encode()
    inits = 0
    for symbol in symbols:
        if symbol.kind in (SECTION, TAG) or not symbol.is_defined:
            continue
        symbol.flags &= ~BINDING
        if symbol.kind == FUNCTION and symbol.name == init:
            symbol.name = export_name("tn_init", module)
            inits += 1
        else:
            symbol.flags = symbol.flags & ~NO_STRIP | LOCAL
    if inits != 1:
        raise ValueError(f"{init.decode()} is defined {inits} times")
    for place, index in enumerate(constructors):
        symbol = symbols[index]
        symbol.flags = symbol.flags & ~BINDING | HIDDEN
        symbol.name = export_name(f"tn_ctor_{place}", module)


def rewrite_linking(payload: bytes, module: str) -> bytes:
    """The linking section of the localised object."""
    reader = Reader(payload)
    version = reader.number()
    if version != LINKING_VERSION:
        raise ValueError(f"linking section of version {version}")
    parts: list[tuple[int, bytes]] = []
    while reader.rest():
        parts.append((reader.byte(), reader.text()))
    constructors: list[int] = []
    for kind, part in parts:
        if kind == INIT_FUNCTIONS:
            constructors = _constructors(part)
    out = number(version)
    for kind, part in parts:
        if kind in (INIT_FUNCTIONS, COMDATS):
            continue
        if kind == SYMBOL_TABLE:
            symbols = read_symbols(part)
            localise(symbols, constructors, module)
            part = number(len(symbols))
            part += b"".join(symbol.written() for symbol in symbols)
        out += bytes([kind]) + text(part)
    return out


def sections(data: bytes) -> list[tuple[int, bytes]]:
    """Number and content of each section."""
    if not data.startswith(MAGIC):
        raise ValueError("not a WebAssembly object")
    reader = Reader(data)
    reader.take(len(MAGIC))
    found = []
    while reader.rest():
        found.append((reader.byte(), reader.text()))
    return found


def linking_payload(content: bytes) -> bytes | None:
    """What follows the name of a custom section called "linking"."""
    reader = Reader(content)
    if reader.text() != b"linking":
        return None
    return content[reader.at :]


def localised(data: bytes, module: str) -> bytes:
    """The whole object, localised for a module."""
    out = MAGIC
    found = False
    for kind, content in sections(data):
        if kind == 0:
            payload = linking_payload(content)
            if payload is not None:
                found = True
                fresh = rewrite_linking(payload, module)
                content = text(b"linking") + fresh
        out += bytes([kind]) + text(content)
    if not found:
        raise ValueError("no linking section: not a relocatable object")
    return out


def object_symbols(data: bytes) -> list[Symbol]:
    """The symbol table of an object."""
    for kind, content in sections(data):
        payload = linking_payload(content) if kind == 0 else None
        if payload is None:
            continue
        reader = Reader(payload)
        reader.number()
        while reader.rest():
            subsection, part = reader.byte(), reader.text()
            if subsection == SYMBOL_TABLE:
                return read_symbols(part)
    return []


def exported(data: bytes) -> list[str]:
    """The functions that a localised object gives to the link."""
    return [
        symbol.name.decode()
        for symbol in object_symbols(data)
        if symbol.kind == FUNCTION
        and symbol.is_defined
        and not symbol.flags & LOCAL
        and symbol.name is not None
    ]


def main(arguments: list[str]) -> int:
    source, module, out = arguments
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    try:
        data = localised(Path(source).read_bytes(), module)
    except ValueError as error:
        print(f"{source}: {error}", file=sys.stderr)
        return 1
    Path(out).write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
