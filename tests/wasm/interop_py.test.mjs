// Python objects in JavaScript: what Pyodide documents of PyProxy, page by
// page, and of the object through which a page uses Python.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import {
  delay,
  ffi,
  hasJspi,
  Kernel,
  openApi,
  parts,
  run,
  startKernel,
  waitUntil,
} from './load.mjs';

/** One kernel for the tests that leave nothing behind. */
let kernel;
let python;
const printed = [];

before(async () => {
  kernel = await Kernel.load(parts);
  python = openApi(kernel, printed);
});

/** A value of Python's as it is: collections too are proxies. */
function proxy(code) {
  return python.runPython(code, {});
}

/** What `wanted` says of the error that a call throws. */
function throwsError(call, type, text) {
  assert.throws(call, (error) => {
    assert.ok(error instanceof ffi.PythonError, String(error));
    assert.equal(error.type, type);
    assert.match(error.message, text);
    return true;
  });
}

describe('values', () => {
  test('what is plain crosses by value', () => {
    const values = {
      None: undefined,
      True: true,
      42: 42,
      '-0.0': -0,
      "float('nan')": NaN,
      '2**53 - 1': 2 ** 53 - 1,
      '2**70': 2n ** 70n,
      '-2**70': -(2n ** 70n),
      '"é\\U0001d4e4\\ud800"': 'é𝓤\ud800',
    };
    for (const [code, value] of Object.entries(values)) {
      assert.deepEqual(proxy(code), value, code);
    }
  });

  test('an object that goes out and back is itself', () => {
    const same = proxy('shared = [1]\nlambda given: given is shared');
    assert.equal(same(python.globals.get('shared')), true);
    const object = { a: 1 };
    assert.equal(proxy('lambda given: given')(object), object);
  });

  test('results of cells are JavaScript\'s own where there are such', () => {
    const result = python.runPython(`
import array
[(1, 2.5), {'a': {'b': b'x'}}, {3}, array.array('d', [1, 2])]
    `);
    assert.deepEqual(result, [
      [1, 2.5],
      { a: { b: Uint8Array.of(120) } },
      new Set([3]),
      Float64Array.of(1, 2),
    ]);
    assert.deepEqual(python.runPython('array.array("q", [1, 2])'), [1, 2]);
    assert.equal(python.runPython('{(1, 2): 3}').type, 'dict');
  });

  test('other results are proxies that an Iodide client can show', () => {
    const shown = python.runPython(`
class Shown:
    def _repr_html_(self): return '<b>x</b>'
Shown()
    `);
    assert.equal(shown.iodideRender(),
                 '<div class="rendered_html"><b>x</b></div>');
    assert.equal(shown.then, undefined);
    assert.match(python.runPython('object()').iodideRender(),
                 /<pre>&lt;object object at/);
  });
});

describe('attributes', () => {
  test('get, set, has, delete', () => {
    const object = proxy(`
class Thing:
    kind = 'thing'
    def double(self, number): return 2 * number
thing = Thing()
thing`);
    assert.equal(object.type, 'Thing');
    assert.equal(object.kind, 'thing');
    assert.equal(object.double(21), 42);
    assert.equal(object.double, object.double);
    assert.equal(object.missing, undefined);
    object.size = 3;
    assert.equal(python.runPython('thing.size'), 3);
    assert.ok('size' in object && !('missing' in object));
    delete object.size;
    assert.ok(!('size' in object));
    throwsError(() => delete object.size, 'AttributeError', /size/);
  });

  test('names of methods are Python\'s with a $', () => {
    const object = proxy('import types\n'
      + 'types.SimpleNamespace(destroy=5, toJs=6)');
    assert.equal(typeof object.destroy, 'function');
    assert.equal(object.$destroy, 5);
    assert.throws(() => {
      object.toJs = 1;
    }, TypeError);
    object.$toJs = 7;
    assert.equal(object.$toJs, 7);
  });

  test('an attribute that raises', () => {
    throwsError(
      () => proxy('class P:\n  @property\n  def x(self):\n'
        + '    raise ValueError("v")\nP()').x,
      'ValueError', /in x\n.*\n?ValueError: v/s);
  });

  test('keys, and what enumeration sees', () => {
    const object = proxy('{"b": 1, 2: 3}');
    assert.deepEqual(Object.keys(object), ['b', '2']);
    assert.ok(Reflect.ownKeys(proxy('object()')).includes('__class__'));
    assert.deepEqual({ ...object }, { b: 1, 2: 3 });
    assert.equal(JSON.stringify(object), '{"b":1,"2":3}');
    assert.equal(Object.prototype.toString.call(object), '[object PyProxy]');
  });
});

describe('life', () => {
  test('destroy says why', () => {
    const list = proxy('[1]');
    const copy = list.copy();
    list.destroy();
    list.destroy();
    assert.throws(() => list.length, /already been destroyed/);
    assert.equal(copy.length, 1);
    copy.destroy({ message: 'it is over' });
    assert.throws(() => copy.get(0), /it is over/);
    assert.throws(() => String(copy), /it is over/);
    assert.ok(copy instanceof ffi.PyProxy);
    assert.throws(() => proxy('lambda x: x')(copy), /it is over/);
  });

  test('attributes go with the object', () => {
    const object = proxy('types.SimpleNamespace(inner=[1])');
    const { inner } = object;
    assert.equal(inner, object.inner);
    object.destroy();
    assert.throws(() => inner.length, /destroyed/);
  });

  test('Python lets go of what was destroyed', () => {
    proxy('import weakref\nclass Gone: pass');
    const object = proxy('gone = Gone()\nref = weakref.ref(gone)\ngone');
    proxy('del gone');
    assert.equal(proxy('ref() is not None'), true);
    object.destroy();
    kernel.proxies.port.releaseNow();
    assert.equal(proxy('ref() is None'), true);
  });

  test('proxies of a Python that has ended say so', async () => {
    const other = await Kernel.load(parts);
    const list = openApi(other).runPython('[1]', {});
    other.dispose();
    assert.throws(() => list.length, /disposed/);
    assert.throws(() => proxy('lambda x: x')(list), /disposed/);
  });

  test('a restart makes new variables, old proxies are dead', async (t) => {
    const other = await startKernel(t);
    const api = openApi(other);
    api.globals.set('x', 1);
    const before = api.globals;
    await other.restart();
    assert.equal(api.globals.has('x'), false);
    assert.throws(() => before.get('x'), /restarted/);
  });

  test('what was there before a cell outlives its undoing', async (t) => {
    const other = await startKernel(t);
    const api = openApi(other);
    api.runPython('count = 0\ndef press():\n  global count\n  count += 1');
    const press = api.globals.get('press');
    const { globals } = api;
    await run(other, 'None');
    await other.request('execute_request', { code: 'late = [1]\ncount = 5' },
                        { label: 'a' });
    const late = api.globals.get('late');
    press();
    assert.equal(api.runPython('count'), 6);
    await other.undo(other.undoSteps.length - 1);
    press();
    assert.equal(api.runPython('count'), 1);
    assert.equal(globals.has('late'), false);
    const more = api.runPython('[[i] for i in range(100)]', {}).toJs(
      { depth: 1 });
    assert.equal(more.length, 100);
    throwsError(() => late.length, 'RuntimeError', /was undone/);
    assert.equal(more[50].get(0), 50);
  });

  test('a death leaves them too', async (t) => {
    const other = await startKernel(t);
    const api = openApi(other);
    const list = api.runPython('kept = [1, 2]\nkept', {});
    await run(other, 'None');
    await assert.rejects(run(other, 'import os\nos._exit(3)'));
    assert.equal(list.length, 2);
    assert.equal(list.push(3), 3);
    assert.deepEqual(api.runPython('kept'), [1, 2, 3]);
  });

  test('a hundred thousand round trips leave nothing behind', () => {
    const make = proxy('lambda value: [value]');
    const loop = (count) => {
      for (let i = 0; i < count; i++) {
        make({ i }).destroy();
      }
      kernel.proxies.port.releaseNow();
    };
    loop(1000);
    const size = kernel.memorySize;
    const objects = proxy('import gc, sys\nsys.getallocatedblocks()');
    loop(100_000);
    const more = proxy('gc.collect()\nsys.getallocatedblocks()') - objects;
    assert.ok(more < 500, `${more} blocks more`);
    assert.equal(kernel.memorySize, size);
  });
});

describe('calls', () => {
  test('arguments by place and by name', () => {
    const echo = proxy('def echo(*args, **named): return args, named\necho');
    assert.equal(String(echo(1, 'a')), "((1, 'a'), {})");
    assert.equal(String(echo.callKwargs(1, { x: 2, y: 'ü' })),
                 "((1,), {'x': 2, 'y': 'ü'})");
    assert.throws(() => echo.callKwargs(1, 2), TypeError);
    const many = Array.from({ length: 40 }, (_, i) => `text ${i}`);
    assert.deepEqual(echo(...many).toJs()[0], many);
    const most = Array.from({ length: 5000 }, (_, i) => i);
    assert.deepEqual(echo(...most).toJs()[0], most);
    throwsError(() => proxy('lambda a: a')(), 'TypeError', /missing 1/);
  });

  test('relaxed calls drop what is not taken', () => {
    const pair = proxy('lambda a, b=1: (a, b)');
    assert.deepEqual(pair.callRelaxed(1, 2, 3).toJs(), [1, 2]);
    assert.deepEqual(pair.callKwargsRelaxed(1, 5, { c: 3 }).toJs(), [1, 5]);
    assert.deepEqual(
      pair.callWithOptions({ relaxed: true, kwargs: true }, 1, { b: 4 })
        .toJs(), [1, 4]);
  });

  test('apply, call, bind, captureThis', () => {
    const echo = proxy('lambda *args: args');
    assert.deepEqual(echo.apply(null, [1, 2]).toJs(), [1, 2]);
    assert.deepEqual(echo.call(null, 3).toJs(), [3]);
    assert.deepEqual(echo.bind('self', 1)(2).toJs(), [1, 2]);
    const object = { size: 7, get: proxy('lambda self: self.size')
      .captureThis() };
    assert.equal(object.get(), 7);
    assert.deepEqual(echo.captureThis().bind('self', 1)(2).toJs(),
                     ['self', 1, 2]);
  });

  test('classes take new', () => {
    const Point = proxy(`
class Point:
    def __init__(self, x): self.x = x
Point`);
    assert.equal(new Point(4).x, 4);
    assert.equal(Point(5).x, 5);
    assert.throws(() => new (proxy('lambda: 1'))(), TypeError);
  });

  test('a call from a call from a call', () => {
    proxy('import js');
    globalThis.deeper = (depth) =>
      depth === 0 ? 0 : python.globals.get('down')(depth - 1) + 1;
    const down = proxy('def down(depth): return js.deeper(depth)\ndown');
    assert.equal(down(60), 60);
  });
});

describe('exceptions', () => {
  test('a PythonError has the traceback, and comes back as itself', () => {
    const fail = proxy('error = KeyError("k")\n'
      + 'def fail(): raise error\nfail');
    let caught;
    try {
      fail();
    } catch (error) {
      caught = error;
    }
    assert.equal(caught.type, 'KeyError');
    assert.match(caught.message,
                 /^Traceback .*in fail\n.*KeyError: 'k'\n$/s);
    assert.match(caught.stack, /interop_py\.test\.mjs/);
    globalThis.rethrow = () => {
      throw caught;
    };
    assert.equal(python.runPython(`
try:
    js.rethrow()
except KeyError as again:
    result = again is error
result`), true);
  });

  test('an error of JavaScript comes through Python as itself', () => {
    const thrown = new RangeError('mine');
    globalThis.thrower = () => {
      throw thrown;
    };
    assert.throws(proxy('lambda: js.thrower()'), thrown);
  });

  test('runPython names the error after the exception', () => {
    assert.throws(() => python.runPython('1/0'), {
      name: 'ZeroDivisionError',
      type: 'ZeroDivisionError',
    });
    assert.throws(() => python.runPython('1/0', { filename: 'mine.py' }),
                  /^ZeroDivisionError: Traceback .*\n {2}File "mine.py"/);
  });
});

describe('collections', () => {
  test('items', () => {
    const dict = proxy('{"a": 1, 2: 3}');
    assert.deepEqual([dict.get('a'), dict.get(2), dict.get('no')],
                     [1, 3, undefined]);
    assert.ok(dict.has('a') && !dict.has('no'));
    dict.set('b', [1]);
    dict.delete('a');
    throwsError(() => dict.delete('a'), 'KeyError', /'a'/);
    assert.equal(dict.length, 2);
    assert.deepEqual([...dict], [2, 'b']);
    assert.equal(dict.b.at(0), 1);
    dict.c = 4;
    assert.equal(dict.get('c'), 4);
    assert.equal(proxy('{}').items().type, 'dict_items');
  });

  test('lists read like arrays', () => {
    const list = proxy('[3, 1, 2]');
    assert.deepEqual([list[0], list[-1], list[9], list.length, 2 in list],
                     [3, undefined, undefined, 3, true]);
    assert.deepEqual(list.map((x) => x + 1), [4, 2, 3]);
    assert.deepEqual(list.filter((x) => x > 1), [3, 2]);
    assert.deepEqual(list.slice(1), [1, 2]);
    assert.deepEqual(list.concat([4]), [3, 1, 2, 4]);
    assert.deepEqual([0].concat(list), [0, 3, 1, 2]);
    assert.deepEqual([...list.entries()], [[0, 3], [1, 1], [2, 2]]);
    assert.deepEqual([list.join('-'), list.indexOf(2), list.includes(9),
      list.at(-1), list.find((x) => x < 3), list.reduce((a, b) => a + b),
      list.some((x) => x > 2), list.every((x) => x > 2)],
                     ['3-1-2', 2, false, 2, 1, 6, true, false]);
    assert.equal(JSON.stringify(list), '[3,1,2]');
    assert.ok(!Array.isArray(list) && list instanceof ffi.PySequence);
  });

  test('lists change like arrays', () => {
    const list = proxy('[3, 1, 2]');
    assert.equal(list.push(9, 8), 5);
    assert.equal(list.pop(), 8);
    assert.equal(list.shift(), 3);
    assert.equal(list.unshift(5, 6), 5);
    assert.deepEqual(list.splice(1, 2, 'x'), [6, 1]);
    assert.equal(String(list), "[5, 'x', 2, 9]");
    list.splice(1, 1);
    assert.equal(String(list.sort()), '[2, 5, 9]');
    assert.equal(String(list.sort((a, b) => b - a)), '[9, 5, 2]');
    assert.equal(String(list.reverse()), '[2, 5, 9]');
    assert.equal(String(list.fill(0, 1)), '[2, 0, 0]');
    assert.equal(String(proxy('[1, 2, 3, 4]').copyWithin(0, 2)),
                 '[3, 4, 3, 4]');
    list[0] = 7;
    delete list[1];
    assert.equal(String(list), '[7, 0]');
    assert.throws(() => {
      list[9] = 1;
    }, TypeError);
    throwsError(() => {
      proxy('(1,)')[0] = 1;
    }, 'TypeError', /tuple/);
    assert.ok(!(proxy('(1,)') instanceof ffi.PyMutableSequence));
  });

  test('iterators and generators', () => {
    const generator = proxy(`
def generate():
    try:
        got = yield 1
        yield got
    except ValueError as error:
        yield str(error)
    return 7
generate`);
    const steps = generator();
    assert.deepEqual([steps.next(), steps.next(5), steps.next()], [
      { done: false, value: 1 },
      { done: false, value: 5 },
      { done: true, value: 7 },
    ]);
    assert.deepEqual([...generator()], [1, undefined]);
    const ended = generator();
    ended.next();
    assert.deepEqual(ended.return(9), { done: true, value: 9 });
    assert.deepEqual(ended.next(), { done: true, value: undefined });
    const caught = generator();
    caught.next();
    assert.throws(() => caught.throw(new RangeError('no')), RangeError);
    assert.ok(caught instanceof ffi.PyGenerator);
  });

  test('asJsJson is what JSON would read', () => {
    const data = proxy('{"a": [1, {"b": None}], "keys": 2}').asJsJson();
    assert.equal(JSON.stringify(data),
                 '{"a":[1,{"b":null}],"keys":2}');
    assert.deepEqual([data.a[1].b, data.keys], [null, 2]);
  });

  test('classes tell proxies apart', () => {
    const kinds = (code) => Object.entries(ffi)
      .filter(([name, type]) => name.startsWith('Py') && name !== 'PyProxy'
        && proxy(code) instanceof type)
      .map(([name]) => name.slice(2)).sort().join(' ');
    assert.equal(kinds('{}'), 'Dict Iterable ProxyWithGet ProxyWithHas '
      + 'ProxyWithLength ProxyWithSet');
    assert.equal(kinds('lambda: 1'), 'Callable');
    assert.equal(kinds('iter([])'), 'Iterable Iterator');
    assert.match(kinds('b""'), /^Buffer Iterable .* Sequence$/);
    assert.equal(kinds('object()'), '');
    assert.equal({} instanceof ffi.PyProxy, false);
  });
});

describe('toJs', () => {
  const convert = (code, options) => proxy(code).toJs(options);

  test('deep, shallow, cycles', () => {
    assert.deepEqual(convert('[1, (2, "x"), {"a": None}, {4}]'),
                     [1, [2, 'x'], { a: undefined }, new Set([4])]);
    const [inner] = convert('[[1]]', { depth: 1 });
    assert.ok(inner instanceof ffi.PyProxy);
    const loop = convert('x = [1]\nx.append(x)\nx');
    assert.equal(loop[1], loop);
    const shared = convert('y = {}\n[y, y]');
    assert.equal(shared[0], shared[1]);
    assert.equal(Object.getPrototypeOf(convert('{"__proto__": 1}')),
                 Object.prototype);
  });

  test('converters', () => {
    const map = convert('{"a": {"b": 1}}',
                        { dict_converter: (pairs) => new Map(pairs) });
    assert.equal(map.get('a').get('b'), 1);
    proxy('class Box:\n  def __init__(self, x): self.x = x');
    assert.deepEqual(
      convert('[Box(1), Box([Box(2)])]',
              { default_converter: (box, next) => ({ x: next(box.x) }) }),
      [{ x: 1 }, { x: [{ x: 2 }] }]);
    const knot = convert('box = Box(None)\nbox.x = box\nbox', {
      default_converter: (box, next, cache) => {
        const made = {};
        cache(box, made);
        made.x = next(box.x);
        return made;
      },
    });
    assert.equal(knot.x, knot);
    assert.deepEqual(
      convert('[{3, 1}, (2, {5})]', {
        eager_converter: (value, next) =>
          value.type === 'set' ? 'a set' : next(value),
      }),
      ['a set', [2, 'a set']]);
  });

  test('what has no conversion', () => {
    const proxies = [];
    convert('[object(), [object()]]', { pyproxies: proxies });
    assert.equal(proxies.length, 2);
    proxies.forEach((each) => each.destroy());
    throwsError(() => convert('[object()]', { create_pyproxies: false }),
                'ConversionError', /No conversion known for <object/);
    throwsError(() => convert('{(1, 2): 3}'), 'ConversionError', /\(1, 2\)/);
  });

  test('buffers', () => {
    assert.deepEqual(convert('bytearray(b"ab")'), Uint8Array.of(97, 98));
    assert.deepEqual(convert('array.array("i", [1, -2])'),
                     Int32Array.of(1, -2));
    assert.deepEqual(convert('array.array("q", [1])'), BigInt64Array.of(1n));
    assert.deepEqual(convert('memoryview(bytes(range(6))).cast("B", [2, 3])'),
                     [Uint8Array.of(0, 1, 2), Uint8Array.of(3, 4, 5)]);
  });
});

describe('getBuffer', () => {
  test('a view of Python\'s own memory', () => {
    const array = proxy('numbers = array.array("d", [1, 2, 3, 4])\nnumbers');
    const view = array.getBuffer();
    assert.deepEqual(view.data, Float64Array.of(1, 2, 3, 4));
    assert.deepEqual([view.shape, view.strides, view.offset, view.ndim,
      view.itemsize, view.nbytes, view.format, view.readonly,
      view.c_contiguous, view.f_contiguous],
                     [[4], [1], 0, 1, 8, 32, 'd', false, true, true]);
    view.data[0] = 9;
    assert.equal(proxy('numbers[0]'), 9);
    throwsError(() => proxy('numbers.append(5)'), 'BufferError', /export/);
    view.release();
    view.release();
    assert.throws(() => view.data, /released/);
    proxy('numbers.append(5)');
  });

  test('strides, negative ones too', () => {
    const view = proxy('memoryview(bytearray(range(6)))[::-2]').getBuffer();
    assert.deepEqual([view.shape, view.strides, view.offset],
                     [[3], [-2], 4]);
    assert.deepEqual([0, 1, 2].map(
      (i) => view.data[view.offset + i * view.strides[0]]), [5, 3, 1]);
    view.release();
  });

  test('another type, and what has none', () => {
    const view = proxy('bytearray(8)').getBuffer('f64');
    assert.deepEqual(view.data, Float64Array.of(0));
    view.release();
    assert.throws(() => proxy('bytes(8)').getBuffer('x9'), /Unknown type/);
    assert.throws(() => proxy('bytearray(7)').getBuffer('f64'), /8 bytes/);
    assert.equal(proxy('b""').getBuffer().readonly, true);
    assert.ok(proxy('bytes(3)').getBuffer('dataview').data
      instanceof DataView);
  });

  test('data is found again when memory has grown', () => {
    const view = proxy('bytearray(b"here")').getBuffer();
    const before = view.data;
    const size = kernel.memorySize;
    proxy('ballast = bytearray(64 << 20)\nNone');
    assert.ok(kernel.memorySize > size);
    assert.equal(before.length, 0);
    assert.equal(new TextDecoder().decode(view.data), 'here');
    proxy('del ballast');
    view.release();
  });
});

describe('awaiting', () => {
  test('coroutines, futures, failures', async () => {
    const later = proxy(`
import asyncio
async def later(value):
    await asyncio.sleep(0.001)
    if value is None: raise KeyError('k')
    return value
later`);
    assert.equal(await later(5), 5);
    assert.deepEqual(await Promise.all([later(1), later(2)]), [1, 2]);
    await assert.rejects(later(undefined), { type: 'KeyError' });
    const task = later([1]);
    assert.equal(await task.then((value) => value[0] + 1), 2);
    assert.equal(typeof task.catch, 'function');
    assert.ok(proxy('asyncio.Future()') instanceof ffi.PyAwaitable);
  });

  test('an async function goes on without being awaited', async () => {
    proxy('done = []\nasync def go(x):\n'
      + '  await asyncio.sleep(0)\n  done.append(x)')
    python.globals.get('go')(3);
    await waitUntil(() => proxy('len(done)') > 0);
    assert.equal(proxy('done[0]'), 3);
  });

  test('asynchronous iteration', async () => {
    proxy(`
async def count(end):
    for i in range(end):
        await asyncio.sleep(0)
        got = yield i
        if got: yield got`);
    const seen = [];
    for await (const value of python.globals.get('count')(3)) {
      seen.push(value);
    }
    assert.deepEqual(seen, [0, 1, 2]);
    const steps = python.globals.get('count')(3);
    assert.deepEqual(await steps.next(), { done: false, value: 0 });
    assert.deepEqual(await steps.next('x'), { done: false, value: 'x' });
    assert.deepEqual(await steps.return(4), { done: true, value: 4 });
    assert.equal((await steps.next()).done, true);
  });
});

test('callables for one call are of their own class', () => {
  const seen = proxy(`
import js
from pyodide.ffi import create_once_callable, JsCallable, JsOnceCallable
once = create_once_callable(lambda: 5)
[isinstance(once, JsOnceCallable), isinstance(once, JsCallable),
 isinstance(js.Array, JsOnceCallable), once()]`);
  assert.deepEqual(seen.toJs(), [true, true, false, 5]);
  assert.throws(() => proxy('once()'), /for one call/);
  proxy('unused = create_once_callable(print)\nunused.destroy()');
});

describe('callPromising', () => {
  test('runs where it may wait, which other calls say that they cannot',
    { skip: !hasJspi }, async () => {
      const wait = proxy(`
import threading, time
from pyodide.ffi import run_sync
lock = threading.Lock()
def wait(number, *, by=2):
    run_sync(asyncio.sleep(0.005))
    time.sleep(0.005)
    with lock:
        time.sleep(0.001)
    return number * by
wait`);
      assert.equal(await wait.callPromising(4), 8);
      assert.equal(await wait.callPromisingKwargs(4, { by: 3 }), 12);
      await assert.rejects(wait.callPromising(), { type: 'TypeError' });
      throwsError(() => wait(1), 'RuntimeError', /callPromising/);
    });

  test('works while a cell runs that never awaits', { skip: !hasJspi },
    async () => {
      globalThis.answerLater = async (value) => {
        await delay(1);
        return value;
      };
      const ask = proxy(`
import js
def ask(number):
    time.sleep(0.001)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return run_sync(js.answerLater(number)) + 1
ask`);
      const cell = python.runPythonAsync(`
is_over = False
while not is_over: pass
'over'`);
      let hasEnded = false;
      void cell.then(() => {
        hasEnded = true;
      });
      const answers = await Promise.all(
        [1, 2, 3].map((number) => ask.callPromising(number)));
      assert.deepEqual([answers, hasEnded], [[2, 3, 4], false]);
      python.globals.set('is_over', true);
      assert.equal(await cell, 'over');
    });

  test('waits for what belongs to the kernel\'s loop', { skip: !hasJspi },
    async () => {
      const wait = proxy(`
future = asyncio.get_event_loop().create_future()
lambda: run_sync(future)`);
      const answer = wait.callPromising();
      await delay(1);
      python.runPython('future.set_result(5)');
      assert.equal(await answer, 5);
    });

  test('leaves coroutines to the kernel\'s loop', async () => {
    const find = proxy(`
async def find():
    await asyncio.sleep(0)
    return asyncio.get_running_loop() is asyncio.get_event_loop_policy(
        ).get_event_loop() and threading.current_thread(
        ) is threading.main_thread()
import threading
find`);
    assert.equal(await find.callPromising(), true);
    assert.equal(await proxy('lambda: find()').callPromising(), true);
  });

  test('without suspension is a call whose promise is settled', async () => {
    const half = proxy('lambda number: 1 / number');
    assert.equal(await half.callPromising(2), 0.5);
    await assert.rejects(half.callPromising(0), { type: 'ZeroDivisionError' });
  });

  test('has a copy of the caller\'s context', async () => {
    const set = proxy(`
import contextvars
variable = contextvars.ContextVar('variable', default=1)
variable.set(2)
def set(number):
    seen = variable.get()
    variable.set(number)
    return seen, variable.get()
set`);
    const [seen, own] = await set.callPromising(3);
    assert.equal(own, 3);
    assert.equal(proxy('variable.get()'), seen);
  });
});

describe('while a cell runs', { skip: !hasJspi, timeout: 120_000 }, () => {
  test('events call Python, and see the cell\'s variables', async () => {
    const cell = python.runPythonAsync(`
clicks = []
while not clicks: pass
clicks`);
    await waitUntil(() => python.globals.has('clicks'));
    python.globals.get('clicks').append('click');
    assert.deepEqual(await cell, ['click']);
  });

  test('runPython and completion answer beside it', async () => {
    printed.length = 0;
    const cell = python.runPythonAsync(`
print('begin')
event = asyncio.Event()
await event.wait()
'woken'`);
    await waitUntil(() => printed.join('') === 'begin\n');
    await waitUntil(() => python.globals.has('event'));
    assert.equal(python.runPython('print("inside")\n6 * 7'), 42);
    assert.deepEqual(python.autocomplete('event.is_s'), ['is_set']);
    assert.throws(() => python.runPython('1/0'),
                  { name: 'ZeroDivisionError' });
    assert.throws(() => python.runPython('input()'), /callPromising/);
    python.runPython('event.set()');
    assert.equal(await cell, 'woken');
    assert.deepEqual(printed.join(''), 'begin\ninside\n');
  });

  test('its exception state is its own', async () => {
    const cell = python.runPythonAsync(`
caught = asyncio.Event()
try:
    1 / 0
except ZeroDivisionError:
    handling = True
    await caught.wait()
    try:
        raise
    except ZeroDivisionError as error:
        kept = str(error)
kept`);
    await waitUntil(() => python.globals.has('handling'));
    assert.throws(() => python.runPython('raise'), /No active exception/);
    python.runPython('caught.set()');
    assert.equal(await cell, 'division by zero');
  });
});

describe('the page\'s object', () => {
  test('globals', () => {
    const { globals } = python;
    globals.set('given', [1, { b: 2 }]);
    assert.deepEqual(python.runPython('given.to_py()'), [1, { b: 2 }]);
    assert.ok(globals.has('given') && !globals.has('never_given'));
    assert.equal(globals.get('never_given'), undefined);
    globals.direct = 5;
    assert.equal(python.runPython('direct'), 5);
    globals.delete('direct');
    assert.equal(globals.has('direct'), false);
    assert.equal(globals, python.globals);
    assert.ok([...globals.keys()].includes('given'));
  });

  test('toPy', () => {
    const texts = [
      [{ a: [1, { b: 2 }] }, "{'a': [1, {'b': 2}]}"],
      [new Map([[1, 2]]), '{1: 2}'],
      [new Set([1]), '{1}'],
      [[1, undefined], '[1, None]'],
    ];
    for (const [value, text] of texts) {
      assert.equal(String(python.toPy(value)), text);
    }
    assert.equal(python.toPy(5), 5);
    const shallow = python.toPy({ a: { b: 1 } }, { depth: 1 });
    assert.equal(proxy('lambda d: type(d["a"]).__name__')(shallow),
                 'JsProxy');
  });

  test('namespaces and file names of the caller\'s', async () => {
    const globals = python.toPy({ a: 1 });
    assert.equal(python.runPython('b = a + 1\nb', { globals }), 2);
    assert.equal(globals.get('b'), 2);
    const locals = python.toPy({ a: 10 });
    assert.equal(python.runPython('a', { globals, locals }), 10);
    assert.equal(python.runPython('a', { globals: { a: 3 } }), 3);
    assert.equal(
      await python.runPythonAsync('import asyncio\n'
        + 'await asyncio.sleep(0, a)', { globals }), 1);
  });

  test('modules both ways', () => {
    assert.equal(python.pyimport('math').sqrt(4), 2);
    assert.equal(python.pyimport('os.path.join')('a', 'b'), 'a/b');
    throwsError(() => python.pyimport('no_such'), 'ModuleNotFoundError',
                /no_such/);
    python.registerJsModule('of_page', { x: 3, inner: { y: 4 } });
    assert.deepEqual(python.runPython(`
import of_page
from of_page.inner import y
(of_page.x, y)`), [3, 4]);
    python.unregisterJsModule('of_page');
    assert.throws(() => python.runPython('import of_page'),
                  { name: 'ModuleNotFoundError' });
    throwsError(() => python.unregisterJsModule('of_page'), 'ValueError',
                /of_page/);
  });

  test('streams', () => {
    const lines = [];
    python.setStdout({ batched: (line) => lines.push(line) });
    python.runPython('print("a\\nb", end="")\nprint("c")');
    const bytes = [];
    python.setStdout({ raw: (byte) => bytes.push(byte) });
    python.runPython('print("é")');
    python.setStdout();
    assert.deepEqual(lines, ['a', 'bc']);
    assert.deepEqual(bytes, [0xc3, 0xa9, 0x0a]);
    printed.length = 0;
    python.runPython('print("back")');
    assert.deepEqual(printed, ['back\n']);
    const answers = ['first', 'second'];
    python.setStdin({ stdin: () => answers.shift() });
    assert.deepEqual(python.runPython(
      'import sys\n[input(), sys.stdin.readline()]'), ['first', 'second\n']);
    assert.throws(() => python.runPython('input()'), { name: 'EOFError' });
    python.setStdin();
  });

  test('files', () => {
    const { FS } = python;
    FS.mkdirTree('deep/er');
    FS.writeFile('deep/er/a.txt', 'äb');
    FS.writeFile('deep/b.bin', Uint8Array.of(1, 2));
    assert.equal(FS.readFile('deep/er/a.txt', { encoding: 'utf8' }), 'äb');
    assert.deepEqual(FS.readFile('deep/b.bin'), Uint8Array.of(1, 2));
    assert.deepEqual(FS.readdir('deep'), ['.', '..', 'b.bin', 'er']);
    const { size, mode, mtime } = FS.stat('deep/b.bin');
    assert.ok(size === 2 && FS.isFile(mode) && !FS.isDir(mode));
    assert.ok(mtime instanceof Date);
    FS.unlink('deep/b.bin');
    assert.equal(FS.analyzePath('deep/b.bin').exists, false);
    assert.equal(FS.analyzePath('deep/er').exists, true);
    throwsError(() => FS.rmdir('deep'), 'OSError', /not empty/);
  });
});

test('nothing of all this ended the kernel', async () => {
  const { value } = await run(kernel, '1 + 1');
  assert.equal(value, 2);
  kernel.dispose();
});
