// The runner on samples of every fate, in each browser: what crashes, hangs or
// takes all memory is named, and the tests around it have their results.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';

import { chosenBrowsers } from '../browser/browsers.mjs';
import { BrowserLane } from './browser_lane.mjs';
import { HERE } from './expectations.mjs';
import { packTests } from './hosts.mjs';
import { suiteOf } from './suites.mjs';
import { listUnits, runUnits } from './unit_run.mjs';

const SAMPLES = join(HERE, 'data', 'harness_samples');

/** Only against hanging; the limit that a test meets is the suite's. */
const HANG_LIMIT_MS = 3600_000;

const SUITE = {
  ...suiteOf('harness_samples'),
  // Long enough for a busy machine to import pytest.
  testLimit_s: 90,
  memoryLimit_bytes: 2 * 2 ** 30,
};

const EXPECTED = {
  test_all_skipped: ['skipped', { '': 'skipped' }],
  test_crashes: ['crashed', {
    test_before: 'passed',
    test_reads_beyond_memory: 'crashed',
    test_between: 'passed',
    test_leaves: 'crashed',
    test_behind: 'passed',
  }],
  test_hangs: ['timeout', {
    test_before: 'passed',
    test_loops: 'timeout',
    test_behind: 'passed',
  }],
  test_import_fails: ['failed', { '': 'failed' }],
  test_plain: ['failed', {
    test_passes: 'passed',
    test_fails: 'failed',
    test_skips: 'skipped',
    test_expects_failure: 'xfailed',
    'test_parameters[1]': 'failed',
    'test_parameters[2]': 'passed',
    'test_parameters[3]': 'failed',
  }],
};

/* [outcome of the file, outcomes of its tests] by the file's stem. */
function summarise(results) {
  return Object.fromEntries(results.map(({ unit, outcome, tests }) => [
    /(\w+)\.py$/.exec(unit)[1],
    [outcome, Object.fromEntries(
      tests.map(({ id, outcome: own }) => [id.split('::')[1] ?? '', own]))],
  ]));
}

for (const name of chosenBrowsers()) {
  describe(`the runner, ${name}`, { timeout: HANG_LIMIT_MS }, () => {
    let lane;
    before(() => {
      lane = new BrowserLane(name, packTests(SUITE, { what: SAMPLES }));
    });
    after(() => lane?.close());

    test('every test has its outcome', { timeout: HANG_LIMIT_MS }, async () => {
      const { kind, units } = await listUnits(lane, SUITE);
      assert.equal(kind, 'pytest');
      const list = [...units].map(([unit, target]) => ({ unit, target }));
      const results = await runUnits(lane, SUITE, list, { log() {} });
      const { test_memory: [, memory], ...others } = summarise(results);
      assert.deepEqual(others, EXPECTED);
      // Python's own MemoryError, where that comes before the runner looks.
      assert.match(memory.test_eats, /^(crashed|failed)$/);
      assert.equal(memory.test_behind, 'passed');
      const failed = results.flatMap(({ tests }) => tests)
        .find(({ id }) => id.endsWith('test_fails'));
      assert.match(failed.message, /assert \(1 \+ 1\) == 3/);
    });
  });
}
