// Measures how long a reader waits: from navigation to the first saved output
// painted, to a kernel that is ready, and to the first result of a new cell,
// for a packed report opened from disk, beside Pyodide on the same machine in
// the same sitting.
//
//     node tests/bench/boot.mjs [REPORT.html] [--runs N]
//
// Pyodide cannot start from disk, so a server on loopback gives it its files,
// uncompressed, which is the kindest network there is.  Runs alternate; each
// is a new page; the first of each kind warms up and is left out; the median
// and the extremes are told.  Writes `boot` in build/bench/results.json.

import { statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chosenBrowsers, startBrowser } from '../browser/browsers.mjs';
import { BUILD, ReportPage } from '../browser/page.mjs';
import { serve } from '../browser/server.mjs';
import { enterResult } from './results.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const CODE = 'sum(n * n for n in range(10))';
const VALUE = 285;
const DEFAULT_RUNS = 7;

async function measureReport(browser, name, report) {
  const page = await ReportPage.open(browser, name, report);
  await page.ready();
  const seen = await page.evaluate(async (code) => {
    const value = await window.tincture.runPythonAsync(code);
    const result_ms = performance.now();
    const { trace } = window.tinctureTest;
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    return {
      value,
      paint_ms: paint.startTime,
      ready_ms: trace.find(({ state }) => state === 'ready').at,
      result_ms,
    };
  }, CODE);
  await page.close();
  return seen;
}

async function measurePyodide(browser, name, origin) {
  const page = await ReportPage.open(browser, name,
                                     `${origin}/bench/pyodide.html`);
  const seen = await page.evaluate(() => window.measured);
  await page.close();
  return seen;
}

function summary(runs, field) {
  const values = runs.map((run) => run[field]).sort((a, b) => a - b);
  return {
    median: values[Math.floor(values.length / 2)],
    least: values[0],
    most: values.at(-1),
  };
}

async function measureBrowser(name, report, origin, runCount) {
  const browser = await startBrowser(name);
  const runs = { report: [], pyodide: [] };
  for (let run = 0; run <= runCount; run += 1) {
    const pair = {
      report: await measureReport(browser, name, report),
      pyodide: await measurePyodide(browser, name, origin),
    };
    for (const [kind, seen] of Object.entries(pair)) {
      if (seen.value !== VALUE) {
        throw new Error(`${kind} computed ${seen.value}`);
      }
      if (run > 0) {
        runs[kind].push(seen);
      }
    }
  }
  const version = (await browser.version()).split('@')[0];
  await browser.close();
  return {
    browser: version,
    report: {
      paint_ms: summary(runs.report, 'paint_ms'),
      ready_ms: summary(runs.report, 'ready_ms'),
      result_ms: summary(runs.report, 'result_ms'),
    },
    pyodide: {
      ready_ms: summary(runs.pyodide, 'ready_ms'),
      result_ms: summary(runs.pyodide, 'result_ms'),
    },
  };
}

function tell(rows) {
  const told = ({ median, least, most }) => `${median.toFixed(0)}`
    + ` (${least.toFixed(0)}-${most.toFixed(0)})`;
  const line = (...cells) => console.log(
    cells.map((cell) => cell.padEnd(26)).join('').trimEnd());
  line('ms since navigation', 'first output painted', 'kernel ready',
       'first result');
  for (const { browser, report, pyodide } of rows) {
    line(browser);
    line('  report, file://', told(report.paint_ms), told(report.ready_ms),
         told(report.result_ms));
    line('  Pyodide, loopback', '-', told(pyodide.ready_ms),
         told(pyodide.result_ms));
  }
}

async function main() {
  const words = process.argv.slice(2);
  const at = words.indexOf('--runs');
  const runCount = at === -1 ? DEFAULT_RUNS : Number(words[at + 1]);
  const named = words.find((word, place) => place !== at + 1 || at === -1
    ? word.endsWith('.html') : false);
  const report = resolve(named ?? join(BUILD, 'report/first.html'));
  const server = await serve({
    bench: HERE, pyodide: join(HERE, 'node_modules/pyodide') });
  const rows = [];
  for (const name of chosenBrowsers()) {
    rows.push(await measureBrowser(name, report, server.origin, runCount));
  }
  await server.close();
  const size = statSync(report).size;
  tell(rows);
  console.log(`${basename(report)}: ${size} bytes`);
  enterResult('boot', { report: basename(report), size, runs: runCount,
                        browsers: rows });
}

await main();
