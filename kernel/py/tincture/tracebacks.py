"""What an `error` event says of an exception.

Only the user's frames are shown, with their source: cells and modules of the
user's own.  The kernel's frames are left out, and a run of frames in the
standard library or in packages becomes one line that names the innermost.
"""

from __future__ import annotations

import itertools
import os
import sys
import traceback
from types import TracebackType
from typing import Any

# Characters of evalue, of ename and one line of a traceback, and of all lines.
VALUE_LIMIT = 1 << 16
LINE_LIMIT = 1 << 12
TEXT_LIMIT = 1 << 18

# Frames of one exception that are shown; the middle of more is left out.
FRAME_LIMIT = 100

# Members of an exception group that are shown, and how deep.
GROUP_WIDTH = 15
GROUP_DEPTH = 10

# Frames of the same place, one behind the other, that are shown.
REPETITION_LIMIT = 3

_SKIPPED = "<skipped>"


_STDLIB = f"{os.path.dirname(os.__file__)}/"
_PACKAGES = ("/site-packages/", "/dist-packages/")


def _name_in_library(filename: str) -> str | None:
    """The path below the standard library or where packages are; None for a
    file of the user's."""
    for folder in _PACKAGES:
        _, found, name = filename.rpartition(folder)
        if found:
            return name
    if filename.startswith(_STDLIB):
        return filename[len(_STDLIB) :]
    return None


def _is_users(filename: str) -> bool:
    if filename.startswith("<frozen "):
        return False
    return _name_in_library(filename) is None


def _without_kernel(tb: TracebackType | None) -> TracebackType | None:
    """From the first frame that is the user's; all, if there is none."""
    first = tb
    while first is not None:
        if _is_users(first.tb_frame.f_code.co_filename):
            return first
        first = first.tb_next
    return tb


class _Stack(traceback.StackSummary):
    """Formats library frames as one line."""

    def format_frame_summary(self, frame_summary: Any, **options: Any) -> str:
        if frame_summary.filename == _SKIPPED:
            return f"  {frame_summary.name}\n"
        return super().format_frame_summary(frame_summary, **options)


def _skipped(text: str) -> traceback.FrameSummary:
    return traceback.FrameSummary(
        _SKIPPED, 0, text, lookup_line=False, line=""
    )


def _name_module(filename: str) -> str:
    """`json.decoder` of the path of its file."""
    if filename.startswith("<frozen "):
        return filename[len("<frozen ") : -1]
    name = _name_in_library(filename) or filename
    for ending in (".py", ".pyc", "/__init__"):
        name = name.removesuffix(ending)
    return name.replace("/", ".")


def _describe_run(run: list[traceback.FrameSummary]) -> traceback.FrameSummary:
    last = run[-1]
    place = f"{_name_module(last.filename)}, line {last.lineno}, in {last.name}"
    if len(run) == 1:
        return _skipped(f"... {place}")
    return _skipped(f"... {len(run)} frames, the last in {place}")


def _shorten(
    frames: list[traceback.FrameSummary],
) -> list[traceback.FrameSummary]:
    """Library frames folded, and left out before the first of the user."""
    if not any(_is_users(frame.filename) for frame in frames):
        return frames
    result: list[traceback.FrameSummary] = []
    run: list[traceback.FrameSummary] = []
    for frame in frames:
        if _is_users(frame.filename):
            if run and result:
                result.append(_describe_run(run))
            run = []
            result.append(frame)
        else:
            run.append(frame)
    if run:
        result.append(_describe_run(run))
    return result


def _place(frame: traceback.FrameSummary) -> tuple[str, int | None, str]:
    return frame.filename, frame.lineno, frame.name


def _fold(
    frames: list[traceback.FrameSummary],
) -> list[traceback.FrameSummary]:
    """Frames that repeat the one before are counted, in traceback's words.
    It would do so by itself, but only after it has formatted each of them,
    which for a recursion takes most of a second."""
    result: list[traceback.FrameSummary] = []
    for _, group in itertools.groupby(frames, _place):
        run = list(group)
        result.extend(run[:REPETITION_LIMIT])
        more = len(run) - REPETITION_LIMIT
        if more > 0:
            times = "time" if more == 1 else "times"
            result.append(
                _skipped(f"[Previous line repeated {more} more {times}]")
            )
    return result


def _cut_middle(
    frames: list[traceback.FrameSummary],
) -> list[traceback.FrameSummary]:
    """At most FRAME_LIMIT frames."""
    if len(frames) <= FRAME_LIMIT:
        return frames
    half = FRAME_LIMIT // 2
    left_out = len(frames) - 2 * half
    return [
        *frames[:half],
        _skipped(f"... {left_out} frames left out"),
        *frames[-half:],
    ]


def _prepare(te: traceback.TracebackException) -> None:
    """Shorten the stacks of an exception and of all that hang on it."""
    seen: set[int] = set()
    waiting = [te]
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        frames = [
            frame
            for frame in item.stack
            if not frame.filename.startswith("<frozen tincture")
        ]
        item.stack = _Stack(_cut_middle(_fold(_shorten(frames))))
        for other in (item.__cause__, item.__context__):
            if other is not None:
                waiting.append(other)
        waiting.extend(getattr(item, "exceptions", None) or ())


def _cut_line(line: str) -> str:
    return line if len(line) <= LINE_LIMIT else line[:LINE_LIMIT] + "..."


def _explain_missing(error: BaseException) -> None:
    """Let imports that failed, also those that led to the error, say what to
    do."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        if isinstance(one, ModuleNotFoundError):
            from tincture import missing

            missing.add_note(one)
        one = one.__cause__ or one.__context__


def _format(error: BaseException) -> list[str]:
    _explain_missing(error)
    te = traceback.TracebackException(
        type(error),
        error,
        _without_kernel(error.__traceback__),
        compact=True,
        max_group_width=GROUP_WIDTH,
        max_group_depth=GROUP_DEPTH,
        lookup_lines=False,
    )
    _prepare(te)
    lines: list[str] = []
    size = 0
    for part in te.format():
        for line in part.removesuffix("\n").split("\n"):
            lines.append(_cut_line(line))
            size += len(lines[-1])
        if size > TEXT_LIMIT:
            lines.append("... (the traceback was cut)")
            break
    return lines


def _text_of(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        return "<exception str() failed>"
    if len(text) > VALUE_LIMIT:
        text = f"{text[:VALUE_LIMIT]}... (cut: {len(text)} characters in all)"
    return text


def _custom(error: BaseException) -> list[str] | None:
    """What the exception's own `_render_traceback_` returns."""
    render = getattr(type(error), "_render_traceback_", None)
    if render is None:
        return None
    try:
        lines = render(error)
    except Exception:
        return None
    if isinstance(lines, list) and all(isinstance(l, str) for l in lines):
        return lines
    return None


def describe(error: BaseException) -> dict[str, Any]:
    """The content of an `error` event."""
    sys.last_exc = sys.last_value = error
    sys.last_type = type(error)
    sys.last_traceback = error.__traceback__
    name = _cut_line(type(error).__name__)
    try:
        lines = _custom(error) or _format(error)
    except Exception:
        lines = [f"{name}: {_text_of(error)}"]
    return {"ename": name, "evalue": _text_of(error), "traceback": lines}
