// What a cell costs, and what it does to the page: round trips, printing,
// yields, frames and clicks while Python runs, memory.
//
//     node tests/bench/cells.mjs [--rounds N]
//
// Two pages in each browser: `cells.html` with a kernel and nothing else, and
// a packed report from disk, whose outputs are shown as a reader sees them.
// Pyodide does in its page what it can of the same.  Clicks are a browser's
// own, sent from outside; frames are counted by requestAnimationFrame.  A
// figure of a loop is the least of its rounds, for other work on the machine
// only adds; frames, clicks and prints are told as they were.

import { parseArgs } from 'node:util';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chosenBrowsers, startBrowser } from '../browser/browsers.mjs';
import { BUILD, DIST, ReportPage, ROOT } from '../browser/page.mjs';
import { serve } from '../browser/server.mjs';
import { pack } from '../browser/suite.mjs';
import { enterResult } from './results.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));

/** Calls in one round of a round trip. */
const CALL_COUNT = 1000;

const PRINT_COUNT = 100_000;
const MANY_COUNT = 1_000_000;

/** Cells that each make and drop an array of 10 MB. */
const ARRAY_CELL_COUNT = 1000;

/** From one click to the next. */
const CLICK_INTERVAL_MS = 150;

/** A figure may take minutes in all: a hang guard, never a measure. */
const LIMIT_MS = 300_000;

/* Cells of the report, by what they are for. */
const CELLS = {
  loop: `import time
end = time.monotonic() + 10
while time.monotonic() < end:
    for _ in range(1000):
        pass`,
  print: `for i in range(${PRINT_COUNT}):
    print(i)`,
  many: `for i in range(${MANY_COUNT}):
    print("line", i, "of a million")`,
};

/* Runs in the report: microseconds of runPythonAsync and of runPython. */
async function measureCalls(rounds, count) {
  const { tincture } = window;
  const found = { runPythonAsync: [], runPython: [] };
  for (let round = 0; round < rounds; round++) {
    let start = performance.now();
    for (let i = 0; i < count; i++) {
      await tincture.runPythonAsync('1+1');
    }
    found.runPythonAsync.push((performance.now() - start) * 1000 / count);
    start = performance.now();
    for (let i = 0; i < count; i++) {
      tincture.runPython('1+1');
    }
    found.runPython.push((performance.now() - start) * 1000 / count);
  }
  return found;
}

/* Runs in the report: starts a cell, and watches frames and clicks until it
 * has ended and its output is painted. */
function beginWatch(index) {
  const button = document.createElement('button');
  button.style.cssText =
    'position:fixed;left:0;top:0;width:60px;height:60px;z-index:1000000000';
  document.body.append(button);
  const seen = { gaps_ms: [], clicks_ms: [], done: false };
  let last = performance.now();
  const noteFrame = () => {
    const now = performance.now();
    seen.gaps_ms.push(now - last);
    last = now;
    if (!seen.done) {
      requestAnimationFrame(noteFrame);
    }
  };
  requestAnimationFrame(noteFrame);
  button.addEventListener('click', (event) => {
    seen.clicks_ms.push(performance.now() - event.timeStamp);
  });
  const start = performance.now();
  window.tincture.notebook.run(index).then(({ status }) => {
    seen.status = status;
    seen.run_ms = performance.now() - start;
    requestAnimationFrame(() => setTimeout(() => {
      seen.painted_ms = performance.now() - start;
      seen.done = true;
      button.remove();
    }));
  });
  window.seenInCell = seen;
}

async function watchCell(page, name) {
  const index = Object.keys(CELLS).indexOf(name);
  await page.evaluate(beginWatch, index);
  for (;;) {
    await page.page.mouse.click(30, 30);
    await new Promise((resolve) => {
      setTimeout(resolve, CLICK_INTERVAL_MS);
    });
    const seen = await page.evaluate(() => window.seenInCell);
    if (seen.done) {
      if (seen.status !== 'ok') {
        throw new Error(`${name} ended with ${seen.status}`);
      }
      return seen;
    }
  }
}

function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))];
}

function summarize({ gaps_ms, clicks_ms, run_ms, painted_ms }) {
  return {
    run_ms,
    painted_ms,
    frames_per_second: gaps_ms.length / painted_ms * 1000,
    longest_gap_ms: Math.max(...gaps_ms),
    clicks: clicks_ms.length,
    click_median_ms: quantile(clicks_ms, 0.5),
    click_longest_ms: Math.max(...clicks_ms),
  };
}

const least = (values) => Math.min(...values);

async function measureKernel(browser, origin, rounds) {
  const page = await browser.newPage();
  await page.goto(`${origin}/bench/cells.html`);
  await page.waitForFunction(() => window.isReady === true);
  const calls = await page.evaluate(
    (...words) => window.measureRoundTrips(...words), rounds, CALL_COUNT);
  const yields = await page.evaluate(
    (count) => window.measureYields(count), 3 * rounds);
  const memory = await page.evaluate(
    (...words) => window.measureMemory(...words), ARRAY_CELL_COUNT,
    'array = bytearray(10_000_000); del array');
  await page.close();
  return {
    execute_request_us: least(calls.request),
    execute_request_now_us: least(calls.requestNow),
    yield_share: least(yields.yielding) / least(yields.plain) - 1,
    memory,
  };
}

async function measureReport(browser, name, report, rounds) {
  const page = await (await ReportPage.open(browser, name, report)).ready();
  const calls = await page.evaluate(measureCalls, rounds, CALL_COUNT);
  const figures = {
    run_python_async_us: least(calls.runPythonAsync),
    run_python_us: least(calls.runPython),
  };
  for (const cell of Object.keys(CELLS)) {
    figures[cell] = summarize(await watchCell(page, cell));
  }
  await page.close();
  return figures;
}

async function measurePyodide(browser, origin, rounds) {
  const page = await browser.newPage();
  await page.goto(`${origin}/bench/pyodide_cells.html`);
  await page.waitForFunction(() => window.isReady === true,
                             { timeout: LIMIT_MS });
  const found = await page.evaluate(
    (...words) => window.measure(...words), rounds, CALL_COUNT, PRINT_COUNT);
  await page.close();
  return {
    run_python_async_us: least(found.runPythonAsync),
    run_python_us: least(found.runPython),
    print_ms: least(found.print),
  };
}

function tell(results) {
  const names = Object.keys(results);
  const line = (title, work) => console.log(
    [title, ...names.map((name) => work(results[name]))].join(' | '));
  const us = (value) => `${value.toFixed(0)} µs`;
  line('', ({ browser }) => browser);
  line('1+1 as execute_request',
       ({ kernel }) => us(kernel.execute_request_us));
  line('1+1 by runPythonAsync (Pyodide)', ({ report, pyodide }) =>
    `${us(report.run_python_async_us)} (${us(pyodide.run_python_async_us)})`);
  line('1+1 by runPython (Pyodide)', ({ report, pyodide }) =>
    `${us(report.run_python_us)} (${us(pyodide.run_python_us)})`);
  line('yields', ({ kernel }) => `${(kernel.yield_share * 100).toFixed(1)} %`);
  line(`printing ${PRINT_COUNT} lines (Pyodide)`, ({ report, pyodide }) =>
    `${report.print.run_ms.toFixed(0)} ms, painted after `
    + `${report.print.painted_ms.toFixed(0)} (${pyodide.print_ms.toFixed(0)})`);
  for (const cell of Object.keys(CELLS)) {
    line(cell, ({ report: { [cell]: seen } }) =>
      `${seen.frames_per_second.toFixed(0)} frames/s, longest gap `
      + `${seen.longest_gap_ms.toFixed(0)} ms, clicks `
      + `${seen.click_median_ms.toFixed(0)} `
      + `(${seen.click_longest_ms.toFixed(0)}) ms, in all `
      + `${(seen.painted_ms / 1000).toFixed(1)} s`);
  }
  line(`${ARRAY_CELL_COUNT} cells with 10 MB`,
       ({ kernel: { memory: { before, after } } }) =>
         `kernel ${((after.kernel - before.kernel) / 2 ** 20).toFixed(1)} MB, `
         + `copy ${((after.copy - before.copy) / 2 ** 20).toFixed(1)} MB`);
}

async function main() {
  const { values } = parseArgs({ options: {
    rounds: { type: 'string', default: '8' } } });
  const rounds = Number(values.rounds);
  const report = pack('bench-cells', Object.values(CELLS).map(
    (code) => `%% py\n${code}\n`).join('\n'));
  const server = await serve({
    bench: HERE,
    plugin: join(BUILD, 'plugin'),
    dist: DIST,
    pyodide: join(ROOT, 'tests/bench/node_modules/pyodide'),
  });
  const results = {};
  for (const name of chosenBrowsers()) {
    const browser = await startBrowser(name, { protocolLimit_ms: LIMIT_MS });
    results[name] = {
      browser: (await browser.version()).split('@')[0],
      kernel: await measureKernel(browser, server.origin, rounds),
      report: await measureReport(browser, name, report, rounds),
      pyodide: await measurePyodide(browser, server.origin, rounds),
    };
    await browser.close();
  }
  server.close();
  tell(results);
  enterResult('cells', results);
}

await main();
