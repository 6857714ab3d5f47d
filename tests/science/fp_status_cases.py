"""What numpy reports of floating-point errors, case by case.

    python3.13 tests/science/fp_status_cases.py > tests/science/fp_status_expected.json

writes down what a native numpy of the recipe's version reports, by the
processor's status flags; the kernel's numpy has to find out without them.

A case is one operation on special values; its result is a hexadecimal digit
of the errors that it reported: 1 divide by zero, 2 overflow, 4 underflow,
8 invalid value.  A group is a string of such digits, one for each value or
pair of values in order.  `measure` gives all groups by name.

Left out is what the native loops report for reasons of their own, which
differ between processors: logaddexp compares with NaN and so calls it
invalid; complex functions but for arithmetic do steps that the kernel's libm
does otherwise; products of matrices fuse or reorder theirs.
"""

from __future__ import annotations

import itertools
import json
import sys
import warnings
from collections.abc import Callable, Iterator

import numpy as np

KINDS = ("half", "single", "double")

# Of underflow, which is ignored unless it is asked for, these are held to
# the native report; see the recipe's patches.
UNDERFLOWING = ("multiply double", "multiply single", "divide double",
                "divide single", "square double", "exp double", "power double")

UNARY = (
    "absolute arccos arccosh arcsin arcsinh arctan arctanh cbrt ceil "
    "conjugate cos cosh deg2rad degrees exp exp2 expm1 fabs floor isfinite "
    "isinf isnan log log10 log1p log2 negative positive rad2deg radians "
    "reciprocal rint sign signbit sin sinh sqrt square tan tanh trunc"
).split()
BINARY = (
    "add arctan2 copysign divide equal float_power floor_divide fmax fmin "
    "fmod greater heaviside hypot less maximum minimum multiply not_equal "
    "power remainder subtract divmod"
).split()
COMPLEX = ("add", "multiply", "subtract")
OPERATORS: dict[str, Callable[[object, object], object]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a ** b,
    "divmod": divmod,
    "<": lambda a, b: a < b,
}


class Recorder:
    """Collects the bits of all errors that numpy reports."""

    def __init__(self) -> None:
        self.bits = 0

    def __call__(self, kind: str, flag: int) -> None:
        self.bits |= flag

    def digit(self, run: Callable[[], object]) -> str:
        """Run an operation; its errors as a digit, "-" if there is none."""
        self.bits = 0
        try:
            run()
        except (TypeError, ValueError, OverflowError, ZeroDivisionError):
            return "-"
        return f"{self.bits:x}"


def special(kind: str) -> list[np.generic]:
    """The values that operations are tried on."""
    dtype = np.dtype(kind)
    real = np.dtype(dtype.char.lower()) if dtype.kind == "c" else dtype
    info = np.finfo(real)
    numbers = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 100.0, np.nan, np.inf,
               -np.inf, info.max, info.min, info.tiny,
               info.smallest_subnormal]
    values = [real.type(number) for number in numbers]
    if dtype.kind != "c":
        return values
    parts = [0.0, 1.0, np.nan, np.inf, info.max]
    return [dtype.type(complex(a, b))
            for a, b in itertools.product(parts, parts)]


def laid_out(value: np.generic, layout: str) -> np.ndarray:
    """An array that holds a value, else ones, in a layout."""
    if layout == "one":
        return np.array([value])
    if layout == "long":
        array = np.ones(2500, dtype=value.dtype)
        array[2497] = value
        return array
    array = np.ones((70, 3), dtype=value.dtype)
    array[67, 1] = value
    return array[::-1, 1]


def unary(recorder: Recorder) -> Iterator[tuple[str, str]]:
    """Every unary ufunc on every special value."""
    layouts = ("one", "long", "strided")
    for name, kind, layout in itertools.product(UNARY, KINDS, layouts):
        ufunc = getattr(np, name)
        digits = []
        for value in special(kind):
            array = laid_out(value, layout)
            digits.append(recorder.digit(lambda: ufunc(array)))
        yield f"{name} {kind} {layout}", "".join(digits)
    for name, kind in itertools.product(UNARY, KINDS):
        ufunc = getattr(np, name)
        digits = []
        for value in special(kind):
            array = laid_out(value, "long")
            digits.append(recorder.digit(lambda: ufunc(array, out=array)))
        yield f"{name} {kind} in place", "".join(digits)


def binary(recorder: Recorder) -> Iterator[tuple[str, str]]:
    """Every binary ufunc on every pair of special values."""
    for name, kind in itertools.product(BINARY, KINDS):
        ufunc = getattr(np, name)
        values = special(kind)
        if name.endswith("power"):
            # Infinite exponents are the processor's own.
            values = [value for value in values if not np.isinf(value)]
        arrays = {
            "": [np.array([value]) for value in values],
            " long": [laid_out(value, "long") for value in values],
            " strided": [laid_out(value, "strided") for value in values],
        }
        for layout, operands in arrays.items():
            if layout and kind == "half":
                continue
            digits = [
                recorder.digit(lambda: ufunc(a, b))
                for a, b in itertools.product(operands, operands)
            ]
            yield f"{name} {kind}{layout}", "".join(digits)
        if name == "divmod":
            continue
        digits = []
        for a, b in itertools.product(values, values):
            target = laid_out(a, "long")
            other = laid_out(b, "long")
            digits.append(
                recorder.digit(lambda: ufunc(target, other, out=target)))
        yield f"{name} {kind} in place", "".join(digits)


def complex_arithmetic(recorder: Recorder) -> Iterator[tuple[str, str]]:
    """Arithmetic on complex numbers without NaN, in arrays and scalars."""
    kinds = ("csingle", "cdouble")
    for name, kind in itertools.product(COMPLEX, kinds):
        ufunc = getattr(np, name)
        # Fused multiplications differ in how they overflow.
        values = [value for value in special(kind)
                  if np.hypot(value.real, value.imag) < np.inf
                  or name != "multiply"]
        arrays = [np.array([value]) for value in values]
        digits = [recorder.digit(lambda: ufunc(a, b))
                  for a, b in itertools.product(arrays, arrays)]
        yield f"{name} {kind}", "".join(digits)
    for name, kind in itertools.product("+-*", kinds):
        values = special(kind)
        digits = [recorder.digit(lambda: OPERATORS[name](a, b))
                  for a, b in itertools.product(values, values)]
        yield f"scalar {name} {kind}", "".join(digits)


def scalars(recorder: Recorder) -> Iterator[tuple[str, str]]:
    """Operators on pairs of scalars, and of scalars and Python floats."""
    for (name, run), kind in itertools.product(OPERATORS.items(), KINDS):
        if kind == "half" and name in ("//", "%"):
            continue  # the native ones do both for either
        values = special(kind)
        digits = [recorder.digit(lambda: run(a, b))
                  for a, b in itertools.product(values, values)]
        yield f"scalar {name} {kind}", "".join(digits)
        digits = [recorder.digit(lambda: run(a, 2.0)) for a in values]
        digits += [recorder.digit(lambda: run(2.0, a)) for a in values]
        yield f"scalar {name} {kind} and float", "".join(digits)
    for name, run in OPERATORS.items():
        pairs = itertools.product((0, 1, -128, 127), repeat=2)
        digits = [recorder.digit(lambda: run(np.int8(a), np.int8(b)))
                  for a, b in pairs]
        yield f"scalar {name} int8", "".join(digits)


def integers(recorder: Recorder) -> Iterator[tuple[str, str]]:
    """Integer division, and integers that become floating."""
    names = ("floor_divide", "remainder", "fmod", "divmod", "divide",
             "power", "arctan2")
    kinds = ("int8", "uint8", "int32", "uint32", "int64", "uint64")
    for name, kind in itertools.product(names, kinds):
        info = np.iinfo(kind)
        values = [0, 1, 5, info.max, info.min]
        if info.min < 0:
            values.append(-1)
        ufunc = getattr(np, name)
        for count in (1, 300):
            digits = []
            for a, b in itertools.product(values, values):
                first = np.full(count, a, kind)
                second = np.full(count, b, kind)
                digits.append(recorder.digit(lambda: ufunc(first, second)))
            yield f"{name} {kind} {count}", "".join(digits)
    spans = [np.timedelta64(value, "s") for value in (0, 1, -3, "NaT")]
    for name in ("divide", "floor_divide", "remainder", "divmod"):
        ufunc = getattr(np, name)
        digits = [recorder.digit(lambda: ufunc(np.array([a]), np.array([b])))
                  for a, b in itertools.product(spans, spans)]
        yield f"{name} timedelta64", "".join(digits)


def sequences(kind: str) -> list[np.ndarray]:
    """Arrays whose sums and products have something to report."""
    info = np.finfo(np.dtype(kind))
    rows = [
        [1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 1.0, 0.0],
        [info.max, info.max, 0.0, 1.0], [info.max, -info.max, 2.0, 1.0],
        [np.inf, 1.0, 2.0, 3.0], [np.inf, -np.inf, 1.0, 2.0],
        [np.nan, 1.0, 2.0, 3.0], [np.nan, np.inf, 1.0, 0.0],
        [np.inf, 0.0, 1.0, 1.0], [info.max, 2.0, 0.0, 1.0],
        [1.0, 0.0, 2.0, 0.0],
    ]
    return [np.array(row, dtype=kind) for row in rows]


def reductions(recorder: Recorder) -> Iterator[tuple[str, str]]:
    """Reductions, accumulations, and what is made of them."""
    ways: dict[str, Callable[[np.ndarray], object]] = {
        "sum": lambda a: a.sum(),
        "prod": lambda a: a.prod(),
        "mean": lambda a: a.mean(),
        "var": lambda a: a.var(),
        "max": lambda a: a.max(),
        "cumsum": lambda a: a.cumsum(),
        "cumprod": lambda a: a.cumprod(),
        "subtract.reduce": np.subtract.reduce,
        "divide.reduce": np.divide.reduce,
        "divide.accumulate": np.divide.accumulate,
        "hypot.reduce": np.hypot.reduce,
        "nansum": np.nansum,
        "nanmax": np.nanmax,
        "add.reduceat": lambda a: np.add.reduceat(a, [0, 2]),
        "diff": np.diff,
        "norm": np.linalg.norm,
        "dot": lambda a: a.dot(a),
        "matmul": lambda a: a @ a,
        "vecdot": lambda a: np.vecdot(a, a),
        "add.at": lambda a: np.add.at(a, [0, 1, 0], a[:3].copy()),
        "multiply.at": lambda a: np.multiply.at(a, [0, 1, 1], a[1:].copy()),
        "divide.at": lambda a: np.divide.at(a, [0, 1, 1], a[1:].copy()),
        "cumsum in place": lambda a: a.cumsum(out=a),
        "where": lambda a: np.add(a, a, where=[True, False, True, True],
                                  out=np.zeros_like(a)),
    }
    for (name, run), kind in itertools.product(
            ways.items(), KINDS):
        digits = [recorder.digit(lambda: run(row.copy()))
                  for row in sequences(kind)]
        yield f"{name} {kind}", "".join(digits)
    axes: dict[str, Callable[[np.ndarray], object]] = {
        "sum axis 0": lambda a: a.sum(axis=0),
        "sum axis 1": lambda a: a.sum(axis=1),
        "prod axis 0": lambda a: a.prod(axis=0),
        "mean axis 0": lambda a: a.mean(axis=0),
        "cumsum axis 0": lambda a: a.cumsum(axis=0),
        "outer": lambda a: np.multiply.outer(a[0], a[1]),
        "broadcast": lambda a: a / a[0],
    }
    for (name, run), kind in itertools.product(
            axes.items(), ("single", "double")):
        rows = sequences(kind)
        digits = [recorder.digit(lambda: run(np.array([a, b])))
                  for a, b in itertools.product(rows, rows)]
        yield f"{name} {kind}", "".join(digits)


def casts(recorder: Recorder) -> Iterator[tuple[str, str]]:
    """Casts of floating values to smaller types and to integers."""
    sources = ("half", "single", "double", "cdouble")
    targets = ("half", "single", "double", "csingle", "int8", "uint8",
               "int16", "uint16", "int32", "int64", "uint64", "bool")
    extra = (127.0, 128.0, 255.0, 256.0, 300.0, -129.0, 65504.0, 65520.0,
             2147483647.0, 2147483648.0, -2147483648.0, 4294967295.0,
             4294967296.0, 9.3e18, -9.3e18, 1.9e19, 1e39, 1e-41)
    for source, target in itertools.product(sources, targets):
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            values = special(source) + [np.dtype(source).type(value)
                                        for value in extra]
        for layout in ("one", "long", "strided"):
            digits = []
            for value in values:
                array = laid_out(value, layout)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    digits.append(
                        recorder.digit(lambda: array.astype(target)))
            yield f"{source} to {target} {layout}", "".join(digits)


def cast_values() -> Iterator[tuple[str, str]]:
    """What becomes of values that do not fit."""
    sources = ("half", "single", "double")
    targets = ("int8", "uint8", "int16", "uint16", "int32", "int64")
    numbers = (np.nan, np.inf, -np.inf, -1.0, 300.0, -1e30, 1e30)
    for source, target in itertools.product(sources, targets):
        with np.errstate(all="ignore"):
            array = np.array(numbers).astype(source)
            yield (f"values {source} to {target}",
                   str(array.astype(target).tolist()))


def linear_algebra(recorder: Recorder) -> Iterator[tuple[str, str]]:
    """What numpy.linalg reports."""
    matrices = [
        np.eye(3), np.zeros((3, 3)),
        np.full((3, 3), 1e200) * np.eye(3), np.diag([1.0, np.inf, 2.0]),
        np.ones((3, 3)),
    ]
    names = ("det", "slogdet", "inv", "eigvalsh", "cond", "matrix_rank")
    for name in names:
        run = getattr(np.linalg, name)
        digits = [recorder.digit(lambda: run(matrix)) for matrix in matrices]
        yield f"linalg.{name}", "".join(digits)


def messages() -> Iterator[tuple[str, str]]:
    """Warnings and exceptions as users see them."""
    huge = np.array([1e308, 1e-308])
    ways: dict[str, Callable[[], object]] = {
        "1/0": lambda: np.array([1.0]) / 0,
        "0/0": lambda: np.array([0.0]) / 0,
        "log": lambda: np.log(np.array([0.0, -1.0])),
        "scalar": lambda: np.float64(1.0) / 0,
        "exp": lambda: np.exp(huge),
        "sqrt": lambda: np.sqrt(-huge),
        "cast": lambda: np.array([np.nan]).astype(int),
        "narrow": lambda: huge[:1].astype("f4"),
        "reduce": lambda: np.array([1e308, 1e308]).sum(),
        "accumulate": lambda: np.array([1e308, 1e308]).cumsum(),
        "at": lambda: np.add.at(huge.copy(), [0, 0], 1e308),
        "mean": lambda: np.array([]).mean(),
        "integer": lambda: np.array([1, 2]) // 0,
        "matmul": lambda: np.full((2, 2), 1e200) @ np.full((2, 2), 1e200),
        "dot": lambda: np.array([1e200]).dot(np.array([1e200])),
        "multiply": lambda: huge * huge,
        "underflow": lambda: huge[1:] * huge[1:],
        "nan": lambda: np.array([np.nan]) + 1,
        "assign": lambda: np.zeros(2, "f4").__setitem__(0, 1e300),
    }
    for name, run in ways.items():
        for mode in ("warn", "raise", "ignore"):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                try:
                    with np.errstate(all=mode):
                        run()
                    outcome = ""
                except FloatingPointError as error:
                    outcome = f"FloatingPointError: {error}"
            said = [str(warning.message) for warning in caught]
            yield f"{name} {mode}", "; ".join(said + [outcome])


def without_underflow(name: str, digits: str) -> str:
    """A group's digits, with underflow only where it is to be compared."""
    if name.startswith(UNDERFLOWING):
        return digits
    return "".join(digit if digit == "-" else f"{int(digit, 16) & ~4:x}"
                   for digit in digits)


def measure() -> dict[str, str]:
    """All groups of results by name."""
    recorder = Recorder()
    groups: dict[str, str] = {}
    with np.errstate(all="call", call=recorder), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for group in (unary, binary, complex_arithmetic, scalars, integers,
                      reductions, casts, linear_algebra):
            for name, digits in group(recorder):
                assert name not in groups, name
                groups[name] = without_underflow(name, digits)
    groups.update(cast_values())
    groups.update(messages())
    return groups


if __name__ == "__main__":
    json.dump(measure(), sys.stdout, indent=0, sort_keys=True)
    print()
