// What is said of a death.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { describeTrap, tellDeath, tellOutcome } = await load('death');

test('traps in words, as the engines say them', () => {
  const cases = [
    [new RangeError('Maximum call stack size exceeded'), /too deep/],
    [new Error('too much recursion'), /too deep/],
    [new WebAssembly.RuntimeError('memory access out of bounds'), /memory/],
    [new WebAssembly.RuntimeError('index out of bounds'), /memory/],
    [new WebAssembly.RuntimeError('unreachable executed'), /gave up/],
    [new WebAssembly.RuntimeError('null function or function signature mismatch'),
     /no such function/],
    [new WebAssembly.RuntimeError('indirect call to null'), /no such function/],
    [new WebAssembly.RuntimeError('divide by zero'), /miscounted/],
    [new RangeError('Array buffer allocation failed'), /no memory/],
    ['something else', /^something else$/],
  ];
  for (const [error, pattern] of cases) {
    assert.match(describeTrap(error), pattern);
  }
});

test('an exception of C++', () => {
  const tag = new WebAssembly.Tag({ parameters: [] });
  const text = describeTrap(new WebAssembly.Exception(tag, []));
  assert.match(text, /C\+\+.*nothing caught/);
});

test('what was undone is said, and what is gone', () => {
  const death = (undone, isFreshStart) => ({
    message: 'Python died.',
    undone,
    isFreshStart,
  });
  assert.match(tellOutcome(death(['A'], false)), /undone/);
  assert.match(tellOutcome(death(['A'], true)), /variables.*gone/);
  assert.match(tellOutcome(death(null, false)), /not run any more/);
  assert.match(tellOutcome({ ...death([], false), callsUndone: 1 }),
               /undone, and the call right before it\./);
  assert.match(tellOutcome({ ...death([], false), callsUndone: 7 }),
               /the 7 calls right before/);
  assert.equal(tellDeath(death(['A'], false), []), 'Python died.');
  assert.match(tellDeath(death(['A'], false), ['cell 2']), /cell 2\.$/);
});
