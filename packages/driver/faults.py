"""The figures of tests/fuzz: what was fuzzed, what was made to fail.

tests/fuzz/figures.json has them, tests/fuzz/README.md their tables.  Fuzzers
are counted by fuzzing.py as they run.  The rest is measured here, with what is
in the repository: the lines that the kept inputs reach, the allocations that
failed, and the last soak (tests/bench/soak.mjs) when there was one.
"""

from __future__ import annotations

import json
import re
import shutil
import tarfile
from pathlib import Path

from .machine import REPOSITORY
from .progress import BuildError
from .toolchain import Toolchain

FUZZ = REPOSITORY / "tests" / "fuzz"
CORPUS = FUZZ / "corpus"
FIGURES = FUZZ / "figures.json"
README = FUZZ / "README.md"
NATIVE = REPOSITORY / "build" / "native"
BENCH_RESULTS = REPOSITORY / "build" / "bench" / "results.json"

BEGIN = "<!-- figures: written by build.py fuzz -->"
END = "<!-- end of figures -->"

# The build whose programs say which lines they ran.
COVER = "cover"

# What is fuzzed, by the names of fuzzers.
AREAS = {
    "bridge": r"bridge_",
    "notebook readers": r"pack_(html|iodide|iomd|ipynb|jsmd|opened|py)",
    "file system": r"fs_",
    "packer": r"pack_(base91|imports|report|requirement|wheel)",
}
# The libraries, by their directories.
LIBRARIES = ("bridge", "kernel/fs", "plugin/pack")

FAILED = re.compile(r": (\d+) allocations failed$", re.M)

# Runs a tool of LLVM, which is where clang is and has no name of its own.
TOOL_SCRIPT = """
directory=$(dirname "$(readlink -f "$(command -v "$1")")")
tool=$2
shift 2
exec "$directory/$tool" "$@"
"""

Figures = dict[str, dict]


def read() -> Figures:
    """fuzzers: by name, executions, those with sanitizers and edges met;
    coverage: by library, lines reached and lines; allocations: by library,
    how many failed; soak: by browser, what soak.mjs entered."""
    if not FIGURES.exists():
        return {"fuzzers": {}}
    return json.loads(FIGURES.read_text("utf-8"))


def archive(name: str) -> Path:
    """What long runs of a fuzzer found."""
    return CORPUS / f"{name}.tar.xz"


def unpack(name: str, place: Path) -> None:
    """Make a directory of what long runs of a fuzzer found."""
    place.mkdir(parents=True)
    if archive(name).exists():
        with tarfile.open(archive(name)) as file:
            file.extractall(place, filter="data")


def _kept(name: str) -> int:
    """How many inputs of a fuzzer are in the repository."""
    count = len(list((CORPUS / name).iterdir()))
    if archive(name).exists():
        with tarfile.open(archive(name)) as file:
            count += len(file.getnames())
    return count


def _spaced(number: int) -> str:
    """A number by thousands."""
    return f"{number:,}".replace(",", " ")


def _table(head: list[str], rows: list[list[object]]) -> str:
    """A table whose first column is text and whose others are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in lines)


def _row(title: str, entries: dict[str, dict[str, int]]) -> list[object]:
    """Sums of some fuzzers."""
    total = {
        key: sum(entry[key] for entry in entries.values())
        for key in ("executions", "sanitized")
    }
    return [
        title,
        _spaced(total["executions"]),
        _spaced(total["sanitized"]),
        sum(map(_kept, entries)),
    ]


def _render_fuzzers(fuzzers: dict[str, dict[str, int]]) -> str:
    head = ["fuzzed", "executions", "with sanitizers", "inputs kept"]
    rows = []
    for area, pattern in AREAS.items():
        its = {
            name: entry
            for name, entry in sorted(fuzzers.items())
            if re.match(pattern, name)
        }
        rows.append(_row(f"**{area}**", its))
        rows += [_row(f"`{name}`", {name: its[name]}) for name in its]
    return _table(head, rows)


def _render_libraries(figures: Figures) -> str:
    head = [
        "library",
        "lines that the kept inputs reach",
        "of its lines",
        "allocations made to fail",
    ]
    coverage = figures.get("coverage", {})
    allocations = figures.get("allocations", {})
    rows = []
    for name in sorted({*coverage, *allocations}):
        lines = coverage.get(name)
        rows.append([
            f"`{name}`",
            _spaced(lines["reached"]) if lines else "-",
            f"{100 * lines['reached'] / lines['lines']:.0f} %"
            if lines
            else "-",
            _spaced(allocations[name]) if name in allocations else "-",
        ])
    return _table(head, rows)


def _mb(size: int | None) -> str:
    return "-" if size is None else f"{size / 2**20:.1f} MB"


def _beside(pair: dict[str, float] | None) -> str:
    """Two times and how they compare; a soak may have told memory alone."""
    if pair is None:
        return "-"
    return (
        f"{pair['first_ms']:.0f} ms, {pair['last_ms']:.0f} ms "
        f"({pair['ratio']:.2f}x)"
    )


def _render_soak(soak: dict[str, dict]) -> str:
    head = [
        "soak",
        "cells",
        "a round of ten in a new page, in the old one",
        "of the processors",
        "Python's memory, before and after",
        "the browser's",
        "elements",
    ]
    rows = [
        [
            one["browser"],
            _spaced(one["cells"]),
            _beside(one if "ratio" in one else None),
            _beside(one.get("cpu")),
            *(
                f"{_mb(one['before'][what])}, {_mb(one['after'][what])}"
                for what in ("kernel", "browser")
            ),
            f"{one['before']['elements']}, {one['after']['elements']}",
        ]
        for one in soak.values()
    ]
    return _table(head, rows)


def render(figures: Figures) -> str:
    """The tables of tests/fuzz/README.md."""
    tables = [
        _render_fuzzers(figures["fuzzers"]),
        _render_libraries(figures),
    ]
    if "soak" in figures:
        tables.append(_render_soak(figures["soak"]))
    return "\n\n".join(tables)


def write(figures: Figures) -> None:
    """Write the figures and their tables."""
    text = json.dumps(figures, indent=2, sort_keys=True)
    FIGURES.write_text(text + "\n", "utf-8")
    head, _, rest = README.read_text("utf-8").partition(BEGIN)
    _, mark, tail = rest.partition(END)
    if not mark:
        raise BuildError(f"{README}: the marks of the table are missing")
    README.write_text(
        f"{head}{BEGIN}\n{render(figures)}\n{END}{tail}", "utf-8"
    )


def _output(
    made: Toolchain, words: list[str], settings: dict[str, str] | None = None
) -> str:
    """What a program of the toolchain prints; it has to succeed."""
    done = made.capture(words, REPOSITORY, settings)
    if done.returncode != 0:
        raise BuildError(f"{words[0]} failed: {done.stderr[-2000:]}")
    return done.stdout


def _llvm(made: Toolchain, tool: str, *words: str) -> str:
    clang = made.commands["clang"]
    return _output(made, ["sh", "-c", TOOL_SCRIPT, "sh", clang, tool, *words])


def count_allocations(made: Toolchain) -> dict[str, int]:
    """How many allocations the tests of tests/oom made fail, by library."""
    counts: dict[str, int] = {}
    for path in sorted((NATIVE / "san" / "tests").glob("oom_*")):
        if path.is_file():
            library = path.name.split("_")[1]
            text = _output(made, [made.translate(str(path))])
            count = sum(map(int, FAILED.findall(text)))
            counts[library] = counts.get(library, 0) + count
    names = {"fs": "kernel/fs", "pack": "plugin/pack"}
    return {names.get(name, name): count for name, count in counts.items()}


def measure_coverage(made: Toolchain, work: Path) -> dict[str, dict[str, int]]:
    """Lines of the libraries that the kept inputs reach, and their lines."""
    place = work / "coverage"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    inside = made.translate
    programs = [
        path
        for path in sorted((NATIVE / COVER / "tests").glob("fuzz_*"))
        if path.is_file()
    ]
    for path in programs:
        name = path.name.removeprefix("fuzz_")
        unpack(name, place / name)
        words = [path, "-runs=0", place / name, CORPUS / name]
        profile = inside(str(place / f"{name}.profraw"))
        _output(
            made,
            [inside(str(word)) for word in words],
            {"LLVM_PROFILE_FILE": profile},
        )
    merged = inside(str(place / "all.profdata"))
    profiles = [inside(str(path)) for path in place.glob("*.profraw")]
    _llvm(made, "llvm-profdata", "merge", "-o", merged, *profiles)
    objects = [inside(str(path)) for path in programs]
    report = json.loads(_llvm(
        made,
        "llvm-cov",
        "export",
        "-summary-only",
        f"-instr-profile={merged}",
        objects[0],
        *(word for path in objects[1:] for word in ("-object", path)),
    ))
    return _sum_lines(report["data"][0]["files"])


def _sum_lines(files: list[dict]) -> dict[str, dict[str, int]]:
    """The lines of each library's files."""
    totals = {name: {"reached": 0, "lines": 0} for name in LIBRARIES}
    for file in files:
        for name, total in totals.items():
            if re.search(rf"/{name}/[^/]*\.c$", file["filename"]):
                lines = file["summary"]["lines"]
                total["reached"] += lines["covered"]
                total["lines"] += lines["count"]
    return totals


def renew(made: Toolchain, work: Path) -> None:
    """Measure everything that is not counted while fuzzers run."""
    figures = read()
    figures["coverage"] = measure_coverage(made, work)
    figures["allocations"] = count_allocations(made)
    if BENCH_RESULTS.exists():
        results = json.loads(BENCH_RESULTS.read_text("utf-8"))
        figures["soak"] = {
            **figures.get("soak", {}), **results.get("soak", {})}
    write(figures)
