// C recursion ends in a Python exception, on the plain stack and on one that
// can be suspended. Every program has a kernel of its own, for a failure
// leaves none behind.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasJspi, run, startKernel } from './load.mjs';
import { recursionCases } from './recursion_cases.mjs';

/** What may stop a recursion, or 'done' where nothing had to. */
const outcomes = [
  'RecursionError',
  'MemoryError',
  'SyntaxError',
  'ValueError',
  'done',
];

for (const suspend of hasJspi ? [true, false] : [false]) {
  const stack = suspend ? 'suspendable stack' : 'plain stack';
  for (const { name, code } of recursionCases) {
    test(`${name}, ${stack}`, async (t) => {
      const kernel = await startKernel(t, { suspend });
      const reply = await run(kernel, `${code}\noutcome`);
      assert.equal(reply.status, 'ok', `${reply.ename}: ${reply.evalue}`);
      assert.ok(outcomes.includes(reply.value), reply.value);
      assert.equal((await run(kernel, '1 + 1')).value, 2);
    });
  }
}
