"""Long runs of the fuzzers, whose figures and inputs are kept.

The suite `fuzz` is a smoke run with a fixed seed.  This goes on where the
last long run stopped: with the inputs that it left in build/fuzz, other seeds,
and as many executions as are asked for.  Afterwards the corpus has,
as an archive for each, the fewest inputs that reach everything again;
tests/fuzz/figures.json the sums, and tests/fuzz/README.md their table.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .machine import REPOSITORY
from .progress import BuildError, say
from .toolchain import Toolchain

FUZZ = REPOSITORY / "tests" / "fuzz"
CORPUS = FUZZ / "corpus"
FIGURES = FUZZ / "figures.json"
README = FUZZ / "README.md"
WORK = REPOSITORY / "build" / "fuzz"
PROGRAMS = REPOSITORY / "build" / "native" / "san" / "tests"

# A run's figures are entered after so many executions, so that one which is
# ended loses little.
SLICE = 500_000
# Fuzzers that run side by side.
JOBS = 2
# What one input may take.
TIMEOUT_SECONDS = 20

BEGIN = "<!-- figures: written by build.py fuzz -->"
END = "<!-- end of figures -->"

EXECUTIONS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
EDGES = re.compile(r"Loaded 1 modules\s+\((\d+) ")
COVERED = re.compile(r"cov: (\d+) ")

# Held while the figures are read and written.
_figures_lock = threading.Lock()


def read_figures() -> dict[str, dict[str, int]]:
    """By fuzzer: executions in all, edges met, edges that are there."""
    if not FIGURES.exists():
        return {}
    return json.loads(FIGURES.read_text("utf-8"))


def _archive(name: str) -> Path:
    """What long runs of a fuzzer found."""
    return CORPUS / f"{name}.tar.xz"


def _kept(name: str) -> int:
    """How many inputs of a fuzzer are in the repository."""
    count = len(list((CORPUS / name).iterdir()))
    archive = _archive(name)
    if archive.exists():
        with tarfile.open(archive) as file:
            count += len(file.getnames())
    return count


def render(figures: dict[str, dict[str, int]]) -> str:
    """The table of tests/fuzz/README.md."""
    lines = [
        "| fuzzer | executions | edges met | of its library | inputs kept |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, entry in sorted(figures.items()):
        executions = f"{entry['executions']:,}".replace(",", " ")
        share = 100 * entry["edges"] / entry["edges_all"]
        lines.append(
            f"| `{name}` | {executions} | {entry['edges']} "
            f"| {share:.0f} % | {_kept(name)} |"
        )
    return "\n".join(lines)


def _number(pattern: re.Pattern[str], text: str) -> int:
    """The last number that a pattern finds."""
    found = pattern.findall(text)
    if not found:
        raise BuildError(f"a fuzzer did not print {pattern.pattern}")
    return int(found[-1])


def _write(figures: dict[str, dict[str, int]]) -> None:
    """Write the figures and their table."""
    text = json.dumps(figures, indent=2, sort_keys=True)
    FIGURES.write_text(text + "\n", "utf-8")
    head, _, rest = README.read_text("utf-8").partition(BEGIN)
    _, mark, tail = rest.partition(END)
    if not mark:
        raise BuildError(f"{README}: the marks of the table are missing")
    README.write_text(
        f"{head}{BEGIN}\n{render(figures)}\n{END}{tail}", "utf-8"
    )


def _enter(name: str, text: str) -> int:
    """Add up what a fuzzer printed; how often it ran."""
    executions = _number(EXECUTIONS, text)
    with _figures_lock:
        figures = read_figures()
        entry = figures.setdefault(name, {"executions": 0})
        entry["executions"] += executions
        entry["edges"] = _number(COVERED, text)
        entry["edges_all"] = _number(EDGES, text)
        _write(figures)
    return executions


def _call(made: Toolchain, name: str, words: list[str]) -> str:
    """What a fuzzer prints.  A failure names the input that it found."""
    program = [str(PROGRAMS / f"fuzz_{name}"), *words]
    done = subprocess.run(
        made.wrap([made.translate(word) for word in program], REPOSITORY),
        cwd=REPOSITORY,
        env=made.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        log = WORK / f"{name}.log"
        log.write_text(done.stdout, "utf-8")
        raise BuildError(f"fuzz_{name} failed; see {log}")
    return done.stdout


def _inputs(name: str) -> list[str]:
    """The directories of inputs, the one that takes what is found first."""
    work = WORK / name
    if not work.exists():
        work.mkdir(parents=True)
        archive = _archive(name)
        if archive.exists():
            with tarfile.open(archive) as file:
                file.extractall(work, filter="data")
    return [str(work), str(CORPUS / name)]


def _keep(made: Toolchain, name: str) -> None:
    """Put what the corpus lacks to reach everything into its archive."""
    least = WORK / f"{name}.least"
    shutil.rmtree(least, ignore_errors=True)
    shutil.copytree(CORPUS / name, least)
    own = {path.name for path in least.iterdir()}
    _call(made, name, ["-set_cover_merge=1", str(least), *_inputs(name)])
    with tarfile.open(_archive(name), "w:xz") as file:
        for path in sorted(least.iterdir()):
            if path.name not in own:
                info = tarfile.TarInfo(path.name)
                info.size = path.stat().st_size
                with path.open("rb") as content:
                    file.addfile(info, content)
    shutil.rmtree(least)
    with _figures_lock:
        _write(read_figures())


def _run_one(made: Toolchain, name: str, runs: int) -> None:
    """Run one fuzzer in slices, and keep what it found."""
    left = runs
    while left > 0:
        words = [
            f"-runs={min(left, SLICE)}",
            f"-artifact_prefix={WORK}/{name}.",
            f"-timeout={TIMEOUT_SECONDS}",
            "-print_final_stats=1",
        ]
        text = _call(made, name, [*words, *_inputs(name)])
        left -= max(_enter(name, text), 1)
        say(f"fuzz {name}: {runs - left} executions")
    _keep(made, name)


def run(made: Toolchain, runs: int, pattern: str) -> int:
    """Run every fuzzer that the pattern names; 0 when none failed."""
    names = [
        path.name.removeprefix("fuzz_")
        for path in sorted(PROGRAMS.glob("fuzz_*"))
        if path.is_file() and re.search(pattern, path.name)
    ]
    if not names:
        raise BuildError(f"no fuzzer is called like {pattern!r}; built?")
    WORK.mkdir(parents=True, exist_ok=True)
    failures = []
    with ThreadPoolExecutor(JOBS) as pool:
        jobs = [pool.submit(_run_one, made, name, runs) for name in names]
        for job in jobs:
            try:
                job.result()
            except BuildError as error:
                failures.append(error)
                say(str(error))
    return 1 if failures else 0
