// Scans: what they find, when they look, and what they leave alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { Checkpoint, memoryLimit } = await load('checkpoint');
const pageSize = 4096;

/** Memory in which each page's first byte counts. */
class FakeSource {
  images = [];
  hashed = 0;
  isAtRest = true;

  constructor(pageCount) {
    this.memory = new ArrayBuffer(pageCount * pageSize);
    this.bytes = new Uint8Array(this.memory);
  }

  set(page, value) {
    this.bytes[page * pageSize] = value;
  }

  hashPage = (page) => {
    this.hashed += 1;
    return this.bytes[page * pageSize];
  };
}

/** Writes down what it is told. */
class FakeKeeper {
  log = [];
  staged = [];

  stage(page, bytes) {
    this.staged.push(`${page}=${bytes === null ? 0 : bytes[0]}`);
  }

  commit() {
    this.log.push(`commit ${this.staged.splice(0).join(' ')}`.trim());
  }

  rollBack() {
    this.staged = [];
    this.log.push('rollBack');
  }

  mark(label, kept) {
    this.log.push(`${label} ${kept ? 'kept' : 'not kept'}`);
  }
}

function make(pageCount, origin = 'fresh') {
  const source = new FakeSource(pageCount);
  const keeper = new FakeKeeper();
  const checkpoint = new Checkpoint(source, keeper, origin);
  return { source, keeper, checkpoint };
}

/* Idle time comes when it comes; the suite's limit ends a hang. */
async function until(condition) {
  while (!condition()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

test('a fresh start needs no copy before its first cell', () => {
  const { source, keeper, checkpoint } = make(2);
  checkpoint.begin('A');
  assert.deepEqual(keeper.log, ['A kept']);
  assert.equal(source.hashed, 0);
  checkpoint.end();
});

test('a saved state, which cannot be had again, does', () => {
  const { source, keeper, checkpoint } = make(2, 'saved');
  source.set(1, 3);
  checkpoint.begin('A');
  assert.deepEqual(keeper.log, ['commit 0=0 1=3', 'A kept']);
  checkpoint.end();
});

test('only what changed is copied, only when something ran', () => {
  const { source, keeper, checkpoint } = make(4, 'saved');
  checkpoint.complete();
  keeper.log = [];
  checkpoint.enter(true);
  source.set(2, 9);
  checkpoint.begin('A');
  assert.deepEqual(keeper.log, ['commit 2=9', 'A kept']);
  const { hashed } = source;
  checkpoint.begin('B');
  assert.equal(source.hashed, hashed, 'nothing ran: nothing is looked at');
  checkpoint.end();
});

test('memory from the copy is known already', () => {
  const { source, keeper, checkpoint } = make(3, 'copy');
  checkpoint.enter(false);
  source.set(1, 1);
  checkpoint.complete();
  assert.deepEqual(keeper.log, ['commit 1=1']);
  checkpoint.end();
});

test('pages of images are left out, those around them are not', () => {
  const source = new FakeSource(6);
  source.images = [{ address: pageSize + 100, size: 3 * pageSize }];
  const keeper = new FakeKeeper();
  const checkpoint = new Checkpoint(source, keeper, 'saved');
  checkpoint.complete();
  assert.deepEqual(keeper.log, ['commit 0=0 1=0 4=0 5=0']);
  checkpoint.end();
});

test('idle time does it, and an entry in between loses nothing', async () => {
  const { source, keeper, checkpoint } = make(3000, 'saved');
  source.set(5, 1);
  checkpoint.enter(true);
  checkpoint.leave();
  await until(() => keeper.log.length === 1);
  assert.equal(keeper.log[0].split(' ').length, 1 + 3000);
  checkpoint.enter(true);
  source.set(7, 2);
  checkpoint.leave();
  checkpoint.enter(false);
  source.set(8, 3);
  checkpoint.leave();
  await until(() => keeper.log.length === 2);
  assert.deepEqual(keeper.log[1], 'commit 7=2 8=3');
  assert.equal(checkpoint.figures.isComplete, true);
  checkpoint.end();
});

test('nothing is looked at while something runs, or after the end', async () => {
  const { source, keeper, checkpoint } = make(10, 'saved');
  checkpoint.leave();
  checkpoint.enter(true);
  await new Promise((resolve) => {
    setTimeout(resolve, 250);
  });
  assert.equal(source.hashed, 0);
  checkpoint.leave();
  checkpoint.end();
  await new Promise((resolve) => {
    setTimeout(resolve, 250);
  });
  assert.deepEqual(keeper.log, []);
});

test('memory that grew is seen', () => {
  const { source, keeper, checkpoint } = make(1, 'saved');
  checkpoint.complete();
  checkpoint.enter(true);
  source.memory = new ArrayBuffer(2 * pageSize);
  source.bytes = new Uint8Array(source.memory);
  source.set(1, 4);
  checkpoint.complete();
  assert.deepEqual(keeper.log, ['commit 0=0', 'commit 1=4']);
  checkpoint.end();
});

test('a callback brings a cell to safety first', () => {
  const { source, keeper, checkpoint } = make(2, 'saved');
  checkpoint.complete();
  keeper.log = [];
  checkpoint.enter(false);
  source.set(0, 1);
  checkpoint.beginCallback();
  assert.deepEqual(keeper.log, [], 'callbacks may be lost together');
  checkpoint.enter(true);
  checkpoint.beginCallback();
  assert.deepEqual(keeper.log, ['commit 0=1']);
  checkpoint.end();
});

test('too much memory, or none for the copy: the last one stays', () => {
  const { source, keeper, checkpoint } = make(2, 'saved');
  checkpoint.complete();
  keeper.log = [];
  checkpoint.enter(true);
  source.set(0, 1);
  keeper.stage = () => {
    throw new RangeError('Array buffer allocation failed');
  };
  checkpoint.begin('A');
  assert.deepEqual(keeper.log, ['rollBack', 'A not kept']);
  source.memory = { byteLength: memoryLimit + pageSize };
  checkpoint.begin('B');
  assert.deepEqual(keeper.log.at(-1), 'B not kept');
  checkpoint.end();
});

/** Begins cells in a row until one of them waits for no copy. */
function beginRow(checkpoint) {
  for (let i = 0; i < 1e6 && checkpoint.uncovered === 0; i++) {
    checkpoint.enter(true);
    checkpoint.begin(undefined);
  }
}

test('cells in a row do not each wait for a copy', async () => {
  const { source, keeper } = make(2);
  const checkpoint = new Checkpoint(source, keeper, 'saved', true);
  beginRow(checkpoint);
  assert.ok(keeper.log.length > 0, 'the first ones do');
  assert.equal(checkpoint.uncovered, 1);
  const { length } = keeper.log;
  checkpoint.enter(true);
  source.set(1, 5);
  checkpoint.begin('A');
  assert.deepEqual(keeper.log.slice(length), ['commit 1=5', 'A kept']);
  assert.equal(checkpoint.uncovered, 0, 'one with a label always does');
  beginRow(checkpoint);
  checkpoint.leave();
  await until(() => checkpoint.figures.isComplete);
  assert.equal(checkpoint.uncovered, 0, 'idle time covers the row');
  checkpoint.end();
});

test('while a thread is suspended the last copy stays', () => {
  const { source, keeper, checkpoint } = make(1, 'saved');
  checkpoint.complete();
  checkpoint.enter(true);
  source.set(0, 1);
  source.isAtRest = false;
  checkpoint.begin('A');
  source.isAtRest = true;
  checkpoint.begin('B');
  assert.deepEqual(keeper.log, [
    'commit 0=0', 'A not kept', 'commit 0=1', 'B kept',
  ]);
  checkpoint.end();
});

test('where none is to be lost each cell waits', () => {
  const { keeper, checkpoint } = make(1, 'saved');
  for (let i = 0; i < 100; i++) {
    checkpoint.enter(true);
    checkpoint.begin(undefined);
  }
  assert.equal(keeper.log.length, 100);
  assert.equal(checkpoint.uncovered, 0);
  checkpoint.end();
});
