// The queue that a cell of 2018 holds until it says that it is through.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { Continuation } = await load('continuation');

/** Whether a promise is settled when all that is due has run. */
async function isSettled(promise) {
  const later = Symbol('later');
  const turn = new Promise((settle) => { setImmediate(() => settle(later)); });
  return await Promise.race([promise, turn]) !== later;
}

test('nothing is pending by itself', async () => {
  const continuation = new Continuation();
  continuation.begin();
  assert.equal(await isSettled(continuation.settled()), true);
  continuation.continue();
  assert.equal(await isSettled(continuation.settled()), true);
});

test('each require wants its continue', async () => {
  const continuation = new Continuation();
  continuation.begin();
  continuation.require();
  continuation.require();
  const settled = continuation.settled();
  continuation.continue();
  assert.equal(await isSettled(settled), false);
  continuation.continue();
  assert.equal(await isSettled(settled), true);
});

test('one that is asked for just before the last is through holds on',
  async () => {
    const continuation = new Continuation();
    continuation.begin();
    continuation.require();
    const settled = continuation.settled();
    continuation.require();
    continuation.continue();
    assert.equal(await isSettled(settled), false);
    continuation.continue();
    assert.equal(await isSettled(settled), true);
  });

test('promises hold it, and give their values', async () => {
  const continuation = new Continuation();
  continuation.begin();
  let finish;
  const values = continuation.await([
    1, new Promise((settle) => { finish = settle; }),
  ]);
  const settled = continuation.settled();
  assert.equal(await isSettled(settled), false);
  finish(2);
  assert.deepEqual(await values, [1, 2]);
  assert.equal(await isSettled(settled), true);
});

test('a promise that fails fails the cell', async () => {
  const continuation = new Continuation();
  continuation.begin();
  const values = continuation.await([Promise.reject(new Error('no'))]);
  await assert.rejects(continuation.settled(), /no/);
  await assert.rejects(values, /no/);
  continuation.begin();
  assert.equal(await isSettled(continuation.settled()), true);
});

test('what an earlier cell waited for does not hold the next', async () => {
  const continuation = new Continuation();
  continuation.begin();
  continuation.require();
  continuation.begin();
  assert.equal(await isSettled(continuation.settled()), true);
});
