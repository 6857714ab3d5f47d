# needs: numpy
"""What numpy's compiled parts do, against answers known otherwise."""

import math
from collections.abc import Callable

import numpy as np

NUMBERS = "?bBhHiIlLqQefdgFDG"


def test_every_type_adds_and_compares() -> None:
    for code in NUMBERS:
        one = np.ones(37, dtype=code)
        two = one + one
        assert two.dtype == one.dtype, code
        want = 1 if code == "?" else 2
        assert (two == want).all(), code
        assert (two >= one).all(), code
        assert two.sum() == (37 if code == "?" else 74), code


def test_every_ufunc_that_takes_doubles() -> None:
    one = np.linspace(0.1, 0.9, 33)
    count = 0
    for name, ufunc in vars(np).items():
        if not isinstance(ufunc, np.ufunc) or ufunc.signature is not None:
            continue
        loops = {"d" * ufunc.nin + "->" + "d" * ufunc.nout,
                 "d" * ufunc.nin + "->?"}
        if not loops & set(ufunc.types):
            continue
        result = ufunc(*[one] * ufunc.nin)
        first = result[0] if ufunc.nout > 1 else result
        assert first.shape == one.shape, name
        count += 1
    assert count > 60, count


def test_functions_agree_with_the_c_library() -> None:
    points = np.linspace(-3.0, 3.0, 1001)
    for name in ("exp", "sin", "cos", "tan", "sinh", "cosh", "tanh",
                 "arctan", "expm1", "cbrt", "exp2"):
        got = getattr(np, name)(points)
        scalar = getattr(math, {"arctan": "atan"}.get(name, name))
        want = [scalar(point) for point in points]
        assert np.allclose(got, want, rtol=4e-15, atol=4e-16), name
    positive = np.geomspace(1e-300, 1e300, 1001)
    for name in ("log", "log2", "log10", "sqrt"):
        want = [getattr(math, name)(point) for point in positive]
        assert np.allclose(getattr(np, name)(positive), want, rtol=4e-15), name


def test_single_precision_functions() -> None:
    points = np.linspace(-3, 3, 777, dtype=np.float32)
    for name in ("exp", "sin", "cos", "tanh"):
        got = getattr(np, name)(points)
        want = getattr(np, name)(points.astype(float))
        assert got.dtype == np.float32
        assert np.allclose(got, want, rtol=1e-6, atol=1e-6), name


def test_not_a_number_and_infinities() -> None:
    odd = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0] * 5)
    assert np.isnan(odd).sum() == 5
    assert np.isinf(odd).sum() == 10
    assert np.signbit(odd).sum() == 10
    assert np.isnan(np.max(odd)) and np.nanmax(odd) == np.inf
    assert np.array_equal(np.exp(odd[1:4]), [np.inf, 0.0, 1.0])
    assert math.isnan(np.minimum.reduce(odd))


def test_integers_wrap_and_divide_downwards() -> None:
    assert np.int8(127) + np.ones(1, np.int8) == -128
    seven = np.array([7, -7, 7, -7])
    two = np.array([2, 2, -2, -2])
    assert (seven // two).tolist() == [3, -4, -4, 3]
    assert (seven % two).tolist() == [1, 1, -1, -1]
    assert (np.uint64(2**63) * np.ones(1, np.uint64) == 2**63).all()
    assert np.bitwise_count(np.array([255, 7])).tolist() == [8, 3]


def test_integers_have_64_bits_unless_told_otherwise() -> None:
    made = {
        "a list": np.array([1, 2]),
        "arange": np.arange(3),
        "int": np.zeros(2, dtype=int),
        "int_": np.zeros(2, np.int_),
        "a sum of small ones": np.ones(3, np.int8).sum(),
        "a sum of truths": np.ones(3, bool).sum(),
        "truths and a number": np.ones(3, bool) + 1,
        "a rounded number": np.array([1.5]).astype(int),
        "full": np.full(2, 7),
        "random": np.random.RandomState(1).randint(5, size=3),
        "a permutation": np.random.RandomState(1).permutation(4),
        "scalars": np.add(1, 2),
        "an index grid": np.indices((2, 2)),
        "counts": np.bincount([1, 1, 2]),
        "a histogram": np.histogram([1.0, 2.0, 2.5], bins=2)[0],
        "numbers of bins": np.digitize([0.5, 1.5], [1.0]),
        "how often each": np.unique([3, 3, 4], return_counts=True)[1],
        "how many are not 0": np.count_nonzero(np.eye(2)),
        "how many in a row": np.count_nonzero(np.eye(2), axis=1),
        "how many are not masked": np.ma.array([1, 2]).count(axis=0),
        "where the largest is": np.argmax([1, 3, 2]),
        "where the least are": np.eye(2).argmin(axis=1),
        "a place in a row": np.searchsorted([1, 3], 2),
        "a place in a table": np.unravel_index(3, (2, 2))[0],
        "a place in memory": np.ravel_multi_index((1, 1), (2, 2)),
    }
    for name, value in made.items():
        assert value.dtype == np.int64, (name, value.dtype)
    assert np.arange(100001)[-1] ** 2 == 10**10
    assert (np.arange(100001) ** 2).sum() == 333338333350000
    assert np.bincount(np.zeros(100000, int)).tolist() == [100000]
    assert np.bincount(np.zeros(100000, int))[0] ** 2 == 10**10
    assert np.arange(1, 21).prod() == 2432902008176640000
    assert np.array([2**40]).dtype == np.int64
    assert np.array([2**64 - 1]).dtype == np.uint64
    assert repr(np.arange(3)) == "array([0, 1, 2])"
    assert repr(np.argsort([3, 1, 2])) == "array([1, 2, 0])"
    assert repr(np.arange(3, dtype=np.int16)).endswith("dtype=int16)")


def test_integers_of_any_size_are_indexes() -> None:
    for code in "bhilqBHI":
        two = np.array([1, 2], dtype=code)
        a = np.arange(10, 14)
        assert a[two].tolist() == [11, 12]
        assert a.take(two).tolist() == [11, 12]
        assert np.repeat(a[:2], two).tolist() == [10, 11, 11]
        assert np.bincount(two).tolist() == [0, 1, 1]
        assert np.choose(two, [a[:2], a[2:], a[:2]]).tolist() == [12, 11]
        assert np.add.reduceat(a, two).tolist() == [11, 25]
        assert np.add.at(a, two, 1) is None
        np.put(a, two, [0, 1])
        assert a.tolist() == [10, 0, 1, 13]
        assert np.unravel_index(two, (2, 2))[0].tolist() == [0, 1]
        assert np.ravel_multi_index((two, two), (4, 4)).tolist() == [5, 10]
        assert np.partition(a, two)[1] == 1
        assert np.delete(a, two).tolist() == [10, 13]
        assert np.split(a, two)[1].tolist() == [0]
        assert np.array(list(a.flat[two])).tolist() == [0, 1]
    numbers = np.array([3, 1, 2])
    order = np.array([1, 2, 0])
    assert order.dtype == np.int64
    assert np.searchsorted(numbers, 3, sorter=order) == 2
    places = np.empty(2, dtype=int)
    assert np.argmax(np.eye(2)[::-1], axis=1, out=places) is places
    assert places.tolist() == [1, 0]
    assert np.argmin(np.eye(2)[::-1], axis=0, out=places).tolist() == [0, 1]


def _error_of(action: Callable[[], object]) -> str:
    """The name of what is raised."""
    try:
        action()
    except (IndexError, ValueError) as error:
        return type(error).__name__
    return ""


def test_no_index_is_cut_off() -> None:
    a = np.arange(5)
    two_ways = np.arange(25).reshape(5, 5)
    with np.errstate(invalid="ignore"):
        lowest = np.array([np.nan]).astype(int)[0]
    for far in (2**31, 2**32, 2**32 + 1, -(2**32), 2**62, lowest):
        one, grid = np.array([far]), np.array([[0, far], [1, 2]]).T
        ones = np.array([0] * 40 + [far] * 2)[::-3]
        for place in (one, grid, ones, one.astype(">i8")):
            for action in (
                lambda: a[place],
                lambda: a.flat[place],
                lambda: two_ways[place, 0],
                lambda: two_ways[:, place],
                lambda: a.take(place),
                lambda: np.add.at(a, place, 1),
                lambda: a.__setitem__(place, 1),
                lambda: np.put(a, place, 1),
            ):
                assert _error_of(action) == "IndexError", (far, place)
        assert _error_of(lambda: np.unravel_index(one, (2, 2))) == "ValueError"
        assert _error_of(lambda: np.choose(one, [a, a])) != ""
    for far in (-(2**32), 2**62, lowest):
        assert _error_of(lambda: np.bincount([far])) == "ValueError"
    assert _error_of(lambda: a[np.array([2**63], dtype=np.uint64)])
    for last in (4, -5):
        assert a[np.array([last])] == a[last]
    assert a[np.array([4], dtype=np.uint64)].tolist() == [4]
    assert a[np.zeros((0, 2), dtype=int)].shape == (0, 2)


def test_old_random_integers_are_those_of_a_64_bit_machine() -> None:
    # What numpy gives for the seed natively.
    drawn = {
        "binomial": ((100, 0.6), [60, 58, 65]),
        "geometric": ((0.2,), [3, 14, 6]),
        "hypergeometric": ((20, 20, 10), [6, 3, 4]),
        "logseries": ((0.9,), [9, 2, 2]),
        "negative_binomial": ((100, 0.5), [108, 101, 85]),
        "poisson": ((10.0,), [12, 6, 11]),
        "zipf": ((1.1,), [523062, 5, 1]),
        "tomaxint": (
            (),
            [3454522818714476249, 8768791796696926855, 6751452423619668515],
        ),
    }
    for name, (arguments, want) in drawn.items():
        seeded = np.random.RandomState(42)
        got = getattr(seeded, name)(*arguments, size=3)
        assert got.dtype == np.int64, name
        assert got.tolist() == want, name
    seeded = np.random.RandomState(42)
    counts, chances = np.array([5, 2**40]), [0.5, 0.25]
    assert seeded.binomial(counts, chances).tolist() == [2, 274878541180]
    assert seeded.poisson(1e12) == 999998852600
    assert seeded.binomial(2**40, 0.5) == 549756868764
    assert seeded.multinomial(2**40, [0.5, 0.5]).tolist() == [
        549754619274, 549757008502]
    chosen = np.random.RandomState(42).choice(10, 3, p=[0.1] * 10)
    assert chosen.dtype == np.int64
    assert chosen.tolist() == [3, 9, 7]


def test_strided_and_unaligned_data() -> None:
    base = np.arange(400, dtype=np.int32)
    assert base[::-3].sum() == sum(range(399, -1, -3))
    raw = np.frombuffer(b"\0" + base.tobytes() + b"\0\0\0", np.uint8)
    shifted = raw[1:1601].view(np.int32)
    assert not shifted.flags.aligned or shifted.ctypes.data % 4 == 0
    assert (shifted + 1 == base + 1).all()
    swapped = base.astype(">i4")
    assert (swapped * 2 == base * 2).all()
    table = base.reshape(20, 20)
    assert (table.T @ table == np.einsum("ji,jk->ik", table, table)).all()


def test_sorting_and_searching() -> None:
    generator = np.random.default_rng(7)
    for code in "bhiqfdeS":
        values = generator.integers(0, 100, 500).astype(code)
        want = sorted(values.tolist())
        assert np.sort(values).tolist() == want, code
        assert values[np.argsort(values, kind="stable")].tolist() == want, code
        assert np.partition(values, 50)[50] == want[50], code
    ordered = np.arange(0, 100, 5)
    assert np.searchsorted(ordered, [0, 7, 99]).tolist() == [0, 2, 20]
    assert np.unique(np.array([3, 1, 3, 2])).tolist() == [1, 2, 3]


def test_linear_algebra() -> None:
    generator = np.random.default_rng(1)
    for code, tolerance in (("f", 2e-3), ("d", 1e-9), ("F", 2e-3), ("D", 1e-9)):
        a = generator.normal(size=(40, 40)).astype(code)
        if code in "FD":
            a = a + 1j * generator.normal(size=(40, 40)).astype(code.lower())
        b = generator.normal(size=(40, 3)).astype(code)
        assert np.allclose(a @ np.linalg.solve(a, b), b, atol=tolerance), code
        assert np.allclose(a @ np.linalg.inv(a), np.eye(40), atol=tolerance)
        u, s, vh = np.linalg.svd(a)
        assert np.allclose(u * s @ vh, a, atol=tolerance), code
        q, r = np.linalg.qr(a)
        assert np.allclose(q @ r, a, atol=tolerance), code
        values, vectors = np.linalg.eig(a)
        assert np.allclose(a @ vectors, vectors * values, atol=tolerance)
        symmetric = a @ a.conj().T
        low, vectors = np.linalg.eigh(symmetric)
        assert np.allclose(symmetric @ vectors, vectors * low,
                           atol=100 * tolerance), code
        root = np.linalg.cholesky(symmetric + np.eye(40, dtype=code))
        assert np.allclose(root @ root.conj().T, symmetric + np.eye(40),
                           atol=100 * tolerance), code
    assert abs(np.linalg.det(np.diag([2.0, 3.0, 4.0])) - 24) < 1e-12
    x, _residual, rank, _s = np.linalg.lstsq(
        np.array([[1.0, 0], [1, 1], [1, 2]]), np.array([1.0, 3, 5]))
    assert rank == 2 and np.allclose(x, [1, 2])
    try:
        np.linalg.inv(np.zeros((2, 2)))
    except np.linalg.LinAlgError:
        pass
    else:
        raise AssertionError("a singular matrix was inverted")


def test_products_of_every_shape() -> None:
    generator = np.random.default_rng(3)
    for rows, inner, columns in ((1, 1, 1), (5, 7, 3), (64, 65, 33),
                                 (1, 200, 1), (129, 2, 130)):
        for code in "fdFD":
            a = generator.normal(size=(rows, inner)).astype(code)
            b = generator.normal(size=(inner, columns)).astype(code)
            want = np.einsum("ij,jk->ik", a, b)
            assert np.allclose(a @ b, want, atol=1e-3), (rows, code)
            assert np.allclose(b.T @ a.T, want.T, atol=1e-3), (rows, code)
    v = np.arange(1000.0)
    assert v @ v == 332833500.0
    assert np.vdot(v, v) == 332833500.0


def test_fourier_transforms() -> None:
    t = np.arange(1024)
    wave = np.cos(2 * np.pi * 5 * t / 1024) + 0.5 * np.sin(2 * np.pi * 9 * t / 1024)
    spectrum = np.fft.rfft(wave)
    assert np.argsort(abs(spectrum))[-2:].tolist() == [9, 5]
    assert np.allclose(np.fft.irfft(spectrum), wave)
    prime = np.random.default_rng(0).normal(size=(3, 101))
    assert np.allclose(np.fft.ifft2(np.fft.fft2(prime)).real, prime)
    single = np.fft.fft(wave.astype(np.float32))
    assert single.dtype == np.complex64


def test_random_streams_are_the_known_ones() -> None:
    # As natively: a seed gives the same numbers on every machine.
    assert np.random.default_rng(42).integers(0, 1000, 5).tolist() == [
        89, 773, 654, 438, 433]
    old = np.random.RandomState(42)
    assert old.randint(0, 1000, 5).tolist() == [102, 435, 860, 270, 106]
    assert abs(np.random.default_rng(42).normal() - 0.30471707975443135) < 1e-15
    for bits in (np.random.PCG64DXSM, np.random.MT19937, np.random.Philox,
                 np.random.SFC64):
        sample = np.random.Generator(bits(1)).standard_normal(20000)
        assert abs(sample.mean()) < 0.05 and abs(sample.std() - 1) < 0.05
    draw = np.random.default_rng(5)
    for name, arguments in (("gamma", (2.0,)), ("beta", (2.0, 3.0)),
                            ("poisson", (4.0,)), ("binomial", (10, 0.4)),
                            ("hypergeometric", (9, 9, 5)), ("zipf", (3.0,)),
                            ("multivariate_normal", ([0, 0], np.eye(2)))):
        assert len(getattr(draw, name)(*arguments, size=50)) == 50, name
    assert sorted(draw.permutation(20).tolist()) == list(range(20))


def test_structured_text_and_dates() -> None:
    people = np.array([("Ada", 36), ("Grace", 85)],
                      dtype=[("name", "U10"), ("age", "i4")])
    assert people["age"].mean() == 60.5
    assert people[people["name"] == "Ada"]["age"][0] == 36
    words = np.array(["one", "two", "three"])
    assert np.strings.upper(words).tolist() == ["ONE", "TWO", "THREE"]
    assert np.strings.find(words, "o").tolist() == [0, 2, -1]
    assert np.strings.count(words, "e").tolist() == [1, 0, 2]
    assert np.strings.str_len(words).tolist() == [3, 3, 5]
    variable = np.array(["a", "longer than that"], dtype=np.dtypes.StringDType())
    assert (variable + "!").tolist() == ["a!", "longer than that!"]
    assert np.strings.find(variable, "n").tolist() == [-1, 2]
    assert np.strings.center(variable, 3).tolist()[0] == " a "
    assert np.strings.replace(words, "e", "E", 1).tolist()[2] == "thrEe"
    assert np.strings.partition(words, "h")[2].tolist() == ["", "", "ree"]
    days = np.arange("2024-02-27", "2024-03-02", dtype="datetime64[D]")
    assert len(days) == 4 and str(days[2]) == "2024-02-29"
    assert np.busday_count("2024-01-01", "2024-02-01") == 23
    stamp = np.datetime64("2024-01-01T00:00", "ns").astype(np.int64)
    assert stamp == 1704067200 * 10**9


def test_files_and_text() -> None:
    import io
    import os
    import tempfile

    table = np.arange(12.0).reshape(3, 4)
    place = os.path.join(tempfile.mkdtemp(), "table")
    np.save(place + ".npy", table)
    assert (np.load(place + ".npy") == table).all()
    np.savez_compressed(place + ".npz", a=table, b=table.astype("i2"))
    with np.load(place + ".npz") as both:
        assert (both["b"] == table).all()
    text = io.StringIO()
    np.savetxt(text, table, fmt="%.3f", delimiter=",")
    assert (np.loadtxt(io.StringIO(text.getvalue()), delimiter=",") == table).all()
    read = np.genfromtxt(io.StringIO("a,b\n1,2\n3,"), delimiter=",", names=True)
    assert math.isnan(read["b"][1])


def test_polynomials_masks_and_interpolation() -> None:
    roots = np.polynomial.Polynomial([-6, 11, -6, 1]).roots()
    assert np.allclose(sorted(roots), [1, 2, 3])
    assert np.allclose(np.polyfit([0, 1, 2], [1, 3, 7], 2), [1, 1, 1])
    masked = np.ma.masked_greater(np.arange(5), 2)
    assert masked.sum() == 3 and masked.mask.tolist()[-2:] == [True, True]
    assert np.interp(2.5, [2, 3], [10, 20]) == 15
    assert np.histogram([1, 2, 2, 3], bins=3)[0].tolist() == [1, 2, 1]
    assert np.percentile(np.arange(101), 25) == 25


def test_setters_and_copies_of_every_kind() -> None:
    import copy
    import pickle
    import warnings

    a = np.arange(8, dtype=np.int32).reshape(2, 4)
    a.real = 3
    a.flat = range(8)
    b = a.view()
    with warnings.catch_warnings():
        # Deprecated, and a function of its own in C.
        warnings.simplefilter("ignore")
        b.dtype = np.float32
        b.shape = (8,)
    assert b.dtype == np.float32 and b.shape == (8,)
    for value in (a, np.float64(2.5), np.void(b"abc"), np.str_("text")):
        assert np.all(copy.copy(value) == value)
        assert np.all(copy.deepcopy(value) == value)
        assert np.all(pickle.loads(pickle.dumps(value)) == value)
    mapped = np.lib.stride_tricks.sliding_window_view(np.arange(5), 3)
    assert mapped.sum(axis=1).tolist() == [3, 6, 9]


def test_every_name_can_be_imported() -> None:
    names: dict[str, object] = {}
    exec("from numpy import *", names)
    assert names.keys() >= set(np.__all__)
    kinds = np.__array_namespace_info__().default_dtypes()
    assert kinds["integral"] == np.asarray(0).dtype
    assert kinds["indexing"] == np.argsort(np.zeros(2)).dtype


def test_casts_are_found_by_their_types() -> None:
    double, single = np.dtype("d"), np.dtype("f")
    cast = np._core._multiarray_umath._get_castingimpl(
        type(double), type(single)
    )
    _, types, _ = cast._resolve_descriptors((double, None))
    assert types == (double, single)


def test_functions_in_python_as_ufuncs() -> None:
    twice = np.frompyfunc(lambda x: x + x, 1, 1)
    assert twice(np.array(["a", 2], dtype=object)).tolist() == ["aa", 4]
    assert np.vectorize(lambda a, b: a * b)([1, 2], [3, 4]).tolist() == [3, 8]
    assert np.add.reduceat(np.arange(8), [0, 4]).tolist() == [6, 22]
    out = np.zeros(3)
    np.add.at(out, [0, 0, 2], 1)
    assert out.tolist() == [2, 0, 1]
