"""Where in a source the cursor stands: in a string, a comment, a call.

The source is what somebody is typing, so it need not be valid Python; this
scans characters and never fails.
"""

from __future__ import annotations

_OPENING = "([{"
_CLOSING = {")": "(", "]": "[", "}": "{"}
_PREFIXES = "rRbBuUfFtT"


class Place:
    """What is open at the end of a text."""

    def __init__(self) -> None:
        # Positions of brackets that are not closed.
        self.brackets: list[int] = []
        # Of the quotation mark, when the end is inside a string.
        self.string_start: int | None = None
        self.quote = ""
        self.is_comment = False
        # The first character of the statement that the end is in.
        self.statement_start = 0


def _quote_at(text: str, i: int) -> str:
    return text[i] * 3 if text[i : i + 3] == text[i] * 3 else text[i]


def _skip_string(text: str, i: int, quote: str) -> int | None:
    """The position after the string; None when it is not closed."""
    while i < len(text):
        if text[i] == "\\":
            i += 2
            continue
        if text.startswith(quote, i):
            return i + len(quote)
        if len(quote) == 1 and text[i] == "\n":
            return i  # an error of the typist's; go on at the next line
        i += 1
    return None


def scan(text: str) -> Place:
    """What is open at the end of the text."""
    place = Place()
    i = 0
    while i < len(text):
        character = text[i]
        if character in "'\"":
            quote = _quote_at(text, i)
            end = _skip_string(text, i + len(quote), quote)
            if end is None:
                place.string_start, place.quote = i, quote
                return place
            i = end
            continue
        if character == "#":
            end = text.find("\n", i)
            if end < 0:
                place.is_comment = True
                return place
            i = end
            continue
        if character in _OPENING:
            place.brackets.append(i)
        elif character in _CLOSING:
            if (
                place.brackets
                and text[place.brackets[-1]] == _CLOSING[character]
            ):
                place.brackets.pop()
        elif character in "\n;" and not place.brackets:
            place.statement_start = i + 1
        i += 1
    return place


def name_start(text: str, end: int) -> int:
    """Where the identifier that ends at `end` starts."""
    start = end
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    while start < end and text[start].isdigit():
        start += 1
    return start


def name_end(text: str, start: int) -> int:
    """Where the identifier that `start` is in ends."""
    end = start
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return end


def _string_before(text: str, end: int) -> int | None:
    """Where the string that ends at `end` starts."""
    quote = text[end - 1]
    for start in range(end - 2, -1, -1):
        if text[start] == quote and scan(text[:start]).string_start is None:
            if _skip_string(text, start + 1, quote) == end:
                return start
    return None


def _bracket_before(text: str, end: int) -> int | None:
    """Where the bracket that is closed just before `end` is opened."""
    place = scan(text[: end - 1])
    return place.brackets[-1] if place.brackets else None


def expression_start(text: str, end: int) -> int:
    """Where the primary expression that ends at `end` starts: names, dots,
    calls, subscripts and literals."""
    position = end
    while position > 0:
        character = text[position - 1]
        start: int | None
        if character in ")]}":
            start = _bracket_before(text, position)
        elif character in "'\"":
            start = _string_before(text, position)
        else:
            start = name_start(text, position)
        if start is None or start == position:
            return position
        position = start
        if text[position] in _OPENING and position > 0:
            before = text[position - 1]
            if before.isalnum() or before in "_)]'\"":
                continue  # a call or a subscript of what stands before
        if position > 0 and text[position - 1] == ".":
            position -= 1
            continue
        if text[position] in "'\"":
            while position > 0 and text[position - 1] in _PREFIXES:
                position -= 1
        return position
    return position


def string_end(text: str, start: int) -> int:
    """The position after the string that a quotation mark at `start` opens;
    an unclosed one ends with its line, or with the text."""
    quote = _quote_at(text, start)
    end = _skip_string(text, start + len(quote), quote)
    return len(text) if end is None else end
