"""Magics about names, objects and the notebook's own past."""

from __future__ import annotations

import sys

from tincture import formatting
from tincture.magic import (
    KINDS,
    Magics,
    UsageError,
    line_magic,
    magics_class,
    split_options,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

USAGE = """\
This is Tincture, a Python kernel in the page.  It knows the commands of
IPython that notebooks use: %lsmagic lists them, name? and %name? explain one,
Tab completes, and %time, %timeit, %matplotlib, %pip and display() work as in
Jupyter as far as a page can."""

# Characters of a value that %whos shows.
_INFO_LIMIT = 50

# Names that %who prints on a line.
_NAMES_PER_LINE = 9


def _describe_type(value: Any) -> str:
    return type(value).__name__


def _describe_data(value: Any) -> str:
    """A value in few words."""
    name = _describe_type(value)
    if name in ("dict", "list", "tuple", "set", "frozenset", "deque"):
        return f"n={len(value)}"
    if name == "ndarray":
        shape = "x".join(map(str, value.shape)) or "()"
        size = f"{value.size} elems, type `{value.dtype}`, "
        return f"{shape}: {size}{value.nbytes} bytes"
    try:
        text = str(value)
    except Exception as error:
        return f"<str() raised {type(error).__name__}>"
    text = text.replace("\n", "\\n")
    if len(text) <= _INFO_LIMIT:
        return text
    half = _INFO_LIMIT // 2
    return f"{text[:half]}<...>{text[-half:]}"


@magics_class
class NamespaceMagics(Magics):
    """The notebook's names."""

    def _names(self, line: str) -> list[str]:
        kinds = line.split()
        namespace = self.shell.user_ns
        return sorted(
            name
            for name in self.shell.user_names()
            if not kinds or _describe_type(namespace[name]) in kinds
        )

    @line_magic
    def who_ls(self, line: str = "") -> list[str]:
        """The notebook's names as a list; `%who_ls TYPE...` those of types."""
        return self._names(line)

    @line_magic
    def who(self, line: str = "") -> None:
        """Print the notebook's names; `%who TYPE...` those of some types."""
        names = self._names(line)
        if not names:
            print(_describe_nothing(line))
            return
        for start in range(0, len(names), _NAMES_PER_LINE):
            row = names[start : start + _NAMES_PER_LINE]
            print("".join(f"{name}\t " for name in row))

    @line_magic
    def whos(self, line: str = "") -> None:
        """Print the notebook's names with types and values."""
        names = self._names(line)
        if not names:
            print(_describe_nothing(line))
            return
        namespace = self.shell.user_ns
        types = [_describe_type(namespace[name]) for name in names]
        name_width = max(map(len, (*names, "Variable")))
        type_width = max(map(len, (*types, "Type")))
        head = f"{'Variable':<{name_width}}   {'Type':<{type_width}}    Data/Info"
        print(head, "-" * len(head), sep="\n")
        for name, kind in zip(names, types):
            data = _describe_data(namespace[name])
            print(f"{name:<{name_width}}   {kind:<{type_width}}    {data}")

    @line_magic
    def reset(self, line: str = "") -> None:
        """Forget all names: `%reset [-f] [-s] [in] [out] [array]`.  -f: do
        not ask; with words, only inputs, results or arrays."""
        options, rest = split_options(line, "sf", ("aggressive",))
        question = (
            "Once deleted, variables cannot be recovered. Proceed (y/[n])? "
        )
        if "f" not in options and not self.shell.ask_yes_no(question, "n"):
            print("Nothing done.")
            return
        for word in rest.split():
            _reset_part(self.shell, word.lower())
        if not rest.split():
            self.shell.reset()

    @line_magic
    def reset_selective(self, line: str = "") -> None:
        """Forget the names that a regular expression finds:
        `%reset_selective [-f] PATTERN`."""
        import re

        options, pattern = split_options(line, "f")
        try:
            wanted = re.compile(pattern)
        except re.error as error:
            raise UsageError(f"not a regular expression: {error}") from None
        question = (
            "Once deleted, variables cannot be recovered. Proceed (y/[n])? "
        )
        if "f" not in options and not self.shell.ask_yes_no(question, "n"):
            print("Nothing done.")
            return
        for name in self.shell.user_names():
            if wanted.search(name):
                del self.shell.user_ns[name]

    @line_magic
    def xdel(self, line: str = "") -> None:
        """Forget a name and all others of its object: `%xdel [-n] NAME`."""
        options, name = split_options(line, "n")
        if name not in self.shell.user_ns:
            raise UsageError(f"there is no name {name!r}")
        self.shell.del_var(name, by_name="n" in options)


def _describe_nothing(line: str) -> str:
    if line.split():
        return "No variables match your requested type."
    return "Interactive namespace is empty."


def _reset_part(shell: Any, word: str) -> None:
    history = shell.history_manager
    if word == "in":
        print("Flushing input history")
        for i in range(1, len(history.input_hist_raw)):
            history.input_hist_raw[i] = ""
    elif word == "out":
        print(f"Flushing output cache ({len(history.output_hist)} entries)")
        for count in list(history.output_hist):
            shell.user_ns.pop(f"_{count}", None)
        history.output_hist.clear()
    elif word == "array":
        for name in shell.user_names():
            if _describe_type(shell.user_ns[name]) == "ndarray":
                del shell.user_ns[name]
    else:
        raise UsageError(f"%reset knows in, out and array, not {word!r}")


def show_text(text: str) -> None:
    """A text below the cell, as Jupyter's pager has it."""
    from tincture.display import publish_display_data
    from tincture.display_objects import escape

    publish_display_data(
        {"text/plain": text, "text/html": f"<pre>{escape(text)}</pre>"}
    )


def describe_magic(shell: Any, name: str) -> str | None:
    """What a magic does, by its name with or without its signs; None where
    there is none."""
    import inspect

    word = name.lstrip("%")
    for kind, sign in zip(KINDS, ("%", "%%")):
        function = shell.find_magic(word, kind)
        if function is not None and (kind == "cell" or name[:2] != "%%"):
            doc = inspect.getdoc(function) or "It has no docstring."
            return f"{sign}{word}\n\n{doc}"
    return None


@magics_class
class InspectionMagics(Magics):
    """What objects are."""

    def _show(self, name: str, detail_level: int) -> None:
        name = name.strip()
        text: str | None = None
        try:
            if not name.startswith("%"):
                text = self.shell.object_inspect_text(name, detail_level)
        except KeyError:
            pass
        text = text or describe_magic(self.shell, name)
        if text is None:
            print(f"Object `{name}` not found.")
        else:
            show_text(text)

    @line_magic
    def pinfo(self, line: str = "") -> None:
        """What an object is; the same as `name?`."""
        self._show(line, 0)

    @line_magic
    def pinfo2(self, line: str = "") -> None:
        """The same with its source; the same as `name??`."""
        self._show(line, 1)

    @line_magic
    def pdoc(self, line: str = "") -> None:
        """Print the docstring of an object."""
        import inspect

        print(inspect.getdoc(self.shell.ev(line)) or "No docstring.")

    @line_magic
    def pdef(self, line: str = "") -> None:
        """Print the signature of a function."""
        import inspect

        print(f"{line.strip()}{inspect.signature(self.shell.ev(line))}")

    @line_magic
    def psource(self, line: str = "") -> None:
        """Print the source of an object."""
        import inspect

        value = self.shell.ev(line)
        try:
            print(inspect.getsource(value))
        except (OSError, TypeError):
            print("No source found.")

    @line_magic
    def pfile(self, line: str = "") -> None:
        """Print the name of the file that an object was made in."""
        import inspect

        value = self.shell.ev(line)
        try:
            print(inspect.getsourcefile(value) or inspect.getfile(value))
        except TypeError:
            print("No file found.")

    @line_magic
    def psearch(self, line: str = "") -> None:
        """Print the names that fit a pattern: `%psearch np.*sort*`."""
        from fnmatch import fnmatchcase

        pattern = line.strip()
        start, dot, last = pattern.rpartition(".")
        if dot:
            names = dir(self.shell.ev(start))
        else:
            import builtins

            names = [*self.shell.user_ns, *dir(builtins)]
        found = sorted(
            {
                f"{start}{dot}{name}"
                for name in names
                if fnmatchcase(name, last)
                and (last.startswith("_") or not name.startswith("_"))
            }
        )
        show_text("\n".join(found) or "No name fits.")


class _MagicList:
    """What %lsmagic returns."""

    def __init__(self, manager: Any) -> None:
        self.magics = manager.magics

    def __repr__(self) -> str:
        lines = []
        for kind, sign in zip(KINDS, ("%", "%%")):
            names = sorted(self.magics[kind])
            lines += [
                f"Available {kind} magics:",
                "  ".join(f"{sign}{name}" for name in names),
                "",
            ]
        lines.append("Automagic is OFF, % prefix IS needed for line magics.")
        return "\n".join(lines)

    def _repr_json_(self) -> Any:
        table = {
            kind: {
                name: type(getattr(function, "__self__", None)).__name__
                for name, function in self.magics[kind].items()
            }
            for kind in KINDS
        }
        return table


@magics_class
class SessionMagics(Magics):
    """The notebook's past, and how it is shown."""

    aliases = {"hist": "history"}

    @line_magic
    def lsmagic(self, line: str = "") -> _MagicList:
        """List all magics."""
        return _MagicList(self.shell.magics_manager)

    @line_magic
    def magic(self, line: str = "") -> None:
        """Explain all magics in a line each."""
        lines = []
        for kind, sign in zip(KINDS, ("%", "%%")):
            for name, function in sorted(
                self.shell.magics_manager.magics[kind].items()
            ):
                doc = (function.__doc__ or "").strip().partition("\n")[0]
                lines.append(f"{sign}{name:<18} {doc}")
        show_text("\n".join(lines))

    @line_magic
    def quickref(self, line: str = "") -> None:
        """Say what this is."""
        print(USAGE)

    @line_magic
    def history(self, line: str = "") -> None:
        """Print what was run: `%history [-n] [-o] [-g PATTERN] [-l COUNT]
        [RANGE...]`.  -n: with numbers, -o: with results, -g: what contains
        the pattern, -l: the last ones; a range is 3 or 2-5."""
        options, rest = split_options(line, "nopg:l:trf:xu")
        inputs = self.shell.history_manager.input_hist_raw
        outputs = self.shell.history_manager.output_hist
        numbers = _select_inputs(rest, len(inputs))
        if "g" in options:
            from fnmatch import fnmatchcase

            pattern = f"*{options['g']}*"
            numbers = [n for n in numbers if fnmatchcase(inputs[n], pattern)]
        if "l" in options:
            # The last ones before this.
            numbers = numbers[:-1][-int(options["l"]) :]
        for number in numbers:
            label = f"{number:>4}: " if "n" in options else ""
            print(f"{label}{inputs[number]}")
            if "o" in options and number in outputs:
                print(formatting.plain_text(outputs[number]))

    @line_magic
    def recall(self, line: str = "") -> None:
        """Print earlier cells, to be run again: `%recall RANGE`."""
        inputs = self.shell.history_manager.input_hist_raw
        numbers = _select_inputs(line, len(inputs))[-1 if not line else 0 :]
        self.shell.set_next_input("\n".join(inputs[n] for n in numbers))

    @line_magic
    def rerun(self, line: str = "") -> None:
        """Run earlier cells again: `%rerun RANGE`, or the last one."""
        inputs = self.shell.history_manager.input_hist_raw
        numbers = _select_inputs(line, len(inputs) - 1)
        if not line.strip():
            numbers = numbers[-1:]
        for number in numbers:
            print(f"=== Executing: ===\n{inputs[number]}\n=== Output: ===")
            self.shell.run_cell(inputs[number])

    @line_magic
    def save(self, line: str = "") -> None:
        """Write earlier cells to a file: `%save [-a] FILE RANGE`."""
        options, rest = split_options(line, "afr")
        name, _, ranges = rest.partition(" ")
        if not name:
            raise UsageError("%save needs the name of a file")
        inputs = self.shell.history_manager.input_hist_raw
        numbers = _select_inputs(ranges, len(inputs))
        if not name.endswith((".py", ".ipy")):
            name += ".py"
        with open(name, "a" if "a" in options else "w", encoding="utf-8") as f:
            f.write("".join(f"{inputs[n]}\n" for n in numbers))
        print(f"The cells were written to {name}.")

    @line_magic
    def precision(self, line: str = "") -> str:
        """Show floats with this many digits, or by a format: `%precision 3`,
        `%precision %.2e`; alone, as Python does."""
        text = line.strip()
        if "%" in text:
            try:
                text % 3.14
            except (TypeError, ValueError):
                raise UsageError(
                    f"Precision must be int or format string, not {text!r}"
                ) from None
        elif text:
            if not text.isdigit():
                raise UsageError(
                    f"Precision must be int or format string, not {text!r}"
                )
            _set_numpy_precision(int(text))
            text = f"%.{int(text)}f"
        else:
            _set_numpy_precision(8)
        plain = self.shell.display_formatter.formatters["text/plain"]
        plain.set_float_format(text)
        return text or "%r"

    @line_magic
    def pprint(self, line: str = "") -> None:
        """Say that containers are always laid out nicely here."""
        print("Pretty printing is always on in this kernel.")


def _set_numpy_precision(digits: int) -> None:
    if "numpy" in sys.modules:
        sys.modules["numpy"].set_printoptions(precision=digits)


def _select_inputs(text: str, count: int) -> list[int]:
    """The numbers below `count` that ranges such as `1 3-5` name, or all."""
    if not text.strip():
        return list(range(1, count))
    numbers: list[int] = []
    for word in text.split():
        first, dash, last = word.rpartition("/")[2].partition("-")
        try:
            start = int(first or 1)
            stop = int(last or count - 1) if dash else start
        except ValueError:
            raise UsageError(f"{word!r} is no range of cells") from None
        numbers += range(max(start, 1), min(stop, count - 1) + 1)
    return numbers


CLASSES = (NamespaceMagics, InspectionMagics, SessionMagics)
