// JavaScript seen from Python: programs that assert what they say. `js` and
// `ev` (JavaScript's eval) are there; `raises(type, text, call)` gives the
// exception. `wait` marks those that await.

export const setup = `
import js
ev = js.eval
def raises(kind, text, call):
    try:
        result = call()
    except kind as error:
        assert text in str(error), str(error)
        return error
    raise AssertionError(f"no {kind.__name__}, but {result!r}")
`;

export const cases = {
  'numbers keep their kind': `
for text, value in {
    "1": 1, "-1": -1, "1.5": 1.5, "2**31": 2**31, "-(2**31)": -2**31,
    "2**53-1": 2**53 - 1, "1e300": 1e300, "true": True, "false": False,
}.items():
    found = ev(text)
    assert found == value and type(found) is type(value), (text, found)
from tincture.js_types import JsBigInt
same = ev("(x) => [typeof x, x]")
for text, value in {"10n": 10, "2n**64n": 2**64, "-(2n**70n)": -2**70,
                    "0n": 0}.items():
    found = ev(text)
    assert found == value and type(found) is JsBigInt
    kind, back = same(found)
    assert kind == "bigint" and back == value
ten = ev("10n")
for result in (ten + ten, -ten, ten // 3, ten << 5, ten ** 2):
    assert type(result) is JsBigInt
assert type(ten + 1) is int and type(1 + ten) is int and ten / 4 == 2.5
assert type(ev("2**53")) is float
nan = ev("NaN"); assert nan != nan
kind = ev("(x) => typeof x + ':' + String(x)")
for value, text in {
    0: "number:0", 2**53 - 1: "number:9007199254740991",
    -2**53: "bigint:-9007199254740992", 2**53: "bigint:9007199254740992",
    2**200: "bigint:" + str(2**200), 1.5: "number:1.5",
    float("inf"): "number:Infinity", None: "undefined:undefined",
}.items():
    assert kind(value) == text, (value, kind(value))
assert kind(True) == "boolean:true"`,

  'text keeps lone surrogates': String.raw`
for text in ("", "a", "é", "€", "😀", "\ud800", "\udc00x", "😀\ud800",
             "x" * 48, "x" * 49, "é" * 5000, "😀" * 5000, "\ud800" * 5000,
             "\x00", "\u200b€" * 30, "a" * 100000):
    js.held = text
    assert js.held == text, repr(text[:9])
assert ev("'\\ud83d\\ude00'") == "😀"
assert ev("'\\ud800'") == "\ud800"
assert ev("(s) => s.length")("😀") == 2
del js.held`,

  'undefined is None and null is jsnull': `
from _tincture_js import jsnull
assert ev("undefined") is None and ev("null") is jsnull
assert not jsnull and repr(jsnull) == "jsnull"
assert ev("(x) => x === null")(jsnull)
assert ev("(x) => x === undefined")(None)`,

  'an object that goes out and back is itself': `
same = ev("(x) => x")
for thing in (object(), [1], {}, len, ev("({})"), ev("(() => 1)"),
              ev("Symbol('s')"), js, js.Object, ev("[1]")):
    assert same(thing) is thing, thing
assert js.Array is js.Array and js.Math == js.Math
assert js.Math != js.JSON and hash(js.Math) == hash(js.Math)
assert js.Math.js_id == js.Math.js_id != js.JSON.js_id
assert {js.Math: 1}[js.Math] == 1`,

  'attributes are read, set and deleted': `
o = ev("({a: 1, get b() { return this.a + 1 }, 'x y': 3})")
o.c = 5; o.a = 10
assert (o.a, o.b, o.c, getattr(o, "x y")) == (10, 11, 5, 3)
del o.c
assert not hasattr(o, "c") and hasattr(o, "a")
raises(AttributeError, "'nope'", lambda: o.nope)
raises(AttributeError, "'nope'", lambda: delattr(o, "nope"))
o.d = None
assert o.d is None and hasattr(o, "d")
frozen = ev("Object.freeze({a: 1})")
raises(Exception, "TypeError", lambda: setattr(frozen, "a", 2))
assert "a" in dir(o) and "to_py" in dir(o) and "toString" in dir(o)
assert o.typeof == "object" and ev("(() => 1)").typeof == "function"`,

  'a keyword has an underscore behind': `
o = ev("({from: 1, class: 2, class_: 3, name_: 4})")
assert (o.from_, o.class_, o.class__, o.name_) == (1, 2, 3, 4)
o.in_ = 7
assert js.Object.keys(o).includes("in")`,

  'functions are called with their this': `
o = ev("({v: 3, f(...a) { return [this.v, ...a].join() }})")
assert o.f(1, "x") == "3,1,x"
f = o.f
assert f(2) == "3,2"
assert ev("(a, o) => JSON.stringify([a, o])")(1, x=2, y="z") == (
    '[1,{"x":2,"y":"z"}]')
assert js.Math.max(*range(1000)) == 999
assert callable(js.eval) and not callable(js.Math)`,

  'classes are constructed by new': `
A = ev("(class A { constructor(x, o) { this.x = x; this.o = o } })")
a = A.new(4, k=5)
assert a.x == 4 and a.o.k == 5 and a.constructor == A
assert js.Error.new("m", cause=7).cause == 7
raises(Exception, "'new'", lambda: A(1))
raises(Exception, "TypeError", lambda: js.Math.new())`,

  'an array is a mutable sequence': `
import collections.abc
from tincture.js_types import JsArray
a = js.Array.of(*range(6))
assert isinstance(a, JsArray)
assert isinstance(a, collections.abc.MutableSequence)
assert len(a) == 6 and a[0] == 0 and a[-1] == 5 and 3 in a and 9 not in a
assert list(a) == [*range(6)] and list(reversed(a)) == [5, 4, 3, 2, 1, 0]
for wrong in (6, -7):
    raises(IndexError, "", lambda: a[wrong])
assert [*a[1:4]] == [1, 2, 3] and [*a[::2]] == [0, 2, 4]
assert [*a[::-2]] == [5, 3, 1] and [*a[4:2]] == []
a[1] = 10; a[-1] = 50; del a[0]
assert list(a) == [10, 2, 3, 4, 50]
a[1:3] = [7, 8, 9]; assert list(a) == [10, 7, 8, 9, 4, 50]
del a[::2]; assert list(a) == [7, 9, 50]
a[::2] = ["x", "y"]; assert list(a) == ["x", 9, "y"]
def unequal(): a[::2] = [1]
raises(ValueError, "extended slice", unequal)
a.append(1); a.extend([2, 3]); a.insert(1, "i")
assert list(a) == ["x", "i", 9, "y", 1, 2, 3]
assert a.pop() == 3 and a.pop(0) == "x" and a.index(9) == 1
assert a.count(2) == 1
a.remove("i"); a.reverse()
assert list(a) == [2, 1, "y", 9] and list(a + [5]) == [2, 1, "y", 9, 5]
assert list(a * 2) == [2, 1, "y", 9] * 2
raises(ValueError, "", lambda: a.index("none"))
a.clear(); assert not a and len(a) == 0
raises(IndexError, "empty", a.pop)`,

  'a map is a mapping': `
import collections.abc
from tincture.js_types import JsMap, JsMutableMap
m = js.Map.new()
assert isinstance(m, JsMutableMap) and isinstance(m, JsMap)
assert isinstance(m, collections.abc.MutableMapping)
m["a"] = 1; m[2] = "two"; m.update({"c": 3}, d=4)
assert len(m) == 4 and m["a"] == 1 and m[2] == "two" and "a" in m
assert list(m) == ["a", 2, "c", "d"] == list(m.keys())
assert dict(m) == {"a": 1, 2: "two", "c": 3, "d": 4} == dict(m.items())
assert list(m.values()) == [1, "two", 3, 4] and m == dict(m)
assert m.get("z") is None and m.get("z", 5) == 5
assert raises(KeyError, "z", lambda: m["z"]).args == ("z",)
del m["a"]
raises(KeyError, "a", lambda: m.__delitem__("a"))
assert m.pop("c") == 3 and m.pop("c", 9) == 9
assert m.setdefault("n", 1) == 1 and m.popitem()[0] in (2, "d", "n")
m.clear(); assert not m
s = ev("new Set([1, 'x'])")
assert len(s) == 2 and 1 in s and "y" not in s and list(s) == [1, "x"]
p = ev("new URLSearchParams('a=1&b=2')")
assert p["a"] == "1" and "b" in p`,

  'objects are mappings by as_object_map and as_py_json': `
o = ev("({x: {y: 2}, n: null, l: [{q: 1}, 2]})")
raises(TypeError, "subscriptable", lambda: o["x"])
m = o.as_object_map()
assert m["x"].y == 2 and len(m) == 3 and list(m) == ["x", "n", "l"]
raises(TypeError, "subscriptable", lambda: m["x"]["y"])
assert o.as_object_map(hereditary=True)["x"]["y"] == 2
m["more"] = 5; assert o.more == 5 and o.as_object_map()["more"] == 5
del m["more"]; raises(KeyError, "more", lambda: m["more"])
raises(KeyError, "toString", lambda: m["toString"])
j = o.as_py_json()
assert j["l"][0]["q"] == 1 and [x for x in j["l"]][1] == 2
raises(AttributeError, "", lambda: ev("(() => 1)").as_py_json())
assert [tuple(e) for e in ev("({a: 1})").object_entries()] == [("a", 1)]
assert list(o.object_keys()) == ["x", "n", "l"]
assert list(ev("({a: 1, b: 2})").object_values()) == [1, 2]`,

  'to_py converts deeply': `
from _tincture_js import jsnull
o = ev("""({a: [1, {b: new Map([['k', [2]]])}], s: new Set([1, 'x']),
            n: null, u: undefined, t: 'text'})""")
assert o.to_py() == {"a": [1, {"b": {"k": [2]}}], "s": {1, "x"},
                     "n": jsnull, "u": None, "t": "text"}
shallow = o.to_py(depth=1)
assert type(shallow) is dict and not isinstance(shallow["a"], list)
assert type(o.to_py(depth=2)["a"]) is list
assert o.to_py(depth=0) is o
loop = ev("(() => { const a = [1]; a.push(a, {a}); return a })()").to_py()
assert loop[1] is loop and loop[2]["a"] is loop
date = ev("new Date(5)")
assert date.to_py() is date
got = ev("[new Date(5), {d: new Date(6)}]").to_py(
    default_converter=lambda value, convert, cache: value.getTime())
assert got == [5, {"d": 6}]
def pair(value, convert, cache):
    result = []
    cache(value, result)
    result += [convert(value.first), convert(value.second)]
    return result
p = ev("""(() => { class Pair {}; const p = new Pair();
    p.first = [1]; p.second = p; return p })()""").to_py(
        default_converter=pair)
assert p[0] == [1] and p[1] is p
from tincture.js_types import ConversionError
raises(ConversionError, "key", lambda: ev("new Map([[[1], 2]])").to_py())
raises(ConversionError, "key",
       lambda: ev("new Map([[1, 2], [true, 3]])").to_py())
big = ev("Array.from({length: 5000}, (_, i) => i % 2 ? i : 't' + i)").to_py()
assert big == [i if i % 2 else f"t{i}" for i in range(5000)]`,

  'iterators and generators': `
from tincture.js_types import JsGenerator, JsIterable, JsIterator
g = ev("(function* () { const x = yield 1; try { yield x * 2 }"
       " catch (e) { yield e } return 'end' })()")
assert isinstance(g, JsGenerator) and next(g) == 1 and g.send(21) == 42
error = ValueError("into")
assert g.throw(error) is error
assert raises(StopIteration, "", lambda: next(g)).value == "end"
g = ev("(function* () { yield 1; yield 2 })()")
assert next(g) == 1
g.close(); assert list(g) == []
it = ev("[1, 2][Symbol.iterator]()")
assert isinstance(it, JsIterator) and list(it) == [1, 2]
it = ev("({*[Symbol.iterator]() { yield 'a'; yield 'b' }})")
assert isinstance(it, JsIterable) and [*it] == ["a", "b"]
raises(TypeError, "not iterable", lambda: iter(ev("({})")))
def delegate(): return (yield from ev(
    "(function* () { yield 1; return 'r' })()"))
d = delegate(); assert next(d) == 1
assert raises(StopIteration, "", lambda: next(d)).value == "r"
bad = ev("({[Symbol.iterator]() { return {next() { throw Error('no') }} }})")
raises(Exception, "Error: no", lambda: list(bad))`,

  'truth, length and repr': `
truths = [bool(ev(text)) for text in (
    "({})", "[]", "[0]", "new Map()", "(() => 1)", "new Uint8Array(0)",
    "new ArrayBuffer(0)", "Symbol()")]
assert truths == [True, False, True, False, True, False, False, True]
raises(TypeError, "len()", lambda: len(ev("({})")))
assert len(ev("({length: 3})")) == 3 and len(ev("new Map([[1, 2]])")) == 1
assert repr(ev("[1, 2]")) == "1,2" and str(js.Math) == "[object Math]"
assert repr(ev("Object.create(null)")) == "[object Object]"
assert repr(ev("({toString() { throw 1 }})")) == "[object Object]"`,

  'errors are exceptions with both stacks': `
import traceback
from _tincture_js import JsException, JsProxy
error = raises(JsException, "RangeError: deep",
               lambda: ev("(function thrower() { throw new RangeError('deep') })()"))
assert isinstance(error, Exception)
assert (error.name, error.message) == ("RangeError", "deep")
assert "thrower" in error.stack
text = "".join(traceback.format_exception(error))
assert "JsException: RangeError: deep" in text and "raises" in text
assert raises(JsException, "", lambda: ev("throw 'text'")).message == "text"
for thrown in ("null", "undefined", "Symbol('q')", "({a: 1})"):
    raises(JsException, "JavaScript threw", lambda: ev(f"throw {thrown}"))
assert raises(JsException, "", lambda: ev("throw {a: 1}")).cause.a == 1
made = js.TypeError.new("made here")
assert isinstance(made, JsException) and isinstance(made, JsProxy)
assert issubclass(JsException, JsProxy) and not isinstance(5, JsProxy)
assert repr(made) == "TypeError: made here"
import pickle
again = pickle.loads(pickle.dumps(made))
assert (again.name, again.message) == ("TypeError", "made here")
assert isinstance(made, JsException) and made.message == "made here"
def thrower(): raise made
assert raises(JsException, "made here", thrower) is made
assert ev("f => { try { f() } catch (e) { return e } }")(thrower) is made`,

  'an exception that crosses twice is itself': `
kept = []
def fail():
    kept.append(ValueError("mine"))
    raise kept[-1]
try:
    ev("f => f()")(fail)
except ValueError as error:
    assert error is kept[-1]
    import traceback
    names = [f.name for f in traceback.extract_tb(error.__traceback__)]
    assert names[-1] == "fail", names
else:
    raise AssertionError
assert ev("""f => { const e = new RangeError('z');
    try { f(() => { throw e }) } catch (x) { return x === e } }""")(
        lambda g: g())
assert ev("f => { try { f() } catch (e) { return e.message } }")(
    fail).rstrip().endswith("ValueError: mine")`,

  'hostile objects do no harm': `
revoked = ev("""(() => { const {proxy, revoke} = Proxy.revocable({}, {});
    revoke(); return proxy })()""")
raises(Exception, "revoked", lambda: revoked.x)
assert isinstance(repr(revoked), str)
raises(Exception, "TypeError", lambda: revoked.to_py())
raises(Exception, "getter", lambda: ev(
    "({get x() { throw Error('getter') }})").x)
error = raises(Exception, "", lambda: ev(
    "(function f() { return f() + 1 })()"))
assert "call stack" in str(error) or "too much recursion" in str(error)
symbol = ev("Symbol('s')")
assert repr(symbol) == "Symbol(s)" and symbol.typeof == "symbol"
assert ev("o => o[Symbol.toStringTag]")(js.Math) == "Math"
proxy = ev("new Proxy({}, {get(t, k) { return k === Symbol.iterator ||"
           " k === 'then' ? undefined : 5 }, has: () => true})")
assert proxy.anything == 5
raises(Exception, "TypeError", lambda: ev(
    "(() => { const {proxy, revoke} = Proxy.revocable({}, {});"
    " revoke(); throw proxy })()"))`,

  'calls through both languages nest until a RecursionError': `
def down(n): return js.down(n + 1)
js.down = down
def through(n): return ev("(f, n) => f(n)")(through, n + 1)
for function in (down, through) * 3:
    raises(RecursionError, "recursion", lambda: function(0))
def twenty(n): return n if n == 20 else ev("(f, n) => f(n)")(twenty, n + 1)
assert twenty(0) == 20
del js.down`,

  'typed arrays copy to and from memory': `
import array, io
from tincture.js_types import JsBuffer, JsTypedArray
for name, code in {"Int8": "b", "Uint8": "B", "Uint8Clamped": "B",
                   "Int16": "h", "Uint16": "H", "Int32": "i",
                   "Uint32": "I", "Float32": "f", "Float64": "d",
                   "BigInt64": "q", "BigUint64": "Q"}.items():
    t = ev(f"new {name}Array(4)")
    assert isinstance(t, JsTypedArray) and isinstance(t, JsBuffer)
    t.assign(array.array(code, [1, 2, 3, 4]))
    view = t.to_memoryview()
    assert view.format == code and view.tolist() == [1, 2, 3, 4]
    assert list(t) == [1, 2, 3, 4] and t[-1] == 4 and len(t) == 4
    back = array.array(code, [0] * 4)
    t.assign_to(back)
    assert back.tolist() == [1, 2, 3, 4]
t = ev("new Float64Array([1, 2, 3, 4]).subarray(1, 3)")
assert t.to_memoryview().tolist() == [2, 3]
assert list(t.subarray(1)) == [3] and [*t[0:1]] == [2]
raises(ValueError, "format", lambda: t.assign(b"1" * 16))
raises(ValueError, "bytes", lambda: t.assign(array.array("d", [1])))
raises(BufferError, "", lambda: t.assign_to(
    memoryview(b"1" * 16).cast("d")))
grid = memoryview(bytearray(range(8)))[::2]
four = ev("new Uint8Array(4)"); four.assign(grid)
assert list(four) == [0, 2, 4, 6]
empty = ev("new Uint8Array(0)"); empty.assign(b"")
b = js.ArrayBuffer.new(3)
b.assign(b"abc")
assert b.to_bytes() == b"abc" and b.to_string() == "abc" and len(
    ev("new Uint8Array(0)").to_memoryview()) == 0
latin = ev("new Uint8Array([233])")
assert latin.to_string("latin1") == "é"
raises(ValueError, "nope", lambda: latin.to_string("nope"))
file = io.BytesIO()
b.to_file(file); assert file.getvalue() == b"abc"
file = io.BytesIO(b"xyz"); b.from_file(file)
assert b.to_bytes() == b"xyz"
raises(EOFError, "0 bytes left", lambda: b.from_file(file))
assert bytes(ev("new DataView(new ArrayBuffer(2))").to_memoryview()) == (
    b"\\0\\0")
large = ev("new Uint8Array(50_000_000).fill(7)")
assert large.to_bytes().count(7) == 50_000_000`,

  'a module is the object': `
import js.console
from js import Object, Math as M
assert M.PI > 3 and js.console == js.console
try:
    from js import nothing_like_this
except ImportError as error:
    assert "nothing_like_this" in str(error)
else:
    raise AssertionError
try:
    import js.nothing
except ModuleNotFoundError:
    pass
from tincture import js_modules
js_modules.register("mine", ev("({f: (x) => x + 1, sub: {v: 3}})"))
from mine import f
import mine.sub
assert f(1) == 2 and mine.sub.v == 3
js_modules.unregister("mine")
try:
    import mine
except ModuleNotFoundError:
    pass
else:
    raise AssertionError
raises(ValueError, "mine", lambda: js_modules.unregister("mine"))
assert "__spec__" not in js.Object.keys(js)`,

  'there is no document outside of a page': `
raises(AttributeError, "outside of the page", lambda: js.document)`,
};

/** Those that await, and so need a kernel that can be suspended. */
export const waitingCases = {
  'promises are awaited': `
assert await js.Promise.resolve(42) == 42
from _tincture_js import JsException
try:
    await js.Promise.reject(js.RangeError.new("no"))
except JsException as error:
    assert error.name == "RangeError" and error.message == "no"
else:
    raise AssertionError
later = ev("(ms, v) => new Promise((r) => setTimeout(r, ms, v))")
import asyncio
assert await asyncio.gather(later(20, "a"), later(1, "b")) == ["a", "b"]
assert await ev("({then(f) { f(5); f(6) }})") == 5
try:
    await asyncio.wait_for(later(60000, 1), 0.01)
except TimeoutError:
    pass
else:
    raise AssertionError
try:
    await ev("Promise.reject('text')")
except JsException as error:
    assert "text" in str(error)
task = asyncio.ensure_future(later(1, 7))
assert await task == 7`,

  'asynchronous iteration': `
found = []
async for x in ev("(async function* () { yield 1; yield 2 })()"):
    found.append(x)
assert found == [1, 2]
g = ev("(async function* () { try { const x = yield 1; yield x } "
       "catch (e) { yield e.message ?? 'caught' } })()")
assert await g.__anext__() == 1 and await g.asend(5) == 5
await g.aclose()
try:
    await g.__anext__()
except StopAsyncIteration:
    pass
else:
    raise AssertionError`,

  'handlers of promises': `
got = []
p = js.Promise.resolve(1).then(lambda v: v + 1).then(got.append)
await p
assert got == [2]
r = await ev("Promise.reject(Error('x'))").catch(lambda e: e.message)
assert r == "x"
await js.Promise.resolve(3).finally_(lambda: got.append("f"))
assert got == [2, "f"]`,

  'run_sync waits without await': `
from tincture.js_promises import can_run_sync, run_sync
import asyncio
later = ev("(ms, v) => new Promise((r) => setTimeout(r, ms, v))")
assert can_run_sync() and run_sync(later(5, "v")) == "v"
log = []
opening = ev("() => { const a = {}; a.gate = new Promise("
             "(r) => { a.open = r }); return a }")()
async def other():
    for i in range(3):
        await asyncio.sleep(0.001)
        log.append(i)
    opening.open("in")
async def inner():
    task = asyncio.create_task(other())
    value = run_sync(opening.gate)
    log.append(value)
    await task
await inner()
assert log == [0, 1, 2, "in"], log
async def fails(): raise KeyError("k")
raises(KeyError, "k", lambda: run_sync(fails()))`,
};
