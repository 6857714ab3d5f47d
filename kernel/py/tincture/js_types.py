"""The classes of JavaScript objects in Python: `JsProxy` and what it can do.

C makes an object's class by asking here once for each combination of
abilities.  What is called often is C's (kernel/js/protocol.c); here is what
Python's collections have beside that.  The names are those of Pyodide's
`pyodide.ffi`.
"""

from __future__ import annotations

import sys
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    ItemsView,
    Iterable,
    Iterator,
    KeysView,
    Mapping,
    MutableMapping,
    MutableSequence,
    ValuesView,
)

import _tincture_js as js
from _tincture_js import JsException, JsProxy, jsnull, operate

from tincture import js_promises

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

# What an object can do: enum js_ability of kernel/js/value.h.
CALLABLE = 1 << 0
ITERABLE = 1 << 1
ITERATOR = 1 << 2
LENGTH = 1 << 3
GET = 1 << 4
SET = 1 << 5
HAS = 1 << 6
INCLUDES = 1 << 7
AWAITABLE = 1 << 8
BUFFER = 1 << 9
TYPED_ARRAY = 1 << 10
ARRAY = 1 << 11
ARRAY_LIKE = 1 << 12
ERROR = 1 << 13
ASYNC_ITERABLE = 1 << 14
ASYNC_ITERATOR = 1 << 15
GENERATOR = 1 << 16
ASYNC_GENERATOR = 1 << 17
DOUBLE_PROXY = 1 << 18
DOM_ELEMENT = 1 << 19

ONCE = 1 << 23

# Of views, which only Python knows.
OBJECT_MAP = 1 << 20
HEREDITARY = 1 << 21
JSON = 1 << 22

_NOTHING = object()


class JsCallable(js.Callable):
    """A JavaScript function."""

    __slots__ = ()


class JsIterable(js.Iterable):
    """An object that JavaScript can iterate over."""

    __slots__ = ()


class JsIterator(js.Iterator):
    """A JavaScript iterator."""

    __slots__ = ()


class JsGenerator(JsIterable, js.Iterator):
    """A JavaScript generator."""

    __slots__ = ()

    def send(self, value: Any) -> Any:
        """Go on with this value; give what the generator yields next."""
        return operate(js.NEXT, self, value)

    def throw(self, error: Any, value: Any = None, tb: Any = None, /) -> Any:
        """Raise an exception where the generator waits."""
        return operate(js.THROW, self, _make_exception(error, value, tb))

    def close(self) -> None:
        """Let the generator end where it waits."""
        try:
            operate(js.RETURN, self, None)
        except StopIteration:
            return
        raise RuntimeError("JavaScript generator ignored return")


def _make_exception(error: Any, value: Any, tb: Any) -> BaseException:
    """The exception of throw(), which may be a class and its argument."""
    if isinstance(error, type):
        if not isinstance(value, BaseException):
            value = error() if value is None else error(value)
        error = value
    return error.with_traceback(tb) if tb is not None else error


class JsAsyncIterable(JsProxy):
    """An object over which JavaScript iterates with `for await`."""

    __slots__ = ()

    def __aiter__(self) -> Any:
        return operate(js.ASYNC_ITERATE, self)


async def _take_step(promise: Any) -> Any:
    """The value of an asynchronous iterator's step."""
    result = await promise
    if result.done:
        raise StopAsyncIteration
    return result.value


class JsAsyncIterator(JsProxy):
    """A JavaScript iterator whose steps are promises."""

    __slots__ = ()

    def __aiter__(self) -> Any:
        return self

    def __anext__(self) -> Any:
        return _take_step(operate(js.METHOD, self, "next"))


class JsAsyncGenerator(JsAsyncIterable):
    """A JavaScript asynchronous generator."""

    __slots__ = ()

    def __aiter__(self) -> Any:
        return self

    def __anext__(self) -> Any:
        return self.asend(None)

    def asend(self, value: Any, /) -> Any:
        """Go on with this value; await what the generator yields next."""
        return _take_step(operate(js.METHOD, self, "next", value))

    def athrow(
        self, error: Any, value: Any = None, tb: Any = None, /
    ) -> Any:
        """Raise an exception where the generator waits."""
        exception = _make_exception(error, value, tb)
        return _take_step(operate(js.METHOD, self, "throw", exception))

    async def aclose(self) -> None:
        """Let the generator end where it waits."""
        result = await operate(js.METHOD, self, "return", None)
        if not result.done:
            raise RuntimeError("JavaScript generator ignored return")


class JsPromise(JsProxy):
    """A promise, or another object with a method `then`."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, None, Any]:
        return js_promises.wait_for(self).__await__()

    def then(
        self,
        onfulfilled: Callable[[Any], Any] | None,
        onrejected: Callable[[Any], Any] | None = None,
        /,
    ) -> Any:
        """JavaScript's Promise.then."""
        return operate(js.METHOD, self, "then", onfulfilled, onrejected)

    def catch(self, onrejected: Callable[[Any], Any], /) -> Any:
        """JavaScript's Promise.catch."""
        return operate(js.METHOD, self, "catch", onrejected)

    def finally_(self, onfinally: Callable[[], Any], /) -> Any:
        """JavaScript's Promise.finally."""
        return operate(js.METHOD, self, "finally", onfinally)


class JsDoubleProxy(JsProxy):
    """A proxy of a Python object that was made by create_proxy()."""

    __slots__ = ()

    def destroy(self) -> None:
        """Let go of the Python object."""
        operate(js.METHOD, self, "destroy")

    def unwrap(self) -> Any:
        """The Python object."""
        return js.root("ffi").unwrap(self)


class JsCallableDoubleProxy(JsDoubleProxy, JsCallable):
    """A proxy of a Python function that was made by create_proxy()."""

    __slots__ = ()


class JsOnceCallable(JsCallable):
    """A proxy that create_once_callable() made."""

    __slots__ = ()

    def destroy(self) -> None:
        """Let go of the Python function, if it was never called."""
        operate(js.METHOD, self, "destroy")


class JsDomElement(JsProxy):
    """An element of a document."""

    __slots__ = ()


# --- Sequences ---


class _Sized(js.Sized):
    """What has a length, or a size."""

    __slots__ = ()


class _Container(js.Container):
    """What has `has` or `includes`."""

    __slots__ = ()


class _ArrayLike(JsIterable, js.Indexed, js.Sized):
    """A list of a document's, which cannot be written to."""

    __slots__ = ()

    def _get_slice(self, index: slice) -> Any:
        start, stop, step = index.indices(len(self))
        if step == 1:
            return operate(js.SLICE, self, start, max(start, stop))
        items = js.read(self)[index]
        return _to_array(items)

    def _set_slice(self, index: slice, value: Any) -> None:
        raise TypeError("this JavaScript object cannot be written to")

    def __reversed__(self) -> Iterator[Any]:
        for i in reversed(range(len(self))):
            yield self[i]


def _to_array(items: Iterable[Any]) -> Any:
    """A new JavaScript array."""
    return js.global_object().Array.of(*items)


class JsArray(_ArrayLike):
    """A JavaScript array, which is a mutable sequence in Python."""

    __slots__ = ()

    def __contains__(self, value: Any) -> bool:
        return any(item is value or item == value for item in self)

    def _set_slice(self, index: slice, value: Any) -> None:
        start, stop, step = index.indices(len(self))
        items = [] if value is ... else list(value)
        if step == 1:
            count = max(0, stop - start)
            operate(js.SPLICE, self, start, count, _to_array(items))
        elif value is ...:
            for i in sorted(range(start, stop, step), reverse=True):
                operate(js.DELETE_INDEX, self, i)
        else:
            places = range(start, stop, step)
            if len(places) != len(items):
                raise ValueError(
                    f"attempt to assign sequence of size {len(items)} to "
                    f"extended slice of size {len(places)}"
                )
            for i, item in zip(places, items):
                operate(js.SET_INDEX, self, i, item)

    def append(self, value: Any, /) -> None:
        """Add an item behind the last one."""
        operate(js.METHOD, self, "push", value)

    def push(self, value: Any, /) -> int:
        """The same as JavaScript has it; give the new length."""
        return operate(js.METHOD, self, "push", value)

    def extend(self, values: Iterable[Any], /) -> None:
        """Add all items of an iterable behind the last one."""
        items = list(values)
        operate(js.SPLICE, self, len(self), 0, _to_array(items))

    def insert(self, index: int, value: Any, /) -> None:
        """Add an item before the one at this index."""
        operate(js.METHOD, self, "splice", index, 0, value)

    def pop(self, index: int = -1, /) -> Any:
        """Remove an item and give it."""
        if len(self) == 0:
            raise IndexError("pop from empty list")
        item = self[index]
        del self[index]
        return item

    def remove(self, value: Any, /) -> None:
        """Remove the first item that is equal to this one."""
        del self[self.index(value)]

    def clear(self) -> None:
        """Remove all items."""
        operate(js.SPLICE, self, 0, len(self), _to_array(()))

    def reverse(self) -> None:
        """Turn the order of the items, in place."""
        operate(js.METHOD, self, "reverse")

    def index(
        self, value: Any, start: int = 0, stop: int = sys.maxsize, /
    ) -> int:
        """Where this value comes first."""
        return js.read(self).index(value, start, stop)

    def count(self, value: Any, /) -> int:
        """How many items are equal to this one."""
        return js.read(self).count(value)

    def __add__(self, other: Any) -> Any:
        return operate(js.METHOD, self, "concat", _to_array(other))

    def __iadd__(self, other: Any) -> Any:
        self.extend(other)
        return self

    def __mul__(self, times: int) -> Any:
        return _to_array(js.read(self) * times)

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Any:
        items = js.read(self) * times
        operate(js.SPLICE, self, 0, len(self), _to_array(items))
        return self


# --- Bytes ---


# What struct calls a machine's int and long: kinds of numbers, which have a
# size each.
_KINDS = {
    **dict.fromkeys("bhilqn", "int"),
    **dict.fromkeys("BHILQN?c", "unsigned"),
    **dict.fromkeys("efd", "float"),
}


def _is_like(view: memoryview, letter: str) -> bool:
    """Whether a buffer has the items that a letter of struct means."""
    kind = _KINDS.get(view.format.lstrip("@=<"))
    size = memoryview(bytes(8)).cast(letter).itemsize
    return kind == _KINDS[letter] and view.itemsize == size


def _match(buffer: Any, view: memoryview) -> memoryview:
    """The bytes of a Python buffer, where these fit the JavaScript one."""
    if isinstance(buffer, JsTypedArray):
        letter = operate(js.BUFFER_FORMAT, buffer)
        if not _is_like(view, letter):
            raise ValueError(
                f"the typed array has items of format {letter!r}, the buffer "
                f"of {view.format!r}"
            )
    size = operate(js.BUFFER_SIZE, buffer)
    if view.nbytes != size:
        raise ValueError(
            f"the JavaScript buffer has {size} bytes, Python's {view.nbytes}"
        )
    return view.cast("B") if size else memoryview(b"")


class JsBuffer(JsProxy):
    """An ArrayBuffer or a view of one."""

    __slots__ = ()

    def assign(self, rhs: Any, /) -> None:
        """Fill the JavaScript buffer from a Python buffer."""
        view = memoryview(rhs)
        if not view.c_contiguous:
            view = memoryview(view.tobytes()).cast(view.format)
        data = _match(self, view)
        if data:
            js.copy(self, data, True)

    def assign_to(self, to: Any, /) -> None:
        """Fill a Python buffer from the JavaScript buffer."""
        data = _match(self, memoryview(to))
        if data:
            js.copy(self, data, False)

    def to_memoryview(self) -> memoryview:
        """A copy of the bytes, with the type of the JavaScript items."""
        data = bytearray(operate(js.BUFFER_SIZE, self))
        js.copy(self, data, False)
        letter = operate(js.BUFFER_FORMAT, self)
        return memoryview(data).cast(letter) if data else memoryview(
            b""
        ).cast(letter)

    def to_bytes(self) -> bytes:
        """A copy of the bytes."""
        return js.to_bytes(self)

    def to_string(self, encoding: str | None = None) -> str:
        """The bytes as text; `encoding` is one of TextDecoder's."""
        try:
            return operate(js.DECODE, self, encoding)
        except JsException as error:
            raise ValueError(str(error)) from None

    def to_file(self, file: IO[bytes], /) -> None:
        """Write the bytes to a file."""
        _raw(file).write(self.to_memoryview().cast("B"))

    def from_file(self, file: IO[bytes], /) -> None:
        """Fill the JavaScript buffer with bytes from a file."""
        data = bytearray(operate(js.BUFFER_SIZE, self))
        rest = memoryview(data)
        source = _raw(file)
        while rest:
            part = source.read(len(rest))
            if not part:
                raise EOFError(
                    f"the file has {len(data) - len(rest)} bytes left, the "
                    f"buffer {len(data)}"
                )
            rest[: len(part)] = part
            rest = rest[len(part) :]
        js.copy(self, data, True)

    def _into_file(self, file: IO[bytes], /) -> None:
        """Write the bytes to a file, which has all of them then."""
        self.to_file(file)

    into_file = _into_file

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """For numpy: a new array, so a copy already."""
        import numpy

        if copy is False:
            raise ValueError(
                "JavaScript's memory is not Python's: there must be a copy"
            )
        array = numpy.asarray(self.to_memoryview())
        return array if dtype is None else array.astype(dtype, copy=False)


def _raw(file: Any) -> Any:
    """The file of bytes below a file of text."""
    file.flush() if file.writable() else None
    return getattr(file, "buffer", file)


class JsTypedArray(JsBuffer, JsArray):
    """A typed array."""

    __slots__ = ()

    def subarray(
        self, start: int | None = None, stop: int | None = None
    ) -> Any:
        """A view of a part of the same bytes."""
        return operate(js.METHOD, self, "subarray", start, stop)

    def __len__(self) -> int:
        return operate(js.LENGTH, self)


# --- Mappings ---


class _Keyed(js.Keyed):
    """What has `get`."""

    __slots__ = ()


class _MutableKeyed(js.MutableKeyed):
    """What has `get` and `set`."""

    __slots__ = ()


class JsMap(JsIterable, js.Keyed, js.Sized, js.Container):
    """An object with `get`, `has`, a size and an iterator: a mapping."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        return iter(operate(js.METHOD, self, "keys"))

    def keys(self) -> KeysView[Any]:
        """A view of the keys."""
        return KeysView(self)

    def values(self) -> ValuesView[Any]:
        """A view of the values."""
        return ValuesView(self)

    def items(self) -> ItemsView[Any, Any]:
        """A view of keys and values."""
        return ItemsView(self)

    def get(self, key: Any, default: Any = None, /) -> Any:
        """The value of this key, or the default."""
        try:
            return self[key]
        except KeyError:
            return default

    def __eq__(self, other: Any) -> Any:
        if isinstance(other, JsProxy):
            return js.JsProxy.__eq__(self, other)
        if isinstance(other, Mapping):
            return dict(self.items()) == dict(other.items())
        return NotImplemented

    __hash__ = JsProxy.__hash__


class JsMutableMap(JsMap, js.MutableKeyed):
    """The same that can be changed, by `set` and `delete`."""

    __slots__ = ()

    def pop(self, key: Any, default: Any = _NOTHING, /) -> Any:
        """Remove a key and give its value."""
        try:
            value = self[key]
        except KeyError:
            if default is _NOTHING:
                raise
            return default
        del self[key]
        return value

    def setdefault(self, key: Any, default: Any = None, /) -> Any:
        """The value of this key, which is the default if it was not there."""
        if key not in self:
            self[key] = default
        return self[key]

    popitem = MutableMapping.popitem
    update = MutableMapping.update

    def clear(self) -> None:
        """Remove all keys."""
        operate(js.METHOD, self, "clear")


class JsObjectMap(JsMutableMap):
    """A JavaScript object whose own properties are the keys."""

    __slots__ = ()

    def __getitem__(self, key: Any) -> Any:
        value = operate(js.GET_OWN, self, _check_key(key))
        if value is ...:
            raise KeyError(key)
        return _pass_view_on(self, value)

    def __setitem__(self, key: Any, value: Any) -> None:
        operate(js.SET_OWN, self, _check_key(key), value)

    def __delitem__(self, key: Any) -> None:
        if not operate(js.DELETE_OWN, self, _check_key(key)):
            raise KeyError(key)

    def __contains__(self, key: Any) -> bool:
        return isinstance(key, str) and operate(js.HAS_OWN, self, key)

    def __iter__(self) -> Iterator[str]:
        return iter(js.read(operate(js.OWN_KEYS, self)))

    def __len__(self) -> int:
        return len(operate(js.OWN_KEYS, self))

    def clear(self) -> None:
        """Remove all keys."""
        for key in self:
            del self[key]

    def __repr__(self) -> str:
        return js.JsProxy.__repr__(self)


class _JsonArray(JsArray):
    """A JavaScript array whose objects are mappings."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Any:
        return _pass_view_on(self, JsArray.__getitem__(self, index))

    def __iter__(self) -> Iterator[Any]:
        i = 0
        while i < len(self):
            yield self[i]
            i += 1


def _check_key(key: Any) -> str:
    if not isinstance(key, str):
        raise KeyError(key)
    return key


def _pass_view_on(parent: JsProxy, value: Any) -> Any:
    """What is inside of a view is seen in the same way."""
    if not isinstance(value, JsProxy):
        return value
    how = js.abilities(parent)
    if how & JSON:
        return value.as_py_json()
    if how & HEREDITARY and operate(js.SHAPE, value) == OBJECT_SHAPE:
        return value.as_object_map(hereditary=True)
    return value


# --- What every object has ---

# What to_py makes of an object: `shapes` of plugin/src/interop/operations.ts.
OTHER_SHAPE, ARRAY_SHAPE, MAP_SHAPE, SET_SHAPE, OBJECT_SHAPE, BUFFER_SHAPE = (
    range(6)
)


def _object_entries(self: JsProxy) -> Any:
    """JavaScript's Object.entries(object)."""
    return operate(js.ENTRIES, self)


def _object_keys(self: JsProxy) -> Any:
    """JavaScript's Object.keys(object)."""
    return operate(js.KEYS, self)


def _object_values(self: JsProxy) -> Any:
    """JavaScript's Object.values(object)."""
    return operate(js.VALUES, self)


def _as_object_map(self: JsProxy, *, hereditary: bool = False) -> Any:
    """The same object as a mapping of its own properties; with `hereditary`
    objects inside are mappings too."""
    return js.view(self, OBJECT_MAP | (HEREDITARY if hereditary else 0))


def _as_py_json(self: JsProxy) -> Any:
    """The same object with arrays as lists and objects as dicts, at any
    depth."""
    abilities = js.abilities(self)
    if abilities & (CALLABLE | BUFFER | ERROR):
        raise AttributeError("this JavaScript object is not like JSON")
    shape = operate(js.SHAPE, self)
    if shape == ARRAY_SHAPE:
        return js.view(self, ARRAY | JSON)
    return js.view(self, OBJECT_MAP | JSON)


def _to_weakref(self: JsProxy) -> Any:
    """A JavaScript WeakRef of the object."""
    return js.global_object().WeakRef.new(self)


def _to_py(
    self: JsProxy,
    *,
    depth: int = -1,
    default_converter: Callable[..., Any] | None = None,
) -> Any:
    """Convert to Python's own objects: arrays to lists, maps and plain
    objects to dicts, sets to sets, buffers to memoryviews.  `depth` limits
    how deep; `default_converter(object, convert, cache)` gets what has no
    conversion."""
    if default_converter is None:
        return js.convert(self, depth)
    return Conversion(default_converter).convert(self, depth)


class Conversion:
    """One call of to_py() with a converter; without one it is C's."""

    def __init__(self, default: Callable[..., Any]) -> None:
        self.default = default
        # By js_id; an object that is inside of itself is so in Python.
        self.done: dict[int, tuple[Any, Any]] = {}

    def convert(self, value: Any, depth: int) -> Any:
        """The Python object for a value, or the value as it is."""
        if depth == 0 or not isinstance(value, JsProxy):
            return value
        found = self.done.get(value.js_id)
        if found is not None:
            return found[1]
        shape = operate(js.SHAPE, value)
        if shape == OTHER_SHAPE:
            return self.convert_other(value, depth)
        return _CONVERT[shape](self, value, depth - 1)

    def keep(self, value: Any, result: Any) -> Any:
        """Note what a value has become; it lives as long as its id counts."""
        self.done[value.js_id] = (value, result)
        return result

    def convert_items(self, items: list[Any], depth: int) -> Iterator[Any]:
        """Every item converted."""
        for item in items:
            yield (
                self.convert(item, depth)
                if isinstance(item, JsProxy)
                else item
            )

    def convert_array(self, value: Any, depth: int) -> Any:
        """A list."""
        result: list[Any] = self.keep(value, [])
        result.extend(self.convert_items(js.read(value), depth))
        return result

    def convert_dict(self, value: Any, depth: int) -> Any:
        """A dict, of a map's keys or of an object's."""
        result: dict[Any, Any] = self.keep(value, {})
        items = self.convert_items(js.read(operate(js.FLATTEN, value)), depth)
        for key, item in zip(items, items):
            _check_hashable(key, "key", "a dict")
            if key in result:
                raise ConversionError(
                    f"Key collision when converting to a Python dictionary: "
                    f"two keys are {key!r}"
                )
            result[key] = item
        return result

    def convert_set(self, value: Any, depth: int) -> Any:
        """A set."""
        result: set[Any] = self.keep(value, set())
        items = js.read(operate(js.FLATTEN, value))
        for item in self.convert_items(items, depth):
            _check_hashable(item, "item", "a set")
            result.add(item)
        return result

    def convert_buffer(self, value: Any, depth: int) -> Any:
        """A memoryview of a copy."""
        return self.keep(value, value.to_memoryview())

    def convert_other(self, value: Any, depth: int) -> Any:
        """What the caller makes of it."""
        return self.default(
            value,
            lambda item: self.convert(item, depth),
            lambda item, result: self.keep(item, result) and None,
        )


_CONVERT = {
    ARRAY_SHAPE: Conversion.convert_array,
    MAP_SHAPE: Conversion.convert_dict,
    SET_SHAPE: Conversion.convert_set,
    OBJECT_SHAPE: Conversion.convert_dict,
    BUFFER_SHAPE: Conversion.convert_buffer,
}


class JsBigInt(int):
    """An integer that is a bigint in JavaScript.

    With another JsBigInt, the results of `+ - * & | ^` are one too; those of
    `// % << >> **` where the left operand is one."""

    __slots__ = ()


def _add_operator(name: str, needs_both: bool) -> None:
    compute = getattr(int, name)

    def operator(self: Any, *others: Any) -> Any:
        result = compute(self, *others)
        if type(result) is not int:
            return result
        if needs_both and not isinstance(others[0], JsBigInt):
            return result
        return JsBigInt(result)

    operator.__name__ = name
    operator.__qualname__ = f"JsBigInt.{name}"
    setattr(JsBigInt, name, operator)


for _name in ("add", "sub", "mul", "and", "or", "xor"):
    _add_operator(f"__{_name}__", True)
for _name in ("floordiv", "mod", "lshift", "rshift", "pow"):
    _add_operator(f"__{_name}__", False)
for _name in ("abs", "neg", "pos", "invert"):
    _add_operator(f"__{_name}__", False)


class InternalError(Exception):
    """What Pyodide raises for a fault of its own; nothing raises it here."""


def _rebuild_exception(name: str, message: str, stack: str) -> JsException:
    """A pickled JsException."""
    error = js.global_object().Error.new(message)
    error.name, error.stack = name, stack
    return error


def _reduce_exception(self: Any) -> Any:
    return _rebuild_exception, (self.name, self.message, self.stack)


class ConversionError(Exception):
    """A value has no counterpart in the other language."""


def _check_hashable(value: Any, role: str, what: str) -> None:
    try:
        hash(value)
    except TypeError:
        raise ConversionError(
            f"{value!r} cannot be a {role} of {what}"
        ) from None


def _dir(self: JsProxy) -> list[str]:
    names = set(object.__dir__(self))
    names.update(
        name for name in js.read(operate(js.NAMES, self)) if name.isidentifier()
    )
    return sorted(names)


def _bool(self: JsProxy) -> bool:
    return operate(js.TRUTH, self)


# --- Classes by ability ---


def find_bases(abilities: int) -> list[type]:
    """The classes whose methods an object with these abilities has."""

    def has(*bits: int) -> bool:
        return all(abilities & bit for bit in bits)

    bases: list[type] = []
    if has(OBJECT_MAP):
        return [JsObjectMap]
    if has(JSON):
        return [_JsonArray]
    if has(DOUBLE_PROXY):
        bases.append(JsCallableDoubleProxy if has(CALLABLE) else JsDoubleProxy)
        return bases
    if has(TYPED_ARRAY):
        bases.append(JsTypedArray)
    elif has(ARRAY):
        bases.append(JsArray)
    elif has(ARRAY_LIKE):
        bases.append(_ArrayLike)
    elif has(GENERATOR):
        bases.append(JsGenerator)
    elif has(ASYNC_GENERATOR):
        bases.append(JsAsyncGenerator)
    else:
        bases += _find_other_bases(has)
    if has(BUFFER) and not has(TYPED_ARRAY):
        bases.append(JsBuffer)
    if has(AWAITABLE):
        bases.append(JsPromise)
    if has(CALLABLE):
        bases.append(JsOnceCallable if has(ONCE) else JsCallable)
    if has(DOM_ELEMENT):
        bases.append(JsDomElement)
    return bases


def _find_other_bases(has: Callable[..., bool]) -> list[type]:
    """For what is neither an array nor a generator."""
    bases: list[type] = []
    if has(GET, HAS, LENGTH, ITERABLE):
        return [JsMutableMap if has(SET) else JsMap]
    if has(ITERATOR):
        bases.append(JsIterator)
    elif has(ITERABLE):
        bases.append(JsIterable)
    if has(ASYNC_ITERATOR):
        bases.append(JsAsyncIterator)
    elif has(ASYNC_ITERABLE):
        bases.append(JsAsyncIterable)
    if has(LENGTH):
        bases.append(_Sized)
    if has(GET):
        bases.append(_MutableKeyed if has(SET) else _Keyed)
    if has(HAS) or has(INCLUDES):
        bases.append(_Container)
    return bases


def make_type(abilities: int) -> type:
    """The class of objects with these abilities; called by C, once each."""
    bases = tuple(find_bases(abilities)) or (JsProxy,)
    members = {"__slots__": (), "__module__": "pyodide.ffi"}
    return type("JsProxy", bases, members)


def _finish() -> None:
    """Add to the classes that C makes what is easier said in Python."""
    methods = (
        _object_entries,
        _object_keys,
        _object_values,
        _as_object_map,
        _as_py_json,
        _to_weakref,
        _to_py,
    )
    for method in methods:
        name = method.__name__[1:]
        method.__name__ = name
        method.__qualname__ = f"JsProxy.{name}"
        setattr(JsProxy, name, method)
    JsProxy.__dir__ = _dir
    JsProxy.__bool__ = _bool
    for cls in list(globals().values()):
        if isinstance(cls, type) and issubclass(cls, JsProxy):
            if not cls.__name__.startswith("_"):
                cls.__module__ = "pyodide.ffi"
    JsException.__reduce__ = _reduce_exception
    type(jsnull).typeof = "object"
    for cls in (JsBigInt, ConversionError, InternalError):
        cls.__module__ = "pyodide.ffi"
    MutableSequence.register(JsArray)
    Mapping.register(JsMap)
    MutableMapping.register(JsMutableMap)
    Iterable.register(JsIterable)
    Iterator.register(JsIterator)
    Generator.register(JsGenerator)
    AsyncIterable.register(JsAsyncIterable)
    AsyncIterator.register(JsAsyncIterator)
    AsyncGenerator.register(JsAsyncGenerator)


_finish()
