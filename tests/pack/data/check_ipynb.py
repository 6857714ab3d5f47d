"""Checks notebooks against the rules of nbformat 4.5, and with two compares
what they say; in our own words, so that no package is needed.

    check_ipynb.py NOTEBOOK.ipynb [OTHER.ipynb]
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
IMAGE = re.compile(r"[\w.+-]+/[\w.+-]+")

MEMBERS = {
    "code": {"execution_count", "outputs"},
    "markdown": {"attachments"},
    "raw": {"attachments"},
}
OPTIONAL = {"attachments"}
COMMON = {"cell_type", "id", "metadata", "source"}

OUTPUTS = {
    "stream": {"name", "text"},
    "display_data": {"data", "metadata"},
    "execute_result": {"data", "metadata", "execution_count"},
    "error": {"ename", "evalue", "traceback"},
}


def is_lines(value: Any) -> bool:
    """Text, or a list of texts."""
    if isinstance(value, list):
        return all(isinstance(one, str) for one in value)
    return isinstance(value, str)


def is_count(value: Any) -> bool:
    """An execution count."""
    return value is None or (
        isinstance(value, int) and not isinstance(value, bool) and value >= 0
    )


def check_bundle(bundle: Any, where: str) -> Iterator[str]:
    """A mime bundle: text, or JSON for types that are JSON."""
    if not isinstance(bundle, dict):
        yield f"{where}: not an object"
        return
    for mimetype, value in bundle.items():
        is_json = mimetype == "application/json" or mimetype.endswith("+json")
        if not IMAGE.fullmatch(mimetype):
            yield f"{where}: {mimetype!r} is no type"
        elif not is_json and not is_lines(value):
            yield f"{where}: {mimetype} is not text"


def check_output(output: Any, where: str) -> Iterator[str]:
    """One output."""
    kind = output.get("output_type")
    if kind not in OUTPUTS:
        yield f"{where}: output_type {kind!r}"
        return
    if set(output) != OUTPUTS[kind] | {"output_type"}:
        yield f"{where}: {kind} with members {sorted(output)}"
        return
    if kind == "stream" and not (
        isinstance(output["name"], str) and is_lines(output["text"])
    ):
        yield f"{where}: a stream without name and text"
    if kind == "error" and not (
        isinstance(output["ename"], str)
        and isinstance(output["evalue"], str)
        and isinstance(output["traceback"], list)
        and is_lines(output["traceback"])
    ):
        yield f"{where}: an error that is not texts"
    if "data" in output:
        yield from check_bundle(output["data"], where)
        if not isinstance(output["metadata"], dict):
            yield f"{where}: metadata is no object"
    if not is_count(output.get("execution_count")):
        yield f"{where}: execution_count"


def check_metadata(metadata: Any, where: str) -> Iterator[str]:
    """The members of a cell's metadata that nbformat knows."""
    if not isinstance(metadata, dict):
        yield f"{where}: metadata is no object"
        return
    tags = metadata.get("tags", [])
    if not is_lines(tags) or len(set(tags)) != len(tags):
        yield f"{where}: tags"
    for name, kind in (("name", str), ("collapsed", bool), ("format", str)):
        if not isinstance(metadata.get(name, kind()), kind):
            yield f"{where}: metadata.{name}"


def check_cell(cell: Any, where: str) -> Iterator[str]:
    """One cell."""
    kind = cell.get("cell_type")
    if kind not in MEMBERS:
        yield f"{where}: cell_type {kind!r}"
        return
    allowed = COMMON | MEMBERS[kind]
    if not allowed - OPTIONAL <= set(cell) <= allowed:
        yield f"{where}: a {kind} cell with members {sorted(cell)}"
        return
    if not ID.fullmatch(str(cell["id"])):
        yield f"{where}: id {cell['id']!r}"
    if not is_lines(cell["source"]):
        yield f"{where}: source is not text"
    yield from check_metadata(cell["metadata"], where)
    for name, bundle in cell.get("attachments", {}).items():
        yield from check_bundle(bundle, f"{where}, {name}")
    if kind == "code":
        if not is_count(cell["execution_count"]):
            yield f"{where}: execution_count"
        for index, output in enumerate(cell["outputs"]):
            yield from check_output(output, f"{where}, output {index}")


def check(notebook: Any) -> Iterator[str]:
    """What is wrong with a notebook."""
    wanted = {"cells", "metadata", "nbformat", "nbformat_minor"}
    if set(notebook) != wanted:
        yield f"members {sorted(notebook)}"
        return
    version = notebook["nbformat"], notebook["nbformat_minor"]
    if version != (4, 5):
        yield f"nbformat {version}"
    metadata = notebook["metadata"]
    if "kernelspec" in metadata and not {"name", "display_name"} <= set(
        metadata["kernelspec"]
    ):
        yield "a kernelspec without names"
    if "language_info" in metadata and "name" not in metadata["language_info"]:
        yield "a language without a name"
    ids = [cell.get("id") for cell in notebook["cells"]]
    if len(set(ids)) != len(ids):
        yield f"ids twice: {ids}"
    for index, cell in enumerate(notebook["cells"]):
        yield from check_cell(cell, f"cell {index}")


def join(value: Any) -> Any:
    """Text in one piece."""
    return "".join(value) if is_lines(value) else value


def plain(notebook: Any) -> Any:
    """The same notebook whichever way its texts are split."""
    for cell in notebook["cells"]:
        cell["source"] = join(cell["source"])
        if not cell.get("attachments"):
            cell.pop("attachments", None)
        for output in cell.get("outputs", []):
            if "text" in output:
                output["text"] = join(output["text"])
            for mimetype, value in output.get("data", {}).items():
                output["data"][mimetype] = join(value)
    return notebook


def differ(path: str, one: Any, other: Any) -> Iterator[str]:
    """Where two notebooks differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            yield from differ(
                f"{path}/{key}", one.get(key, "missing"), other.get(key, "missing")
            )
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            yield f"{path}: {len(one)} and {len(other)}"
        for index, pair in enumerate(zip(one, other)):
            yield from differ(f"{path}/{index}", *pair)
    elif one != other:
        yield f"{path}: {one!r} and {other!r}"


def main(paths: list[str]) -> int:
    """0 when the notebooks are valid and equal."""
    notebooks = [json.loads(Path(path).read_text("utf-8")) for path in paths]
    findings = [one for notebook in notebooks for one in check(notebook)]
    if len(notebooks) == 2 and not findings:
        findings = list(differ("", *map(plain, notebooks)))
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
