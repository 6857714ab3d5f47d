// Sorting and paging of a table, as plain data.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { describeRange, FIRST_PAGE, goTo, mergeLabels, pageCount, pageOf,
        resizePage, toggleSort } = await load('table_pages');

test('a heading sorts up, down, and not at all', () => {
  const up = toggleSort({ ...FIRST_PAGE, start: 50 }, 2);
  assert.deepEqual(up.sort, { key: 2, descending: false });
  assert.equal(up.start, 0);
  const down = toggleSort(up, 2);
  assert.deepEqual(down.sort, { key: 2, descending: true });
  assert.equal(toggleSort(down, 2).sort, null);
  assert.deepEqual(toggleSort(down, 1).sort, { key: 1, descending: false });
});

test('pages end where the rows end', () => {
  assert.equal(pageCount(FIRST_PAGE, 0), 1);
  assert.equal(pageCount(FIRST_PAGE, 25), 1);
  assert.equal(pageCount(FIRST_PAGE, 26), 2);
  assert.equal(goTo(FIRST_PAGE, 1, 60).start, 25);
  assert.equal(goTo(FIRST_PAGE, 99, 60).start, 50);
  assert.equal(goTo(FIRST_PAGE, -3, 60).start, 0);
  assert.equal(goTo(FIRST_PAGE, NaN, 60).start, 0, 'an empty field');
});

test('another size of pages keeps the first row in sight', () => {
  const wanted = resizePage({ ...FIRST_PAGE, start: 125 }, 100);
  assert.equal(wanted.start, 100);
  assert.equal(pageOf(wanted), 1);
});

test('a range says what is shown', () => {
  assert.equal(describeRange(0, 25, 1000000), '1–25 of 1,000,000');
  assert.equal(describeRange(999975, 25, 1000000),
               '999,976–1,000,000 of 1,000,000');
  assert.equal(describeRange(0, 0, 0), 'none of 0');
});

test('equal headings join, but not across a heading above them', () => {
  assert.deepEqual(mergeLabels(['x', 'x', 'y'], new Set()),
                   [{ label: 'x', span: 2 }, { label: 'y', span: 1 }]);
  assert.deepEqual(mergeLabels(['p', 'p', 'p'], new Set([0, 2])),
                   [{ label: 'p', span: 2 }, { label: 'p', span: 1 }]);
});
