"""What the compiler of extension modules runs, for what it is told."""

from __future__ import annotations

import os
import sys
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packages"))

from driver import cross

SETTINGS = {
    "TINCTURE_CFLAGS": "-target wasm32-unknown-emscripten --sysroot=/s",
    "TINCTURE_CLANG": "clang-21",
    "TINCTURE_WASM_LD": "wasm-ld-21",
}


class CrossTest(unittest.TestCase):
    def setUp(self) -> None:
        patcher = mock.patch.dict(os.environ, SETTINGS)
        patcher.start()
        self.addCleanup(patcher.stop)

    def command(self, kind: str, text: str) -> str:
        return " ".join(cross.command(kind, text.split()))

    def test_a_compilation_goes_to_clang(self) -> None:
        flags = SETTINGS["TINCTURE_CFLAGS"]
        self.assertEqual(
            self.command("cxx", "-fPIC -O2 -sSUPPORT_LONGJMP=wasm -c a.cpp"),
            f"clang++-21 {flags} -O2 -c a.cpp",
        )
        self.assertEqual(
            self.command("cc", "-std=c11 -c a.c -o a.o"),
            f"clang-21 {flags} -std=c11 -c a.c -o a.o",
        )

    def test_a_shared_library_is_one_object_of_its_own_parts(self) -> None:
        self.assertEqual(
            self.command(
                "cc",
                "-o m/x.so a.o m/libpart.a -shared -Wl,--start-group"
                " /prefix/lib/libopenblas.a -lm -Wl,--end-group",
            ),
            "wasm-ld-21 --relocatable -o m/x.so a.o m/libpart.a",
        )

    def test_all_else_goes_to_emscripten(self) -> None:
        self.assertEqual(self.command("cxx", "--version"), "em++ --version")
        self.assertEqual(
            self.command("cc", "trial.c -o trial.js"),
            "emcc trial.c -o trial.js",
        )
        del os.environ["TINCTURE_CFLAGS"]
        self.assertEqual(self.command("cc", "-c a.c"), "emcc -c a.c")


if __name__ == "__main__":
    unittest.main()
