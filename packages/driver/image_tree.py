"""Makes the .pyc files of a tree smaller before it becomes an image.

Run by the toolchain's Python 3.13, not imported by the driver:

    python3.13 image_tree.py TREE

Code objects keep their lines and lose their columns.  Columns only place the
carets below a line of source, and an image has no sources.  It is what
`python -X no_debug_ranges` compiles, done to what recipes made long ago: a
quarter of the standard library's compressed size (2.73 MB, then 2.05), and
less to read at every import.
"""

from __future__ import annotations

import marshal
import sys
from pathlib import Path
from types import CodeType

# A .pyc begins with the magic number, flags, and a hash or a date.
HEADER_SIZE = 16

# Forms of an entry in a table of locations; those below are shorter ones for
# small columns on the same line.
ONE_LINE = 10  # to 12: so many lines further, and two bytes of columns
NO_COLUMNS = 13
LONG = 14
NO_LOCATION = 15
UNITS_LIMIT = 8  # of code, for one entry


def _read_number(table: bytes, place: int) -> tuple[int, int]:
    """A number in groups of six bits, and the place behind it."""
    value, shift = table[place] & 63, 0
    while table[place] & 64:
        place += 1
        shift += 6
        value |= (table[place] & 63) << shift
    return value, place + 1


def _write_number(out: bytearray, value: int) -> None:
    while value >= 64:
        out.append(64 | value & 63)
        value >>= 6
    out.append(value)


def _signed(value: int) -> int:
    return -(value >> 1) if value & 1 else value >> 1


def _runs(table: bytes) -> list[tuple[int | None, int]]:
    """Lines to go forward (None: no location) and units of code there."""
    runs: list[tuple[int | None, int]] = []
    place = 0
    while place < len(table):
        form = table[place] >> 3 & 15
        units = (table[place] & 7) + 1
        place += 1
        delta: int | None = 0
        if form < ONE_LINE:
            place += 1
        elif form < NO_COLUMNS:
            delta = form - ONE_LINE
            place += 2
        elif form == NO_LOCATION:
            delta = None
        else:
            number, place = _read_number(table, place)
            delta = _signed(number)
            for _ in range(3 if form == LONG else 0):
                _, place = _read_number(table, place)
        is_nowhere = delta is None
        if runs and (runs[-1][0] is None) == is_nowhere and not delta:
            runs[-1] = (runs[-1][0], runs[-1][1] + units)
        else:
            runs.append((delta, units))
    return runs


def without_columns(table: bytes) -> bytes:
    """The same lines for the same code."""
    out = bytearray()
    for delta, units in _runs(table):
        while units > 0:
            count = min(units, UNITS_LIMIT)
            units -= count
            form = NO_LOCATION if delta is None else NO_COLUMNS
            out.append(0x80 | form << 3 | count - 1)
            if delta is not None:
                _write_number(out, -delta << 1 | 1 if delta < 0 else delta << 1)
                delta = 0
    return bytes(out)


def strip_code(code: CodeType) -> CodeType:
    """The code and all code inside it."""
    constants = tuple(
        strip_code(item) if isinstance(item, CodeType) else item
        for item in code.co_consts
    )
    table = without_columns(code.co_linetable)
    return code.replace(co_linetable=table, co_consts=constants)


def strip_file(path: Path) -> None:
    content = path.read_bytes()
    code = strip_code(marshal.loads(content[HEADER_SIZE:]))
    path.write_bytes(content[:HEADER_SIZE] + marshal.dumps(code))


def main(arguments: list[str]) -> int:
    for path in sorted(Path(arguments[0]).rglob("*.pyc")):
        strip_file(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
