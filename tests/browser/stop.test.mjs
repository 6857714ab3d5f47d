// Stop in a page ends long loops in C: those of tests/wasm/stop_cases.mjs, one
// cell each, so many to a page that every one meets what others left behind.

import assert from 'node:assert/strict';

import { stopCases } from '../wasm/stop_cases.mjs';
import { eachBrowser, pack } from './suite.mjs';

const CASES_PER_PAGE = 16;

function inPages() {
  const pages = [];
  for (let start = 0; start < stopCases.length; start += CASES_PER_PAGE) {
    pages.push(stopCases.slice(start, start + CASES_PER_PAGE));
  }
  return pages;
}

/* Runs in the page: the cell, and Stop some turns of the page after it printed.
 * Turns, not frames: the loop gives those, whatever else the machine does. */
async function runAndStop(index) {
  const cell = document.querySelector(`[data-cell="${index}"]`);
  const turn = () => new Promise((settle) => {
    setTimeout(settle);
  });
  let isOver = false;
  const running = window.tincture.notebook.run(index).finally(() => {
    isOver = true;
  });
  const outputs = cell.querySelector('.tn-outputs');
  while (!isOver && !outputs.textContent.includes('begun\n')) {
    await turn();
  }
  for (let count = 0; count < 3; count += 1) {
    await turn();
  }
  window.tincture.interrupt();
  await running;
}

eachBrowser('stop', (test) => {
  inPages().forEach((cases, page) => {
    const text = cases.map(({ code }) => `%% py\n${code}\n`).join('\n');
    const report = pack(`stop-${page}`, text);

    test(`Stop ends ${cases.map(({ name }) => name).join('; ')}`,
         async (open) => {
           const shown = await (await open(report)).ready();
           for (const [index, stopped] of cases.entries()) {
             const { name, whole, endsSoon } = stopped;
             await shown.page.evaluate(runAndStop, index);
             const { outputs } = await shown.cell(index);
             if (!endsSoon || outputs.at(-1).error !== undefined) {
               assert.equal(outputs.at(-1).error, 'KeyboardInterrupt', name);
             }
             assert.deepEqual(await shown.python(whole), { value: true },
                              name);
           }
         });
  });
});
