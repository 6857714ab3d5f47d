"""Magics about files, directories and the environment."""

from __future__ import annotations

import os
import sys
import time

from tincture.magic import (
    Magics,
    UsageError,
    cell_magic,
    line_magic,
    magics_class,
    split_options,
    split_words,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _expand_names(words: list[str]) -> list[str]:
    """File names with `~` and patterns replaced."""
    import glob

    names: list[str] = []
    for word in words:
        path = os.path.expanduser(word)
        is_pattern = any(sign in path for sign in "*?[")
        names += (sorted(glob.glob(path)) or [path]) if is_pattern else [path]
    return names


def _describe_entry(folder: str, name: str) -> str:
    import stat

    info = os.lstat(os.path.join(folder, name))
    date = time.strftime("%b %e %Y %H:%M", time.localtime(info.st_mtime))
    return f"{stat.filemode(info.st_mode)} {info.st_size:>10} {date} {name}"


def _list_folder(folder: str, options: Any) -> list[str]:
    names = sorted(os.listdir(folder))
    if "a" not in options:
        names = [name for name in names if not name.startswith(".")]
    if "l" in options:
        return [_describe_entry(folder, name) for name in names]
    return [
        f"{name}/" if os.path.isdir(os.path.join(folder, name)) else name
        for name in names
    ]


def _list(line: str) -> None:
    options, rest = split_options(line, "alhtrS1RFd")
    names = _expand_names(split_words(rest)) or ["."]
    for name in names:
        if not os.path.isdir(name):
            if not os.path.lexists(name):
                raise UsageError(f"there is no {name}")
            folder, last = os.path.split(name)
            is_long = "l" in options
            print(_describe_entry(folder or ".", last) if is_long else name)
            continue
        if len(names) > 1:
            print(f"{name}:")
        lines = _list_folder(name, options)
        print("\n".join(lines) if "l" in options else "  ".join(lines))


def _require_words(line: str, count: int, usage: str) -> list[str]:
    words = [word for word in split_words(line) if not word.startswith("-")]
    if len(words) < count:
        raise UsageError(usage)
    return _expand_names(words)


def _print_file(name: str) -> None:
    with open(os.path.expanduser(name), encoding="utf-8") as file:
        sys.stdout.write(file.read())


@magics_class
class FileMagics(Magics):
    """What a shell would do with files, done in Python."""

    aliases = {
        "file": "writefile",
        "less": "cat",
        "loadpy": "load",
        "more": "cat",
        "pycat": "cat",
    }

    @line_magic
    def pwd(self, line: str = "") -> str:
        """The directory that relative names start from."""
        return os.getcwd()

    @line_magic
    def cd(self, line: str = "") -> None:
        """Change that directory: `%cd [-q] DIRECTORY`; `-` is the one
        before, and alone it is the home."""
        options, rest = split_options(line, "qb") if line != "-" else ({}, "-")
        words = split_words(rest)
        target = words[0] if words else "~"
        before = os.getcwd()
        if target == "-":
            target = self.shell.user_ns.get("_oldpwd", before)
        try:
            os.chdir(os.path.expanduser(target))
        except OSError as error:
            raise UsageError(str(error)) from None
        self.shell.user_ns["_oldpwd"] = before
        if "q" not in options:
            print(os.getcwd())

    @line_magic
    def ls(self, line: str = "") -> None:
        """List files: `%ls [-a] [-l] [NAME...]`."""
        _list(line)

    @line_magic
    def ll(self, line: str = "") -> None:
        """List files with their sizes."""
        _list(f"-l {line}")

    @line_magic
    def cat(self, line: str = "") -> None:
        """Print files."""
        for name in _require_words(line, 1, "%cat needs the name of a file"):
            _print_file(name)

    @line_magic
    def mkdir(self, line: str = "") -> None:
        """Make directories."""
        is_easy = "-p" in split_words(line)
        for name in _require_words(line, 1, "%mkdir needs a name"):
            os.makedirs(name, exist_ok=is_easy)

    @line_magic
    def rmdir(self, line: str = "") -> None:
        """Remove empty directories."""
        for name in _require_words(line, 1, "%rmdir needs a name"):
            os.rmdir(name)

    @line_magic
    def rm(self, line: str = "") -> None:
        """Remove files: `%rm [-r] [-f] NAME...`."""
        import shutil

        options, rest = split_options(line, "rRf")
        for name in _require_words(rest, 1, "%rm needs a name"):
            if os.path.isdir(name) and ("r" in options or "R" in options):
                shutil.rmtree(name)
            elif os.path.lexists(name) or "f" not in options:
                os.remove(name)

    @line_magic
    def cp(self, line: str = "") -> None:
        """Copy files: `%cp [-r] FROM... TO`."""
        import shutil

        *sources, target = _require_words(line, 2, "%cp needs two names")
        for source in sources:
            if os.path.isdir(source):
                name = os.path.basename(source.rstrip("/"))
                inside = os.path.join(target, name)
                shutil.copytree(
                    source, inside if os.path.isdir(target) else target
                )
            else:
                shutil.copy2(source, target)

    @line_magic
    def mv(self, line: str = "") -> None:
        """Move or rename files: `%mv FROM... TO`."""
        import shutil

        *sources, target = _require_words(line, 2, "%mv needs two names")
        for source in sources:
            shutil.move(source, target)

    @line_magic
    def env(self, line: str = "") -> Any:
        """The environment: `%env`, `%env NAME`, `%env NAME=VALUE`."""
        text = line.strip()
        if not text:
            return dict(os.environ)
        for separator in ("=", " "):
            name, found, value = text.partition(separator)
            if found:
                return self._set_variable(name.strip(), value.strip())
        if text not in os.environ:
            raise UsageError(f"Environment does not have key: {text}")
        return os.environ[text]

    @line_magic
    def set_env(self, line: str = "") -> None:
        """Set a variable of the environment: `%set_env NAME=VALUE`."""
        separator = "=" if "=" in line else " "
        name, found, value = line.strip().partition(separator)
        if not found:
            raise UsageError("%set_env needs NAME=VALUE")
        self._set_variable(name.strip(), value.strip())

    def _set_variable(self, name: str, value: str) -> None:
        os.environ[name] = value
        print(f"env: {name}={value}")

    @cell_magic
    def writefile(self, line: str, cell: str) -> None:
        """Write the cell to a file: `%%writefile [-a] FILE`."""
        options, rest = split_options(line, "a", ("append",))
        words = split_words(rest)
        if len(words) != 1:
            raise UsageError("%%writefile needs the name of one file")
        name = os.path.expanduser(words[0])
        is_added = "a" in options or "append" in options
        if not os.path.exists(name):
            print(f"Writing {name}")
        elif is_added:
            print(f"Appending to {name}")
        else:
            print(f"Overwriting {name}")
        with open(name, "a" if is_added else "w", encoding="utf-8") as file:
            file.write(cell)

    @line_magic
    def load(self, line: str = "") -> None:
        """Print a file that could be a cell: `%load FILE`."""
        _, rest = split_options(line, "yr:s:n")
        words = _require_words(rest, 1, "%load needs the name of a file")
        with open(words[0], encoding="utf-8") as file:
            self.shell.set_next_input(f"# %load {rest}\n{file.read()}")


CLASSES = (FileMagics,)
