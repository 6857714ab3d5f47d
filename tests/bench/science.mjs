// Times numpy, pandas and matplotlib in a packed report, beside the same
// packages from PyPI on native CPython, in one sitting.
//
//     node tests/bench/science.mjs [--rounds N]
//
// TINCTURE_BENCH_PYTHON is the command of a native Python 3.13 that has the
// packages (build.py bench makes one).  Each round runs the same
// operations.py natively and in every browser, one after the other; of each
// operation the best round counts, because everything else on the machine can
// only add to it.  BLAS should have one thread natively, as it has in the page.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chosenBrowsers, startBrowser } from '../browser/browsers.mjs';
import { BUILD, DIST, ROOT, ReportPage } from '../browser/page.mjs';
import { enterResult, geometricMean } from './results.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const OPERATIONS = join(HERE, 'operations.py');
const MEASURE = 'import json\nresult = json.dumps(measure())\n';
const DEFAULT_ROUNDS = 2;
const BROWSER_LIMIT_MS = 900_000;

function run(command, words, options = {}) {
  const done = spawnSync(command, words, {
    encoding: 'utf8', maxBuffer: 1 << 26, ...options });
  if (done.status !== 0) {
    throw new Error(`${command}: ${done.stderr ?? done.error}`);
  }
  return done.stdout;
}

function measureNatively() {
  const python = process.env.TINCTURE_BENCH_PYTHON;
  if (!python) {
    throw new Error('TINCTURE_BENCH_PYTHON names no native Python;'
                    + ' python3 packages/build.py bench sets it');
  }
  const [command, ...words] = python.split(' ');
  const code = `${readFileSync(OPERATIONS, 'utf8')}\n${MEASURE}print(result)`;
  return JSON.parse(run(command, [...words, '-c', code], { cwd: ROOT }));
}

function packReport() {
  const report = join(BUILD, 'bench/science.html');
  mkdirSync(dirname(report), { recursive: true });
  run(join(DIST, 'tincture'),
      ['pack', join(HERE, 'science.iomd'), '-o', report]);
  return report;
}

async function measureInPage(name, report) {
  const browser = await startBrowser(name, {
    protocolLimit_ms: BROWSER_LIMIT_MS });
  const page = await ReportPage.open(browser, name, report);
  await page.ready();
  const text = await page.evaluate(async (code) => window.tincture
    .runPythonAsync(code),
                                   `${readFileSync(OPERATIONS, 'utf8')}\n`
                                   + `${MEASURE}result`);
  const version = (await browser.version()).split('@')[0];
  await page.close();
  await browser.close();
  return { version, rows: JSON.parse(text) };
}

/* Group and name of an operation, as one key. */
const keyOf = ({ group, name }) => `${group}/${name}`;

/* The least seconds of each operation over the rounds. */
function keepBest(best, rows) {
  for (const row of rows) {
    const known = best.get(keyOf(row));
    if (known === undefined || row.seconds < known.seconds) {
      best.set(keyOf(row), row);
    }
  }
}

function compare(native, pages) {
  return [...native.values()].map((row) => {
    const ratios = {};
    for (const [browser, best] of pages) {
      ratios[browser] = best.get(keyOf(row)).seconds / row.seconds;
    }
    return { ...row, ratios };
  });
}

function summarize(rows, browsers) {
  const groups = new Map();
  for (const row of rows) {
    groups.set(row.group, [...groups.get(row.group) ?? [], row]);
  }
  return [...groups].map(([group, members]) => ({
    group,
    means: Object.fromEntries(browsers.map((browser) => [
      browser, geometricMean(members.map(({ ratios }) => ratios[browser])),
    ])),
  }));
}

function tell(rows, groups, browsers) {
  const line = (first, ...cells) => console.log(
    first.padEnd(30) + cells.map((cell) => cell.padStart(14)).join(''));
  const told = (ratio) => `${ratio.toFixed(2)}x`;
  line('', 'native ms', ...browsers);
  for (const { group, means } of groups) {
    line(`${group} (geometric mean)`, '',
         ...browsers.map((browser) => told(means[browser])));
    for (const row of rows.filter((one) => one.group === group)) {
      line(`  ${row.name}`, (row.seconds * 1000).toPrecision(3),
           ...browsers.map((browser) => told(row.ratios[browser])));
    }
  }
}

async function main() {
  const words = process.argv.slice(2);
  const at = words.indexOf('--rounds');
  const roundCount = at === -1 ? DEFAULT_ROUNDS : Number(words[at + 1]);
  const report = packReport();
  const native = new Map();
  const pages = new Map();
  const versions = {};
  for (let round = 0; round < roundCount; round += 1) {
    keepBest(native, measureNatively());
    for (const name of chosenBrowsers()) {
      const { version, rows } = await measureInPage(name, report);
      versions[name] = version;
      pages.set(name, pages.get(name) ?? new Map());
      keepBest(pages.get(name), rows);
    }
  }
  const rows = compare(native, pages);
  const browsers = [...pages.keys()];
  const groups = summarize(rows, browsers);
  tell(rows, groups, browsers);
  const size = statSync(report).size;
  console.log(`report with all packages: ${size} bytes`);
  enterResult('science', { report_size: size, rounds: roundCount,
                           browsers: versions, groups, rows });
}

await main();
