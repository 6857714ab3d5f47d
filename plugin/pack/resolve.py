"""`tincture pack --requirements`: asks pip which wheels a report needs.

Reads one JSON text from standard input and writes one to standard output;
README.md says what is in them. The machine's own pip resolves and downloads,
with two differences: markers are about the Python of a report, and packages
that are built in are there already, as empty wheels of just their version.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import json
import os
import re
import runpy
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Of wheels of one version pip takes the one whose Python is nearest, then the
# one with a build tag. So the empty wheel of a package that is there comes
# before the index's, and that of one that a larger profile has comes after: a
# package of pure Python is rather packed than a profile taken for it.
STUB_BUILD = "0tincture"
STUB_TAGS = {True: "py313-none-any", False: "py30-none-any"}

# Where distributions keep pip's own wheel when they leave pip out.
PIP_WHEELS = (
    ("ensurepip", "_bundled"),
    ("/usr/share/python-wheels", ""),
)

TAGS_SHOWN = 4
CONFLICTS_SHOWN = 4
HASH_OPTION = re.compile(r"\s--hash[=\s]\s*(\w+):([0-9a-fA-F]+)")
LOG_PREFIX = re.compile(r"^\d{4}-\d\d-\d\dT\S+ ", re.MULTILINE)


class Refusal(Exception):
    """What cannot be done, in words for the person."""


@dataclass
class Request:
    """What the packer asks for."""

    python: str
    requirements: list[str]
    wheels: list[str]
    packages: dict[str, str]
    present: set[str]


@dataclass
class Wanted:
    """Requirements as they are given to pip, and the hashes they named."""

    arguments: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    hashes: dict[str, set[tuple[str, str]]] = field(default_factory=dict)


def canonical(name: str) -> str:
    """The name as indexes write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def find_pip() -> None:
    """Makes pip importable, from its wheel if need be."""
    try:
        importlib.import_module("pip")
        return
    except ImportError:
        pass
    for place, folder in PIP_WHEELS:
        directory = Path(place)
        if not directory.is_absolute():
            try:
                module = importlib.import_module(place)
            except ImportError:
                continue
            directory = Path(module.__file__ or "").parent / folder
        for wheel in sorted(directory.glob("pip-*.whl")):
            sys.path.insert(0, str(wheel))
            importlib.invalidate_caches()
            return
    raise Refusal(
        "--requirements needs pip, which this python3 does not have; "
        "install it (Debian: apt install python3-pip), or give the wheels "
        "themselves with --wheel"
    )


def use_markers(python: str) -> None:
    """Has pip evaluate markers for a report's Python, not for this one."""
    markers = importlib.import_module("pip._vendor.packaging.markers")
    environment = {
        "implementation_name": "cpython",
        "implementation_version": python,
        "os_name": "posix",
        "platform_machine": "wasm32",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Emscripten",
        "platform_version": "",
        "python_full_version": python,
        "python_version": ".".join(python.split(".")[:2]),
        "sys_platform": "emscripten",
    }
    markers.default_environment = lambda: dict(environment)


def make_stub(directory: Path, name: str, version: str, tag: str) -> None:
    """An empty wheel that says only that the package is there."""
    stem = f"{re.sub('[-_.]+', '_', name)}-{version}"
    info = f"{stem}.dist-info"
    files = {
        f"{info}/METADATA": (
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        ),
        f"{info}/WHEEL": (
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
            f"Build: {STUB_BUILD}\nTag: {tag}\n"
        ),
        f"{info}/RECORD": f"{info}/METADATA,,\n{info}/WHEEL,,\n",
    }
    path = directory / f"{stem}-{STUB_BUILD}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in files.items():
            archive.writestr(member, text)


def joined_lines(text: str) -> Iterator[str]:
    """Lines without comments, those that end in a backslash joined."""
    line = ""
    for part in text.splitlines():
        if part.endswith("\\"):
            line += part[:-1] + " "
            continue
        line = re.sub(r"(^|\s)#.*$", "", line + part).strip()
        if line:
            yield line
        line = ""
    if line.strip():
        yield line.strip()


def take_line(wanted: Wanted, line: str, source: Path) -> str:
    """Notes the hashes of a line of a requirements file; returns the rest.

    pip's own mode for hashes wants one for everything, built-in packages
    too, so they are compared here.
    """
    nested = re.match(r"(-r|--requirement|-c|--constraint)[=\s]\s*(.+)", line)
    if nested:
        option = "-r" if nested[1] in ("-r", "--requirement") else "-c"
        path = source.parent / nested[2].strip()
        return f"{option} {clean_file(wanted, path)}"
    hashes = set(HASH_OPTION.findall(f" {line}"))
    line = HASH_OPTION.sub("", f" {line}").strip()
    name = re.match(r"[\w.-]+", line)
    if hashes and name:
        wanted.hashes.setdefault(canonical(name[0]), set()).update(
            (kind.lower(), digits.lower()) for kind, digits in hashes
        )
    if name and not line.startswith("-"):
        wanted.lines.append(line)
    return line


def clean_file(wanted: Wanted, path: Path) -> Path:
    """Writes a requirements file again, without its hashes."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"{path}: {error}") from error
    lines = [take_line(wanted, line, path) for line in joined_lines(text)]
    descriptor, copy = tempfile.mkstemp(suffix=".txt", dir=tempfile.tempdir)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))
    return Path(copy)


def collect(request: Request) -> Wanted:
    """The arguments for pip, of files and of single requirements."""
    wanted = Wanted()
    for text in request.requirements:
        if os.path.isfile(text):
            wanted.arguments += ["-r", str(clean_file(wanted, Path(text)))]
        elif text.endswith(".txt") or text.startswith("-"):
            raise Refusal(f"{text}: no such requirements file")
        else:
            line = take_line(wanted, text, Path())
            wanted.arguments.append(line)
    wanted.arguments += [os.path.abspath(path) for path in request.wheels]
    return wanted


def check_built_in(request: Request, wanted: Wanted) -> None:
    """Refuses another version of a package that is built in."""
    requirements = importlib.import_module(
        "pip._vendor.packaging.requirements"
    )
    for line in wanted.lines:
        try:
            asked = requirements.Requirement(line.split(" --")[0])
        except requirements.InvalidRequirement:
            continue
        version = request.packages.get(canonical(asked.name))
        if version is None or asked.specifier.contains(version, True):
            continue
        raise Refusal(
            f"{line} is asked for, but {asked.name} {version} is built in; "
            "ask for that version, or for none"
        )


def run_pip(request: Request, wanted: Wanted, place: Path) -> tuple[int, str]:
    """pip's exit code and its log; the wheels are in place/wheels."""
    stubs = place / "stubs"
    stubs.mkdir()
    for name, version in request.packages.items():
        make_stub(stubs, name, version, STUB_TAGS[name in request.present])
    constraints = place / "constraints.txt"
    constraints.write_text(
        "".join(f"{n}=={v}\n" for n, v in request.packages.items()), "utf-8"
    )
    log = place / "pip.log"
    sys.argv = [
        *("pip", "download", "--quiet", "--quiet", "--no-input"),
        *("--disable-pip-version-check", "--no-cache-dir"),
        *("--retries", "1", "--timeout", "20", "--log", str(log)),
        *("--only-binary", ":all:", "--platform", "any", "--abi", "none"),
        *("--implementation", "py", "--python-version", request.python),
        *("--find-links", str(stubs), "--constraint", str(constraints)),
        *("--dest", str(place / "wheels"), *wanted.arguments),
    ]
    code: Any = 0
    with (place / "output").open("w", encoding="utf-8") as output:
        kept = os.dup(1), os.dup(2)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        try:
            runpy.run_module("pip", run_name="__main__", alter_sys=True)
        except SystemExit as ended:
            code = ended.code
        finally:
            os.dup2(kept[0], 1)
            os.dup2(kept[1], 2)
    text = log.read_text("utf-8", "replace") if log.exists() else ""
    if not text:
        text = (place / "output").read_text("utf-8", "replace")
    return (code if isinstance(code, int) else 1), LOG_PREFIX.sub("", text)


def explain_missing(name: str, request: Request, log: str) -> str:
    """Why pip found nothing for this requirement."""
    plain = canonical(re.match(r"[\w.-]*", name)[0])  # type: ignore[index]
    tags = compiled_for(plain, log)
    if tags:
        shown = ", ".join(tags[-TAGS_SHOWN:])
        return (
            f"{name} has compiled parts: its wheels are for {shown}, and none "
            "is of pure Python (py3-none-any). Such a package works only "
            "where it is built in, and this one is not"
        )
    newer = re.findall(
        r"Link requires a different Python \(\S+ not in: '?([^')]+)'?\):"
        r"\s*\S*?([^/\s#]+\.whl)",
        log,
    )
    needs = [python for python, file in newer if is_of(file, plain)]
    if needs:
        return (
            f"{name} needs Python {needs[-1]}, and a report's is "
            f"{request.python}"
        )
    if re.search(r"No sources permitted for " + re.escape(plain), log):
        return (
            f"{name} has no wheel. If it is pure Python, make one with "
            f"`pip wheel --no-deps {plain}` and pack that with --wheel"
        )
    found = re.search(r"\(from versions: ([^)]*)\)", log)
    if found and found[1] != "none":
        return f"{name} is not to be had; there are: {found[1]}"
    return f"{name}: pip finds no package of this name"


def explain_conflict(request: Request, said: str, log: str) -> str:
    """Which requirements contradict each other, and which cannot be met."""
    for name in re.findall(r"depends on ([\w.-]+)", said):
        if canonical(name) not in request.packages and compiled_for(name, log):
            return explain_missing(name, request, log)
    lines = [
        re.sub(
            r"The user requested \(constraint\) (\S+?)==(\S+)",
            r"\1 \2 is built in",
            line.strip(),
        )
        for line in said.splitlines()
    ]
    # Of many versions that were tried the newest came first.
    if len(lines) > CONFLICTS_SHOWN:
        lines = [*lines[: CONFLICTS_SHOWN - 1], lines[-1]]
    return f"the requirements contradict each other: {'; '.join(lines)}"


def compiled_for(name: str, log: str) -> list[str]:
    """The tags of this package's wheels that pip had to leave out."""
    links = re.findall(r"Skipping link: (.*?): \S*?([^/\s#]+\.whl)\S*", log)
    own = [file for why, file in links if "tags" in why]
    plain = canonical(name)
    return [f[:-4].split("-", 2)[2] for f in own if is_of(f, plain)]


def is_of(file: str, name: str) -> bool:
    """True for a wheel's file name of this package."""
    return canonical(file.split("-")[0]) == name


def explain(request: Request, log: str) -> str:
    """Says in a few words why pip failed."""
    conflict = re.search(
        r"The conflict is caused by:\n((?:[ \t]+\S.*\n?)+)", log
    )
    if conflict:
        return explain_conflict(request, conflict[1], log)
    missing = re.findall(r"No matching distribution found for (.+)", log)
    unreached = re.search(
        r"NewConnectionError|NameResolutionError|ProxyError"
        r"|ConnectTimeoutError|Connection refused"
        r"|Could not fetch URL \S+ (?!404 )",
        log,
    )
    if missing and unreached:
        return (
            f"pip cannot reach a package index to look for {missing[-1]}; "
            "without a network, give wheels with --wheel"
        )
    if missing:
        return explain_missing(missing[-1].strip(), request, log)
    newer = re.search(
        r"Package '(\S+)' requires a different Python: (\S+) not in '(.+)'",
        log,
    )
    if newer:
        return f"{newer[1]} needs Python {newer[3]}, and a report's is {newer[2]}"
    errors = re.findall(r"^ERROR: (.+)", log, re.MULTILINE)
    last = errors[-1] if errors else log.strip().splitlines()[-1:]
    return f"pip failed: {last or 'it said nothing'}"


def check_hashes(wanted: Wanted, wheels: list[Path]) -> None:
    """Compares wheels with the hashes that requirements named."""
    for wheel in wheels:
        name = canonical(wheel.name.split("-")[0])
        hashes = wanted.hashes.get(name)
        if not hashes:
            continue
        data = wheel.read_bytes()
        if not any(
            kind in hashlib.algorithms_guaranteed
            and hashlib.new(kind, data).hexdigest() == digits
            for kind, digits in hashes
        ):
            raise Refusal(
                f"{wheel.name} is not what the requirements name by its hash"
            )


def resolve(request: Request, place: Path) -> dict[str, Any]:
    """The reply: wheels, and which built-in packages they use."""
    find_pip()
    use_markers(request.python)
    wanted = collect(request)
    check_built_in(request, wanted)
    code, log = run_pip(request, wanted, place)
    if code != 0:
        raise Refusal(explain(request, log))
    files = sorted((place / "wheels").glob("*.whl"))
    stubs = [file for file in files if f"-{STUB_BUILD}-" in file.name]
    wheels = [file for file in files if file not in stubs]
    check_hashes(wanted, wheels)
    return {
        "wheels": [
            {
                "file": file.name,
                "base64": base64.b64encode(file.read_bytes()).decode(),
            }
            for file in wheels
        ],
        "built_in": [canonical(file.name.split("-")[0]) for file in stubs],
        "error": None,
    }


def main() -> None:
    """Answers one request."""
    given = json.load(sys.stdin)
    request = Request(
        given["python"],
        given["requirements"],
        given["wheels"],
        {canonical(it["name"]): it["version"] for it in given["packages"]},
        {canonical(it["name"]) for it in given["packages"] if it["present"]},
    )
    with tempfile.TemporaryDirectory(prefix="tincture-") as place:
        tempfile.tempdir = place
        try:
            reply = resolve(request, Path(place))
        except Refusal as refusal:
            reply = {"error": str(refusal)}
    json.dump(reply, sys.stdout)


main()
