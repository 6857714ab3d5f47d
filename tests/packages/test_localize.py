"""Objects of extension modules, localised: nothing but the init is shared."""

from __future__ import annotations

import sys
import tempfile
import unittest
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packages"))

from driver import localize
from driver.localize import (
    DATA,
    EXPLICIT_NAME,
    FUNCTION,
    HIDDEN,
    LOCAL,
    NO_STRIP,
    SECTION,
    TAG,
    UNDEFINED,
    WEAK,
    Symbol,
)

MODULE = "a.b.thing"


def subsection(kind: int, payload: bytes) -> bytes:
    assert len(payload) < 128
    return bytes([kind, len(payload)]) + payload


def name(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


def function(index: int, text: str, flags: int = 0) -> bytes:
    return bytes([FUNCTION]) + flag_bytes(flags) + bytes([index]) + name(text)


def flag_bytes(flags: int) -> bytes:
    return bytes([flags]) if flags < 128 else bytes([flags & 127 | 128, 1])


SYMBOLS = [
    function(0, "helper", HIDDEN),
    function(1, "PyInit_thing", NO_STRIP),
    function(2, "inline_one", WEAK | HIDDEN),
    bytes([FUNCTION, UNDEFINED, 0]),
    bytes([FUNCTION, UNDEFINED | EXPLICIT_NAME, 1]) + name("PyErr_Clear"),
    bytes([DATA, 0]) + name("table") + bytes([0, 0, 4]),
    bytes([DATA, UNDEFINED]) + name("PyExc_ValueError"),
    bytes([SECTION, LOCAL, 3]),
    bytes([TAG, WEAK, 0]) + name("__cpp_exception"),
    function(3, "construct_late", LOCAL),
    function(4, "construct_early", LOCAL),
]


def linking(*, symbols: list[bytes] = SYMBOLS, version: int = 2) -> bytes:
    table = bytes([len(symbols)]) + b"".join(symbols)
    # Priority and symbol: the second is to be called first.
    constructors = bytes([2, 100, 9, 50, 10])
    body = bytes([version])
    body += subsection(6, constructors)
    body += subsection(7, bytes([1]) + name("inline_one") + bytes([0, 0]))
    # Longer than subsection() can say in a byte.
    body += bytes([8]) + localize.number(len(table)) + table
    return body


def an_object(payload: bytes) -> bytes:
    content = name("linking") + payload
    section = bytes([0]) + localize.number(len(content)) + content
    code = bytes([10, 2, 7, 7])
    return b"\0asm\1\0\0\0" + code + section


class LocalizeTest(unittest.TestCase):
    def symbols(self, data: bytes) -> list[Symbol]:
        return localize.object_symbols(data)

    def test_only_the_init_and_the_constructors_stay(self) -> None:
        out = localize.localised(an_object(linking()), MODULE)
        self.assertEqual(
            localize.exported(out),
            [
                "tn_init_a__b__thing",
                "tn_ctor_1_a__b__thing",
                "tn_ctor_0_a__b__thing",
            ],
        )

    def test_the_rest_is_local(self) -> None:
        out = localize.localised(an_object(linking()), MODULE)
        symbols = self.symbols(out)
        by_name = {symbol.name: symbol for symbol in symbols if symbol.name}
        for text in (b"helper", b"inline_one", b"table"):
            with self.subTest(text):
                flags = by_name[text].flags
                self.assertEqual(flags & (LOCAL | WEAK), LOCAL)
        self.assertEqual(by_name[b"table"].numbers, [0, 0, 4])

    def test_undefined_symbols_and_the_tag_are_left_alone(self) -> None:
        before = self.symbols(an_object(linking()))
        out = localize.localised(an_object(linking()), MODULE)
        after = self.symbols(out)
        for place in (3, 4, 6, 7, 8):
            self.assertEqual(before[place], after[place])

    def test_no_group_and_no_constructor_runs_by_itself(self) -> None:
        out = localize.localised(an_object(linking()), MODULE)
        payload = localize.linking_payload(localize.sections(out)[-1][1])
        assert payload is not None
        reader = localize.Reader(payload)
        reader.number()
        kinds = []
        while reader.rest():
            kinds.append(reader.byte())
            reader.text()
        self.assertEqual(kinds, [8])

    def test_other_sections_stay_as_they_are(self) -> None:
        out = localize.localised(an_object(linking()), MODULE)
        self.assertEqual(localize.sections(out)[0], (10, bytes([7, 7])))

    def test_what_is_refused(self) -> None:
        two = [*SYMBOLS, function(5, "PyInit_thing")]
        for data, reason in (
            (b"\0asm\2\0\0\0", "not a WebAssembly object"),
            (an_object(linking())[:-1], "too early"),
            (b"\0asm\1\0\0\0" + bytes([10, 0]), "no linking section"),
            (an_object(linking(version=3)), "version 3"),
            (an_object(linking(symbols=two)), "defined 2 times"),
            (an_object(linking(symbols=[bytes([9, 0, 0])])), "kind 9"),
        ):
            with self.subTest(reason):
                with self.assertRaisesRegex(ValueError, reason):
                    localize.localised(data, MODULE)
        with self.assertRaisesRegex(ValueError, "defined 0 times"):
            localize.localised(an_object(linking()), "a.b.other")

    def test_the_command(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            source = Path(directory) / "thing.so"
            out = Path(directory) / "lib" / "a.b.thing.o"
            source.write_bytes(an_object(linking()))
            words = [str(source), MODULE, str(out)]
            self.assertEqual(localize.main(words), 0)
            self.assertIn("tn_init_a__b__thing", localize.exported(out.read_bytes()))
            source.write_bytes(b"text")
            with redirect_stderr(StringIO()) as text:
                self.assertEqual(localize.main(words), 1)
            self.assertIn("thing.so: not a WebAssembly", text.getvalue())


if __name__ == "__main__":
    unittest.main()
