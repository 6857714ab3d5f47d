# needs: numpy
"""numpy's way to ctypes and back."""

import ctypes

import numpy as np


def test_array_has_ctypes() -> None:
    array = np.arange(6, dtype=np.float64).reshape(2, 3)
    face = array.ctypes
    assert tuple(face.shape) == (2, 3)
    assert tuple(face.strides) == (24, 8)
    assert face.data == array.__array_interface__["data"][0]
    pointer = face.data_as(ctypes.POINTER(ctypes.c_double))
    assert [pointer[place] for place in range(6)] == [0, 1, 2, 3, 4, 5]
    pointer[4] = 40.0
    assert array[1, 1] == 40.0
    assert ctypes.cast(face, ctypes.c_void_p).value == face.data


def test_as_array_shares_memory() -> None:
    numbers = (ctypes.c_int32 * 4)(1, 2, 3, 4)
    array = np.ctypeslib.as_array(numbers)
    assert array.dtype == np.int32 and array.tolist() == [1, 2, 3, 4]
    array[2] = 30
    assert numbers[2] == 30
    pointer = ctypes.cast(numbers, ctypes.POINTER(ctypes.c_int32))
    assert np.ctypeslib.as_array(pointer, (2, 2)).tolist() == [[1, 2], [30, 4]]


def test_as_ctypes_shares_memory() -> None:
    array = np.array([[1.5, 2.5], [3.5, 4.5]])
    numbers = np.ctypeslib.as_ctypes(array)
    assert [list(row) for row in numbers] == [[1.5, 2.5], [3.5, 4.5]]
    numbers[1][0] = -1.0
    assert array[1, 0] == -1.0


def test_structures_are_dtypes() -> None:
    class Point(ctypes.Structure):
        _fields_ = [("kind", ctypes.c_int8), ("x", ctypes.c_double)]

    dtype = np.dtype(Point)
    assert dtype.names == ("kind", "x") and dtype.itemsize == 16
    points = np.zeros(2, dtype)
    points["x"] = [1.0, 2.0]
    assert Point.from_buffer(points, 16).x == 2.0
    back = np.ctypeslib.as_ctypes_type(np.dtype([("a", "i4"), ("b", "f8")]))
    assert [name for name, _ in back._fields_] == ["a", "b"]


def test_ndpointer_checks_arguments() -> None:
    library = ctypes.CDLL(None)
    compare = ctypes.CFUNCTYPE(
        ctypes.c_int,
        ctypes.POINTER(ctypes.c_double),
        ctypes.POINTER(ctypes.c_double),
    )
    sort = library.qsort
    sort.restype = None
    sort.argtypes = [
        np.ctypeslib.ndpointer(np.float64, ndim=1, flags="C_CONTIGUOUS"),
        ctypes.c_size_t,
        ctypes.c_size_t,
        compare,
    ]
    array = np.array([3.0, -1.0, 2.0])
    sort(array, array.size, array.itemsize,
         compare(lambda a, b: (a[0] > b[0]) - (a[0] < b[0])))
    assert array.tolist() == [-1.0, 2.0, 3.0]
    for wrong in (np.array([1, 2]), np.zeros((2, 2)), [1.0]):
        try:
            sort(wrong, 2, 8, compare(lambda a, b: 0))
        except ctypes.ArgumentError:
            continue
        raise AssertionError("the argument was taken")


def test_load_library_says_why_not() -> None:
    try:
        np.ctypeslib.load_library("libteapot", "/tmp")
    except OSError as error:
        assert "libteapot" in str(error) or "no file" in str(error)
    else:
        raise AssertionError("it was loaded")


def test_pointer_sized_integer() -> None:
    assert np.dtype(ctypes.c_size_t).itemsize == ctypes.sizeof(ctypes.c_void_p)
    assert np.dtype(ctypes.c_longlong) == np.int64
    assert np.ctypeslib.c_intp is not None
