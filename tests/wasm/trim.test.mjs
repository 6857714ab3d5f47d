// What leaves memory: deleted data before a copy, files that an image has, and
// images that are brought when somebody reads them.

import assert from 'node:assert/strict';
import { freemem } from 'node:os';
import { test } from 'node:test';
import { parts } from './load.mjs';
import { Python, readParts } from './snapshots.mjs';

/** Never in the source of a cell: that is kept, in the history. */
const secret = 'swordfish-4711';
const hidden = JSON.stringify([...Buffer.from(secret)].map((b) => b ^ 0x55));

function count(bytes, text) {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let found = 0;
  for (let at = -1; (at = buffer.indexOf(text, at + 1)) >= 0; ) {
    found++;
  }
  return found;
}

function countPages(bytes) {
  const words = new BigUint64Array(bytes.buffer);
  let used = 0;
  for (let at = 0; at < words.length; at += 512) {
    used += words.subarray(at, at + 512).some((word) => word !== 0n);
  }
  return used;
}

/** Ways in which data gets about in memory, for a name `secret`. */
const uses = {
  'a text of every size': `
kept = [secret[:n] * m for n in range(8, 15) for m in (1, 3, 30, 300, 30000)]
del kept`,
  'bytes and containers': `
kept = {secret + str(i): (secret.encode(), [secret] * i) for i in range(9999)}
del kept`,
  'cycles that only the collector finds': `
class Node: pass
for i in range(1000):
    node = Node(); node.me = node; node.text = secret + str(i)
del node, Node, i`,
  'what was printed': `print(secret * 1000, flush=True)`,
  'a file that was removed': `
import os
open('f', 'w').write(secret * 99999); os.remove('f')`,
  'variables of functions': `
def f(n, text):
    text = text + '!'
    return f(n - 1, text) if n else len(text)
f(100, secret)`,
  'exceptions that were caught': `
try: raise ValueError(secret)
except ValueError as error: repr(error)`,
  'a decompressor': `
import zlib
zlib.decompress(zlib.compress(secret.encode() * 1000))
None`,
};

for (const [name, code] of Object.entries(uses)) {
  test(`nothing deleted is left: ${name}`, async () => {
    const python = await Python.start();
    const make = `secret = bytes(b ^ 0x55 for b in ${hidden}).decode()`;
    assert.equal(python.run(`${make}\n${code}`).status, 'ok');
    assert.ok(count(python.bytes, secret) > 0, 'it was there');
    python.run('del secret');
    python.instance.trim();
    assert.equal(count(python.bytes, secret), 0);
  });
}

test('nothing deleted is left in the blocks that numpy keeps', async () => {
  const python = await Python.start({}, await readParts('numpy'));
  python.run(`import numpy
secret = bytes(b ^ 0x55 for b in ${hidden})
kept = [numpy.frombuffer(secret * n, 'u1').copy() for n in range(1, 200)]
del kept`);
  assert.ok(count(python.bytes, secret) > 1000, 'it was there');
  python.run('del secret');
  python.instance.trim();
  assert.equal(count(python.bytes, secret), 0);
});

test('what is not deleted stays, and Python goes on', async () => {
  const python = await Python.start();
  python.run(`secret = bytes(b ^ 0x55 for b in ${hidden}).decode()
kept = [secret + str(i) for i in range(1000)]
big = bytearray(1 << 22)`);
  for (let i = 0; i < 3; i++) {
    python.instance.trim();
    assert.ok(count(python.bytes, secret) > 1000);
    const code = `kept == [secret + str(i) for i in range(1000)] and [
    x for x in (str(n) * 7 for n in range(100000)) if 'x' in x] == []`;
    assert.equal(python.value(code), true);
  }
});

test('free memory takes no space in a copy', async () => {
  const python = await Python.start();
  const before = countPages(python.bytes.slice());
  python.run(`a = [bytes([i % 251 + 1]) * 5000 for i in range(10000)]
b = [object() for i in range(500000)]
del a, b`);
  const used = countPages(python.bytes.slice());
  assert.ok(used > before + 10_000);
  python.instance.trim();
  const left = countPages(python.bytes.slice());
  assert.ok(left < before + 100, `${before}, ${used}, ${left} pages`);
});

/** A test that fills the whole address space. */
const large = { skip: freemem() < 6 * 2 ** 30 && 'too little free memory' };

test('memory that was full once is trimmed as well', large, async () => {
  const python = await Python.start();
  const { status } = python.run(`
blocks = []
try:
    while True: blocks.append(bytearray(b'x') * (64 << 20))
except MemoryError: count = len(blocks)
try:
    while True: blocks.append(bytearray(b'x') * (64 << 10))
except MemoryError: pass
del blocks`);
  assert.equal(status, 'ok');
  assert.ok(python.bytes.length > 4e9);
  python.instance.trim();
  assert.equal(count(python.bytes.subarray(2 ** 31), 'xxxxxxxx'), 0);
  assert.equal(python.value('count > 50 and 6 * 7'), 42);
});

test('trimming is refused before Python has started', async () => {
  const python = await Python.start();
  assert.equal(python.instance.canSnapshot, true);
  const bytes = new Uint8Array(python.bytes.length);
  await assert.rejects(Python.resume(bytes, { kind: 'build' }), /possible now/);
});

// --- Images ---

/** A copy without files' contents, and who brings them. */
async function withoutImages() {
  const first = await Python.start();
  const bytes = first.copy();
  const asked = [];
  const bring = (index) => {
    asked.push(index);
    return parts.images[index].bytes;
  };
  return { bytes, asked, bring };
}

test('an image is brought when it is read first', async () => {
  const { bytes, asked, bring } = await withoutImages();
  const config = { kind: 'build', images: [] };
  const python = await Python.resume(bytes, config, bring);
  assert.equal(python.value('import os; len(os.listdir(os.__file__[:-6]))') > 0, true);
  assert.deepEqual(asked, [], 'names are there');
  assert.equal(python.value('import csv; csv.__name__'), 'csv');
  assert.deepEqual(asked, [0]);
  assert.equal(python.value('import this; "Zen" in this.s or len(this.s) > 0'), true);
  assert.deepEqual(asked, [0], 'and once only');
});

test('an image that is put in before is not asked for', async () => {
  const { bytes, asked, bring } = await withoutImages();
  const config = { kind: 'build', images: [] };
  const python = await Python.resume(bytes, config, bring);
  python.instance.putImage(0, parts.images[0].bytes);
  assert.equal(python.value('import csv; csv.__name__'), 'csv');
  assert.deepEqual(asked, []);
  assert.throws(() => python.instance.putImage(0, new Uint8Array(9)), /another/);
});

test('those that the page has put in are named to it', async () => {
  const { bytes, asked, bring } = await withoutImages();
  const [image] = (await Python.start()).instance.images();
  bytes.set(parts.images[0].bytes, image.address);
  const config = { kind: 'build', images: [0] };
  const python = await Python.resume(bytes, config, bring);
  assert.equal(python.value('import csv; csv.__name__'), 'csv');
  assert.deepEqual(asked, []);
});

test('a checkpoint has those images that memory had', async () => {
  const { bytes, asked, bring } = await withoutImages();
  const config = { kind: 'build', images: [] };
  const first = await Python.resume(bytes, config, bring);
  assert.equal(first.value('6 * 7'), 42);
  const copy = first.bytes.slice();
  const second = await Python.resume(copy, { kind: 'checkpoint' }, bring);
  assert.equal(second.value('import csv; csv.__name__'), 'csv');
  const third = await Python.resume(
    second.bytes.slice(),
    { kind: 'checkpoint' },
    bring,
  );
  assert.equal(third.value('import wave; wave.__name__'), 'wave');
  assert.deepEqual(asked, [0]);
});

test('an image that cannot be had is an error of the import', async () => {
  const { bytes } = await withoutImages();
  const config = { kind: 'build', images: [] };
  const python = await Python.resume(bytes, config, () => null);
  const { ename, status } = python.run('import csv');
  assert.equal(status, 'error');
  assert.equal(ename, 'OSError');
  assert.match(python.log, /core.image: its files are not in memory/);
  assert.equal(python.value('6 * 7'), 42);
});

/** How many pieces of 16 bytes, not all zero, are what they were. */
function countKept(old, now) {
  const length = 16;
  let count = 0;
  for (let start = 0; start < now.length; start += length) {
    const piece = now.subarray(start, start + length);
    const was = old.subarray(start, start + length);
    const isFree = piece.every((byte) => byte === 0);
    count += !isFree && piece.every((byte, i) => byte === was[i]);
  }
  return count;
}

test('an image gives way to another, and its memory is free', async () => {
  const python = await Python.start();
  python.run('import csv; f = open(csv.__file__, "rb")');
  const before = python.instance.images();
  const { address, size } = before[0];
  const old = python.bytes.slice(address, address + size);
  python.instance.replaceImage(0, parts.images[0].bytes, 'small.image');
  const after = python.instance.images();
  assert.equal(after[0].name, 'small.image');
  assert.equal(after[0].path, before[0].path);
  assert.notEqual(after[0].address, before[0].address);
  python.instance.trim();
  const now = python.bytes.slice(address, address + size);
  assert.equal(countKept(old, now), 0);
  // Python may have put something of its own there since.
  assert.ok(now.filter((byte) => byte !== 0).length < size / 16);
  const code = `import wave, os
wave.__name__, len(f.read()) > 0, os.path.exists(csv.__file__)`;
  assert.deepEqual(python.value(code), ['wave', true, true]);
  assert.throws(
    () => python.instance.replaceImage(0, new Uint8Array(99), 'bad'),
    /malformed/,
  );
});

test('an image that is mounted later is found', async () => {
  const [first, ...others] = parts.images;
  const python = await Python.start({}, { ...parts, images: [first] });
  const code = `import importlib.util
importlib.util.find_spec('tzdata') is not None`;
  assert.equal(python.value(code), false);
  others.forEach(({ path, bytes, name }) =>
    python.instance.mount(path, bytes, name),
  );
  assert.equal(python.value(code), true);
});

// --- Modules whose files stayed behind ---

/** Imports a module and a package, and copies memory without their files. */
async function withoutFiles() {
  const first = await Python.start();
  const { status } = first.run(`
import csv, importlib, json, os, runpy, shutil, sys
csv.mine = json.mine = 'kept'
specs = csv.__spec__, json.__spec__, json.decoder.__spec__
attributes = {name: dict(vars(sys.modules[name]))
              for name in ('csv', 'json', 'json.decoder')}
os.remove(csv.__file__)
for name in os.listdir(json.__path__[0]):
    os.remove(os.path.join(json.__path__[0], name))`);
  assert.equal(status, 'ok');
  first.instance.trim();
  return first.bytes.slice();
}

test('a module comes back without its file', async () => {
  const bytes = await withoutFiles();
  for (const kind of ['build', 'saved', 'checkpoint']) {
    const python = await Python.resume(bytes, { kind });
    const code = `old = csv, json, json.decoder
for name in ('csv', 'json', 'json.decoder'):
    del sys.modules[name]
import csv, json, json.decoder
from json import loads
[csv is old[0], json is old[1], json.decoder is old[2], loads('[1]') == [1],
 (csv.__spec__, json.__spec__, json.decoder.__spec__) == specs,
 json.__file__.endswith('json/__init__.pyc')]`;
    assert.deepEqual(python.value(code), Array(6).fill(true), kind);
  }
});

test('reload leaves a module without a file as it is', async () => {
  const bytes = await withoutFiles();
  const python = await Python.resume(bytes, { kind: 'build' });
  const code = `[importlib.reload(module) is module
 and vars(module) == attributes[module.__name__]
 for module in (csv, json, json.decoder)]`;
  assert.deepEqual(python.value(code), [true, true, true]);
});

test('code that stayed behind cannot be run again', async () => {
  const bytes = await withoutFiles();
  const python = await Python.resume(bytes, { kind: 'build' });
  for (const code of ["runpy.run_module('csv')", 'csv.__loader__.get_code("csv")']) {
    const { ename, evalue } = python.run(code);
    assert.equal(ename, 'ImportError');
    assert.match(evalue, /csv is not in this file.*pack --cold/);
  }
});

test('a module whose file is there is loaded from it', async () => {
  const bytes = await withoutFiles();
  const python = await Python.resume(bytes, { kind: 'build' });
  const code = `import wave; wave.mine = 1; del sys.modules['wave']
import wave
hasattr(wave, 'mine'), importlib.util.find_spec('no_such_module')`;
  assert.deepEqual(python.value(code), [false, null]);
});
