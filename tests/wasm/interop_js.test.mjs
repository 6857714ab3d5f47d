// JavaScript seen from Python: what each kind of object is, what survives a
// restore of memory, and that nothing is left behind.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cases, setup, waitingCases } from './interop_js_cases.mjs';
import { hasJspi, KernelDiedError, run, startKernel } from './load.mjs';
import { Python } from './snapshots.mjs';

const jspi = { skip: !hasJspi && 'this Node cannot suspend WebAssembly' };

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
    for (let i = 0; i < 200; i++) {
      const { value } = await run(kernel, '"got" in globals() and got');
      if (value === 'late') {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.fail('the task did not go on');
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
