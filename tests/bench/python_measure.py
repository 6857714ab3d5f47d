"""What python.mjs runs everywhere: natively, in our page, and in Pyodide.

`measure()` takes programs as JSON and returns seconds a call of each, also as
JSON; `measure_first()` compares a loop's first run with its later ones.
Programs of our own are modules with a `run()`; those of pyperformance are run
unchanged, as `__main__`, and find a small `pyperf` that takes what they give
to its Runner.  Only the clock is different from the real one's: no processes
are started, and browsers coarsen it to a millisecond, so that a round repeats
a call until it is long enough to be seen.
"""

from __future__ import annotations

import argparse
import base64
import gc
import json
import os
import sys
import tempfile
import time
import types
from collections.abc import Callable

# The least time of a round, in which a millisecond is two parts in a hundred;
# how many rounds there are, the best of which counts; and the time after which
# a slow program is left at those that it had.
ROUND_SECONDS = 0.05
ROUND_COUNT = 5
PROGRAM_SECONDS = 2.0

# A round's calls, timed: called with their number, it returns seconds.
Timed = Callable[[int], float]


class Runner:
    """As much of pyperf's Runner as pyperformance's programs use."""

    def __init__(self, **_options: object) -> None:
        self.metadata: dict[str, str] = {}
        self.argparser = argparse.ArgumentParser()
        self.rounds: list[tuple[str, Timed]] = []
        runners.append(self)

    def parse_args(self) -> argparse.Namespace:
        return self.argparser.parse_args()

    def bench_func(
        self, name: str, call: Callable, *words: object, inner_loops: int = 1
    ) -> None:
        def timed(count: int) -> float:
            began = time.perf_counter()
            for _ in range(count):
                call(*words)
            return (time.perf_counter() - began) / inner_loops

        self.rounds.append((name, timed))

    def bench_time_func(
        self, name: str, call: Callable, *words: object, inner_loops: int = 1
    ) -> None:
        def timed(count: int) -> float:
            return call(count, *words) / inner_loops

        self.rounds.append((name, timed))


runners: list[Runner] = []


def _install_pyperf() -> None:
    module = types.ModuleType("pyperf")
    module.Runner = Runner
    module.perf_counter = time.perf_counter
    module.python_implementation = lambda: sys.implementation.name
    sys.modules["pyperf"] = module


def _load_own(program: dict) -> list[tuple[str, Timed]]:
    module = types.ModuleType(program["name"])
    code = compile(program["source"], f"{program['name']}.py", "exec")
    exec(code, module.__dict__)
    run = module.run

    def timed(count: int) -> float:
        began = time.perf_counter()
        for _ in range(count):
            run()
        return time.perf_counter() - began

    return [(program["name"], timed)]


def _load_foreign(program: dict) -> list[tuple[str, Timed]]:
    """Run a program of pyperformance's to where it would be timed."""
    place = tempfile.mkdtemp()
    for name, text in program["files"].items():
        path = os.path.join(place, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(text))
    main = os.path.join(place, "run_benchmark.py")
    module = types.ModuleType("__main__")
    module.__file__ = main
    saved = sys.argv, sys.modules["__main__"]
    runners.clear()
    sys.path.insert(0, place)
    sys.argv, sys.modules["__main__"] = [main, *program["words"]], module
    try:
        exec(compile(program["source"], main, "exec"), module.__dict__)
    finally:
        sys.argv, sys.modules["__main__"] = saved
        sys.path.remove(place)
    (runner,) = runners
    return runner.rounds


def _best_of(timed: Timed) -> float:
    """Seconds of one call in the best round."""
    count = 1
    seconds = timed(count)
    while seconds < ROUND_SECONDS:
        factor = ROUND_SECONDS / max(seconds, ROUND_SECONDS / 10)
        count = max(count + 1, int(count * factor * 1.1))
        seconds = timed(count)
    best = seconds
    deadline = time.perf_counter() + PROGRAM_SECONDS - seconds
    for _ in range(ROUND_COUNT - 1):
        if time.perf_counter() > deadline:
            break
        gc.collect()
        best = min(best, timed(count))
    return best / count


# A loop at module level: WebAssembly engines begin in slow code and, as they
# do not replace code that is on the stack, may stay in it.
LOOP = """
total = 0
for i in range(3_000_000):
    total += i * 2 % 7
"""


def measure_first() -> str:
    """Seconds of the first run of LOOP, and of the best of later ones."""
    seconds = []
    for _ in range(4):
        began = time.perf_counter()
        exec(compile(LOOP, "loop.py", "exec"), {})
        seconds.append(time.perf_counter() - began)
    return json.dumps({"first": seconds[0], "hot": min(seconds[1:])})


def measure(programs: str) -> str:
    """Seconds of each program, by name."""
    _install_pyperf()
    seconds = {}
    for program in json.loads(programs):
        own = program["kind"] == "own"
        load = _load_own if own else _load_foreign
        for name, timed in load(program):
            seconds[name] = _best_of(timed)
    return json.dumps(seconds)
