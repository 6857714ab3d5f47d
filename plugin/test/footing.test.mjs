// Frames between the foot of a stack and what runs on it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { load } from './load.mjs';

const { resultType, withFooting } = await load('footing');

/* A trace of Chromium's has as many at most. */
const TRACE_COUNT = 255;

test('the value goes in and the result comes out', () => {
  const seen = [];
  const note = (value) => {
    seen.push(value);
    return value / 2;
  };
  assert.equal(withFooting(note, resultType.i32)(-7), -3);
  assert.equal(withFooting(note, resultType.f64)(7), 3.5);
  assert.equal(withFooting(note, resultType.none)(8), undefined);
  assert.deepEqual(seen, [-7, 7, 8]);
});

test('more frames than a trace has stand below', () => {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 10 * TRACE_COUNT;
  try {
    const count = () => new Error('here').stack.split('wasm-function').length;
    assert.ok(withFooting(count, resultType.i32)(0) > TRACE_COUNT);
  } finally {
    Error.stackTraceLimit = before;
  }
});

test('what is thrown comes through', () => {
  const fail = () => {
    throw new RangeError('too deep');
  };
  assert.throws(() => withFooting(fail, resultType.none)(0), RangeError);
});
