// A thousand random programs, cold and restored: every message is the same.
//
// Both kernels go back to their beginning for each program, by a copy of their
// memory: one of a cold start, one of what the profile's snapshot holds.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coldMemory, play, warmMemory } from './kernels.mjs';
import { makeProgram } from './programs.mjs';

const PROGRAM_COUNT = 1000;

/** Programs of one test, so that a failure names few. */
const BATCH_SIZE = 100;

const cold = await coldMemory();
const warm = await warmMemory('core');

test('programs do what is worth comparing', async () => {
  const statuses = { ok: 0, error: 0 };
  for (let seed = 0; seed < 20; seed++) {
    const { replies } = await play(cold, 'checkpoint', makeProgram(seed));
    replies.forEach(({ status }) => statuses[status]++);
  }
  assert.ok(statuses.error > 5, JSON.stringify(statuses));
  assert.ok(statuses.ok > 2 * statuses.error, JSON.stringify(statuses));
});

test('a difference would be seen', async () => {
  const program = makeProgram(1);
  const wanted = await play(cold, 'checkpoint', program);
  const other = await play(cold, 'checkpoint', [...program, '1 + 1']);
  assert.notDeepEqual(other, wanted);
});

for (let first = 0; first < PROGRAM_COUNT; first += BATCH_SIZE) {
  test(`programs from ${first}: cold and restored are alike`, async () => {
    for (let seed = first; seed < first + BATCH_SIZE; seed++) {
      const program = makeProgram(seed);
      const wanted = await play(cold, 'checkpoint', program);
      const seen = await play(warm, 'build', program);
      assert.deepEqual(seen, wanted, `program ${seed}:\n${program.join('\n')}`);
    }
  });
}
