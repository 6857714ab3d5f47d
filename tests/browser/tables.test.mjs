// Tables of pandas: the cut one in the document, and all rows of it from the
// running Python.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { BUILD } from './page.mjs';
import { eachBrowser, pack } from './suite.mjs';

const NOTEBOOK = `%% py
import numpy as np
import pandas as pd

n = 1000
frame = pd.DataFrame({
    "name": [f"item {i}" for i in range(n)],
    "value": (np.arange(n) * 7919) % 1009 / 8,
    "kind": pd.Categorical(["red", "green"] * (n // 2)),
    "when": pd.date_range("2020", periods=n, freq="h", tz="UTC"),
})
frame

%% py
class Odd:
    def __repr__(self):
        raise ValueError("no name")

odd = pd.DataFrame(
    {("x", "a"): range(100), ("x", "b"): [Odd()] * 100, ("y", "a"): "<b>"},
    index=pd.MultiIndex.from_product([["n", "s"], range(50)],
                                     names=["side", None]),
)
odd.columns = pd.MultiIndex.from_tuples([("x", "a"), ("x", "a"), ("y", "a")])
display(pd.Series(range(200), name="count"))
display(frame.head())

%% py
from tincture import tables
bundle = {}
tables.add_view(bundle, odd)
display({"text/html": "<p>odd</p>", **bundle}, raw=True)
`;

/** What the open table of a cell shows. */
function read(page, cell) {
  return page.evaluate((i) => {
    const box = document.querySelector(`[data-cell="${i}"] .tn-table`);
    const texts = (row) => [...row.cells].map((each) => each.textContent);
    return {
      head: [...box.querySelectorAll('thead tr')].map(texts),
      rows: [...box.querySelectorAll('tbody tr')].map(texts),
      range: box.querySelector('.tn-table-range').textContent,
      sorts: [...box.querySelectorAll('[aria-sort]')]
        .map((each) => each.getAttribute('aria-sort')),
    };
  }, cell);
}

/** Does something, and waits for the page that comes of it. */
async function turn(page, cell, work) {
  const scroller = `[data-cell="${cell}"] .tn-table-scroll`;
  await page.evaluate((selector) => {
    const table = document.querySelector(`${selector} table`);
    if (table) {
      table.dataset.old = '';
    }
  }, scroller);
  await work();
  await page.page.waitForSelector(`${scroller} table:not([data-old])`);
  return read(page, cell);
}

function press(page, cell, selector) {
  return () => page.evaluate((i, what) => document.querySelector(
    `[data-cell="${i}"] .tn-table ${what}`).click(), cell, selector);
}

async function browse(page, cell) {
  assert.equal((await page.run(cell)).status, 'ok', await page.describe());
  return turn(page, cell, press(page, cell, '.tn-browse'));
}

eachBrowser('tables', (test) => {
  const report = pack('tables', NOTEBOOK);

  test('a cut table can be browsed', async (open) => {
    const page = await (await open(report)).ready();
    await page.run(0);
    const button = await page.evaluate(
      () => document.querySelector('.tn-browse').textContent);
    assert.equal(button, 'Browse 1,000 rows');
    await page.screenshot('table-cut');
    const first = await browse(page, 0);
    assert.deepEqual(first.head, [['', 'name', 'value', 'kind', 'when']]);
    assert.equal(first.rows.length, 25);
    assert.deepEqual(first.rows[1],
                     ['1', 'item 1', '107.000', 'green',
                       '2020-01-01 01:00:00+00:00']);
    assert.equal(first.range, '1–25 of 1,000');
    const next = await turn(page, 0, press(page, 0, '[title="Next page"]'));
    assert.equal(next.rows[0][1], 'item 25');
    const last = await turn(page, 0, press(page, 0, '[title="Last page"]'));
    assert.equal(last.rows.at(-1)[1], 'item 999');
    const large = await turn(page, 0, () => page.page.select(
      '[data-cell="0"] .tn-table select', '100'));
    assert.equal(large.rows.length, 100);
    assert.equal(large.range, '901–1,000 of 1,000');
    await page.screenshot('table-browsed');
    await page.click('[data-cell="0"] .tn-browse');
    const isBack = await page.evaluate(() => document.querySelector(
      '[data-cell="0"] .tn-table-scroll') === null);
    assert.ok(isBack, 'the cut table is back');
  });

  test('headings sort in Python: up, down, as it was', async (open) => {
    const page = await (await open(report)).ready();
    const before = await browse(page, 0);
    const heading = press(page, 0, '[data-sort-key="1"]');
    const up = await turn(page, 0, heading);
    assert.deepEqual(up.sorts,
                     ['none', 'none', 'ascending', 'none', 'none']);
    const values = (found) => found.rows.map((row) => Number(row[2]));
    assert.deepEqual(values(up), [...values(up)].sort((a, b) => a - b));
    const down = await turn(page, 0, heading);
    assert.ok(values(down)[0] > values(up).at(-1));
    assert.deepEqual(values(down), [...values(down)].sort((a, b) => b - a));
    assert.deepEqual((await turn(page, 0, heading)).rows, before.rows);
    const kinds = await turn(page, 0, press(page, 0, '[data-sort-key="2"]'));
    assert.deepEqual(kinds.rows.slice(0, 3).map((row) => row[0]),
                     ['1', '3', '5'], 'equal values stay in order');
  });

  test('a filter finds rows', async (open) => {
    const page = await (await open(report)).ready();
    await browse(page, 0);
    const found = await turn(page, 0, () => page.evaluate(() => {
      const field = document.querySelector('[data-cell="0"] [type="search"]');
      field.value = 'ITEM 99';
      field.dispatchEvent(new Event('input'));
    }));
    assert.equal(found.range, '1–11 of 11');
    assert.deepEqual(found.rows.slice(0, 2).map((row) => row[1]),
                     ['item 99', 'item 990']);
  });

  test('strange tables are text too', async (open) => {
    const page = await (await open(report)).ready();
    await page.run(0);
    assert.equal((await page.run(1)).status, 'ok', await page.describe());
    const series = await turn(page, 1, press(page, 1, '.tn-browse'));
    assert.deepEqual(series.head, [['', 'count']]);
    const buttons = await page.evaluate(() => document.querySelectorAll(
      '[data-cell="1"] .tn-browse').length);
    assert.equal(buttons, 1, 'a whole table has no more to show');
    const odd = await browse(page, 2);
    assert.deepEqual(odd.head, [['', '', 'x', 'y'],
                                ['side', '', 'a', 'a', 'a']]);
    assert.deepEqual(odd.rows[1], ['n', '1', '1', '<Odd object>', '<b>']);
    const sorted = await turn(page, 2, press(page, 2,
                                             '[data-sort-key="-1"]'));
    assert.equal(sorted.rows[0][0], 'n');
  });

  test('rows that Python let go are said to be gone', async (open) => {
    const page = await (await open(report)).ready();
    await page.run(0);
    await page.python('from tincture import tables; tables._tables.clear()');
    await page.click('.tn-browse');
    await page.page.waitForFunction(() => /run the cell again/.test(
      document.querySelector('.tn-table-note').textContent));
  });

  test('a saved report has the cut table', async (open, name) => {
    const page = await (await open(report)).ready();
    await browse(page, 0);
    const text = await page.evaluate(async () => {
      HTMLAnchorElement.prototype.click = () => {};
      const { notebook } = window.tincture;
      return (await notebook.save({ variables: false })).text();
    });
    const path = join(BUILD, 'browser', `table-saved-${name}.html`);
    writeFileSync(path, text);
    const saved = await open(path);
    await saved.reach('ready', 'failed');
    const found = await saved.evaluate(() => ({
      live: document.querySelectorAll('.tn-table').length,
      rows: document.querySelectorAll('[data-cell="0"] tbody tr').length,
    }));
    assert.deepEqual(found, { live: 0, rows: 11 });
  });

  test('on a phone the table scrolls, not the page', async (open) => {
    const viewport = { width: 360, height: 740 };
    const page = await (await open(report, { viewport })).ready();
    await browse(page, 0);
    assert.ok(await page.overflow() <= 0, 'the page does not scroll sideways');
    const isHeld = await page.evaluate(() => {
      const scroller = document.querySelector('.tn-table-scroll');
      const index = scroller.querySelector('tbody th');
      const { left } = index.getBoundingClientRect();
      scroller.scrollLeft = 100;
      return scroller.scrollWidth > scroller.clientWidth
        && Math.abs(index.getBoundingClientRect().left - left) < 1;
    });
    assert.ok(isHeld, 'the index stays in sight');
    await page.screenshot('table-phone');
  });
});
