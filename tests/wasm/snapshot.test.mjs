// Memory as the state: a kernel that goes on in a copy of another's memory.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  hasJspi,
  Kernel,
  parts,
  readBareModule,
  run,
  startKernel,
  waitUntil,
} from './load.mjs';

const bare = await readBareModule();

/** A kernel in a fresh memory that holds these bytes. */
async function resume(test, bytes, kind, options = {}) {
  const snapshot = () => {
    const pages = bytes.length / 65536;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536 });
    new Uint8Array(memory.buffer).set(bytes);
    return { memory, kind };
  };
  const from = { module: bare, images: [], snapshot };
  const kernel = await Kernel.load(from, options);
  test.after(() => kernel.dispose());
  return kernel;
}

/** The custom section that both modules have. */
function describe(module) {
  const [section] = WebAssembly.Module.customSections(module, 'tincture');
  return JSON.parse(new TextDecoder().decode(section));
}

test('both modules say of which build they are', () => {
  const description = describe(parts.module);
  assert.match(description.build, /^[0-9a-f]{16}$/);
  assert.ok(description.initial_pages > 16);
  assert.deepEqual(describe(bare), description);
});

test('the memory is the only thing that is imported beside functions', () => {
  const imports = WebAssembly.Module.imports(parts.module);
  const others = imports.filter(({ kind }) => kind !== 'function');
  assert.deepEqual(others, [{ module: 'env', name: 'memory', kind: 'memory' }]);
  assert.deepEqual(WebAssembly.Module.imports(bare), imports);
});

for (const kind of ['build', 'saved', 'checkpoint']) {
  test(`a copy of memory goes on where it was, ${kind}`, async (t) => {
    const first = await startKernel(t);
    await run(first, 'import json; x = [1]; x.append(x)\nf = iter(range(9))');
    await run(first, `open('kept', 'w').write('text'); next(f)`);
    const second = await resume(t, first.copyMemory(), kind);
    const code = `[x[1] is x, next(f), open('kept').read(), json.dumps(None)]`;
    assert.deepEqual((await run(second, code)).value.v, [true, 1, 'text', 'null']);
    const { value } = await run(second, 'import csv; csv.__name__');
    assert.equal(value, 'csv', 'an import out of the copied image');
    assert.equal((await run(first, 'next(f)')).value, 1, 'the first lives on');
  });
}

test('images stand on pages of their own, where they are said to be', async (t) => {
  const kernel = await startKernel(t);
  const memory = kernel.copyMemory();
  const images = kernel.images();
  assert.equal(images.length, parts.images.length);
  images.forEach(({ path, name, address, size }, i) => {
    assert.equal(path, parts.images[i].path);
    assert.equal(name, parts.images[i].name);
    assert.equal(address % 4096, 0);
    const { bytes } = parts.images[i];
    assert.equal(size, bytes.length);
    assert.ok(Buffer.from(bytes).equals(memory.subarray(address, address + size)));
    const end = Math.ceil((address + size) / 4096) * 4096;
    const rest = memory.subarray(address + size, end);
    assert.ok(rest.every((byte) => byte === 0));
  });
});

test('a copy without the images, which are put back', async (t) => {
  const first = await startKernel(t);
  await run(first, 'x = 41');
  const bytes = first.copyMemory();
  for (const { address, size } of first.images()) {
    bytes.fill(0, address, address + size);
  }
  first.images().forEach(({ address }, i) => {
    bytes.set(parts.images[i].bytes, address);
  });
  const second = await resume(t, bytes, 'build');
  assert.equal((await run(second, 'import csv; x + 1')).value, 42);
});

test('the monotonic clock never goes back', async (t) => {
  const kernel = await startKernel(t);
  const code = 'import time; time.monotonic(), time.perf_counter()';
  const before = (await run(kernel, code)).value.v;
  const bytes = kernel.copyMemory();
  const real = performance.now;
  t.after(() => {
    performance.now = real;
  });
  performance.now = () => real.call(performance) - 3_600_000;
  for (const kind of ['build', 'saved', 'checkpoint']) {
    const later = await resume(t, bytes, kind);
    const after = (await run(later, code)).value.v;
    after.forEach((seconds, i) => {
      assert.ok(seconds >= before[i], `${kind}: ${seconds} after ${before[i]}`);
      assert.ok(seconds < before[i] + 600, `${kind}: ${seconds} is far off`);
    });
  }
});

test('time between checkpoint and return counts, before a save not', async (t) => {
  const kernel = await startKernel(t);
  const before = (await run(kernel, 'import time; time.monotonic()')).value;
  const bytes = kernel.copyMemory();
  const real = performance.now;
  t.after(() => {
    performance.now = real;
  });
  performance.now = () => real.call(performance) + 3_600_000;
  const checkpoint = await resume(t, bytes, 'checkpoint');
  const { value: kept } = await run(checkpoint, 'time.monotonic()');
  assert.ok(kept - before >= 3600);
  const saved = await resume(t, bytes, 'saved');
  const { value: rebased } = await run(saved, 'time.monotonic()');
  assert.ok(rebased - before < 1800);
});

test('what is no kind of snapshot is refused', async (t) => {
  const kernel = await startKernel(t);
  await assert.rejects(resume(t, kernel.copyMemory(), 'other'), /malformed/);
});

const jspi = { skip: !hasJspi && 'this Node cannot suspend WebAssembly' };

test('no copy is taken or used while a stack is suspended', jspi, async (t) => {
  let memory;
  const Memory = WebAssembly.Memory;
  t.after(() => {
    WebAssembly.Memory = Memory;
  });
  WebAssembly.Memory = function (limits) {
    memory = new Memory(limits);
    return memory;
  };
  const kernel = await startKernel(t);
  WebAssembly.Memory = Memory;
  const running = run(kernel, 'import time; time.sleep(0.3); 5');
  await waitUntil(() => kernel.state === 'waiting');
  assert.throws(() => kernel.copyMemory(), /cannot be copied/);
  const bytes = new Uint8Array(memory.buffer).slice();
  await assert.rejects(resume(t, bytes, 'build'), /not possible now/);
  assert.equal((await running).value, 5);
});
