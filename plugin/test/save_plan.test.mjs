// What Save says that the file will contain.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const {
  describePlan,
  describeSkipped,
  formatSize,
  keepsByDefault,
  STATE_DEFAULT_LIMIT,
} = await load('save_plan');

const plain = (text) => text.replaceAll('\u00a0', ' ');

const PLAN = {
  fileName: 'tea.html',
  outputCount: 2,
  textSize: 1500,
  fileCount: 1,
  filesSize: 2_500_000,
  bareSize: 8_000_000,
  state: { kind: 'ready', size: 3_000_000 },
  skipped: [],
};

test('sizes are in decimal units, with as many digits as matter', () => {
  const sizes = [0, 999, 1000, 99_999, 100_000, 9_950_000, 12_400_000];
  assert.deepEqual(sizes.map((size) => plain(formatSize(size))), [
    '0 bytes', '999 bytes', '1 KB', '100 KB', '0.1 MB', '9.9 MB', '12 MB']);
});

test('one line says what there is, and what it makes in all', () => {
  assert.equal(
    plain(describePlan(PLAN, true)),
    'tea.html will hold the text with 2 outputs (2 KB), 1 file (2.5 MB), '
    + 'Python’s variables (3.0 MB) and Python itself: 11 MB in all.');
  assert.equal(
    plain(describePlan({ ...PLAN, outputCount: 0, fileCount: 0 }, false)),
    'tea.html will hold the text (2 KB) and Python itself: 8.0 MB in all.');
});

test('the variables go along by default while they are few', () => {
  const ready = (size) => keepsByDefault({ kind: 'ready', size });
  assert.equal(ready(STATE_DEFAULT_LIMIT - 1), true);
  assert.equal(ready(STATE_DEFAULT_LIMIT), false);
  assert.equal(keepsByDefault({ kind: 'none', reason: 'it is off' }), false);
  assert.equal(keepsByDefault({ kind: 'busy' }), false);
});

test('what is left out is named, three at most', () => {
  assert.equal(describeSkipped([]), '');
  assert.match(describeSkipped(['a', 'b']), /: a, b\.$/);
  assert.match(describeSkipped(['a', 'b', 'c', 'd', 'e']),
               /: a, b, c and 2 more\.$/);
});
