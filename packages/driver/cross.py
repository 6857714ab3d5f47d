"""The compiler that extension modules are built with, in the toolchain.

    python3.13 -IS cross.py cc|cxx ARGUMENT...

Build systems believe that it makes shared libraries.  Nothing is loaded at
run time, though: what is linked as X.so becomes one relocatable object, of the
objects and archives given, for the kernel's link.  A compilation goes to clang
with the flags that Emscripten would give it (TINCTURE_CFLAGS, from
`emcc --cflags`), without Emscripten's own start; everything else goes to
Emscripten.
"""

from __future__ import annotations

import os
import re
import sys

EMSCRIPTEN = {"cc": "emcc", "cxx": "em++"}
# TINCTURE_CLANG is clang-21 or clang; its C++ form is named alike.
CLANG = {"cc": "clang", "cxx": "clang++"}

SETTING = re.compile(r"-s[A-Z_]+(=|$)")

# Position-independent code is for shared libraries, and slower.
DROPPED = ("-fPIC", "-fpic")


def output_of(arguments: list[str]) -> str:
    """The argument of -o, or nothing."""
    if "-o" in arguments[:-1]:
        return arguments[arguments.index("-o") + 1]
    return ""


def link_command(arguments: list[str]) -> list[str]:
    """The command that joins an extension module's objects to one.

    Archives of the build itself have relative names.  Those of other packages
    stay out: two modules would hold a copy each, and the kernel is linked
    with the archive itself.
    """
    files = [
        word
        for word in arguments
        if word.endswith((".o", ".a")) and not word.startswith(("-", "/"))
    ]
    linker = os.environ.get("TINCTURE_WASM_LD", "wasm-ld")
    return [linker, "--relocatable", "-o", output_of(arguments), *files]


def compile_command(kind: str, arguments: list[str]) -> list[str]:
    """The command that compiles one source file."""
    clang = os.environ.get("TINCTURE_CLANG", "clang")
    flags = os.environ["TINCTURE_CFLAGS"].split()
    # Emscripten's settings (-sNAME=VALUE) are in the flags already.
    kept = [word for word in arguments if not SETTING.match(word)]
    return [clang.replace("clang", CLANG[kind]), *flags, *kept]


def command(kind: str, arguments: list[str]) -> list[str]:
    """What a call of this compiler is really to run."""
    arguments = [word for word in arguments if word not in DROPPED]
    if "-c" in arguments and "TINCTURE_CFLAGS" in os.environ:
        return compile_command(kind, arguments)
    if output_of(arguments).endswith(".so"):
        return link_command(arguments)
    return [EMSCRIPTEN[kind], *arguments]


def main(words: list[str]) -> None:
    real = command(words[0], words[1:])
    os.execvp(real[0], real)


if __name__ == "__main__":
    main(sys.argv[1:])
