"""Replies to the requests that only ask."""

from __future__ import annotations

import sys
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import _tincture

from tincture import __version__
from tincture.history import History

_VERSION = ".".join(map(str, sys.version_info[:3]))


def _kernel_info(history: History, content: dict[str, Any]) -> dict[str, Any]:
    return {
        "status": "ok",
        "protocol_version": _tincture.PROTOCOL_VERSION,
        "implementation": "tincture",
        "implementation_version": __version__,
        "language_info": {
            "name": "python",
            "version": _VERSION,
            "mimetype": "text/x-python",
            "file_extension": ".py",
            "codemirror_mode": {"name": "ipython", "version": 3},
            "pygments_lexer": "ipython3",
            "nbconvert_exporter": "python",
        },
        "banner": f"Tincture {__version__}, Python {_VERSION}",
        "help_links": [
            {
                "text": "Python",
                "url": "https://docs.python.org/3.13/",
            }
        ],
        "debugger": False,
    }


def _complete(history: History, content: dict[str, Any]) -> dict[str, Any]:
    from tincture import completion

    return completion.complete(
        content["code"], content["cursor_pos"], history.namespace
    )


def _inspect(history: History, content: dict[str, Any]) -> dict[str, Any]:
    from tincture import inspection

    return inspection.inspect_code(
        content["code"],
        content["cursor_pos"],
        content.get("detail_level", 0),
        history.namespace,
    )


def _is_complete(history: History, content: dict[str, Any]) -> dict[str, Any]:
    from tincture import completeness

    return completeness.check(content["code"])


def _select_range(
    history: History, content: dict[str, Any]
) -> list[tuple[int, str]]:
    # Another session than this one, 0, has left nothing.
    if content.get("session", 0) not in (0, 1):
        return []
    count = len(history.inputs)
    start = content.get("start") or 1
    stop = content.get("stop")
    start = max(1, start if start > 0 else count + start)
    if stop is None:
        stop = count
    elif stop < 0:
        stop = count + stop
    return [
        (line, history.inputs[line])
        for line in range(start, min(stop, count))
    ]


def _select_last(
    history: History, content: dict[str, Any]
) -> list[tuple[int, str]]:
    lines = list(enumerate(history.inputs))[1:]
    if content["hist_access_type"] == "search":
        pattern = content.get("pattern", "*")
        lines = [line for line in lines if fnmatchcase(line[1], pattern)]
        if content.get("unique"):
            last = {source: number for number, source in lines}
            lines = [(number, source) for source, number in last.items()]
            lines.sort()
    n = content.get("n")
    if n is None:
        return lines
    return lines[-n:] if n > 0 else []


def _list_history(history: History, content: dict[str, Any]) -> dict[str, Any]:
    from tincture.formatting import TEXT_LIMIT, cut_text

    is_range = content["hist_access_type"] == "range"
    select = _select_range if is_range else _select_last
    entries: list[list[Any]] = []
    for line, source in select(history, content):
        entry: Any = source
        if content.get("output"):
            output = None
            if line in history.outputs:
                output = cut_text(repr(history.outputs[line]), TEXT_LIMIT)
            entry = [source, output]
        entries.append([0, line, entry])
    return {"status": "ok", "history": entries}


def _comm_info(history: History, content: dict[str, Any]) -> dict[str, Any]:
    from tincture import comms

    return {"status": "ok", "comms": comms.list_comms(content)}


ANSWERS: dict[str, Callable[[History, dict[str, Any]], dict[str, Any]]] = {
    "kernel_info_request": _kernel_info,
    "complete_request": _complete,
    "inspect_request": _inspect,
    "is_complete_request": _is_complete,
    "history_request": _list_history,
    "comm_info_request": _comm_info,
}
