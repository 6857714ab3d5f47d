// JavaScript seen from Python: what each kind of object is, what survives a
// restore of memory, and that nothing is left behind.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { cases, setup, waitingCases } from './interop_js_cases.mjs';
import {
  hasJspi,
  KernelDiedError,
  openApi,
  run,
  startKernel,
  waitUntil,
} from './load.mjs';
import { Python } from './snapshots.mjs';

const jspi = { skip: !hasJspi && 'this Node cannot suspend WebAssembly' };

const MILLION = 1_000_000;

/* What memory may have grown by: it grows in steps. */
const GROWTH = 2 << 20;

/* Collections until all that is unused must have been found. */
const PATIENCE = 2000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** Lets the collector find what nobody uses, and tell Python of it. */
async function collect() {
  collectGarbage();
  await delay(0);
}

/** Runs a program that must end well. */
async function check(kernel, code, content = {}) {
  const reply = await run(kernel, code, content);
  assert.equal(reply.status, 'ok', reply.traceback?.join('\n'));
  return reply;
}

test('what JavaScript objects are in Python', async (t) => {
  const kernel = await startKernel(t);
  await check(kernel, setup);
  for (const [name, code] of Object.entries(cases)) {
    await t.test(name, () => check(kernel, code));
  }
});

test('what Python awaits of JavaScript', jspi, async (t) => {
  const kernel = await startKernel(t);
  await check(kernel, setup);
  for (const [name, code] of Object.entries(waitingCases)) {
    await t.test(name, () => check(kernel, code));
  }
  await t.test('tasks go on when a promise settles later', async () => {
    await check(
      kernel,
      'import asyncio\nasync def wait():\n' +
        '    global got\n    got = await js.Promise.new(' +
        'ev("(r) => { globalThis.settle = r }"))\n' +
        'task = asyncio.create_task(wait())\nawait asyncio.sleep(0)',
    );
    globalThis.settle('late');
    await waitUntil(async () => {
      const { value } = await run(kernel, '"got" in globals() and got');
      return value === 'late';
    });
  });
});

test('nothing is left behind', async (t) => {
  const kernel = await startKernel(t);
  await check(kernel, setup);
  const loop = (count) => `
same = ev("(x) => x"); make = ev("() => ({a: [1, 2], f() {}})")
def turn():
    o = make(); o.a; o.f; same(o); same("text" * 20); list(o.a); o.f()
    o.x = o.a; same([1]); o.to_py(depth=1)
    try: ev("throw Error('e')")
    except Exception: pass
for i in range(${count}): turn()
import gc; gc.collect()`;
  await check(kernel, loop(1000));
  const before = kernel.objectCounts;
  const memory = kernel.memorySize;
  await check(kernel, loop(20000));
  const after = kernel.objectCounts;
  assert.ok(after.held <= before.held + 2, JSON.stringify({ before, after }));
  assert.ok(kernel.memorySize <= memory + (2 << 20));
  // What is dropped many at a time leaves with the cell.
  await check(kernel, 'many = [make() for i in range(5000)]');
  assert.ok(kernel.objectCounts.held >= 5000);
  await check(kernel, 'del many');
  assert.ok(kernel.objectCounts.held <= before.held + 2);
});

test('a million objects to Python and back leave nothing', async (t) => {
  const kernel = await startKernel(t);
  globalThis.makeObject = (number) => ({ number, list: [number] });
  globalThis.numberOf = ({ number }) => number;
  const turn = (count) => `
import js
from js import makeObject, numberOf
def turn(count):
    for i in range(count):
        made = makeObject(i)
        made.list
        assert numberOf(made) == i
turn(${count})`;
  await check(kernel, turn(1000));
  const before = kernel.objectCounts;
  const memory = kernel.memorySize;
  await check(kernel, turn(MILLION));
  assert.ok(kernel.objectCounts.held <= before.held + 2);
  assert.ok(kernel.objectCounts.aside <= before.aside + 2);
  assert.ok(kernel.memorySize <= memory + GROWTH);
});

test('a million objects to JavaScript and back leave nothing', async (t) => {
  const kernel = await startKernel(t);
  const python = openApi(kernel);
  python.runPython(`
class Thing:
    live = 0
    def __init__(self, number):
        self.number = number
        Thing.live += 1
    def __del__(self):
        Thing.live -= 1
def number_of(thing):
    return thing.number`);
  const Thing = python.globals.get('Thing');
  const numberOf = python.globals.get('number_of');
  // Every other proxy is left to the collector, which has to be let in.
  const turn = async (count) => {
    for (let i = 0; i < count; i++) {
      const thing = Thing(i);
      assert.equal(numberOf(thing), i);
      if (i % 2 === 0) {
        thing.destroy();
      }
      if (i % 10_000 === 0) {
        await collect();
      }
    }
  };
  await turn(10_000);
  const memory = kernel.memorySize;
  await turn(MILLION);
  for (let i = 0; i < PATIENCE && Thing.live > 0; i++) {
    await collect();
  }
  assert.equal(Thing.live, 0);
  assert.ok(kernel.memorySize <= memory + GROWTH);
});

test('objects outlive an undone cell and a death', async (t) => {
  const kernel = await startKernel(t);
  const cell = (code, label) =>
    kernel.request('execute_request', { code, value: true }, { label });
  const value = async (code) => (await run(kernel, code)).value;
  globalThis.store = {};
  await cell(
    'import js\na = js.Object.new(); a.x = 5\njs.store.a = a\nm = a.toString',
    'first',
  );
  await cell('b = js.Object.new()\ndel a, m', 'second');
  assert.equal(kernel.objectCounts.aside, 2);
  await kernel.undo(1);
  assert.equal(await value('a.x'), 5);
  assert.equal(await value('a is js.store.a and m() == "[object Object]"'), true);
  assert.equal(await value('"b" in globals()'), false);
  await assert.rejects(
    cell('import os; del a; os.abort()', 'death'),
    KernelDiedError,
  );
  assert.equal(await value('a is js.store.a and a.x'), 5);
  await cell('c = [js.Object.new() for _ in range(10)]', 'more');
  const { held } = kernel.objectCounts;
  await kernel.undo(kernel.undoSteps.length - 1);
  assert.equal(kernel.objectCounts.held, held - 10);
});

test('a saved state names what another page has', async () => {
  const first = await Python.start();
  globalThis.tree = { branch: { leaf: { v: 1 } } };
  first.run(
    'import js\nfrom js import Math, tree\nleaf = tree.branch.leaf\n' +
      'made = js.Object.new()\nmax = Math.max\nlist_ = js.Array.of(1)',
  );
  globalThis.tree = { branch: { leaf: { v: 2 } } };
  const second = await Python.resume(first.bytes, { kind: 'saved' });
  assert.equal(second.value('Math.PI > 3 and max(1, 2)'), 2);
  assert.equal(second.value('leaf.v'), 2);
  assert.equal(second.value('leaf is js.tree.branch.leaf'), true);
  for (const code of ['made.x', 'list_[0]', 'len(list_)', 'made.x_ = 1']) {
    const { status, ename, evalue } = second.run(code);
    assert.equal(status, 'error');
    assert.equal(ename, 'ReferenceError', code);
    assert.match(evalue, /earlier page/);
  }
  assert.equal(second.value('made is made and js.Array.of(3)[0]'), 3);
  delete globalThis.tree;
  const third = await Python.resume(first.bytes, { kind: 'saved' });
  assert.equal(third.run('leaf.v').ename, 'ReferenceError');
  assert.equal(third.value('js.Math == Math'), true);
});
