// The page interface that other people rely on: window.tincture, the states
// of the page and of its cells, and what their elements say.

import assert from 'node:assert/strict';

import { eachBrowser, pack } from './suite.mjs';

const NOTEBOOK = `text before the first delimiter is no chunk
%% md
# Heading

%% py
import sys
alphabet = "abc"
print("to stdout")
print("to stderr", file=sys.stderr)
40 + 2

%% css
h1 { color: inherit }

%% py
class Shown:
    def _repr_html_(self):
        return "<b>bold</b>"

Shown()

%% py
undefined_name

%% py
print("never in runAll")
`;

eachBrowser('interface', (test) => {
  const report = pack('interface', NOTEBOOK);

  test('the page goes from saved over booting to ready', async (open) => {
    const page = await open(report);
    await page.ready();
    const states = (await page.states()).map(({ state }) => state);
    assert.deepEqual(states, ['saved', 'booting', 'ready']);
  });

  test('window.tincture has its members and stays out of the way',
    async (open) => {
      const page = await (await open(report)).ready();
      const found = await page.evaluate(() => ({
        version: window.tincture.version,
        functions: ['runPython', 'runPythonAsync', 'autocomplete',
          'interrupt'].filter(
          (name) => typeof window.tincture[name] !== 'function'),
        ready: typeof window.tincture.ready.then,
        globals: typeof window.tincture.globals,
        same: window.pyodide === window.tincture,
        old: ['pyimport', 'loadPackage', 'repr'].filter(
          (name) => typeof window.pyodide[name] !== 'function'),
        enumerable: Object.keys(window).filter((name) => /tincture|pyodide/i
          .test(name)),
        cells: window.tincture.notebook.cells.length,
        save: typeof window.tincture.notebook.save,
      }));
      assert.match(found.version, /^\d+\.\d+\.\d+/);
      assert.deepEqual(found.functions, []);
      assert.equal(found.ready, 'function');
      assert.notEqual(found.globals, 'undefined');
      assert.equal(found.same, true);
      assert.deepEqual(found.old, []);
      assert.deepEqual(found.enumerable, []);
      assert.equal(found.cells, 6);
      assert.equal(found.save, 'function');
    });

  test('booting runs no cell', async (open) => {
    const page = await (await open(report)).ready();
    const cells = await page.cells();
    assert.deepEqual(cells.map(({ state }) => state),
                     Array(6).fill('idle'));
    assert.deepEqual(cells.flatMap(({ outputs }) => outputs), []);
  });

  test('chunks say their index and type', async (open) => {
    const page = await open(report);
    const cells = await page.cells();
    assert.deepEqual(cells.map(({ index, type }) => [index, type]),
                     [[0, 'md'], [1, 'py'], [2, 'css'], [3, 'py'],
                       [4, 'py'], [5, 'py']]);
    await page.ready();
  });

  test('a run cell shows streams, a value and its state', async (open) => {
    const page = await (await open(report)).ready();
    assert.equal((await page.run(1)).status, 'ok');
    const cell = await page.cell(1);
    assert.equal(cell.state, 'ok');
    assert.deepEqual(
      cell.outputs.map(({ stream, mime, text }) => [stream ?? mime,
        text.trim()]),
      [['stdout', 'to stdout'], ['stderr', 'to stderr'],
        ['text/plain', '42']]);
    await page.run(1);
    assert.equal((await page.cell(1)).outputs.length, 3,
                 'a second run replaces the outputs');
  });

  test('a rich value is shown as HTML', async (open) => {
    const page = await (await open(report)).ready();
    await page.run(3);
    const [output] = (await page.cell(3)).outputs;
    assert.equal(output.mime, 'text/html');
    assert.match(output.html, /<b>bold<\/b>/);
  });

  test('an error is named, and shows the reader\'s line', async (open) => {
    const page = await (await open(report)).ready();
    assert.equal((await page.run(4)).status, 'error');
    const cell = await page.cell(4);
    assert.equal(cell.state, 'error');
    const [output] = cell.outputs;
    assert.equal(output.error, 'NameError');
    assert.match(output.text, /undefined_name/);
    assert.doesNotMatch(output.text, /execute\.c|tincture\.py|<frozen/);
  });

  test('runAll halts on an error', async (open) => {
    const page = await (await open(report)).ready();
    const results = await page.runAll();
    const statuses = results.map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 'error').length, 1);
    assert.equal(statuses.at(-1), 'aborted');
    const last = await page.cell(5);
    assert.deepEqual(last.outputs, []);
    assert.equal(last.state, 'idle');
    assert.equal((await page.run(5)).status, 'ok');
  });

  test('runPythonAsync gives values and plain errors', async (open) => {
    const page = await (await open(report)).ready();
    assert.deepEqual(await page.python('1 + 1'), { value: 2 });
    assert.deepEqual(await page.python('["a", 1.5, True]'),
                     { value: ['a', 1.5, true] });
    assert.deepEqual(await page.python('{"a": [1]}'),
                     { value: { a: [1] } });
    assert.deepEqual(await page.python('import asyncio\n'
      + 'await asyncio.sleep(0)\n"awaited"'), { value: 'awaited' });
    const failed = await page.python('def f():\n    return 1 / 0\nf()');
    assert.equal(failed.isError, true);
    assert.equal(failed.name, 'ZeroDivisionError');
    assert.match(failed.message, /^Traceback/);
    assert.match(failed.message, /line 2, in f/);
    assert.match(failed.message, /ZeroDivisionError: division by zero\s*$/);
  });

  test('code that a script runs makes the page a running one',
    async (open) => {
      const page = await (await open(report)).ready();
      // Until the page says so: a moment passes before it does.
      await page.python('import asyncio, js\n'
        + 'root = js.document.documentElement\n'
        + 'while root.dataset.tinctureState != "running":\n'
        + '    await asyncio.sleep(0.01)');
      await page.reach('ready');
      const states = (await page.states()).map(({ state }) => state);
      assert.deepEqual(states.slice(-3), ['ready', 'running', 'ready']);
    });

  test('messages of runPythonAsync reach the callback', async (open) => {
    const page = await (await open(report)).ready();
    const said = await page.evaluate(async () => {
      const messages = [];
      await window.tincture.runPythonAsync('print("hear me")',
                                           (text) => messages.push(text));
      return messages.join('');
    });
    assert.match(said, /hear me/);
  });

  test('runPython and autocomplete answer at once', async (open) => {
    const page = await (await open(report)).ready();
    const found = await page.evaluate(() => ({
      value: window.tincture.runPython('alphabet = "abc"\n6 * 7'),
      words: window.tincture.autocomplete('alph'),
    }));
    assert.equal(found.value, 42);
    assert.ok(found.words.includes('alphabet'), String(found.words));
  });
});
