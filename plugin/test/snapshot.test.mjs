// Snapshots of memory: written, read back whole and in pieces, refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const {
  applySnapshot,
  pageSize,
  SnapshotApplier,
  SnapshotError,
  writeDelta,
  writeSnapshot,
} = await load('snapshot');

const memorySize = 4 * 65536;
const build = '0123456789abcdef';
const base = 'fedcba9876543210';

/* Memory with something on these pages. */
function makeMemory(pages, size = memorySize) {
  const memory = new Uint8Array(size);
  pages.forEach((page, i) => {
    memory[page * pageSize + i] = i + 1;
    memory[(page + 1) * pageSize - 1] = page + 1;
  });
  return memory;
}

function restore(bytes, memory = new Uint8Array(memorySize)) {
  const header = applySnapshot(bytes, () => memory);
  return { header, memory };
}

/* The size of everything before the pages. */
function headSize(bytes) {
  const view = new DataView(bytes.buffer);
  const table = 12 + view.getUint32(8, true);
  return table + 4 + 8 * view.getUint32(table, true);
}

/* A snapshot with another header. */
function withHeader(bytes, change) {
  const size = new DataView(bytes.buffer).getUint32(8, true);
  const text = new TextDecoder().decode(bytes.subarray(12, 12 + size));
  const header = JSON.parse(text);
  const json = new TextEncoder().encode(JSON.stringify(change(header)));
  const changed = new Uint8Array(bytes.length - size + json.length);
  changed.set(bytes.subarray(0, 12));
  new DataView(changed.buffer).setUint32(8, json.length, true);
  changed.set(json, 12);
  changed.set(bytes.subarray(12 + size), 12 + json.length);
  return changed;
}

test('memory comes back, and zero pages are left out', () => {
  const memory = makeMemory([0, 3, 4, 5, 63]);
  const bytes = writeSnapshot(memory, { build, images: [] });
  assert.equal(bytes.length, headSize(bytes) + 5 * pageSize);
  const restored = restore(bytes);
  assert.deepEqual(restored.memory, memory);
  assert.deepEqual(restored.header, {
    build,
    memory_size: memorySize,
    images: [],
    kind: 'base',
  });
});

test('the same memory gives the same bytes', () => {
  const memory = makeMemory([1, 9]);
  const place = { path: '/a', name: 'a.image', address: 4096 };
  const sizes = { size: 10, index_size: 5 };
  assert.deepEqual(
    writeSnapshot(memory, { build, images: [{ ...place, ...sizes }] }),
    writeSnapshot(memory, { images: [{ ...sizes, more: 1, ...place }], build }),
  );
});

test('memory without anything is a snapshot too', () => {
  const bytes = writeSnapshot(makeMemory([]), { build, images: [] });
  assert.equal(bytes.length, headSize(bytes));
  assert.deepEqual(restore(bytes).memory, makeMemory([]));
});

test('contents of images are left out, their indexes are not', () => {
  const memory = makeMemory([...Array(64).keys()]);
  const make = (name, first, pageCount, indexSize) => ({
    path: `/${name}`,
    name,
    address: first * pageSize,
    size: pageCount * pageSize,
    index_size: indexSize,
  });
  const images = [
    make('b', 8, 1.5, 1),
    make('a', 2, 3, pageSize + 1),
    make('c', 20, 0.125, 100),
    make('d', 30, 2, 0),
    make('e', 40, 1, pageSize),
  ];
  const bytes = writeSnapshot(memory, { build, images });
  const restored = restore(bytes);
  for (let page = 0; page < 64; page++) {
    const range = [page * pageSize, (page + 1) * pageSize];
    const isContent = [4, 9, 30, 31].includes(page);
    assert.deepEqual(
      restored.memory.slice(...range),
      isContent ? new Uint8Array(pageSize) : memory.slice(...range),
      `page ${page}`,
    );
  }
  assert.deepEqual(restored.header.images, images);
});

test('a delta holds what differs and gives it back', () => {
  const before = makeMemory([0, 1, 2, 10]);
  const after = makeMemory([0, 1, 2, 10], 2 * memorySize);
  after.fill(0, pageSize, 2 * pageSize);
  after[10 * pageSize + 5] ^= 0x55;
  after[memorySize + 7] = 1;
  const bytes = writeDelta(after, before, { build, images: [], base });
  assert.equal(bytes.length, headSize(bytes) + 3 * pageSize);
  const grown = new Uint8Array(2 * memorySize);
  grown.set(before);
  const restored = restore(bytes, grown);
  assert.deepEqual(restored.memory, after);
  assert.equal(restored.header.kind, 'delta');
  assert.equal(restored.header.base, base);
});

test('a delta of memory that did not change has no pages', () => {
  const memory = makeMemory([5, 6]);
  const bytes = writeDelta(memory, memory, { build, images: [], base });
  assert.equal(bytes.length, headSize(bytes));
});

test('pieces of any size do', () => {
  const before = makeMemory([1, 2, 3]);
  const after = makeMemory([2, 3, 4, 40]);
  const whole = writeSnapshot(before, { build, images: [] });
  const delta = writeDelta(after, before, { build, images: [], base });
  for (const size of [1, 7, 4096, 5000, 1 << 20]) {
    const memory = new Uint8Array(memorySize);
    for (const bytes of [whole, delta]) {
      let openCount = 0;
      const applier = new SnapshotApplier(() => {
        openCount++;
        return memory;
      });
      for (let at = 0; at < bytes.length; at += size) {
        // The decoder writes over its buffer after each piece.
        const piece = bytes.slice(at, at + size);
        applier.push(piece);
        piece.fill(0xee);
      }
      applier.finish();
      assert.equal(openCount, 1);
    }
    assert.deepEqual(memory, after, `pieces of ${size}`);
  }
});

test('a truncated snapshot is refused at every length', () => {
  const bytes = writeSnapshot(makeMemory([1]), { build, images: [] });
  for (let size = 0; size < bytes.length; size += size < 200 ? 1 : 97) {
    assert.throws(() => restore(bytes.subarray(0, size)), SnapshotError);
  }
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  assert.throws(() => restore(longer), /longer than it says/);
});

test('what is no snapshot, or another version, is refused', () => {
  const bytes = writeSnapshot(makeMemory([1]), { build, images: [] });
  const other = bytes.slice();
  other[0] ^= 1;
  assert.throws(() => restore(other), /not a snapshot/);
  const later = bytes.slice();
  later[4] = 9;
  assert.throws(() => restore(later), /version 9, not 1/);
  const huge = bytes.slice();
  new DataView(huge.buffer).setUint32(8, 0xffffffff, true);
  assert.throws(() => restore(huge), /impossible size/);
});

test('a header that cannot be is refused', () => {
  const place = { path: '/a', name: 'a', address: 0 };
  const image = { ...place, size: 8192, index_size: 100 };
  const bytes = writeSnapshot(makeMemory([1]), { build, images: [image] });
  const changes = [
    () => null,
    () => [],
    (h) => ({ ...h, build: 'x' }),
    (h) => ({ ...h, memory_size: 4096 }),
    (h) => ({ ...h, memory_size: 2 ** 40 }),
    (h) => ({ ...h, memory_size: '262144' }),
    (h) => ({ ...h, kind: 'other' }),
    (h) => ({ ...h, kind: 'delta' }),
    (h) => ({ ...h, base }),
    (h) => ({ ...h, images: undefined }),
    (h) => ({ ...h, images: [null] }),
    (h) => ({ ...h, images: [{ ...image, address: -1 }] }),
    (h) => ({ ...h, images: [{ ...image, size: memorySize + 1 }] }),
    (h) => ({ ...h, images: [{ ...image, path: 1 }] }),
    (h) => ({ ...h, images: [{ ...image, address: 8 }] }),
    (h) => ({ ...h, images: [{ ...image, index_size: 8193 }] }),
    (h) => ({ ...h, images: [{ ...place, size: 8192 }] }),
    (h) => ({ ...h, images: [image, { ...image, address: 4096 }] }),
  ];
  restore(withHeader(bytes, (h) => h));
  for (const change of changes) {
    assert.throws(
      () => restore(withHeader(bytes, change)),
      SnapshotError,
      String(change),
    );
  }
});

test('a table of pages out of order or of bounds is refused', () => {
  const bytes = writeSnapshot(makeMemory([1, 3]), { build, images: [] });
  const table = headSize(bytes) - 16;
  const set = (...values) => {
    const changed = bytes.slice();
    const view = new DataView(changed.buffer);
    values.forEach((value, i) => view.setUint32(table + 4 * i, value, true));
    return changed;
  };
  restore(set(1, 1, 3, 1));
  assert.throws(() => restore(set(3, 1, 1, 1)), /damaged/);
  assert.throws(() => restore(set(1, 3, 3, 1)), /damaged/);
  assert.throws(() => restore(set(1, 0, 3, 1)), /damaged/);
  assert.throws(() => restore(set(1, 1, 63, 2)), /damaged/);
  assert.throws(() => restore(set(1, 1, 3, 0xffffffff)), /damaged/);
  const many = bytes.slice();
  new DataView(many.buffer).setUint32(table - 4, 0xffffffff, true);
  assert.throws(() => restore(many), /damaged/);
});

test('too small a memory is refused before anything is written', () => {
  const bytes = writeSnapshot(makeMemory([1]), { build, images: [] });
  const small = new Uint8Array(65536);
  assert.throws(() => restore(bytes, small), /too little memory/);
  assert.ok(small.every((byte) => byte === 0));
});

test('what cannot be written is refused', () => {
  const memory = makeMemory([1]);
  assert.throws(
    () => writeSnapshot(memory, { build: 'me', images: [] }),
    SnapshotError,
  );
  assert.throws(
    () => writeSnapshot(memory.subarray(0, 5000), { build, images: [] }),
    SnapshotError,
  );
  const delta = { build, images: [], base: 'none' };
  assert.throws(() => writeDelta(memory, memory, delta), SnapshotError);
});
