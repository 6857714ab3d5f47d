"""`!command` in a kernel without processes.

A few commands that notebooks use are done in Python; to pip there is an
answer; the others are refused, as a shell refuses a command that it cannot
find: with a message and 127.
"""

from __future__ import annotations

import itertools
import sys

from tincture.magic import UsageError, split_options, split_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NOT_FOUND = 127

# What a shell would do something with.
_SHELL_SIGNS = "|<>;&`"

# Magics that do what the command of their name does.
_AS_MAGICS = ("cat", "cp", "ls", "mkdir", "mv", "rm", "rmdir")

INSTALLERS = ("pip", "pip3", "conda", "mamba", "micromamba", "uv")

_LINES = 10  # of head and tail

REFUSAL = "there are no processes here, so no command can be run"


def _echo(words: list[str]) -> None:
    print(*words)


def _read_lines(words: list[str], take: Any) -> None:
    options, rest = split_options(" ".join(words), "n:0123456789")
    digits = "".join(key for key in options if key.isdigit())
    count = int(options.get("n") or digits or _LINES)
    for name in split_words(rest):
        with open(name, encoding="utf-8", errors="replace") as file:
            sys.stdout.writelines(take(file, count))


def _head(words: list[str]) -> None:
    _read_lines(words, itertools.islice)


def _tail(words: list[str]) -> None:
    from collections import deque

    _read_lines(words, deque)


def _pwd(words: list[str]) -> None:
    import os

    print(os.getcwd())


def _version(words: list[str]) -> None:
    print("Python", sys.version.partition(" ")[0])


_IN_PYTHON = {"echo": _echo, "head": _head, "pwd": _pwd, "tail": _tail}


def answer_installer(line: str) -> None:
    """What to do instead of pip's commands."""
    from tincture import missing

    words = line.split()
    command = next((word for word in words if not word.startswith("-")), "")
    rest = words[words.index(command) + 1 :] if command else []
    if command in ("list", "freeze"):
        _list_distributions(command)
        return
    wanted = _find_requirements(rest)
    if command == "show":
        for name in wanted:
            version = missing.find_version(name)
            print(f"Name: {name}\nVersion: {version or 'not here'}")
        return
    if command not in ("install", "add") or not rest:
        print(
            "Packages come into a report when it is packed: "
            '`tincture pack --requirements "NAME==VERSION"` brings '
            "pure-Python ones; numpy, pandas and matplotlib are built in."
        )
        return
    for requirement in wanted:
        print(missing.explain_requirement(requirement))


# Options of pip that are followed by a value.
_VALUED = (
    "-c", "--constraint", "-f", "--find-links", "-i", "--index-url",
    "--extra-index-url", "-t", "--target", "-n", "--channel",
)  # fmt: skip
_FILE_OPTIONS = ("-r", "--requirement")


def _find_requirements(words: list[str]) -> list[str]:
    """What is to be installed; a file of that is answered at once."""
    wanted: list[str] = []
    before = ""
    for word in words:
        if before in _FILE_OPTIONS:
            print(
                f"What {word} names comes along with `tincture pack "
                f"--requirements {word}`."
            )
        elif before not in _VALUED and not word.startswith("-"):
            wanted.append(word)
        before = word
    return wanted


def _list_distributions(command: str) -> None:
    from importlib import metadata

    found = {
        (one.metadata["Name"], one.version)
        for one in metadata.distributions()
        if one.metadata["Name"]
    }
    separator = "==" if command == "freeze" else " "
    for name, version in sorted(found, key=lambda pair: pair[0].lower()):
        print(f"{name}{separator}{version}")


def _without_python(words: list[str]) -> list[str]:
    """`pip ...` of `python -m pip ...`."""
    if words[:1] and words[0] in ("python", "python3", sys.executable):
        if words[1:2] == ["-m"]:
            return words[2:]
    return words


def _without_shell(words: list[str]) -> list[str]:
    """A command's words without where its output goes, and up to what a
    shell would do next; a requirement such as `a>=1` is no such word."""
    result = []
    for word in words:
        if word[0] in "|;&" or word.endswith(";"):
            break
        if not word.lstrip("012").startswith((">", "<")):
            result.append(word)
    return result


def _run_simple(shell: Any, words: list[str]) -> bool:
    """False for a command that is not known here."""
    name, arguments = words[0], words[1:]
    if name in _AS_MAGICS:
        import shlex

        # Patterns are the magic's to expand, so they are not quoted.
        line = " ".join(
            word if set(word) & set("*?[") else shlex.quote(word)
            for word in arguments
        )
        shell.find_magic(name)(line)
    elif name in _IN_PYTHON:
        _IN_PYTHON[name](arguments)
    elif name in ("python", "python3") and arguments in (["-V"], ["--version"]):
        _version(arguments)
    else:
        return False
    return True


def _run(shell: Any, line: str) -> None:
    """Do what can be done, or raise UsageError."""
    is_simple = not set(line) & set(_SHELL_SIGNS)
    words = _without_python(split_words(line)) if line.strip() else []
    if not words:
        return
    if words[0] in INSTALLERS:
        answer_installer(" ".join(_without_shell(words[1:])))
        return
    if not is_simple or not _run_simple(shell, words):
        raise UsageError(f"!{line}: {REFUSAL}")


def run(shell: Any, line: str) -> int:
    """`!line`; the exit status."""
    try:
        _run(shell, line)
    except UsageError as error:
        print(error, file=sys.stderr)
        return NOT_FOUND
    except OSError as error:
        print(f"!{line}: {error}", file=sys.stderr)
        return 1
    return 0


def capture(shell: Any, line: str) -> str:
    """What `name = !line` prints; UsageError where it cannot be run."""
    import contextlib
    import io

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        _run(shell, line)
    return out.getvalue()
