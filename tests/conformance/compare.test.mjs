// Comparing results with what is expected, and accepting them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  acceptResults, compareUnit, dropMissingUnits, Expected, findMissingUnits,
  joinRuns,
} from './compare.mjs';
import { renderSuite } from './expectations.mjs';

const SUITE = {
  suite: 'numpy',
  version: '1',
  ids: 6,
  skips: [{ message: '^needs Windows', reason: 'other-platform' }],
  entries: [
    { id: 'a.py::test_x[*]', count: 2, outcome: 'failed', reason: '32-bit' },
    { id: 'a.py::test_y', outcome: 'failed', reason: 'libc' },
  ],
  totals: {},
  units: { 'a.py': { ids: 6, skipped: 1 } },
};

/* The result that the sample expects, with other outcomes for some tests. */
function resultOf(outcomes = {}, messages = {}) {
  const tests = Object.entries({
    'a.py::test_w': 'passed',
    'a.py::test_x[1]': 'failed',
    'a.py::test_x[2]': 'failed',
    'a.py::test_x[3]': 'passed',
    'a.py::test_y': 'failed',
    'a.py::test_z': 'skipped',
    ...outcomes,
  }).filter(([, outcome]) => outcome !== undefined)
    .map(([id, outcome]) => ({
      id, outcome, message: messages[id] ?? 'needs Windows 11',
    }));
  return { unit: 'a.py', outcome: 'failed', tests };
}

function differences(result, suite = SUITE, host = 'chromium') {
  const expected = new Expected(suite, host);
  return [...compareUnit(result, suite, host, expected)]
    .map(({ kind, id, text }) => `${kind}: ${id}: ${text}`);
}

test('what is expected is no difference', () => {
  assert.deepEqual(differences(resultOf()), []);
});

test('a new failure and an unexpected pass are', () => {
  assert.deepEqual(
    differences(resultOf({ 'a.py::test_w': 'crashed' })),
    ['new failure: a.py::test_w: crashed']);
  assert.deepEqual(
    differences(resultOf({ 'a.py::test_y': 'passed' })),
    ['unexpected pass: a.py::test_y: passed, expected failed']);
  assert.deepEqual(
    differences(resultOf({ 'a.py::test_y': 'timeout' })),
    ['changed: a.py::test_y: timeout, expected failed']);
});

test('a pattern says how many it covers', () => {
  assert.deepEqual(
    differences(resultOf({ 'a.py::test_x[3]': 'failed' })),
    ['new failure: a.py::test_x[*]: 3 are failed, expected 2']);
  assert.deepEqual(
    differences(resultOf({ 'a.py::test_x[1]': 'passed' })),
    ['unexpected pass: a.py::test_x[*]: 1 are failed, expected 2']);
  assert.deepEqual(
    differences(resultOf({ 'a.py::test_x[3]': 'crashed' })),
    ['new failure: a.py::test_x[3]: crashed']);
});

test('a test that is gone, or was skipped, is seen', () => {
  assert.deepEqual(
    differences(resultOf({ 'a.py::test_y': undefined })),
    ['missing: a.py::test_y: expected failed',
     'count: a.py: 5 ids, expected 6']);
  assert.deepEqual(
    differences(resultOf({ 'a.py::test_w': undefined })),
    ['count: a.py: 5 ids, expected 6']);
  assert.deepEqual(
    differences(resultOf({ 'a.py::test_w': 'skipped' })),
    ['count: a.py: 2 skipped, expected 1']);
});

test('a skip must give a reason that is known', () => {
  assert.deepEqual(
    differences(resultOf({}, { 'a.py::test_z': 'no mood' })),
    ['unknown skip: a.py::test_z: no mood']);
});

test('files that are new or gone are seen', () => {
  assert.deepEqual(differences(resultOf(), { ...SUITE, units: {} }),
                   ['new file: a.py: 6 ids']);
  assert.deepEqual([...findMissingUnits(SUITE, new Map([['b.py', 'b.py']]))],
                   [{ kind: 'missing file', id: 'a.py',
                      text: 'it is not listed' }]);
});

test('files that are gone are expected no longer', () => {
  const units = { ...SUITE.units, 'gone.py': { ids: 1 } };
  const gone = { id: 'gone.py::test_a', outcome: 'failed', reason: 'libc' };
  const more = { ...SUITE, units, entries: [...SUITE.entries, gone] };
  const listed = new Map([['a.py', 'a.py']]);
  assert.deepEqual(dropMissingUnits(more, listed), SUITE);
  assert.deepEqual(dropMissingUnits(SUITE, listed), SUITE);
});

test('what is unsteady may be either', () => {
  const [pattern] = SUITE.entries;
  const suite = {
    ...SUITE,
    units: { 'a.py': { ids: 5, skipped: 1 } },
    entries: [pattern,
              { id: 'a.py::test_y', outcome: 'unsteady', reason: 'timing' }],
  };
  for (const outcome of ['passed', 'failed', 'skipped']) {
    assert.deepEqual(
      differences(resultOf({ 'a.py::test_y': outcome }), suite), []);
  }
});

test('an entry of one host is for no other', () => {
  const [pattern, own] = SUITE.entries;
  const suite = { ...SUITE, entries: [pattern, { ...own, hosts: ['firefox'] }] };
  assert.deepEqual(differences(resultOf(), suite, 'firefox'), []);
  assert.deepEqual(differences(resultOf(), suite),
                   ['new failure: a.py::test_y: failed']);
});

test('what was accepted is expected, and the rest stays as it was', () => {
  const result = resultOf({
    'a.py::test_w': 'crashed',
    'a.py::test_x[3]': 'failed',
    'a.py::test_y': 'passed',
    'a.py::test_new': 'skipped',
  }, { 'a.py::test_new': 'no (mood)' });
  const data = acceptResults(SUITE, 'chromium', [result]);
  assert.deepEqual(differences(result, data), []);
  assert.deepEqual(data.entries.filter(({ id }) => id === 'a.py::test_y'), [
    { id: 'a.py::test_y', outcome: 'failed', hosts: ['firefox', 'node'],
      reason: 'libc' },
  ]);
  assert.deepEqual(data.entries.find(({ id }) => id === 'a.py::test_w'), {
    id: 'a.py::test_w', outcome: 'crashed', reason: 'unexplained',
  });
  // Accepted on the other hosts too, what they share is said once.
  const all = ['firefox', 'node'].reduce(
    (before, host) => acceptResults(before, host, [result]), data);
  assert.deepEqual(all.entries, [
    { id: 'a.py::test_w', outcome: 'crashed', reason: 'unexplained' },
    { id: 'a.py::test_x[*]', count: 3, outcome: 'failed', reason: '32-bit' },
  ]);
  assert.deepEqual(all.units, { 'a.py': { ids: 7, skipped: 2 } });
});

test('a failure is not put down to hosts that are known to pass', () => {
  const suite = { ...SUITE, totals: { node: { tests: {}, files: {} } } };
  const result = resultOf({ 'a.py::test_w': 'crashed' });
  const entryAfter = (...hosts) => hosts.reduce(
    (before, host) => acceptResults(before, host, [result]), suite)
    .entries.find(({ id }) => id === 'a.py::test_w');
  const entry = { id: 'a.py::test_w', outcome: 'crashed',
                  reason: 'unexplained' };
  assert.deepEqual(entryAfter('firefox'), { ...entry, hosts: ['firefox'] });
  assert.deepEqual(entryAfter('firefox', 'chromium'),
                   { ...entry, hosts: ['chromium', 'firefox'] });
  assert.deepEqual(entryAfter('firefox', 'chromium', 'node'), entry);
});

test('accepting what is expected changes nothing', () => {
  const data = acceptResults(SUITE, 'chromium', [resultOf()]);
  assert.deepEqual(renderSuite(data), renderSuite(SUITE));
});

test('of two runs the outcome counts that is expected', () => {
  const compare = (result) =>
    [...compareUnit(result, SUITE, 'chromium', new Expected(SUITE, 'chromium'))];
  const first = resultOf({ 'a.py::test_w': 'failed' });
  const again = resultOf({ 'a.py::test_y': 'passed' });
  const joined = joinRuns(first, again, compare);
  assert.deepEqual(compare(joined), []);
  assert.deepEqual(joined.unsteady, [
    { id: 'a.py::test_w', outcomes: ['failed', 'passed'] },
    { id: 'a.py::test_y', outcomes: ['failed', 'passed'] },
  ]);
  // What fails twice has failed, and a run that ended early hides nothing.
  assert.deepEqual(compare(joinRuns(first, first, compare)), compare(first));
  const empty = { ...first, tests: [] };
  assert.deepEqual(joinRuns(first, empty, compare).tests, first.tests);
});
