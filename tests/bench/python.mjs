// Times programs of pure Python in a packed report, in Pyodide in the same
// browser, and natively, in one sitting.
//
//     node tests/bench/python.mjs [--rounds N] [--only PATTERN]
//
// The programs are eight of our own (python/) and those of pyperformance that
// need no process and no other package, unchanged; python_measure.py runs them
// everywhere.  TINCTURE_BENCH_PYTHON is the command of a native Python 3.13,
// TINCTURE_BENCH_PYPERFORMANCE the directory that pyperformance.lock leads to
// (build.py bench sets both).  Each round is a new page of each kind and a new
// native process, one after the other; of each program the best round counts,
// because everything else on the machine can only add to it.
//
// Also told: how much longer the first run of a loop at module level takes
// than its later ones.  Writes `python` in build/bench/results.json, unless it
// is of some programs only.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chosenBrowsers, startBrowser } from '../browser/browsers.mjs';
import { BUILD, ROOT, ReportPage } from '../browser/page.mjs';
import { serve } from '../browser/server.mjs';
import { enterResult, geometricMean } from './results.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const REPORT = join(BUILD, 'report/first.html');
const DEFAULT_ROUNDS = 2;
const BROWSER_LIMIT_MS = 900_000;

/* Of pyperformance: directory of the program, and its arguments. */
const FOREIGN = [
  ['chaos'], ['comprehensions'], ['deepcopy'], ['deltablue'], ['fannkuch'],
  ['float'], ['generators'], ['go'], ['hexiom'], ['json_dumps'], ['nbody'],
  ['nqueens'], ['pickle', '--pure-python', 'pickle'],
  ['pickle', '--pure-python', 'unpickle'], ['pyflate'], ['raytrace'],
  ['regex_compile'], ['richards'], ['scimark'], ['spectral_norm'], ['telco'],
];

function wanted(name) {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set; python3 packages/build.py bench`
                    + ' sets it');
  }
  return value;
}

function ownPrograms() {
  const place = join(HERE, 'python');
  return readdirSync(place).filter((file) => file.endsWith('.py')).sort()
    .map((file) => ({
      kind: 'own',
      name: basename(file, '.py'),
      source: readFileSync(join(place, file), 'utf8'),
    }));
}

/* A program's data, which it finds beside itself. */
function filesOf(place) {
  return Object.fromEntries(
    readdirSync(place, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.toml'))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [relative(place, file),
                      readFileSync(file).toString('base64')]));
}

function foreignPrograms() {
  const all = join(wanted('TINCTURE_BENCH_PYPERFORMANCE'),
                   'pyperformance/data-files/benchmarks');
  return FOREIGN.map(([name, ...words]) => {
    const { 'run_benchmark.py': source, ...files } = filesOf(
      join(all, `bm_${name}`));
    return {
      kind: 'pyperformance',
      name,
      words,
      files,
      source: Buffer.from(source, 'base64').toString('utf8'),
    };
  });
}

const HARNESS = readFileSync(join(HERE, 'python_measure.py'), 'utf8');

function measureNatively(programs) {
  const [command, ...words] = wanted('TINCTURE_BENCH_PYTHON').split(' ');
  const script = join(BUILD, 'bench/python_measure.py');
  mkdirSync(dirname(script), { recursive: true });
  writeFileSync(script, `${HARNESS}
import sys
print(measure_first())
print(measure(sys.stdin.read()))
`);
  // The toolchain's root has this repository at another place.
  const done = spawnSync(command, [...words, relative(ROOT, script)], {
    cwd: ROOT,
    encoding: 'utf8',
    input: JSON.stringify(programs),
    maxBuffer: 1 << 26,
  });
  if (done.status !== 0) {
    throw new Error(`${command}: ${done.stderr ?? done.error}`);
  }
  const [first, seconds] = done.stdout.trim().split('\n').slice(-2);
  return { first: JSON.parse(first), seconds: JSON.parse(seconds) };
}

async function measureInPage(browser, name, where, isReady, programs) {
  const page = await ReportPage.open(browser, name, where);
  await page.evaluate(isReady);
  const texts = await page.evaluate(async (harness, text) => {
    const python = window.tincture ?? window.pyodide;
    const first = await python.runPythonAsync(`${harness}\nmeasure_first()`);
    const words = JSON.stringify(text);
    return [first, await python.runPythonAsync(`measure(${words})`)];
  }, HARNESS, JSON.stringify(programs));
  await page.close();
  const [first, seconds] = texts.map((text) => JSON.parse(text));
  return { first, seconds };
}

/* Enters what is less than before. */
function keepLeast(best, figures) {
  for (const [name, value] of Object.entries(figures)) {
    best[name] = Math.min(best[name] ?? Infinity, value);
  }
}

function keepBest(all, label, { first, seconds }) {
  all[label] ??= { first: {}, seconds: {} };
  keepLeast(all[label].first, first);
  keepLeast(all[label].seconds, seconds);
}

/* The round of one browser: our page, then Pyodide's. */
async function measureBrowser(all, name, origin, programs) {
  const browser = await startBrowser(name, {
    protocolLimit_ms: BROWSER_LIMIT_MS });
  const ours = await measureInPage(
    browser, name, REPORT, () => window.tincture.ready, programs);
  const pyodide = await measureInPage(
    browser, name, `${origin}/bench/pyodide.html`,
    () => window.measured.then(() => undefined), programs);
  const version = (await browser.version()).split('@')[0];
  await browser.close();
  keepBest(all, `${name} tincture`, ours);
  keepBest(all, `${name} pyodide`, pyodide);
  return version;
}

/* Groups of rows, each with the geometric means of what users compare. */
function summarize(rows, browsers) {
  const meansOf = (members) => Object.fromEntries(browsers.map((browser) => [
    browser,
    {
      of_native: geometricMean(members.map(
        (row) => row[`${browser} tincture`] / row.native)),
      faster_than_pyodide: geometricMean(members.map(
        (row) => row[`${browser} pyodide`] / row[`${browser} tincture`])),
    },
  ]));
  const groups = [...new Set(rows.map(({ group }) => group))];
  return [
    ...groups.map((group) => ({
      group, means: meansOf(rows.filter((row) => row.group === group)) })),
    { group: 'all', means: meansOf(rows) },
  ];
}

function tell(rows, groups, first, browsers) {
  const line = (title, ...cells) => console.log(
    title.padEnd(26) + cells.map((cell) => cell.padStart(12)).join(''));
  const ms = (seconds) => (seconds * 1000).toPrecision(3);
  line('ms a call', 'native', ...browsers.flatMap(
    (name) => [name, 'of native', 'Pyodide']));
  for (const row of rows) {
    line(row.name, ms(row.native), ...browsers.flatMap((name) => {
      const ours = row[`${name} tincture`];
      return [ms(ours), `${(ours / row.native).toFixed(2)}x`,
              ms(row[`${name} pyodide`])];
    }));
  }
  for (const { group, means } of groups) {
    line(`geometric mean, ${group}`, '', ...browsers.flatMap((name) => [
      '', `${means[name].of_native.toFixed(2)}x`,
      `${means[name].faster_than_pyodide.toFixed(2)}x less`]));
  }
  for (const [label, { first: once, hot }] of Object.entries(first)) {
    line(`first run, ${label}`, ms(once), `${(once / hot).toFixed(2)}x hot`);
  }
}

function rowsOf(all, programs) {
  const own = new Set(programs.filter(({ kind }) => kind === 'own')
    .map(({ name }) => name));
  return Object.keys(all.native.seconds).map((name) => ({
    group: own.has(name) ? 'own' : 'pyperformance',
    name,
    ...Object.fromEntries(Object.entries(all).map(
      ([label, { seconds }]) => [label, seconds[name]])),
  }));
}

/* Those whose names match; that there are none is a mistake. */
function choosePrograms(pattern) {
  const all = [...ownPrograms(), ...foreignPrograms()];
  const chosen = all.filter(({ name }) => new RegExp(pattern).test(name));
  if (chosen.length === 0) {
    const names = [...new Set(all.map(({ name }) => name))].join(', ');
    throw new Error(`--only ${pattern}: no program has such a name; there are`
                    + ` ${names}`);
  }
  return chosen;
}

async function main() {
  const words = process.argv.slice(2);
  const option = (name) => words[words.indexOf(name) + 1];
  const rounds = words.includes('--rounds') ? Number(option('--rounds'))
    : DEFAULT_ROUNDS;
  const pattern = words.includes('--only') ? option('--only') : '';
  const programs = choosePrograms(pattern);
  const server = await serve({
    bench: HERE, pyodide: join(HERE, 'node_modules/pyodide') });
  const browsers = chosenBrowsers();
  const all = {};
  const versions = {};
  for (let round = 0; round < rounds; round += 1) {
    keepBest(all, 'native', measureNatively(programs));
    for (const name of browsers) {
      versions[name] = await measureBrowser(all, name, server.origin,
                                            programs);
    }
  }
  await server.close();
  const rows = rowsOf(all, programs);
  const groups = summarize(rows, browsers);
  const first = Object.fromEntries(Object.entries(all).map(
    ([label, figures]) => [label, figures.first]));
  tell(rows, groups, first, browsers);
  if (pattern !== '') {
    console.log('Nothing is entered: these are not all programs.');
    return;
  }
  enterResult('python', { rounds, browsers: versions, groups, rows, first });
}

await main();
