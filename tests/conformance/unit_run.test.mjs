// Running units on a lane that plays parts: what ends its kernel, and when.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runUnits } from './unit_run.mjs';

const SUITE = {
  name: 'numpy',
  arguments: [],
  testLimit_s: 600,
  unitLimit_s: 600,
  memoryLimit_bytes: 2 ** 30,
};

const UNITS = ['a.py', 'b.py', 'c.py'].map((unit) => ({ unit, target: unit }));

/* A lane whose kernels have the tests x and y in each file; `isEnd` says
 * whether a test ends its kernel, by its id and the number of the kernel, and
 * `lost` how many messages the end takes with it. */
class PlayedLane {
  jobs = [];
  pid = null;
  #isEnd;
  #lost;

  constructor(isEnd, lost = 0) {
    this.#isEnd = isEnd;
    this.#lost = lost;
  }

  kill() {}

  async run(code, { onBegin, onEvent, isCareful = false }) {
    const [, literal] = /_json\.loads\((".*")\)/.exec(code);
    const { targets, deselect } = JSON.parse(JSON.parse(literal));
    this.jobs.push(targets.join(' '));
    const told = [];
    const end = this.#play(targets, deselect, told);
    onBegin();
    const lost = end.died === undefined || isCareful ? 0 : this.#lost;
    told.slice(0, told.length - lost).forEach(onEvent);
    return end;
  }

  #play(targets, deselect, told) {
    targets.forEach((id) => told.push({ id, outcome: 'started' }));
    const ids = targets.flatMap((unit) => [`${unit}::x`, `${unit}::y`]);
    for (const id of ids.filter((one) => !deselect.includes(one))) {
      told.push({ id, outcome: 'started' });
      if (this.#isEnd(id, this.jobs.length)) {
        return { died: 'the kernel ended' };
      }
      told.push({ id, outcome: 'passed' });
    }
    return {};
  }
}

/* Outcomes by id, and the files that each kernel ran. */
async function play(lane) {
  const over = [];
  const results = await runUnits(lane, SUITE, UNITS, {
    log() {},
    onResult: ({ unit }) => over.push(unit),
  });
  const outcomes = results.flatMap(({ tests }) => tests)
    .map(({ id, outcome }) => [id, outcome]);
  return { over, results, outcomes: Object.fromEntries(outcomes) };
}

const PASSED = Object.fromEntries(UNITS.flatMap(({ unit }) =>
  [[`${unit}::x`, 'passed'], [`${unit}::y`, 'passed']]));

test('units share a kernel, and each is told of when it is over', async () => {
  const lane = new PlayedLane(() => false);
  const { over, outcomes } = await play(lane);
  assert.deepEqual(outcomes, PASSED);
  assert.deepEqual(over, ['a.py', 'b.py', 'c.py']);
  assert.deepEqual(lane.jobs, ['a.py b.py c.py']);
});

for (const lost of [0, 1, 2, 3, 5]) {
  test(`what ends its kernel twice is named, ${lost} messages lost`, async () => {
    const lane = new PlayedLane((id) => id === 'b.py::x', lost);
    const { over, results, outcomes } = await play(lane);
    assert.deepEqual(outcomes, { ...PASSED, 'b.py::x': 'crashed' });
    assert.deepEqual(over.sort(), ['a.py', 'b.py', 'c.py']);
    assert.deepEqual(results.map(({ restarts }) => restarts), [0, 1, 0]);
    // Whoever is suspected runs alone, and the others are spared.
    assert.ok(lane.jobs.includes('b.py'), lane.jobs.join());
  });
}

test('what ends its kernel only once has not crashed', async () => {
  const lane = new PlayedLane((id, kernel) => id === 'b.py::y' && kernel === 1);
  const { over, results, outcomes } = await play(lane);
  assert.deepEqual(outcomes, PASSED);
  assert.deepEqual(over, ['a.py', 'b.py', 'c.py']);
  assert.deepEqual(lane.jobs, ['a.py b.py c.py', 'b.py', 'c.py']);
  assert.deepEqual(results.map(({ repeats }) => repeats), [0, 1, 0]);
});

test('a file whose every test ends its kernel ends itself', async () => {
  const lane = new PlayedLane((id) => !id.startsWith('b.py'));
  const { over, outcomes } = await play(lane);
  assert.deepEqual(outcomes, Object.fromEntries(Object.keys(PASSED).map(
    (id) => [id, id.startsWith('b.py') ? 'passed' : 'crashed'])));
  assert.deepEqual(over, ['a.py', 'b.py', 'c.py']);
});
