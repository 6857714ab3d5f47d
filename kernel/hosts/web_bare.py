"""Makes a linked module ready for starts with and without a snapshot.

    web_bare.py MODULE.wasm BARE.wasm

In MODULE.wasm the memory becomes an import, `env.memory`, and there is a
custom section `tincture`, the JSON object {"initial_pages", "build"}: how many
pages of 64 KiB a cold start needs, and a hash of the module as it was linked,
by which a snapshot knows the code that it belongs to.

BARE.wasm is the same module without its data.  A snapshot of memory holds all
of it, as it was after the start; and instantiating a module with data would
write that over the snapshot.  So nothing but the data section may put bytes
into memory: no segment that code copies later, and no start function.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from web_sections import (
    CUSTOM,
    DATA,
    DATA_COUNT,
    IMPORT,
    MEMORY,
    MEMORY_IMPORT,
    START,
    Reader,
    number,
    sections,
    written,
)

NAME = b"tincture"
BUILD_DIGITS = 16

# What the flags of a data segment say of it.
PASSIVE, EXPLICIT_MEMORY = 1, 2


def text(value: bytes) -> bytes:
    return number(len(value)) + value


def with_imported_memory(content: bytes, limits: bytes) -> bytes:
    """The section of imports, with the memory as its last."""
    reader = Reader(content)
    count = reader.number()
    entry = text(b"env") + text(b"memory") + bytes([MEMORY_IMPORT]) + limits
    return number(count + 1) + content[reader.at:] + entry


def memory_limits(content: bytes) -> bytes:
    """The limits of the one memory that a module has."""
    reader = Reader(content)
    if reader.number() != 1:
        raise ValueError("there is not exactly one memory")
    return content[reader.at:]


def check_data(content: bytes) -> None:
    """Every segment is written when the module is instantiated."""
    reader = Reader(content)
    for place in range(reader.number()):
        flags = reader.number()
        if flags & PASSIVE:
            raise ValueError(
                f"data segment {place} is passive: memory.init would copy it "
                "after the start, and a bare module cannot have it"
            )
        if flags & EXPLICIT_MEMORY:
            reader.number()
        reader.skip_expression()
        reader.take(reader.number())


def described(data: bytes) -> bytes:
    """The module with its memory imported, and its custom section."""
    found = dict(sections(data))
    if MEMORY not in found:
        raise ValueError("the module has no memory of its own")
    limits = memory_limits(found[MEMORY])
    description = {
        "initial_pages": Reader(limits).limits()[0],
        "build": hashlib.sha256(data).hexdigest()[:BUILD_DIGITS],
    }
    parts = []
    for kind, content in sections(data):
        if kind == IMPORT:
            content = with_imported_memory(content, limits)
        if kind != MEMORY:
            parts.append((kind, content))
    content = text(NAME) + json.dumps(description).encode()
    return written([*parts, (CUSTOM, content)])


def bare(data: bytes) -> bytes:
    """The module without what it writes to memory."""
    kept = []
    for kind, content in sections(data):
        if kind == START:
            raise ValueError("a start function would run on a snapshot")
        if kind == DATA:
            check_data(content)
        elif kind != DATA_COUNT:
            kept.append((kind, content))
    return written(kept)


def main() -> int:
    module, out = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        whole = described(module.read_bytes())
        out.write_bytes(bare(whole))
    except ValueError as error:
        print(f"{module.name}: {error}")
        return 1
    module.write_bytes(whole)
    return 0


if __name__ == "__main__":
    sys.exit(main())
