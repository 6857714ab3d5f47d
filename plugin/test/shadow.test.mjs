// The copy of memory: whatever was staged, committed, dropped and undone, it
// holds what a plain copy of everything would.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { Shadow, pageSize } = await load('shadow');

const none = () => false;

function page(value) {
  return new Uint8Array(pageSize).fill(value);
}

/** The first byte of each page of the copy. */
function read(shadow, pageCount) {
  const memory = new Uint8Array(pageCount * pageSize).fill(99);
  shadow.writeTo(memory, none);
  return Array.from({ length: pageCount }, (_, i) => memory[i * pageSize]);
}

/** Numbers that are the same in every run. */
function makeRandom(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

test('what was committed is written, the rest is zeroed', () => {
  const shadow = new Shadow();
  assert.equal(shadow.exists, false);
  shadow.stage(1, page(7));
  shadow.stage(3, null);
  shadow.commit(4 * pageSize);
  assert.equal(shadow.exists, true);
  assert.deepEqual(read(shadow, 6), [0, 7, 0, 0, 0, 0]);
  const memory = new Uint8Array(4 * pageSize).fill(5);
  shadow.writeTo(memory, (at) => at === 2);
  assert.equal(memory[2 * pageSize], 5, 'left out, not touched');
});

test('what was staged only can be dropped', () => {
  const shadow = new Shadow();
  shadow.stage(0, page(1));
  shadow.commit(2 * pageSize);
  shadow.stage(0, page(2));
  shadow.stage(0, page(3));
  shadow.stage(1, page(4));
  shadow.rollBack();
  assert.deepEqual(read(shadow, 2), [1, 0]);
  assert.equal(shadow.size, pageSize);
});

test('a cell that was lost leaves no step', () => {
  const shadow = new Shadow();
  shadow.stage(0, page(1));
  shadow.commit(pageSize);
  shadow.mark('A', true);
  assert.deepEqual(shadow.abandon(), ['A']);
  assert.deepEqual(shadow.steps, []);
  shadow.mark('B', true);
  shadow.stage(0, page(2));
  shadow.commit(pageSize);
  shadow.mark('C', true);
  shadow.mark('D', false);
  assert.deepEqual(shadow.abandon(), ['C', 'D']);
  assert.deepEqual(shadow.steps, [{ label: 'B', size: pageSize }]);
});

test('a step before the first copy leads to a fresh start', () => {
  const shadow = new Shadow();
  shadow.mark('A', true);
  shadow.stage(0, page(1));
  shadow.commit(pageSize);
  shadow.mark('B', true);
  assert.equal(shadow.undo(1), true);
  assert.deepEqual(shadow.steps.map(({ label }) => label), ['A']);
  assert.equal(shadow.undo(0), false);
  assert.equal(shadow.exists, false);
  assert.equal(shadow.size, 0);
});

test('steps are limited, and their places are given back', () => {
  const shadow = new Shadow();
  shadow.stage(0, page(1));
  shadow.commit(pageSize);
  for (let i = 0; i < 100; i++) {
    shadow.mark(`cell ${i}`, true);
    shadow.stage(0, page(i));
    shadow.commit(pageSize);
  }
  const { steps } = shadow;
  assert.ok(steps.length < 100);
  assert.equal(steps.at(-1).label, 'cell 99');
  assert.equal(shadow.undoSize, steps.length * pageSize);
  assert.equal(shadow.size, pageSize);
  shadow.clear();
  assert.deepEqual([shadow.size, shadow.undoSize], [0, 0]);
});

for (let seed = 1; seed <= 20; seed++) {
  test(`a thousand steps against plain copies, ${seed}`, () => {
    const random = makeRandom(seed);
    const shadow = new Shadow();
    const pageCount = 300;
    const now = new Array(pageCount).fill(0);
    let committed = [...now];
    /** What memory was when each step began. */
    let states = [];
    shadow.commit(pageCount * pageSize);
    const act = {
      change() {
        for (let i = random(40); i > 0; i--) {
          const at = random(pageCount);
          now[at] = random(3) === 0 ? 0 : 1 + random(200);
          shadow.stage(at, now[at] === 0 ? null : page(now[at]));
        }
      },
      commit() {
        shadow.commit(pageCount * pageSize);
        committed = [...now];
      },
      mark() {
        act.commit();
        shadow.mark(`${states.length}`, true);
        states.push(committed);
        states = states.slice(-shadow.steps.length);
      },
      drop() {
        shadow.rollBack();
        now.splice(0, pageCount, ...committed);
      },
      undo() {
        const index = random(states.length + 1);
        if (index < states.length) {
          assert.equal(shadow.undo(index), true);
          committed = states[index];
          states = states.slice(0, index);
          now.splice(0, pageCount, ...committed);
        }
      },
    };
    const names = ['change', 'change', 'change', 'commit', 'mark', 'drop'];
    for (let i = 0; i < 1000; i++) {
      act[random(40) === 0 ? 'undo' : names[random(names.length)]]();
      assert.equal(shadow.steps.length, states.length);
    }
    act.drop();
    assert.deepEqual(read(shadow, pageCount), committed);
    const used = committed.filter((value) => value !== 0).length;
    assert.equal(shadow.size, used * pageSize);
  });
}
