// Writes the README's benchmark table from build/bench/results.json, between
// two marks that stand in the README as comments:
//
//     node tests/bench/table.mjs [--check] [--results FILE] [--readme FILE]
//
// A benchmark that did not run, or failed, leaves its rows out. With --check
// nothing is written, and a table that is not current ends with 1.

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const BEGIN = '<!-- benchmarks: written by tests/bench/table.mjs -->';
const END = '<!-- end of benchmarks -->';

const BROWSERS = ['chromium', 'firefox'];

/** A number in as many digits as tell something. */
export function digits(value) {
  if (value === 0 || value >= 100) {
    return value.toFixed(0);
  }
  return value.toPrecision(2).replace(/e\+1$/, '0');
}

const us = (value) => `${digits(value)} µs`;
const ms = (value) => `${digits(value)} ms`;

/** A figure, and Pyodide's beside it. */
const beside = (format, own, other) => `${format(own)} (${format(other)})`;

/* Rows by benchmark: a title, and what a browser's cell says. */
const CELL_ROWS = [
  ['`1+1` as an execute_request', ({ kernel }) =>
    us(kernel.execute_request_us)],
  ['`1+1` by runPythonAsync', ({ report, pyodide }) =>
    beside(us, report.run_python_async_us, pyodide.run_python_async_us)],
  ['`1+1` by runPython', ({ report, pyodide }) =>
    beside(us, report.run_python_us, pyodide.run_python_us)],
  ['printing 100 000 lines', ({ report, pyodide }) =>
    beside(ms, report.print.run_ms, pyodide.print_ms)],
  ['share of a loop that goes to the page', ({ kernel }) =>
    `${(100 * kernel.yield_share).toFixed(1)} %`],
  ['frames a second during a loop of 10 s', ({ report }) =>
    digits(report.loop.frames_per_second)],
  ['a click during it is answered in, at most', ({ report }) =>
    ms(report.loop.click_longest_ms)],
  ['the same while a million lines are printed', ({ report }) =>
    `${digits(report.many.frames_per_second)}, `
    + ms(report.many.click_longest_ms)],
];

const CHECKPOINT_ROWS = [
  ['a copy of 60 MB before a cell, after a pause', ({ quiet_ms }) =>
    ms(quiet_ms)],
  ['right behind another cell', ({ follows_ms }) => ms(follows_ms)],
  ['from a death to the next answer', ({ recovery_ms }) => ms(recovery_ms)],
];

/* A benchmark's list of browsers, each with its version, by name. */
function byName(list) {
  return Object.fromEntries(BROWSERS.map((name) => [
    name, list.find(({ browser }) => browser.toLowerCase().startsWith(
      name.slice(0, 5))),
  ]));
}

const BOOT_ROWS = [
  ['a report opened from disk: Python ready', ({ core, pyodide }) =>
    beside(ms, core.ready_ms.median, pyodide.ready_ms.median)],
  ['its first new result', ({ core, pyodide }) =>
    beside(ms, core.result_ms.median, pyodide.result_ms.median)],
  ['with numpy, pandas and matplotlib', ({ scientific }) =>
    ms(scientific.result_ms.median)],
];

function browserCells(figures, tell) {
  return BROWSERS.map((name) => figures[name] && tell(figures[name]));
}

function browserRows(figures, rows) {
  return rows.map(([title, tell]) => [title, browserCells(figures, tell)]);
}

/**
 * Geometric means by group: time in the page over time natively, which is 0
 * where a snapshot has done the work.
 */
function scienceRows({ groups }) {
  return groups.map(({ group, means }) => [
    `${group}: time over native`,
    BROWSERS.map((name) => means[name]?.toFixed(1).concat('x')),
  ]);
}

/** The same of pure Python, where Pyodide runs it too. */
function pythonRows({ groups, first }) {
  const names = { own: 'eight small programs', all: 'all of them' };
  const rows = groups.map(({ group, means }) => [
    `Python, ${names[group] ?? group}: time over native`,
    BROWSERS.map((name) => means[name] && beside(
      (ratio) => `${ratio.toFixed(2)}x`, means[name].of_native,
      means[name].of_native * means[name].faster_than_pyodide)),
  ]);
  const once = BROWSERS.map((name) => first[`${name} tincture`]).map(
    (one) => one && `${(one.first / one.hot).toFixed(2)}x`);
  return [...rows, ['a loop in the first cell: time over when it is hot',
                    once]];
}

const mb = (bytes) => `${digits(bytes / 2 ** 20)} MB`;

/* What `soak.mjs` found, the last hundred cells beside the first. */
const SOAK_ROWS = [
  ['the last hundred of 10 000 cells over the first', ({ ratio }) =>
    `${ratio.toFixed(2)}x`],
  ['Python\'s memory before and after them', ({ before, after }) =>
    `${mb(before.kernel)}, ${mb(after.kernel)}`],
];

function interopRows({ rows, browsers }) {
  return Object.entries(rows).map(([row, { title, unit }]) => [
    title, browserCells(byName(browsers), ({ ours, pyodide }) => beside(
      (value) => `${digits(value)} ${unit}`, ours[row], pyodide[row])),
  ]);
}

const WRITERS = {
  boot: ({ browsers }) => browserRows(byName(browsers), BOOT_ROWS),
  cells: (figures) => browserRows(figures, CELL_ROWS),
  checkpoint: (figures) => browserRows(figures, CHECKPOINT_ROWS),
  interop: interopRows,
  python: pythonRows,
  science: scienceRows,
  soak: (figures) => browserRows(figures, SOAK_ROWS),
};

/** The rows of one benchmark; none of one whose results have another form,
 * of an earlier version. */
function rowsOf(name, figures) {
  try {
    return figures === undefined ? [] : WRITERS[name](figures);
  } catch (error) {
    console.error(`${name}: ${error.message}: run this benchmark again`);
    return [];
  }
}

/** The table's lines, as they stand between the marks. */
export function renderTable(results) {
  const order = ['boot', 'cells', 'python', 'interop', 'science',
                 'checkpoint', 'soak'];
  const rows = order.flatMap((name) => rowsOf(name, results[name])).filter(
    ([, cells]) => cells.some((cell) => cell !== undefined));
  const told = rows.map(([title, cells]) =>
    `| ${[title, ...cells.map((cell) => cell ?? '-')].join(' | ')} |`);
  return [
    '| (in brackets: Pyodide 314.0.7 beside it) | Chromium | Firefox |',
    '| --- | --- | --- |',
    ...told,
  ].join('\n');
}

/** The README's text with the table in its place. */
export function placeTable(readme, table) {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) {
    throw new Error(`the README has no place for the table: ${BEGIN} ... `
                    + END);
  }
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${table}\n\n`
    + readme.slice(end);
}

function main() {
  const { values } = parseArgs({ options: {
    check: { type: 'boolean', default: false },
    results: { type: 'string',
               default: join(ROOT, 'build/bench/results.json') },
    readme: { type: 'string', default: join(ROOT, 'README.md') },
  } });
  const readme = readFileSync(values.readme, 'utf8');
  const results = JSON.parse(readFileSync(values.results, 'utf8'));
  const written = placeTable(readme, renderTable(results));
  if (!values.check) {
    writeFileSync(values.readme, written);
  } else if (written !== readme) {
    console.error('The table is not that of the results: run this program.');
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  main();
}
