// Measures how long a reader waits: from navigation to the first saved output
// painted, to a kernel that is ready, and to the first result of a new cell,
// for packed reports opened from disk, beside Pyodide on the same machine in
// the same sitting.
//
//     node tests/bench/boot.mjs [--runs N]
//
// `core` is an example; `scientific` computes with numpy, pandas and
// matplotlib imported, which Pyodide does not: its bare start is compared.
// Pyodide cannot start from disk, so a server on loopback gives it its files,
// uncompressed, which is the kindest network there is.  Runs alternate; each
// is a new page; the first of each kind warms up and is left out; the median
// and the extremes are told.  Writes `boot` in build/bench/results.json.

import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chosenBrowsers, startBrowser } from '../browser/browsers.mjs';
import { BUILD, ReportPage } from '../browser/page.mjs';
import { serve } from '../browser/server.mjs';
import { packFile } from '../browser/suite.mjs';
import { enterResult } from './results.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const CODE = 'sum(n * n for n in range(10))';
const SCIENCE_CODE = `
import matplotlib.pyplot
import numpy
import pandas
int(pandas.DataFrame({"n": numpy.arange(10) ** 2}).n.sum())
`;
const VALUE = 285;
const DEFAULT_RUNS = 7;

/* What boot.ts says that it has done, in order, and what it means. */
const MARKS = {
  begin: 'first paint seen',
  library: 'decoder ready',
  player: 'controls there',
  wasm: 'kernel decoded',
  compiled: 'kernel compiled',
  snapshot: 'memory restored',
  started: 'Python goes on',
};

async function measureReport(browser, name, { report, code: given }) {
  const page = await ReportPage.open(browser, name, report);
  // The page itself waits: a driver that asks would come later.
  const seen = await page.evaluate(async (code) => {
    await window.tincture.ready;
    const value = await window.tincture.runPythonAsync(code);
    const result_ms = performance.now();
    const { trace } = window.tinctureTest;
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    return {
      value,
      paint_ms: paint.startTime,
      ready_ms: trace.find(({ state }) => state === 'ready').at,
      result_ms,
      marks: Object.fromEntries(performance.getEntriesByType('mark').map(
        (mark) => [mark.name.replace('tincture-', ''), mark.startTime])),
    };
  }, given);
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

/* Median of each place in the timeline. */
function timeline(runs) {
  return Object.fromEntries(Object.keys(MARKS).map((name) => [
    name, summary(runs.map(({ marks }) => ({ at: marks[name] ?? NaN })),
                  'at').median,
  ]));
}

async function measureBrowser(name, reports, origin, runCount) {
  const browser = await startBrowser(name);
  const runs = { core: [], scientific: [], pyodide: [] };
  for (let run = 0; run <= runCount; run += 1) {
    const round = {
      core: await measureReport(browser, name, reports.core),
      pyodide: await measurePyodide(browser, name, origin),
      scientific: await measureReport(browser, name, reports.scientific),
    };
    for (const [kind, seen] of Object.entries(round)) {
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
  const ofReport = (kind) => ({
    paint_ms: summary(runs[kind], 'paint_ms'),
    ready_ms: summary(runs[kind], 'ready_ms'),
    result_ms: summary(runs[kind], 'result_ms'),
    timeline_ms: timeline(runs[kind]),
  });
  return {
    browser: version,
    core: ofReport('core'),
    scientific: ofReport('scientific'),
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
  for (const { browser, core, scientific, pyodide } of rows) {
    line(browser);
    for (const [kind, seen] of Object.entries({ core, scientific })) {
      const faster = pyodide.ready_ms.median / seen.result_ms.median;
      line(`  ${kind}, file://`, told(seen.paint_ms), told(seen.ready_ms),
           `${told(seen.result_ms)}, ${faster.toFixed(1)}x`);
      console.log(`    ${Object.entries(seen.timeline_ms).map(
        ([name, at]) => `${MARKS[name]} ${at.toFixed(0)}`).join(', ')}`);
    }
    line('  Pyodide, loopback', '-', told(pyodide.ready_ms),
         told(pyodide.result_ms));
  }
}

async function main() {
  const words = process.argv.slice(2);
  const at = words.indexOf('--runs');
  const runCount = at === -1 ? DEFAULT_RUNS : Number(words[at + 1]);
  const reports = {
    core: { report: join(BUILD, 'report/first.html'), code: CODE },
    scientific: {
      report: packFile(join(HERE, 'science.iomd'),
                       ['--profile', 'scientific']),
      code: SCIENCE_CODE,
    },
  };
  const server = await serve({
    bench: HERE, pyodide: join(HERE, 'node_modules/pyodide') });
  const rows = [];
  for (const name of chosenBrowsers()) {
    rows.push(await measureBrowser(name, reports, server.origin, runCount));
  }
  await server.close();
  tell(rows);
  const sizes = Object.fromEntries(Object.entries(reports).map(
    ([kind, { report }]) => [kind, statSync(report).size]));
  console.log(`bytes: ${JSON.stringify(sizes)}`);
  enterResult('boot', { sizes, runs: runCount, browsers: rows });
}

await main();
