"""IPython's syntax in cells: from `%magic`, `!command` and `name?` to Python.

A cell comes here only when it is no valid Python as it stands, so that cells
without such syntax cost nothing and mean what Python means.  Commands are
recognised where a statement can begin, and after the sign of an assignment;
never inside strings, brackets or continued lines.  Each line keeps its
number, so tracebacks point to where they should.
"""

from __future__ import annotations

from tincture import scanning

_QUOTES = "'\""
_OPENING = "([{"
_CLOSING = ")]}"


class Result:
    """A cell in Python."""

    def __init__(self, source: str) -> None:
        self.source = source
        # Numbers of the lines that are not as they were.
        self.changed: set[int] = set()
        # Of a cell magic: the body, and the number of its first line.
        self.body: str | None = None
        self.body_line = 0


def _indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _dedent(lines: list[str]) -> list[str]:
    """Without the indentation that all lines share."""
    indents = [_indent_of(line) for line in lines if line.strip()]
    common = min(indents, key=len, default="")
    if not common or not all(one.startswith(common) for one in indents):
        return lines
    return [line[len(common) :] if line.strip() else "" for line in lines]


def _strip_prompts(lines: list[str]) -> list[str]:
    """Without `>>> ` and `In [1]: `, of code that was copied from a console.
    What that printed stays, as in IPython, and is then an error."""
    first = next((line for line in lines if line.strip()), "")
    if first.lstrip().startswith(">>>"):
        marks: tuple[str, ...] = (">>>", "...")
    elif first.startswith("In [") and "]: " in first:
        marks = ("...:", "....:", ".....:")
    else:
        return lines
    result = []
    for line in lines:
        rest = line.lstrip()
        if rest.startswith("In [") and "]: " in rest:
            line = rest.partition("]: ")[2]
        for mark in marks:
            if rest.startswith(mark):
                line = rest[len(mark) :].removeprefix(" ")
                break
        result.append(line)
    return result


def _join(lines: list[str], i: int, start: int) -> tuple[str, int]:
    """The command that begins at a column of line `i`, with the lines that
    it is continued on, and how many lines that are."""
    parts = [lines[i][start:]]
    count = 1
    while parts[-1].endswith("\\") and i + count < len(lines):
        parts[-1] = parts[-1][:-1]
        parts.append(lines[i + count])
        count += 1
    return " ".join(part.rstrip() for part in parts), count


def _call_magic(name: str, line: str) -> str:
    return f"get_ipython().run_line_magic({name!r}, {line!r})"


def _call_help(target: str, is_detailed: bool) -> str:
    if not target:
        return "get_ipython().show_usage()"
    if "*" in target:
        return _call_magic("psearch", target)
    return _call_magic("pinfo2" if is_detailed else "pinfo", target)


def _is_help_target(text: str) -> bool:
    """A name with attributes and constant subscripts, a pattern, a magic."""
    text = text.removeprefix("%").removeprefix("%")
    if not text or text[0].isdigit():
        return False
    depth = 0
    for character in text:
        depth += (character == "[") - (character == "]")
        is_plain = character.isalnum() or character in "_.*"
        if not is_plain and not (depth or character == "]"):
            return False
    return depth == 0


def _find_help(text: str) -> tuple[str, bool] | None:
    """Target and whether there are two question marks, of `name?`."""
    text = text.rstrip().removesuffix(";").rstrip()
    if not text.endswith("?"):
        return None
    rest = text.rstrip("?")
    count = len(text) - len(rest)
    target = rest.split(" ")[-1].rpartition("=")[2]
    # `f(x.y?` asks for x.y.
    for opening in "(,":
        target = target.rpartition(opening)[2]
    if count > 2 or not _is_help_target(target):
        return None
    return target, count == 2


def _find_command(text: str) -> str | None:
    """The Python for a text that is a command, without its indentation."""
    if text.startswith("?"):
        is_detailed = text.startswith("??")
        return _call_help(text.lstrip("?").strip(), is_detailed)
    if text.startswith("!"):
        if text.startswith("!!"):
            return f"get_ipython().getoutput({text[2:].strip()!r})"
        return f"get_ipython().system({text[1:].strip()!r})"
    if not text.startswith("%"):
        return None
    found = _find_help(text)
    if found is not None and " " not in text.strip():
        return _call_help(*found)
    # A second sign is kept: cell magics stand on the first line only.
    name, _, line = text[1:].strip().partition(" ")
    return _call_magic(name, line.lstrip()) if name.strip("%") else None


def _find_assigned(text: str) -> str | None:
    """The same for what stands after the sign of an assignment."""
    if text.startswith("%") and text[1:2].isidentifier():
        return _find_command(text)
    if text.startswith("!") and not text.startswith("!="):
        return f"get_ipython().getoutput({text.lstrip('!').strip()!r})"
    return None


class _Statement:
    """Where a logical line ends, and where it assigns."""

    def __init__(self, text: str, start: int, first: int) -> None:
        self.last = first  # line
        self.assignment: int | None = None  # column after the first `=`
        self.has_comment = False
        end = self._scan(text, start, text.find("\n", start))
        self.last = first + text.count("\n", start, end)

    def _scan(self, text: str, start: int, line_end: int) -> int:
        i, depth = start, 0
        while i < len(text):
            character = text[i]
            if character in _QUOTES:
                i = scanning.string_end(text, i)
                continue
            if character == "#":
                self.has_comment = True
                i = text.find("\n", i)
                if i < 0:
                    return len(text)
                continue
            if character == "\\" and text.startswith("\n", i + 1):
                i += 2
                continue
            if character == "\n" and depth <= 0:
                return i
            depth += (character in _OPENING) - (character in _CLOSING)
            is_first = self.assignment is None and depth == 0
            if character == "=" and is_first and _is_assignment(text, i):
                if line_end < 0 or i < line_end:
                    self.assignment = i + 1 - start
            i += 1
        return len(text)


def _is_assignment(text: str, i: int) -> bool:
    return text[i + 1 : i + 2] != "=" and text[i - 1 : i] not in tuple("=!<>:")


def _translate(
    lines: list[str], i: int, statement: _Statement
) -> tuple[str, int] | None:
    """The Python of the statement that begins on line `i`, and how many lines
    it stands on; None for what is Python already."""
    line = lines[i]
    indent = _indent_of(line)
    if line[len(indent) : len(indent) + 1] in ("%", "!", "?"):
        text, count = _join(lines, i, len(indent))
        command = _find_command(text)
        return None if command is None else (indent + command, count)
    if statement.assignment is not None:
        text, count = _join(lines, i, statement.assignment)
        command = _find_assigned(text.strip())
        if command is not None:
            return f"{line[: statement.assignment]} {command}", count
    text = "\n".join(lines[i : statement.last + 1])
    found = None if statement.has_comment else _find_help(text)
    if found is None:
        return None
    return indent + _call_help(*found), statement.last + 1 - i


def _translate_lines(lines: list[str]) -> Result:
    source = "\n".join(lines)
    out: list[str] = []
    changed: set[int] = set()
    i = start = 0
    while i < len(lines):
        statement = _Statement(source, start, i)
        translated = _translate(lines, i, statement)
        if translated is None:
            count = statement.last + 1 - i
            out += lines[i : i + count]
        else:
            text, count = translated
            changed.add(i + 1)
            out += [text, *[""] * (count - 1)]
        start += sum(map(len, lines[i : i + count])) + count
        i += count
    result = Result("\n".join(out))
    result.changed = changed
    return result


def is_cell_magic(source: str) -> bool:
    """True when the first line with text begins with `%%`, and is no
    question about it."""
    text = source.lstrip()
    if not text.startswith("%%") or text[2:3].isspace():
        return False
    return not text.partition("\n")[0].rstrip().endswith("?")


def _translate_cell_magic(lines: list[str], first: int) -> Result:
    name, _, line = lines[first].strip()[2:].partition(" ")
    body = "".join(f"{one}\n" for one in lines[first + 1 :])
    call = f"get_ipython().run_cell_magic({name!r}, {line.strip()!r}, {body!r})"
    result = Result("\n" * first + call)
    result.changed = {first + 1}
    result.body = body
    result.body_line = first + 2
    return result


def transform(source: str) -> Result:
    """The cell in Python, if it is IPython; else as it is."""
    lines = source.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    if is_cell_magic(source):
        lines = _dedent(lines)
        first = next(i for i, line in enumerate(lines) if line.strip())
        return _translate_cell_magic(lines, first)
    result = _translate_lines(_dedent(_strip_prompts(lines)))
    result.source += "\n"
    return result


def command_start(text: str) -> int | None:
    """Where the name of a magic starts that a text ends with, including its
    `%`, for completion; None where there is none."""
    start = scanning.name_start(text, len(text))
    signs = start
    while signs > 0 and text[signs - 1] == "%" and start - signs < 2:
        signs -= 1
    if signs == start:
        return None
    before = text[text.rfind("\n", 0, signs) + 1 : signs].rstrip()
    is_after_sign = before.endswith("=") and start - signs == 1
    return signs if not before or is_after_sign else None
