// What ten thousand cells leave behind: the page's and Python's memory, and
// whether the last hundred take longer than the first.
//
//     node tests/bench/soak.mjs [--cells N]
//
// A packed report with ten kinds of cells runs them in turn, by the page's
// interface, with its outputs shown.  A hundred cells are a sample: ten of each
// kind, whose median counts, since other work on the machine only adds.
// Python's memory is the page's WebAssembly.Memory; what the browser takes in
// all is read from outside, from its processes.
//
// The first sample after a warm-up and the last are minutes apart, in which a
// machine that does other things too changes more than the page does.  So the
// old page is compared with a new one, of a browser of its own, that has had
// its warm-up alone: both run samples by turns, and what their processes take
// of the processors counts as well as the time.
//
// It fails where Python's memory or the page's elements grew, which no load on
// the machine changes; times are told and not judged.

import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { chosenBrowsers, startBrowser } from '../browser/browsers.mjs';
import { ReportPage } from '../browser/page.mjs';
import { pack } from '../browser/suite.mjs';
import { enterResult } from './results.mjs';

const CELL_COUNT = 10_000;
/** A sample: as many runs of each kind as there are kinds. */
const SAMPLE_COUNT = 100;
/** What is left out at the start: Out holds a thousand results. */
const WARM_UP_COUNT = 2000;
/** The samples that the old and the new page run by turns, each. */
const TURN_COUNT = 5;
/** What may come of the growth of a heap whose content does not grow. */
const GROWTH_LIMIT_BYTES = 2 ** 20;

/** A hundred cells may take this long: a hang guard, never a measure. */
const LIMIT_MS = 600_000;

const CELLS = {
  arithmetic: 'sum(n * n for n in range(1000)) % 97',
  print: `for n in range(20):
    print("line", n, "of a cell that prints")`,
  error: '{"a": 1}["b"]',
  array: `import numpy as np
noise = np.random.default_rng(1).random((500, 500))
(noise @ noise.T).trace()`,
  table: `import pandas as pd
table = pd.DataFrame({"n": range(1000), "half": [n / 2 for n in range(1000)]})
table.groupby(table.n % 7).mean()`,
  figure: `import matplotlib.pyplot as plt
figure, axes = plt.subplots(figsize=(3, 2))
axes.plot(range(50), [n * n for n in range(50)])
plt.show()`,
  class: `class Cup:
    def __init__(self, content):
        self.content = content
    def __repr__(self):
        return f"Cup({self.content!r})"
cups = [Cup(n) for n in range(100)]
cups[-1]`,
  import: `import sys
sys.modules.pop("wave", None)
import wave
wave.__name__`,
  file: `from pathlib import Path
Path("notes.txt").write_text("tea\\n" * 5000)
Path("notes.txt").stat().st_size`,
  waiting: `import asyncio
await asyncio.gather(*(asyncio.sleep(0, n) for n in range(10)))`,
};

/** What a kind's run ends with. */
const OUTCOMES = { error: 'error' };

/* Runs in the page before anything of it: remembers every memory made. */
function watchMemories() {
  const memories = [];
  const Memory = WebAssembly.Memory;
  WebAssembly.Memory = class extends Memory {
    constructor(...words) {
      super(...words);
      memories.push(new WeakRef(this));
    }
  };
  Object.defineProperty(window, 'soakMemories', { value: memories });
}

/* Runs in the page: `rounds` times each cell; their times by cell. */
async function runRounds(rounds, outcomes) {
  const times = outcomes.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, outcome] of outcomes.entries()) {
      const start = performance.now();
      const { status } = await window.tincture.notebook.run(index);
      times[index].push(performance.now() - start);
      if (status !== outcome) {
        throw new Error(`cell ${index} ended with ${status}`);
      }
    }
  }
  return times;
}

/* Runs in the page. */
function lookAtPage() {
  const bytes = window.soakMemories.map(
    (memory) => memory.deref()?.buffer.byteLength ?? 0);
  return {
    kernel: Math.max(...bytes),
    memories: bytes.filter((size) => size > 0).length,
    elements: document.querySelectorAll('*').length,
    // Chromium's alone.
    heap: performance.memory?.usedJSHeapSize ?? null,
  };
}

/** The clock of /proc, ticks a second. */
const TICKS_PER_S = 100;

/* What /proc says of a process behind its name, which may have spaces. */
function readStat(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/* The process and all that it began, by what /proc says of parents. */
function processTree(root) {
  const children = new Map();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      const parent = readStat(name)[1];
      children.set(parent, [...(children.get(parent) ?? []), name]);
    } catch {
      // It ended in between.
    }
  }
  const found = [String(root)];
  for (const pid of found) {
    found.push(...(children.get(pid) ?? []));
  }
  return found;
}

/** Bytes of the whole browser's memory, what it shares counted once. */
function browserBytes(browser) {
  let total = 0;
  for (const pid of processTree(browser.process().pid)) {
    try {
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
      total += 1024 * Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
    } catch {
      // It ended in between.
    }
  }
  return total;
}

/** What the whole browser has taken of the processors until now. */
function browserCpu_ms(browser) {
  let ticks = 0;
  for (const pid of processTree(browser.process().pid)) {
    try {
      const [user, system] = readStat(pid).slice(11, 13);
      ticks += Number(user) + Number(system);
    } catch {
      // It ended in between.
    }
  }
  return 1000 * ticks / TICKS_PER_S;
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** The time of one round, by the medians of its kinds. */
function roundTime(times) {
  return times.reduce((sum, kind) => sum + median(kind), 0);
}

async function openReport(browser, name, report) {
  const page = await ReportPage.open(browser, name, report,
                                     { before: watchMemories });
  await page.ready();
  return page;
}

/** The next hundred cells' times, by kind. */
function runSample(page) {
  const kinds = Object.keys(CELLS);
  const outcomes = kinds.map((kind) => OUTCOMES[kind] ?? 'ok');
  return page.evaluate(runRounds, SAMPLE_COUNT / kinds.length, outcomes);
}

/** Samples that some pages run by turns: their times by kind, and what a
 * round takes of the processors, by page. */
async function runTurns(pages) {
  const results = pages.map(() => ({
    times: Object.keys(CELLS).map(() => []), cpu_ms: [] }));
  for (let turn = 0; turn < TURN_COUNT; turn++) {
    for (const [index, { page, browser }] of pages.entries()) {
      const { times, cpu_ms } = results[index];
      const start_ms = browserCpu_ms(browser);
      const sample = await runSample(page);
      const rounds = SAMPLE_COUNT / sample.length;
      cpu_ms.push((browserCpu_ms(browser) - start_ms) / rounds);
      sample.forEach((kind, at) => times[at].push(...kind));
    }
  }
  return results;
}

/** The old page beside one that has had the warm-up alone. */
async function compareWithNew(old, name, report, start) {
  const browser = await start();
  const page = await openReport(browser, name, report);
  for (let done = 0; done < WARM_UP_COUNT; done += SAMPLE_COUNT) {
    await runSample(page);
  }
  const [after, before] = await runTurns([old, { page, browser }]);
  await page.close();
  await browser.close();
  return { before, after };
}

async function soak(name, report, count) {
  const start = () => startBrowser(name, { protocolLimit_ms: LIMIT_MS });
  const browser = await start();
  const page = await openReport(browser, name, report);
  const samples = [];
  for (let done = 0; done < count; done += SAMPLE_COUNT) {
    const times = await runSample(page);
    const look = await page.evaluate(lookAtPage);
    samples.push({
      cells: done + SAMPLE_COUNT,
      round_ms: roundTime(times),
      ...look,
      browser: browserBytes(browser),
    });
  }
  const turns = await compareWithNew(
    { page, browser }, name, report, start);
  const version = (await browser.version()).split('@')[0];
  await page.close();
  await browser.close();
  return { version, samples, turns };
}

/** What the samples and the turns come to. */
function judge({ version, samples, turns }) {
  const first = samples.find(({ cells }) => cells > WARM_UP_COUNT)
    ?? samples[0];
  const last = samples.at(-1);
  const kinds = Object.keys(CELLS).map((kind, index) => [kind, {
    first_ms: median(turns.before.times[index]),
    last_ms: median(turns.after.times[index]) }]);
  const first_ms = roundTime(turns.before.times);
  const last_ms = roundTime(turns.after.times);
  const cpu = { first_ms: median(turns.before.cpu_ms),
                last_ms: median(turns.after.cpu_ms) };
  return {
    browser: version,
    cells: last.cells,
    first_ms,
    last_ms,
    ratio: last_ms / first_ms,
    cpu: { ...cpu, ratio: cpu.last_ms / cpu.first_ms },
    kinds: Object.fromEntries(kinds),
    before: { kernel: first.kernel, elements: first.elements,
              heap: first.heap, browser: first.browser },
    after: { kernel: last.kernel, elements: last.elements,
             heap: last.heap, browser: last.browser },
    isFlat: last.kernel - first.kernel <= GROWTH_LIMIT_BYTES
      && last.elements === first.elements,
  };
}

const mb = (bytes) => (bytes === null
  ? '-' : `${(bytes / 2 ** 20).toFixed(1)} MB`);

function tell(results) {
  for (const { browser, cells, first_ms, last_ms, ratio, cpu, kinds, before,
    after, isFlat } of Object.values(results)) {
    console.log(`${browser}: ${cells} cells; a round of ten kinds takes `
      + `${first_ms.toFixed(1)} ms in a new page, ${last_ms.toFixed(1)} in `
      + `this one: ${ratio.toFixed(2)}x; of the processors `
      + `${cpu.first_ms.toFixed(0)} and ${cpu.last_ms.toFixed(0)} ms: `
      + `${cpu.ratio.toFixed(2)}x`);
    for (const [kind, { first_ms: early, last_ms: late }] of
      Object.entries(kinds)) {
      console.log(`  ${kind}: ${early.toFixed(1)} ms, ${late.toFixed(1)} ms`);
    }
    for (const what of ['kernel', 'heap', 'browser']) {
      console.log(`  ${what}: ${mb(before[what])}, ${mb(after[what])}`);
    }
    console.log(`  elements: ${before.elements}, ${after.elements}`);
    if (!isFlat) {
      console.log('  It grew.');
    }
  }
}

async function main() {
  const { values } = parseArgs({ options: {
    cells: { type: 'string', default: String(CELL_COUNT) },
    verbose: { type: 'boolean', default: false } } });
  const report = pack('bench-soak', Object.values(CELLS).map(
    (code) => `%% py\n${code}\n`).join('\n'));
  const results = {};
  for (const name of chosenBrowsers()) {
    const measured = await soak(name, report, Number(values.cells));
    if (values.verbose) {
      for (const sample of measured.samples) {
        console.log(JSON.stringify(sample));
      }
    }
    results[name] = judge(measured);
  }
  tell(results);
  enterResult('soak', results);
  process.exitCode = Object.values(results).every(({ isFlat }) => isFlat)
    ? 0 : 1;
}

await main();
