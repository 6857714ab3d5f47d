// What Save costs: how long it takes, what the variables add to the file, how
// soon the saved file goes on, and how large it is after ten rounds.
//
//     node tests/bench/save.mjs [--runs N]
//
// "little" is core with a few names, "tables" the scientific profile with a
// DataFrame of 100 000 rows, a live figure and 8 MB of random numbers, which
// nothing compresses. Saving ends with the bytes of the whole file in hand.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { chosenBrowsers, startBrowser } from '../browser/browsers.mjs';
import { BUILD, ReportPage } from '../browser/page.mjs';
import { fetchSaved } from '../browser/saved.mjs';
import { pack } from '../browser/suite.mjs';
import { enterResult } from './results.mjs';

const ROUNDS = 10;

const NOTEBOOKS = {
  little: `%% py
import json, collections
names = collections.Counter("how the world grew older")
numbers = (n * n for n in range(100)); next(numbers)
`,
  tables: `%% py
import numpy as np, pandas as pd, matplotlib.pyplot as plt
%matplotlib widget

%% py
table = pd.DataFrame({"n": np.arange(100_000), "half": np.arange(100_000) / 2})
noise = np.random.default_rng(1).random(1_000_000)
numbers = (n * n for n in range(100)); next(numbers)
table

%% py
figure, axes = plt.subplots(); axes.plot(table["half"][:100]); plt.show()
`,
};

/** What a row of the table tells, and in which unit. */
const ROWS = [
  ['bare_ms', 'save without variables, ms'],
  ['save_ms', 'save with variables, ms'],
  ['reopen_ms', 'from navigation to next(), ms'],
  ['state_bytes', 'added by the variables, bytes'],
  ['file_bytes', 'the file, bytes'],
  ['growth', `growth in ${ROUNDS} rounds, %`],
];

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Saves; gives the time and the size. */
function save(page, variables) {
  return page.evaluate(async (keeps) => {
    const begin = performance.now();
    const blob = await window.tincture.notebook.save(
      { to: 'nowhere', variables: keeps });
    await blob.arrayBuffer();
    const ms = performance.now() - begin;
    return { ms, size: blob.size };
  }, variables);
}

async function reopen(browser, name, path) {
  const page = await ReportPage.open(browser, name, path);
  await page.ready();
  const ms = await page.evaluate(async () => {
    await window.tincture.runPythonAsync('next(numbers)');
    return performance.now();
  });
  return { page, ms };
}

async function measure(browser, name, report, stem, runs) {
  const page = await ReportPage.open(browser, name, report);
  await page.ready();
  const ran = await page.runAll();
  if (ran.some(({ status }) => status !== 'ok')) {
    throw new Error(`${stem} did not run: ${await page.describe()}`);
  }
  const bare = [];
  const whole = [];
  for (let run = 0; run < runs; run++) {
    bare.push(await save(page, false));
    whole.push(await save(page, true));
  }
  const folder = join(BUILD, 'bench');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `saved-${stem}-${name}.html`);
  writeFileSync(path, await fetchSaved(page, { variables: true }));
  await page.close();
  const times = [];
  const sizes = [];
  for (let round = 0; round < ROUNDS; round++) {
    const next = await reopen(browser, name, path);
    const saved = await fetchSaved(next.page, { variables: true });
    times.push(next.ms);
    sizes.push(saved.length);
    writeFileSync(path, saved);
    await next.page.close();
  }
  return {
    bare_ms: median(bare.map(({ ms }) => ms)),
    save_ms: median(whole.map(({ ms }) => ms)),
    reopen_ms: median(times),
    state_bytes: whole[0].size - bare[0].size,
    file_bytes: whole[0].size,
    growth: 100 * (sizes.at(-1) / whole[0].size - 1),
  };
}

const { values } = parseArgs({ options: {
  runs: { type: 'string', default: '5' } } });
const results = {};
for (const name of chosenBrowsers()) {
  const browser = await startBrowser(name);
  for (const [stem, text] of Object.entries(NOTEBOOKS)) {
    const report = pack(`bench-save-${stem}`, text, ['--view', 'explore']);
    results[`${stem}, ${name}`] = await measure(
      browser, name, report, stem, Number(values.runs));
  }
  await browser.close();
}
const columns = Object.keys(results);
console.log(['medians', ...columns].join(' | '));
for (const [row, title] of ROWS) {
  const cells = columns.map((column) => results[column][row]);
  const shown = cells.map((value) => row === 'growth'
    ? value.toFixed(2) : Math.round(value).toLocaleString('en'));
  console.log([title, ...shown].join(' | '));
}
enterResult('save', results);
