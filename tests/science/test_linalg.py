# needs: numpy
"""Products and linear algebra, of every type, layout and awkward size."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

TYPES = (np.float32, np.float64, np.complex64, np.complex128)

# Around the blocks of the kernels (1, 2, 4 and 8 rows or columns), and beyond
# the blocks that are packed together.
SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 13, 33)
LARGE = 277

# Rounding errors grow with the number of terms; this is per term.
TOLERANCES = {np.float32: 1e-6, np.float64: 3e-15}


def numbers(kind: type, *shape: int, seed: int = 1) -> np.ndarray:
    """Normal numbers, complex ones with both parts."""
    random = np.random.default_rng([seed, *shape])
    array = random.standard_normal(shape)
    if np.issubdtype(kind, np.complexfloating):
        array = array + 1j * random.standard_normal(shape)
    return array.astype(kind)


def close(got: np.ndarray, want: np.ndarray, terms: int, what: str) -> None:
    """Equal but for the rounding of that many terms."""
    assert got.dtype == want.dtype, f"{what}: {got.dtype}"
    assert got.shape == want.shape, f"{what}: {got.shape}"
    tolerance = TOLERANCES[got.real.dtype.type] * (terms + 8)
    worst = abs(got - want).max() / max(1.0, abs(want).max())
    assert worst < tolerance, f"{what}: off by {worst}"


def layouts(array: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """The same numbers in memory in other ways."""
    rows, columns = array.shape
    yield "C", np.ascontiguousarray(array)
    yield "F", np.asfortranarray(array)
    wide = np.zeros((rows, columns + 3), array.dtype)
    wide[:, :columns] = array
    yield "cut", wide[:, :columns]
    strided = np.zeros((2 * rows, 3 * columns), array.dtype)
    strided[::2, ::3] = array
    yield "strided", strided[::2, ::3]


def plain_product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The sum of products, without BLAS."""
    return (a[:, :, None] * b[None, :, :]).sum(axis=1, dtype=a.dtype)


def test_products_of_small_matrices() -> None:
    for kind in TYPES:
        for m in SIZES:
            for n in SIZES:
                k = (m * 7 + n * 3) % 11 + 1
                a, b = numbers(kind, m, k), numbers(kind, k, n, seed=2)
                want = plain_product(a, b)
                what = f"{kind.__name__} {m}x{k}x{n}"
                close(a @ b, want, k, what)
                close((b.T @ a.T).T, want, k, f"{what} turned")
                close(np.dot(a, b), want, k, f"{what} dot")


def test_products_in_every_layout() -> None:
    for kind in TYPES:
        a, b = numbers(kind, 13, 9), numbers(kind, 9, 11, seed=2)
        want = plain_product(a, b)
        for name_a, x in layouts(a):
            for name_b, y in layouts(b):
                what = f"{kind.__name__} {name_a} {name_b}"
                close(x @ y, want, 9, what)
                close(x.conj() @ y, plain_product(a.conj(), b), 9, what)


def test_products_with_itself() -> None:
    for kind in TYPES:
        for m, k in ((1, 5), (5, 1), (9, 33), (33, 9), (70, 70)):
            a = numbers(kind, m, k)
            what = f"{kind.__name__} {m}x{k}"
            close(a @ a.T, plain_product(a, a.T), k, what)
            close(a.T @ a, plain_product(a.T, a), m, what)


def test_products_of_large_matrices() -> None:
    for kind in TYPES:
        a = numbers(kind, LARGE, 301)
        b = numbers(kind, 301, 263, seed=2)
        got = a @ b
        wide = np.complex128 if got.dtype.kind == "c" else np.float64
        rows = np.array([0, 1, 127, 128, 191, 192, 255, 256, LARGE - 1])
        want = plain_product(a[rows].astype(wide), b.astype(wide))
        close(got[rows], want.astype(kind), 301, kind.__name__)


def test_matrices_times_vectors() -> None:
    for kind in TYPES:
        for m in (*SIZES, 2500):
            for n in (1, 2, 3, 4, 5, 9):
                a = numbers(kind, m, n)
                x = numbers(kind, 3 * n, seed=2)[::3]
                y = numbers(kind, 2 * m, seed=3)[::2]
                what = f"{kind.__name__} {m}x{n}"
                right = plain_product(a, x[:, None])[:, 0]
                left = plain_product(y[None, :], a)[0]
                for name, array in layouts(a):
                    close(array @ x, right, n, f"{what} {name}")
                    close(array @ x.copy(), right, n, f"{what} {name}")
                    close(y @ array, left, m, f"{what} {name}")
                    close(y.copy() @ array, left, m, f"{what} {name}")


def test_inner_products() -> None:
    for kind in TYPES:
        for n in (*SIZES, 1000):
            x, y = numbers(kind, n), numbers(kind, n, seed=2)
            close(np.dot(x, y), (x * y).sum(), n, f"dot {n}")
            close(np.vdot(x, y), (x.conj() * y).sum(), n, f"vdot {n}")
            close(x[::-2] @ y[::2], (x[::-2] * y[::2]).sum(), n, f"@ {n}")


def for_matrices(check: Callable[[np.ndarray, int], None]) -> None:
    """Every type, square matrices of several sizes."""
    for kind in TYPES:
        for n in (1, 2, 3, 5, 8, 17, 40, 130):
            check(numbers(kind, n, n), n)


def test_solutions() -> None:
    def check(a: np.ndarray, n: int) -> None:
        what = f"{a.dtype} {n}"
        a = a + n * np.eye(n, dtype=a.dtype)  # well conditioned
        one = np.eye(n, dtype=a.dtype)
        x = numbers(a.dtype.type, n, 3, seed=2)
        close(np.linalg.solve(a, a @ x), x, 8 * n, f"{what} solve")
        close(np.linalg.solve(a, a @ x[:, 0]), x[:, 0], 8 * n, what)
        close(np.linalg.inv(a) @ a, one, 8 * n, f"{what} inv")
        sign, logarithm = np.linalg.slogdet(a / n)
        values = np.linalg.eigvals(a.astype(np.complex128) / n)
        assert abs(sign * np.exp(logarithm) - values.prod()) < 1e-3, what
        best = np.linalg.lstsq(a, a @ x, rcond=None)[0]
        close(best, x, 20 * n, f"{what} lstsq")

    for_matrices(check)


def test_factors() -> None:
    def check(a: np.ndarray, n: int) -> None:
        what = f"{a.dtype} {n}"
        one = np.eye(n, dtype=a.dtype)
        square = a @ a.conj().T + n * one
        low = np.linalg.cholesky(square)
        assert (low == np.tril(low)).all(), what
        close(low @ low.conj().T, square, 8 * n, f"{what} cholesky")
        q, r = np.linalg.qr(a)
        close(q @ r, a, 8 * n, f"{what} qr")
        close(q.conj().T @ q, one, 8 * n, f"{what} q")
        u, s, v = np.linalg.svd(a)
        assert (np.diff(s) <= 0).all(), what
        close((u * s) @ v, a, 20 * n, f"{what} svd")
        close(u.conj().T @ u, one, 20 * n, f"{what} u")
        alone = np.linalg.svd(a, compute_uv=False)
        close(alone, s, 20 * n, f"{what} singular values")

    for_matrices(check)


def test_eigenvalues() -> None:
    def check(a: np.ndarray, n: int) -> None:
        what = f"{a.dtype} {n}"
        one = np.eye(n, dtype=a.dtype)
        both = a + a.conj().T
        for side in "LU":
            values, vectors = np.linalg.eigh(both, UPLO=side)
            close((vectors * values) @ vectors.conj().T, both, 40 * n, what)
            close(vectors.conj().T @ vectors, one, 40 * n, what)
            close(np.linalg.eigvalsh(both, UPLO=side), values, 40 * n, what)
        values, vectors = np.linalg.eig(a)
        wide = a.astype(values.dtype)
        close(wide @ vectors, vectors * values, 80 * n, what)

    for_matrices(check)


def test_wide_and_tall_matrices() -> None:
    for kind in TYPES:
        for shape in ((3, 40), (40, 3), (1, 9), (700, 5)):
            a = numbers(kind, *shape)
            what = f"{kind.__name__} {shape}"
            u, s, v = np.linalg.svd(a, full_matrices=False)
            close((u * s) @ v, a, 400, what)
            q, r = np.linalg.qr(a)
            close(q @ r, a, 400, what)
            close(a @ np.linalg.pinv(a) @ a, a, 400, what)


def test_numbers_near_the_ends_of_the_range() -> None:
    for kind, scales in (
        (np.float64, (1e-300, 1e-200, 1e200, 1e300)),
        (np.complex128, (1e-200, 1e200)),
        (np.float32, (1e-36, 1e30)),
    ):
        a = numbers(kind, 20, 5)
        _, want = np.linalg.qr(a)
        for scale in scales:
            _, got = np.linalg.qr(a * kind(scale))
            close(got / kind(scale), want, 40, f"{kind.__name__} {scale}")


def fails(call: Callable[[], object]) -> bool:
    """Does numpy refuse this matrix?"""
    try:
        call()
    except np.linalg.LinAlgError:
        return True
    return False


def test_matrices_that_cannot_be() -> None:
    for kind in TYPES:
        zero = np.zeros((4, 4), kind)
        assert fails(lambda: np.linalg.inv(zero)), kind
        assert fails(lambda: np.linalg.solve(zero, zero)), kind
        negative = -np.eye(4, dtype=kind)
        assert fails(lambda: np.linalg.cholesky(negative)), kind
        assert np.linalg.det(zero) == 0, kind
        nothing = np.zeros((4, 4), kind)
        nothing[1, 2] = np.nan
        assert fails(lambda: np.linalg.svd(nothing)), kind


def test_what_is_not_a_number_spreads() -> None:
    for kind in TYPES:
        a, b = numbers(kind, 9, 9), numbers(kind, 9, 9, seed=2)
        a[3, 4] = np.nan
        got = np.isnan((a @ b).real)
        assert got[3].all() and got.sum() == 9, kind
        got = np.isnan((b @ a).real)
        assert got[:, 4].all() and got.sum() == 9, kind
