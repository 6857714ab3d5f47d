"""Stubs for the functions that wasm-split took out of a module.

    web_stubs.py write FIRST.wasm STUBS.wat
    web_stubs.py hide MERGED.wasm OUT.wasm

wasm-split has a module import a placeholder for each function that went into
the second one, named after the function's slot in the table.  As imports they
cost Firefox more than the functions themselves (40 ms of 80 for core), so
`write` makes a module of stubs in their place, which wasm-merge joins to the
first.  A stub has the second module brought, which puts the function into the
slot, and calls the slot.  No JavaScript frame is left on the stack by then, so
that what it calls may suspend.

`hide` takes the stubs' exports away, which only the merging needed: each would
cost its own code at the border (20 ms).
"""

from __future__ import annotations

import sys
from pathlib import Path

from web_sections import (
    EXPORT,
    FUNCTION_IMPORT,
    IMPORT,
    MEMORY_IMPORT,
    Reader,
    number,
    sections,
    written,
)

TYPE = 1
FUNCTION_TYPE = 0x60
TABLE_IMPORT, GLOBAL_IMPORT = 1, 3

# The module that wasm-split has it import placeholders from.
PLACEHOLDERS = "placeholder.deferred"

VALUE_TYPES = {
    0x7F: "i32",
    0x7E: "i64",
    0x7D: "f32",
    0x7C: "f64",
    0x7B: "v128",
    0x70: "funcref",
    0x6F: "externref",
}

HEAD = """(module
(import "tincture" "load_rest" (func $load))
(import "primary" "__indirect_function_table" (table $table 1 funcref))
"""


def values(reader: Reader) -> list[str]:
    """The names of a row of types."""
    return [VALUE_TYPES[byte] for byte in reader.take(reader.number())]


def read_types(content: bytes) -> list[tuple[list[str], list[str]]]:
    """Parameters and results of every function type."""
    reader = Reader(content)
    found = []
    for _ in range(reader.number()):
        if reader.byte() != FUNCTION_TYPE:
            raise ValueError("there are types other than those of functions")
        found.append((values(reader), values(reader)))
    return found


def read_placeholders(content: bytes) -> list[tuple[str, int]]:
    """Slot and type of every placeholder."""
    reader = Reader(content)
    found = []
    for _ in range(reader.number()):
        module, name, kind = reader.text(), reader.text(), reader.byte()
        if kind == FUNCTION_IMPORT:
            type_index = reader.number()
            if module == PLACEHOLDERS:
                found.append((name, type_index))
        elif kind == MEMORY_IMPORT:
            reader.limits()
        elif kind == TABLE_IMPORT:
            reader.byte()
            reader.limits()
        elif kind == GLOBAL_IMPORT:
            reader.take(2)
        else:
            raise ValueError(f"{module}.{name} is an import of kind {kind}")
    if not found:
        raise ValueError("there is no placeholder: is it split?")
    return found


def stub(slot: str, parameters: list[str], results: list[str]) -> str:
    """The text of one."""
    types = ""
    if parameters:
        types += f" (param {' '.join(parameters)})"
    if results:
        types += f" (result {' '.join(results)})"
    given = " ".join(f"(local.get {i})" for i in range(len(parameters)))
    call = f"(call_indirect $table{types} {given} (i32.const {slot}))"
    return f'(func (export "{slot}"){types} (call $load) {call})\n'


def write_stubs(data: bytes) -> str:
    """A module with a stub for every placeholder, as text."""
    found = dict(sections(data))
    types = read_types(found[TYPE])
    stubs = [
        stub(slot, *types[index])
        for slot, index in read_placeholders(found[IMPORT])
    ]
    return HEAD + "".join(stubs) + ")\n"


def without_stubs(content: bytes) -> bytes:
    """The section of exports without those that are named by a number."""
    reader = Reader(content)
    kept = []
    for _ in range(reader.number()):
        start = reader.at
        name = reader.text()
        reader.byte()
        reader.number()
        if not name.isdigit():
            kept.append(content[start:reader.at])
    return number(len(kept)) + b"".join(kept)


def hide_stubs(data: bytes) -> bytes:
    """The module without the stubs' exports."""
    return written([
        (kind, without_stubs(content) if kind == EXPORT else content)
        for kind, content in sections(data)
    ])


def main() -> int:
    what, source, target = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    data = source.read_bytes()
    if what == "write":
        target.write_text(write_stubs(data), "utf-8")
    else:
        target.write_bytes(hide_stubs(data))
    return 0


if __name__ == "__main__":
    sys.exit(main())
