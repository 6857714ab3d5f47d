// Measures how long one step between Python and JavaScript takes: calls and
// attributes both ways, objects that come and go, an array of a million floats
// both ways; beside Pyodide, in the same browser, with the same code.
//
//     node tests/bench/interop.mjs [--rounds N]
//
// The two take turns, each round in a new page; every figure is the best of
// the rounds, which other programs on the machine disturb least.  Writes
// `interop` in build/bench/results.json.

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chosenBrowsers, startBrowser } from '../browser/browsers.mjs';
import { BUILD, ReportPage } from '../browser/page.mjs';
import { serve } from '../browser/server.mjs';
import { enterResult, geometricMean } from './results.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const DEFAULT_ROUNDS = 3;

/* What is measured, and its unit: microseconds a step, or milliseconds. */
const ROWS = {
  call: ['JavaScript calls Python', 'µs'],
  attribute: ['JavaScript reads an attribute', 'µs'],
  method: ['JavaScript calls a method', 'µs'],
  item: ['JavaScript reads an item', 'µs'],
  text: ['JavaScript passes and gets a text', 'µs'],
  object: ['JavaScript gets an object and drops it', 'µs'],
  back_call: ['Python calls JavaScript', 'µs'],
  back_attribute: ['Python reads an attribute', 'µs'],
  back_method: ['Python calls a method', 'µs'],
  back_set: ['Python sets an attribute', 'µs'],
  back_item: ['Python reads an item', 'µs'],
  back_length: ['Python asks for a length', 'µs'],
  to_js: ['10^6 floats to JavaScript, copied', 'ms'],
  view: ['10^6 floats seen by JavaScript', 'µs'],
  to_python: ['10^6 floats to Python, copied', 'ms'],
  list_to_js: ['10^5 objects in a list to JavaScript', 'ms'],
};

/* What both Pythons run. */
const PROGRAM = `
import array
import js
from js import bench_target, bench_function

class Target:
    size = 5
    def double(self, number):
        return 2 * number

target = Target()
numbers = array.array("d", bytes(8 * 1_000_000))
records = [{"a": i, "b": "text"} for i in range(100_000)]

def same(value):
    return value

def make():
    return [1]

def call_back(count):
    for _ in range(count):
        bench_function(1)

def read_back(count):
    for _ in range(count):
        bench_target.size

def method_back(count):
    for _ in range(count):
        bench_target.double(1)

def set_back(count):
    for _ in range(count):
        bench_target.size = 5

def item_back(count):
    array = bench_target.list
    for _ in range(count):
        array[3]

def length_back(count):
    array = bench_target.list
    for _ in range(count):
        len(array)

def take(floats):
    return len(floats.to_bytes())
`;

/* Runs in the page; gives a figure for each row. */
function measure(program) {
  const python = window.tincture ?? window.pyodide;
  const repeats = 5;
  const steps = 100_000;
  python.runPython(program);
  const get = (name) => python.globals.get(name);
  const best = (work) => {
    let least = Infinity;
    for (let i = 0; i < repeats; i++) {
      const start = performance.now();
      work();
      least = Math.min(least, performance.now() - start);
    }
    return least;
  };
  const each = (step) => best(() => {
    for (let i = 0; i < steps; i++) {
      step(i);
    }
  }) / steps * 1e3;
  /* Browsers' clocks are coarse: several at a time, in milliseconds. */
  const whole = (work, count = 5) => {
    return best(() => {
      for (let i = 0; i < count; i++) {
        work();
      }
    }) / count;
  };
  const back = (name) => {
    const loop = get(name);
    return best(() => loop(steps)) / steps * 1e3;
  };
  const [same, make, target, numbers, records, take] = ['same', 'make',
    'target', 'numbers', 'records', 'take'].map(get);
  const list = make();
  const floats = new Float64Array(1_000_000);
  return {
    call: each(same),
    attribute: each(() => target.size),
    method: each(() => target.double(1)),
    item: each(() => list.get(0)),
    text: each(() => same('some text')),
    object: each(() => make().destroy()),
    back_call: back('call_back'),
    back_attribute: back('read_back'),
    back_method: back('method_back'),
    back_set: back('set_back'),
    back_item: back('item_back'),
    back_length: back('length_back'),
    to_js: whole(() => numbers.toJs(), 10),
    view: each(() => numbers.getBuffer('f64').release()),
    to_python: whole(() => take(floats), 100),
    list_to_js: whole(() => records.toJs()),
  };
}

async function measurePage(browser, name, where, isReady) {
  const page = await ReportPage.open(browser, name, where);
  await page.evaluate(isReady);
  await page.evaluate(() => {
    window.bench_target = {
      size: 5,
      list: [1, 2, 3, 4, 5],
      double: (number) => 2 * number,
    };
    window.bench_function = (value) => value;
  });
  const seen = await page.evaluate(measure, PROGRAM);
  await page.close();
  return seen;
}

/* The best of the rounds for each row. */
function least(rounds) {
  return Object.fromEntries(Object.keys(ROWS).map((row) => [
    row, Math.min(...rounds.map((round) => round[row])),
  ]));
}

async function measureBrowser(name, origin, roundCount) {
  const browser = await startBrowser(name);
  const rounds = { ours: [], pyodide: [] };
  for (let round = 0; round < roundCount; round += 1) {
    rounds.ours.push(await measurePage(
      browser, name, join(BUILD, 'report/first.html'),
      () => window.tincture.ready));
    rounds.pyodide.push(await measurePage(
      browser, name, `${origin}/bench/pyodide.html`,
      () => window.measured.then(() => undefined)));
  }
  const version = (await browser.version()).split('@')[0];
  await browser.close();
  const [ours, pyodide] = [least(rounds.ours), least(rounds.pyodide)];
  const ratios = Object.keys(ROWS).map((row) => pyodide[row] / ours[row]);
  return { browser: version, ours, pyodide, faster: geometricMean(ratios) };
}

function tell(figures) {
  const line = (...cells) => console.log(cells.map(
    (cell, i) => (i === 0 ? cell.padEnd(44) : cell.padStart(12))).join(''));
  for (const { browser, ours, pyodide, faster } of figures) {
    line(browser, 'Tincture', 'Pyodide', 'faster');
    for (const [row, [title, unit]] of Object.entries(ROWS)) {
      line(`  ${title}`, `${ours[row].toFixed(3)} ${unit}`,
           `${pyodide[row].toFixed(3)} ${unit}`,
           `${(pyodide[row] / ours[row]).toFixed(1)}x`);
    }
    line('  geometric mean', '', '', `${faster.toFixed(1)}x`);
  }
}

async function main() {
  const words = process.argv.slice(2);
  const at = words.indexOf('--rounds');
  const rounds = at === -1 ? DEFAULT_ROUNDS : Number(words[at + 1]);
  const server = await serve({
    bench: HERE, pyodide: join(HERE, 'node_modules/pyodide') });
  const figures = [];
  for (const name of chosenBrowsers()) {
    figures.push(await measureBrowser(name, server.origin, rounds));
  }
  await server.close();
  tell(figures);
  const rows = Object.fromEntries(Object.entries(ROWS).map(
    ([row, [title, unit]]) => [row, { title, unit }]));
  enterResult('interop', { rows, rounds, browsers: figures });
}

await main();
