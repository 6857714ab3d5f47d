"""What is done to a kernel after its link: its border, and its bare form."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HOSTS = Path(__file__).resolve().parents[2] / "kernel" / "hosts"
sys.path.insert(0, str(HOSTS))

import web_bare  # noqa: E402
import web_border  # noqa: E402
from web_sections import (  # noqa: E402
    CUSTOM,
    DATA,
    DATA_COUNT,
    EXPORT,
    GLOBAL,
    IMPORT,
    MEMORY,
    START,
    TABLE,
    Reader,
    number,
    sections,
    written,
)

I32 = b"\x7f"
ZERO = b"\x41\x00\x0b"
TYPE = (1, b"\x01\x60\x00\x00")
ONE_IMPORT = b"\x01" + b"\x08tincture" + b"\x03log" + b"\x00\x00"
ACTIVE = b"\x01\x00" + b"\x41\x10\x0b" + b"\x03abc"
PASSIVE = b"\x01\x01" + b"\x03abc"

# Of 20 to 65536 pages; of one i32 that is mutable and one that is not; of a
# function that may not move.
LINKED = [
    TYPE,
    (IMPORT, ONE_IMPORT),
    (TABLE, b"\x01\x70\x01\x05\x05"),
    (MEMORY, b"\x01\x01\x14" + number(65536)),
    (GLOBAL, b"\x02" + I32 + b"\x01" + ZERO + I32 + b"\x00" + ZERO),
    (EXPORT, b"\x01" + b"\x06memory" + b"\x02\x00"),
    (DATA_COUNT, b"\x01"),
    (DATA, ACTIVE),
]

BORDER = [
    "import tincture log",
    "memory env memory 65536",
    "export memory",
    "global 0 i32",
]


def without(kind: int) -> list[tuple[int, bytes]]:
    return [part for part in LINKED if part[0] != kind]


def with_part(kind: int, content: bytes) -> bytes:
    """The module with one section exchanged or added."""
    return written(sorted([*without(kind), (kind, content)]))


class Bare(unittest.TestCase):
    def test_the_memory_is_imported(self) -> None:
        found = dict(sections(web_bare.described(written(LINKED))))
        self.assertNotIn(MEMORY, found)
        self.assertEqual(
            found[IMPORT],
            b"\x02" + ONE_IMPORT[1:] + b"\x03env\x06memory\x02"
            + b"\x01\x14" + number(65536),
        )

    def test_the_module_says_what_it_is(self) -> None:
        def description(data: bytes) -> dict:
            kind, content = sections(web_bare.described(data))[-1]
            self.assertEqual(kind, CUSTOM)
            reader = Reader(content)
            self.assertEqual(reader.text(), "tincture")
            return json.loads(content[reader.at:])

        first = description(written(LINKED))
        self.assertEqual(first["initial_pages"], 20)
        self.assertRegex(first["build"], "^[0-9a-f]{16}$")
        other = with_part(DATA, ACTIVE.replace(b"abc", b"abd"))
        self.assertNotEqual(description(other)["build"], first["build"])

    def test_only_the_data_goes(self) -> None:
        whole = web_bare.described(written(LINKED))
        kept = [
            part for part in sections(whole)
            if part[0] not in (DATA, DATA_COUNT)
        ]
        self.assertEqual(sections(web_bare.bare(whole)), kept)

    def test_refused(self) -> None:
        cases = {
            "passive": (with_part(DATA, PASSIVE), web_bare.bare),
            "start function": (with_part(START, b"\x00"), web_bare.bare),
            "no memory": (written(without(MEMORY)), web_bare.described),
            "exactly one": (
                with_part(MEMORY, b"\x02\x00\x01\x00\x01"),
                web_bare.described,
            ),
            "not a WebAssembly": (b"MZ", web_bare.described),
        }
        for words, (data, work) in cases.items():
            with self.subTest(words):
                self.assertRaisesRegex(ValueError, words, work, data)

    def test_a_module_that_ends_too_early(self) -> None:
        data = written(LINKED)
        self.assertRaises(ValueError, web_bare.described, data[:-2])

    def test_nothing_is_written_where_it_fails(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            module = Path(directory) / "a.wasm"
            bare = Path(directory) / "a.bare.wasm"
            data = with_part(DATA, PASSIVE)
            module.write_bytes(data)
            done = subprocess.run(
                [sys.executable, HOSTS / "web_bare.py", module, bare],
                capture_output=True, text=True, check=False,
            )
            self.assertEqual(done.returncode, 1)
            self.assertIn("a.wasm: data segment 0 is passive", done.stdout)
            self.assertEqual(module.read_bytes(), data)
            self.assertFalse(bare.exists())


class Border(unittest.TestCase):
    def check(self, data: bytes, lines: list[str]) -> None:
        self.assertEqual(
            sorted(web_border.border(web_bare.described(data))),
            sorted(lines),
        )

    def test_what_is_there(self) -> None:
        self.check(written(LINKED), BORDER)

    def test_state_that_a_snapshot_would_miss(self) -> None:
        """A further mutable global, and a table that can grow."""
        more = b"\x02" + 2 * (I32 + b"\x01" + ZERO)
        self.check(with_part(GLOBAL, more), [*BORDER, "global 1 i32"])
        table = b"\x01\x70\x00\x05"
        self.check(
            with_part(TABLE, table), [*BORDER, "table 5 unlimited"]
        )

    def test_the_list_is_compared(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            module = Path(directory) / "a.wasm"
            listed = Path(directory) / "list.txt"
            module.write_bytes(web_bare.described(written(LINKED)))
            for lines, status in ((BORDER, 0), (BORDER[:-1], 1),
                                  ([*BORDER, "export other"], 1)):
                listed.write_text("# A comment.\n" + "\n".join(lines))
                done = subprocess.run(
                    [sys.executable, HOSTS / "web_border.py", module, listed],
                    capture_output=True, text=True, check=False,
                )
                self.assertEqual(done.returncode, status, done.stdout)


if __name__ == "__main__":
    unittest.main()
