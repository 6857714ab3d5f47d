"""Magics that run code: %time, %timeit, %prun, %run, %%capture."""

from __future__ import annotations

import gc
import io
import itertools
import math
import os
import sys
import time

import _ast

from tincture import capture, cells, entry
from tincture.magic import (
    Magics,
    UsageError,
    cell_magic,
    line_cell_magic,
    line_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
    split_options,
    split_words,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Seconds that a loop of %timeit takes at least, when it chooses its length.
_LOOP_SECONDS = 0.2
_LOOP_POWER_LIMIT = 10
_REPEAT = 7

_UNITS = (("s", 1.0), ("ms", 1e3), ("μs", 1e6), ("ns", 1e9))
_LONG_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def format_time(seconds: float, precision: int = 3) -> str:
    """A time in the unit that suits it: `1.5 ms`, `2min 5s`."""
    if seconds >= 60:
        parts = []
        left = seconds
        for unit, length in _LONG_UNITS:
            count = int(left / length)
            if count > 0:
                left %= length
                parts.append(f"{count}{unit}")
        return " ".join(parts)
    order = 3
    if seconds > 0:
        order = max(0, min(-int(math.floor(math.log10(seconds)) // 3), 3))
    unit, scale = _UNITS[order]
    return f"{seconds * scale:.{precision}g} {unit}"


class TimeitResult:
    """What `%timeit -o` returns."""

    def __init__(
        self,
        loops: int,
        repeat: int,
        best: float,
        worst: float,
        all_runs: list[float],
        compile_time: float,
        precision: int,
    ) -> None:
        self.loops = loops
        self.repeat = repeat
        self.best = best
        self.worst = worst
        self.all_runs = all_runs
        self.compile_time = compile_time
        self._precision = precision
        self.timings = [run / loops for run in all_runs]

    @property
    def average(self) -> float:
        """Seconds of one loop."""
        return math.fsum(self.timings) / len(self.timings)

    @property
    def stdev(self) -> float:
        """Their standard deviation."""
        mean = self.average
        squares = [(timing - mean) ** 2 for timing in self.timings]
        return (math.fsum(squares) / len(squares)) ** 0.5

    def __str__(self) -> str:
        mean = format_time(self.average, self._precision)
        deviation = format_time(self.stdev, self._precision)
        runs = f"{self.repeat} run{'' if self.repeat == 1 else 's'}"
        loops = f"{self.loops:,} loop{'' if self.loops == 1 else 's'} each"
        return (
            f"{mean} ± {deviation} per loop "
            f"(mean ± std. dev. of {runs}, {loops})"
        )

    def _repr_pretty_(self, p: Any, cycle: bool) -> None:
        p.text(f"<TimeitResult : {self}>")


_TIMEIT_SOURCE = """\
def inner(_it, _timer):
    setup
    _t0 = _timer()
    for _i in _it:
        statement
    _t1 = _timer()
    return _t1 - _t0
"""


def _make_loop(
    statement: str, setup: str, names: dict[str, Any]
) -> tuple[Any, float]:
    """The function that times, and how long its compilation took."""
    flags = 0x0400  # ast.PyCF_ONLY_AST
    tree: Any = compile(_TIMEIT_SOURCE, "<timeit>", "exec", flags)
    function = tree.body[0]
    name, _, inside = cells.parse_body(statement, "magic-timeit")
    before = cells.parse_body(setup, "magic-timeit-setup")[2].body
    loop = function.body[2]
    loop.body = inside.body or [_ast.Pass(lineno=1, col_offset=0)]
    if isinstance(loop.body[0], _ast.Pass):
        loop.body[0].end_lineno, loop.body[0].end_col_offset = 1, 0
    function.body[0:1] = before
    start = time.perf_counter()
    code = cells.compile_tree(tree, name, "exec")
    seconds = time.perf_counter() - start
    scope: dict[str, Any] = {}
    exec(code, names, scope)  # noqa: S102
    return scope["inner"], seconds


def _cpu_times() -> tuple[float, float]:
    """Seconds of the processor in the program and in the system."""
    try:
        import resource
    except ImportError:
        return time.process_time(), 0.0
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime, usage.ru_stime


def _merge_names(
    shell: Any, local_ns: dict[str, Any] | None
) -> dict[str, Any]:
    """The notebook's names, and those of the function that called."""
    if local_ns is None or local_ns is shell.user_ns:
        return shell.user_ns
    return {**shell.user_ns, **local_ns}


def _join_code(line: str, cell: str | None) -> str:
    """The body of a cell magic as it stands, so that it is recognised."""
    if cell is None:
        return line
    return f"{line}\n{cell}" if line.strip() else cell


@magics_class
class TimingMagics(Magics):
    """How long code takes."""

    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    def time(
        self, line: str = "", cell: str | None = None, local_ns: Any = None
    ) -> Any:
        """Run code once and print how long that took: `%time STATEMENT`, or
        `%%time` on a cell.  The value of an expression is the result."""
        if not line and cell is None:
            raise UsageError("%time needs a statement to run")
        _, code = split_options(line, "", ("no-raise-error",))
        start = time.perf_counter()
        compiled = cells.compile_body(_join_code(code, cell), "timed exec")
        compile_seconds = time.perf_counter() - start
        names = self.shell.user_ns if local_ns is None else local_ns
        cpu = _cpu_times()
        start = time.perf_counter()
        try:
            return self.shell.run_compiled(*compiled, names)
        finally:
            wall = time.perf_counter() - start
            user, system = (
                after - before for after, before in zip(_cpu_times(), cpu)
            )
            print(
                f"CPU times: user {format_time(user)}, sys: "
                f"{format_time(system)}, total: {format_time(user + system)}"
            )
            print(f"Wall time: {format_time(wall)}")
            if compile_seconds > 0.1:
                print(f"Compiler : {format_time(compile_seconds)}")

    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    def timeit(
        self, line: str = "", cell: str | None = None, local_ns: Any = None
    ) -> Any:
        """Run code many times and print what one loop takes.

        `%timeit [-n LOOPS] [-r REPEATS] [-p DIGITS] [-t|-c] [-q] [-o] CODE`;
        in `%%timeit SETUP` the line is run before each repeat.  -t: wall
        time (as without it), -c: the processor's, -q: print nothing, -o:
        return the result."""
        options, code = split_options(line, "n:r:tcp:qov:", ())
        if not code and cell is None:
            return None
        statement, setup = (code, "") if cell is None else (cell, code)
        names = _merge_names(self.shell, local_ns)
        loop, seconds = _make_loop(statement, setup, names)
        timer = time.process_time if "c" in options else time.perf_counter
        result = _time_loop(loop, options, timer, seconds)
        if "q" not in options:
            _print_timing(result)
        return result if "o" in options else None


def _whole(text: str, name: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UsageError(f"-{name} needs a whole number, not {text}") from None


def _time_loop(
    loop: Any, options: Any, timer: Any, compile_seconds: float
) -> TimeitResult:
    count = _whole(options.get("n", "0"), "n")
    repeat = _whole(options.get("r", str(_REPEAT)), "r")
    precision = _whole(options.get("p", "3"), "p")
    if repeat < 1:
        raise UsageError("-r needs at least 1")

    def run(times: int) -> float:
        was_collecting = gc.isenabled()
        gc.disable()
        try:
            return loop(itertools.repeat(None, times), timer)
        finally:
            if was_collecting:
                gc.enable()

    if count <= 0:
        for power in range(_LOOP_POWER_LIMIT):
            count = 10**power
            if run(count) >= _LOOP_SECONDS:
                break
    runs = [run(count) for _ in range(repeat)]
    best, worst = min(runs) / count, max(runs) / count
    return TimeitResult(
        count, repeat, best, worst, runs, compile_seconds, precision
    )


def _print_timing(result: TimeitResult) -> None:
    if result.worst > 4 * result.best and result.best > 0:
        if result.worst > 1e-6:
            times = result.worst / result.best
            print(
                f"The slowest run took {times:.2f} times longer than the "
                "fastest. This could mean that an intermediate result is "
                "being cached."
            )
    print(result)
    if result.compile_time > 0.1:
        print(f"Compiler time: {result.compile_time:.2f} s")


@magics_class
class RunMagics(Magics):
    """Running files and code, watched in one way or another."""

    @no_var_expand
    @line_cell_magic
    def prun(self, line: str = "", cell: str | None = None) -> Any:
        """Run code under the profiler and print where its time went.

        `%prun [-l LINES] [-s KEY] [-q] [-r] CODE`; -s sorts by a column of
        pstats (time), -q prints nothing, -r returns the statistics."""
        import cProfile
        import pstats

        options, code = split_options(line, "l:s:qrT:D:", ())
        body, last, _ = cells.compile_body(_join_code(code, cell), "prun")
        profile = cProfile.Profile()
        names = self.shell.user_ns
        try:
            for part in (body, last):
                if part is not None:
                    profile.runcall(entry.run_code, part, names, names)
        finally:
            out = io.StringIO()
            stats = pstats.Stats(profile, stream=out).strip_dirs()
            stats.sort_stats(options.get("s", "time"))
            limit = options.get("l")
            stats.print_stats(
                *((int(limit) if limit.isdigit() else limit,) if limit else ())
            )
            if "T" in options:
                with open(options["T"], "w", encoding="utf-8") as file:
                    file.write(out.getvalue())
            if "D" in options:
                stats.dump_stats(options["D"])
            if "q" not in options:
                print(out.getvalue())
        return stats if "r" in options else None

    @line_magic
    def run(self, line: str = "") -> None:
        """Run a file as a program: `%run [-i] [-n] [-t] FILE [ARGUMENTS]`.

        Its names are the notebook's afterwards.  -i: it also sees the
        notebook's names, -n: its __name__ is not "__main__", -t: print how
        long it took.  A .ipynb file's code cells are run one after another."""
        options, rest = split_options(line, "intm:e", ())
        words = split_words(rest)
        if "m" in options:
            _run_module(options["m"], words, self.shell)
            return
        if not words:
            raise UsageError("%run needs the name of a file")
        filename = os.path.expanduser(words[0])
        if not os.path.exists(filename) and not filename.endswith(".py"):
            filename += ".py"
        if not os.path.exists(filename):
            raise UsageError(f"File `{words[0]!r}` not found.")
        start = time.perf_counter()
        if filename.endswith(".ipynb"):
            _run_notebook(filename, self.shell)
        else:
            _run_file(filename, words, options, self.shell)
        if "t" in options:
            seconds = time.perf_counter() - start
            print(f"Wall time: {format_time(seconds)}")

    @no_var_expand
    @cell_magic
    def capture(self, line: str, cell: str) -> None:
        """Run a cell and keep what it prints and shows.

        `%%capture [--no-stdout] [--no-stderr] [--no-display] [NAME]`; with a
        name, the output is there as an object with `stdout`, `stderr`,
        `outputs` and `show()`."""
        names = ("no-stdout", "no-stderr", "no-display")
        options, name = split_options(line, "", names)
        with capture.capture_output(
            *(option not in options for option in names)
        ) as captured:
            value = self.shell.run_compiled(
                *cells.compile_body(cell, "captured")
            )
            if value is not None:
                entry.show_value(value)
        if name:
            self.shell.user_ns[name] = captured

    @line_magic
    def tb(self, line: str = "") -> None:
        """Show the last traceback again."""
        from tincture import tracebacks

        error = getattr(sys, "last_exc", None)
        if error is None:
            print("No traceback available to show.")
            return
        print("\n".join(tracebacks.describe(error)["traceback"]))


def _run_module(name: str, arguments: list[str], shell: Any) -> None:
    import runpy

    before = sys.argv
    sys.argv = [name, *arguments]
    try:
        result = runpy.run_module(name, run_name="__main__", alter_sys=True)
    except SystemExit:
        return
    finally:
        sys.argv = before
    _take_names(result, shell)


def _take_names(names: dict[str, Any], shell: Any) -> None:
    shell.user_ns.update(
        (name, value)
        for name, value in names.items()
        if not (name.startswith("__") and name.endswith("__"))
    )


def _run_file(
    filename: str, argv: list[str], options: Any, shell: Any
) -> None:
    with open(filename, "rb") as file:
        code = compile(file.read(), filename, "exec", dont_inherit=True)
    stem = os.path.splitext(os.path.basename(filename))[0]
    own = {
        "__name__": stem if "n" in options else "__main__",
        "__file__": filename,
        "__builtins__": __builtins__,
    }
    is_inside = "i" in options
    names = shell.user_ns if is_inside else own
    kept = {key: shell.user_ns[key] for key in own if key in shell.user_ns}
    if is_inside:
        names.update(own)
    before, path = sys.argv, sys.path
    sys.argv = [filename, *argv[1:]]
    sys.path = [os.path.dirname(os.path.abspath(filename)), *path]
    try:
        exec(code, names)  # noqa: S102
    except SystemExit as error:
        if error.code not in (None, 0):
            print(f"{filename} ended with {error.code}", file=sys.stderr)
    finally:
        sys.argv, sys.path = before, path
        if is_inside:
            names.pop("__file__", None)
            names.update(kept)
        else:
            _take_names(own, shell)


def _run_notebook(filename: str, shell: Any) -> None:
    import json

    with open(filename, encoding="utf-8") as file:
        notebook = json.load(file)
    for cell in notebook.get("cells", ()):
        if cell.get("cell_type") != "code":
            continue
        source = cell["source"]
        if not isinstance(source, str):
            source = "".join(source)
        value = shell.run_compiled(*cells.compile_body(source, filename))
        if value is not None:
            entry.show_value(value)


CLASSES = (TimingMagics, RunMagics)
