"""Reads source text for tidy.py: what is code, what is comment, and where
functions begin and end.  Knows C, TypeScript, JavaScript and Python, each only
as far as the rules need.  Standard library only.
"""

import ast
import re
from dataclasses import dataclass, field
from functools import cached_property

C_ENDINGS = (".c", ".h", ".def")
SCRIPT_ENDINGS = (".ts", ".mts", ".js", ".mjs")
CONTROL_WORDS = {"if", "for", "while", "switch", "catch", "with", "do"}

# Comments and literals; the first alternative that matches at a place wins.
C_TOKEN = re.compile(
    r"(?P<comment>/\*.*?\*/|//[^\n]*)"
    r"|(?P<text>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')", re.S)
SCRIPT_TOKEN = re.compile(
    r"(?P<comment>/\*.*?\*/|//[^\n]*)"
    r"|(?P<text>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
    r"|`(?:\\.|[^`\\])*`"
    r"|(?:(?<=[(,=:?&|!;{}\[\n])|(?<=return))[ \t]*/(?![/*])"
    r"(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*)", re.S)


@dataclass
class Comment:
    line: int
    text: str


@dataclass
class Function:
    """`size` counts lines without those of functions inside it."""

    name: str
    line: int
    last: int
    size: int = 0


@dataclass
class Source:
    """One file of the tree; `path` is relative to the root, with slashes."""

    path: str
    text: str
    lines: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = self.text.split("\n")
        if self.lines and self.lines[-1] == "":
            self.lines.pop()

    @property
    def is_c(self) -> bool:
        return self.path.endswith(C_ENDINGS)

    @property
    def is_script(self) -> bool:
        return self.path.endswith(SCRIPT_ENDINGS)

    @property
    def is_python(self) -> bool:
        return self.path.endswith(".py")

    @property
    def is_source(self) -> bool:
        return self.is_c or self.is_script or self.is_python

    def under(self, *folders: str) -> bool:
        return any(self.path.startswith(folder + "/") for folder in folders)

    def line_at(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1

    @cached_property
    def blanked(self) -> tuple[str, list[Comment]]:
        """The text with comments and literals made blank, and the comments.

        Lengths and line ends stay, so that offsets agree with `text`.
        """
        token = C_TOKEN if self.is_c else SCRIPT_TOKEN
        comments: list[Comment] = []

        def blank(found: re.Match[str]) -> str:
            if found["comment"] is not None:
                line = self.line_at(found.start())
                comments.append(Comment(line, found["comment"]))
            return re.sub(r"[^\n]", " ", found[0])

        return token.sub(blank, self.text), comments

    @cached_property
    def code(self) -> str:
        if self.is_python:
            return python_code(self.text)
        return self.blanked[0]

    @cached_property
    def code_lines(self) -> list[str]:
        return self.code.split("\n")

    @cached_property
    def comments(self) -> list[Comment]:
        if self.is_python:
            return [Comment(number, line.strip())
                    for number, line in enumerate(self.lines, 1)
                    if line.strip().startswith("#")]
        return self.blanked[1]

    @cached_property
    def tree(self) -> ast.Module | None:
        try:
            return ast.parse(self.text)
        except SyntaxError:
            return None

    @cached_property
    def functions(self) -> list[Function]:
        if self.is_python:
            found = python_functions(self.tree)
        elif self.is_c:
            found = c_functions(self.code)
        else:
            found = script_functions(self.code)
        count_own_lines(found)
        return found


def python_code(text: str) -> str:
    """Python without comment lines; strings stay, they are rarely mistaken."""
    return "\n".join("" if line.lstrip().startswith("#") else line
                     for line in text.split("\n"))


def python_functions(tree: ast.Module | None) -> list[Function]:
    if tree is None:
        return []
    return [Function(node.name, node.lineno, node.end_lineno or node.lineno)
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def c_functions(code: str) -> list[Function]:
    """PEP 7 puts the name, and both braces of a body, at the line's start."""
    found: list[Function] = []
    name, start, body = "", 0, 0
    for number, line in enumerate(code.split("\n"), 1):
        head = re.match(r"(\w+)\(", line)
        if head and not body:
            name, start = head[1], number
        elif line.startswith("{") and name:
            body = number
        elif line.startswith("}") and body:
            found.append(Function(name, start, number))
            name, body = "", 0
        elif line.rstrip().endswith(";") and not body:
            name = ""
    return found


def script_functions(code: str) -> list[Function]:
    """Every brace that opens a function, matched with the one that ends it."""
    found: list[Function] = []
    stack: list[tuple[str | None, int]] = []
    line = 1
    for offset, character in enumerate(code):
        if character == "\n":
            line += 1
        elif character == "{":
            stack.append((script_head(code, offset), line))
        elif character == "}" and stack:
            name, start = stack.pop()
            if name is not None:
                found.append(Function(name, start, line))
    return found


def script_head(code: str, brace: int) -> str | None:
    """The name of the function whose body opens at `brace`, or None."""
    before = code[max(0, brace - 2000):brace].rstrip()
    if before.endswith("=>"):
        named = re.search(r"(\w+)\s*[=:]\s*(?:async\s*)?\([^()]*\)[^()]*=>$",
                          before)
        return named[1] if named else "(arrow)"
    typed = re.search(r"\)\s*(?::[^;{}()]*)?$", before)
    if not typed:
        return None
    depth = 0
    for place in range(typed.start(), -1, -1):
        depth += {")": 1, "(": -1}.get(before[place], 0)
        if depth == 0:
            word = re.search(r"([\w$]+)\s*(?:<[^<>]*>)?\s*$", before[:place])
            if word is None or word[1] in CONTROL_WORDS:
                return None
            return word[1]
    return None


def count_own_lines(functions: list[Function]) -> None:
    for outer in functions:
        inside = {number for inner in functions
                  if inner is not outer
                  and outer.line <= inner.line and inner.last <= outer.last
                  and (inner.line, inner.last) != (outer.line, outer.last)
                  for number in range(inner.line + 1, inner.last + 1)}
        outer.size = outer.last - outer.line + 1 - len(inside)
