// What going back costs: before a cell, in idle time, after a death.
//
//     node tests/bench/checkpoint.mjs [--runs N]
//
// A kernel with a heap of 60 MB in a page of each browser. "quiet": nothing
// ran since idle time did its work, as when somebody reads and then presses
// Run. "follows": a cell right behind another one. "busy": the same behind a
// cell that changed 10 MB.

import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { chosenBrowsers, startBrowser } from '../browser/browsers.mjs';
import { BUILD, DIST, ROOT } from '../browser/page.mjs';
import { serve } from '../browser/server.mjs';
import { enterResult } from './results.mjs';

const HEAP_MB = 60;

/** In the order of the table. */
const ROWS = [
  ['quiet', 'checkpoint before a quiet cell'],
  ['quietFirst', 'from Run to its first instruction'],
  ['follows', 'checkpoint right behind a quiet cell'],
  ['busy', 'checkpoint right behind 10 MB of changes'],
  ['idle', 'idle work for both'],
  ['recovery', 'from a death to the next answer'],
  ['undo', 'from Undo to the next answer'],
];

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

async function measure(browserName, origin, runs) {
  const browser = await startBrowser(browserName);
  try {
    const page = await browser.newPage();
    await page.goto(`${origin}/bench/checkpoint.html`);
    await page.waitForFunction(() => window.isReady === true);
    const found = await page.evaluate(
      (rounds, size) => window.measure(rounds, size), runs, HEAP_MB);
    const figures = { heap_mb: found.heap / 2 ** 20,
                      copy_mb: found.copy.copy / 2 ** 20,
                      undo_mb: found.copy.undo / 2 ** 20 };
    for (const [name] of ROWS) {
      figures[`${name}_ms`] = median(found[name]);
      figures[`${name}_most_ms`] = Math.max(...found[name]);
    }
    return figures;
  } finally {
    await browser.close();
  }
}

const { values } = parseArgs({ options: {
  runs: { type: 'string', default: '7' } } });
const server = await serve({
  bench: join(ROOT, 'tests/bench'),
  plugin: join(BUILD, 'plugin'),
  dist: DIST,
});
const results = {};
for (const name of chosenBrowsers()) {
  results[name] = await measure(name, server.origin, Number(values.runs));
}
server.close();
const names = Object.keys(results);
console.log(['milliseconds, median (most)', ...names].join(' | '));
for (const [row, title] of ROWS) {
  const cells = names.map((name) => {
    const { [`${row}_ms`]: middle, [`${row}_most_ms`]: most } = results[name];
    return `${middle.toFixed(1)} (${most.toFixed(1)})`;
  });
  console.log([title, ...cells].join(' | '));
}
enterResult('checkpoint', results);
