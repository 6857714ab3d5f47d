"""What the benchmark times: the same text runs natively and in the page.

`measure()` returns seconds per operation, the best of some rounds; each
round repeats an operation until the clock, which browsers coarsen to a
millisecond, has moved far enough.  Nothing here depends on where it runs.
"""

from __future__ import annotations

import gc
import io
import time
from collections.abc import Callable, Iterator

SEED = 20260
SIZE = 1_000_000
ROW_COUNT = 100_000
ROUND_COUNT = 3
ROUND_SECONDS = 0.12
# What a clock of whole milliseconds still measures to five parts in a hundred.
CLOCK_SECONDS = 0.02

Operation = tuple[str, str, Callable[[], object]]


def _numpy_elementwise() -> Iterator[Operation]:
    import numpy as np

    random = np.random.default_rng(SEED)
    a, b = random.random(SIZE) + 0.5, random.random(SIZE) + 0.5
    a32, b32 = a.astype("f4"), b.astype("f4")
    out, out32 = np.empty_like(a), np.empty_like(a32)
    small = np.arange(10.0)
    for name in ("add", "multiply", "divide", "maximum"):
        function = getattr(np, name)
        yield "elementwise", name, lambda f=function: f(a, b, out=out)
    for name in ("sqrt", "exp", "log", "sin", "tanh"):
        function = getattr(np, name)
        yield "elementwise", name, lambda f=function: f(a, out=out)
    for name in ("add", "multiply"):
        function = getattr(np, name)
        yield "elementwise", f"{name} f32", lambda f=function: f(a32, b32, out=out32)
    for name in ("exp", "log", "sin"):
        function = getattr(np, name)
        yield "elementwise", f"{name} f32", lambda f=function: f(a32, out=out32)
    yield "elementwise", "power 2.5", lambda: np.power(a, 2.5, out=out)
    yield "elementwise", "compare", lambda: a < b
    yield "elementwise", "where", lambda: np.where(a < b, a, b)
    yield "elementwise", "add of 10", lambda: small + small


def _numpy_arrays() -> Iterator[Operation]:
    import numpy as np

    random = np.random.default_rng(SEED)
    a = random.random(SIZE)
    mask = a < 0.5
    index = random.integers(0, SIZE, SIZE)
    counts = random.integers(0, 1000, SIZE)
    for name in ("sum", "max", "argmax", "std", "cumsum"):
        yield "arrays", name, getattr(a, name)
    yield "arrays", "sort", lambda: np.sort(a)
    yield "arrays", "argsort", lambda: np.argsort(a)
    yield "arrays", "unique", lambda: np.unique(counts)
    yield "arrays", "boolean mask", lambda: a[mask]
    yield "arrays", "take", lambda: a[index]
    yield "arrays", "bincount", lambda: np.bincount(counts)
    yield "arrays", "rfft 2^18", lambda: np.fft.rfft(a[: 1 << 18])
    yield "arrays", "random", lambda: random.random(SIZE)
    yield "arrays", "normal", lambda: random.normal(size=SIZE)


def _numpy_linalg() -> Iterator[Operation]:
    import numpy as np

    random = np.random.default_rng(SEED)
    for size in (512, 1024):
        a, b = random.random((2, size, size))
        yield "linalg", f"matmul {size}", lambda a=a, b=b: a @ b
    a32, b32 = random.random((2, 512, 512)).astype("f4")
    yield "linalg", "matmul 512 f32", lambda: a32 @ b32
    c = random.random((300, 300))
    symmetric = c + c.T
    vector = random.random(300)
    yield "linalg", "solve 300", lambda: np.linalg.solve(c, vector)
    yield "linalg", "inv 300", lambda: np.linalg.inv(c)
    yield "linalg", "svd 300", lambda: np.linalg.svd(c)
    yield "linalg", "eigh 300", lambda: np.linalg.eigh(symmetric)
    yield "linalg", "qr 300", lambda: np.linalg.qr(c)


def _pandas() -> Iterator[Operation]:
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(SEED)
    frame = pd.DataFrame({
        "key": random.integers(0, 1000, ROW_COUNT),
        "name": random.choice(["ash", "beech", "elm", "oak"], ROW_COUNT),
        "x": random.random(ROW_COUNT),
        "y": random.normal(size=ROW_COUNT),
    })
    other = pd.DataFrame({"key": np.arange(1000), "z": random.random(1000)})
    text = frame.to_csv(index=False)
    times = pd.date_range("2026-01-01", periods=ROW_COUNT, freq="min")
    series = pd.Series(frame["x"].to_numpy(), index=times)
    grouped = frame.groupby("key")
    yield "pandas", "groupby mean", lambda: grouped[["x", "y"]].mean()
    yield "pandas", "groupby text", (
        lambda: frame.groupby("name")["x"].agg(["min", "median", "std"]))
    yield "pandas", "merge", lambda: frame.merge(other, on="key")
    yield "pandas", "read_csv", lambda: pd.read_csv(io.StringIO(text))
    yield "pandas", "to_csv", lambda: frame.to_csv()
    yield "pandas", "rolling mean", lambda: series.rolling(60).mean()
    yield "pandas", "rolling median", lambda: series.rolling(60).median()
    yield "pandas", "resample", lambda: series.resample("h").mean()
    yield "pandas", "sort_values", lambda: frame.sort_values(["name", "x"])
    yield "pandas", "pivot_table", lambda: frame.pivot_table(
        index="key", columns="name", values="y")
    yield "pandas", "filter", lambda: frame[frame["x"] > 0.5]
    yield "pandas", "text upper", lambda: frame["name"].str.upper()
    yield "pandas", "repr", lambda: frame._repr_html_()


def _matplotlib() -> Iterator[Operation]:
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt
    import numpy as np

    random = np.random.default_rng(SEED)
    line = random.normal(size=ROW_COUNT).cumsum()
    points = random.normal(size=(2, 10_000))
    image = random.random((400, 400))

    def saved(draw: Callable, form: str = "png", **options: object) -> object:
        figure, axes = plt.subplots(**options)
        draw(axes)
        figure.savefig(io.BytesIO(), format=form)
        plt.close(figure)

    def panels(all_axes: Iterator) -> None:
        for axes in all_axes.flat:
            axes.plot(line[:100], label="walk")
            axes.legend()

    yield "matplotlib", "line of 1e5", lambda: saved(lambda a: a.plot(line))
    yield "matplotlib", "scatter of 1e4", (
        lambda: saved(lambda a: a.scatter(*points, s=9, alpha=0.5)))
    yield "matplotlib", "image", lambda: saved(lambda a: a.imshow(image))
    yield "matplotlib", "histogram", lambda: saved(lambda a: a.hist(line, 50))
    yield "matplotlib", "nine panels", lambda: saved(
        panels, nrows=3, ncols=3, layout="constrained")
    yield "matplotlib", "surface", lambda: saved(
        lambda a: a.plot_surface(*np.mgrid[:40, :40], image[:40, :40]),
        subplot_kw={"projection": "3d"})
    yield "matplotlib", "svg", lambda: saved(
        lambda a: a.plot(line[:1000]), form="svg")


GROUPS = (
    _numpy_elementwise,
    _numpy_arrays,
    _numpy_linalg,
    _pandas,
    _matplotlib,
)


def _seconds_of(function: Callable[[], object], repeats: int) -> float:
    started = time.perf_counter()
    for _ in range(repeats):
        function()
    return time.perf_counter() - started


def best_seconds(function: Callable[[], object]) -> float:
    """Seconds of one call: the best round of several, after warm calls."""
    repeats = 1
    while (seconds := _seconds_of(function, repeats)) < CLOCK_SECONDS:
        repeats *= 4
    repeats = max(1, round(repeats * ROUND_SECONDS / seconds))
    gc.collect()
    rounds = (_seconds_of(function, repeats) for _ in range(ROUND_COUNT))
    return min(rounds) / repeats


def import_seconds() -> dict[str, float]:
    """What the first import of each package costs, one after the other."""
    seconds = {}
    for name in ("numpy", "pandas", "matplotlib.pyplot"):
        started = time.perf_counter()
        __import__(name)
        seconds[name] = time.perf_counter() - started
    return seconds


def measure() -> list[dict]:
    """Group, name and seconds of every import and operation."""
    rows = [
        {"group": "import", "name": name, "seconds": seconds}
        for name, seconds in import_seconds().items()
    ]
    for group in GROUPS:
        for kind, name, function in group():
            rows.append(
                {"group": kind, "name": name, "seconds": best_seconds(function)}
            )
    return rows
