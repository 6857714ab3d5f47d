"""Long runs of the fuzzers, whose figures and inputs are kept.

The suite `fuzz` is a smoke run with a fixed seed.  This goes on where the
last long run stopped: with the inputs that it left in build/fuzz, other seeds,
and as many executions as are asked for.  Afterwards the corpus has,
as an archive for each, the fewest inputs that reach everything again, and
tests/fuzz/figures.json the sums (faults.py).

There are two builds of each fuzzer.  Most executions are the fast one's, ten
times as many a second: undefined behaviour and failed assertions end it, a
read beyond a block does not.  Some are the build's with sanitizers, which
first takes everything that the fast one found.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import faults
from .faults import CORPUS, NATIVE
from .machine import REPOSITORY
from .progress import BuildError, say
from .toolchain import Toolchain

WORK = REPOSITORY / "build" / "fuzz"

# The inner builds that have fuzzers, and what is needed of them; everything
# of the one with tests/oom.
FAST = "fuzz"
SANITIZED = "san"
BUILDS: dict[str, list[str]] = {
    SANITIZED: [],
    FAST: ["fuzzers"],
    faults.COVER: ["fuzzers"],
}

# What is found is kept and entered after so many executions, so that a run
# which is ended loses little.
SLICE = 1_000_000
# One execution of so many is with sanitizers.
SANITIZED_SHARE = 20
# The longest input of the fast build, unless the corpus has a longer one;
# with sanitizers they come as long as libFuzzer likes.
FAST_BYTES = 1024
# Fuzzers that run side by side.
JOBS = 2
# What one input may take, on a machine that does other things too.
TIMEOUT_SECONDS = 60

# Without these each big block is a mapping of its own: a quarter of the time
# of the fuzzers that have some.
MALLOC_SETTINGS = {
    "MALLOC_MMAP_THRESHOLD_": "67108864",
    "MALLOC_TRIM_THRESHOLD_": "268435456",
}

EXECUTIONS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
COVERED = re.compile(r"cov: (\d+) ")

# Held while the figures are read and written.
_figures_lock = threading.Lock()


def _number(pattern: re.Pattern[str], text: str) -> int:
    """The last number that a pattern finds."""
    found = pattern.findall(text)
    if not found:
        raise BuildError(f"a fuzzer did not print {pattern.pattern}")
    return int(found[-1])


def _enter(name: str, executions: int, sanitized: int, edges: int) -> None:
    """Add up what a fuzzer did."""
    with _figures_lock:
        figures = faults.read()
        entry = figures["fuzzers"].setdefault(
            name, {"executions": 0, "sanitized": 0}
        )
        entry["executions"] += executions + sanitized
        entry["sanitized"] += sanitized
        entry["edges"] = edges
        faults.write(figures)


def _program(build: str, name: str) -> Path:
    return NATIVE / build / "tests" / f"fuzz_{name}"


def _call(made: Toolchain, build: str, name: str, words: list[str]) -> str:
    """What a fuzzer prints.  A failure names the input that it found."""
    program = [str(_program(build, name)), *words]
    done = made.capture(
        [made.translate(word) for word in program],
        REPOSITORY,
        MALLOC_SETTINGS,
        subprocess.STDOUT,
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
        faults.unpack(name, work)
    return [str(work), str(CORPUS / name)]


def _keep(made: Toolchain, name: str) -> int:
    """Put what the corpus lacks to reach everything into its archive; how
    many edges that is."""
    least = WORK / f"{name}.least"
    shutil.rmtree(least, ignore_errors=True)
    shutil.copytree(CORPUS / name, least)
    own = {path.name for path in least.iterdir()}
    words = ["-set_cover_merge=1", str(least), *_inputs(name)]
    _call(made, SANITIZED, name, words)
    with tarfile.open(faults.archive(name), "w:xz") as file:
        for path in sorted(least.iterdir()):
            if path.name not in own:
                info = tarfile.TarInfo(path.name)
                info.size = path.stat().st_size
                with path.open("rb") as content:
                    file.addfile(info, content)
    text = _call(made, SANITIZED, name, ["-runs=0", str(least)])
    shutil.rmtree(least)
    return _number(COVERED, text)


def _longest(name: str) -> int:
    """The size of the corpus' longest input."""
    return max(path.stat().st_size for path in (CORPUS / name).iterdir())


def _fuzz(made: Toolchain, build: str, name: str, runs: int) -> int:
    """Run one fuzzer, beginning with all that was found; how often it ran."""
    words = [
        f"-runs={runs}",
        f"-artifact_prefix={WORK}/{name}.",
        f"-timeout={TIMEOUT_SECONDS}",
        "-print_final_stats=1",
    ]
    if build == FAST:
        words.append(f"-max_len={max(FAST_BYTES, _longest(name))}")
    text = _call(made, build, name, [*words, *_inputs(name)])
    return max(_number(EXECUTIONS, text), 1)


def _run_one(made: Toolchain, name: str, runs: int) -> None:
    """Run one fuzzer in slices, and keep what it found."""
    left = runs
    while left > 0:
        share = -(-min(left, SLICE) // SANITIZED_SHARE)
        fast = _fuzz(made, FAST, name, min(left, SLICE) - share)
        sanitized = _fuzz(made, SANITIZED, name, share)
        _enter(name, fast, sanitized, _keep(made, name))
        left -= fast + sanitized
        say(f"fuzz {name}: {runs - left} executions")


def run(made: Toolchain, runs: int, pattern: str) -> int:
    """Run every fuzzer that the pattern names; 0 when none failed."""
    programs = _program(SANITIZED, "").parent.glob("fuzz_*")
    names = [
        path.name.removeprefix("fuzz_")
        for path in sorted(programs)
        if path.is_file() and re.search(pattern, path.name)
    ]
    if not names:
        raise BuildError(f"no fuzzer is called like {pattern!r}")
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
    faults.renew(made, WORK)
    return 1 if failures else 0
