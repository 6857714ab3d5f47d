// The language plugin, loaded by an Iodide client as the contract has it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';

import { DIST, ROOT } from '../browser/page.mjs';
import { eachBrowser } from '../browser/suite.mjs';
import { serve } from '../browser/server.mjs';

let server;

before(async () => {
  server = await serve({ host: join(ROOT, 'tests/iodide'), dist: DIST });
});
after(() => server.close());

/* `change` alters the definition as a notebook's author might. */
async function openHost(open, change = {}, options = {}) {
  const page = await open(`${server.origin}/host/host.html`, options);
  const definition = JSON.parse(readFileSync(join(DIST, 'tincture.json'),
                                             'utf8'));
  await page.evaluate((given) => window.iodideHost.define(given), {
    ...definition,
    url: `${server.origin}/dist/${definition.url}`,
    ...change,
  });
  const run = (...codes) => page.evaluate(
    (chunks) => window.iodideHost.run(chunks),
    codes.map((code) => (typeof code === 'string'
      ? { type: 'py', code } : code)));
  return { page, run };
}

const js = (code) => ({ type: 'js', code });

eachBrowser('iodide plugin', (test) => {
  test('the definition is what a client reads', async () => {
    const definition = JSON.parse(readFileSync(join(DIST, 'tincture.json'),
                                               'utf8'));
    assert.deepEqual(
      Object.fromEntries(['languageId', 'displayName', 'module', 'evaluator',
        'asyncEvaluator', 'autocomplete', 'pluginType'].map(
        (name) => [name, definition[name]])),
      { languageId: 'py', displayName: 'Python', module: 'tincture',
        evaluator: 'runPython', asyncEvaluator: 'runPythonAsync',
        autocomplete: 'autocomplete', pluginType: 'language' });
  });

  test('results: literals, tables and objects', async (open) => {
    const { page, run } = await openHost(open);
    const results = await run(
      '1 + 1', '"text"', 'None', '[1, 2.5, "a", True]',
      '[{"a": 1, "b": 2}, {"a": 3, "b": 4}]',
      'class Thing:\n    def __repr__(self):\n        return "<thing & co>"\n'
      + 'Thing()',
      'class Rich:\n    def _repr_html_(self):\n'
      + '        return "<table><tr><td>cell</td></tr></table>"\nRich()');
    assert.deepEqual(results.map(({ status }) => status), Array(7).fill('ok'),
                     JSON.stringify(results));
    assert.equal(results[0].text, '2');
    assert.equal(results[1].text, 'text');
    assert.match(results[2].text, /^(null|undefined)$/);
    assert.deepEqual(JSON.parse(results[3].text), [1, 2.5, 'a', true]);
    assert.deepEqual([results[4].how, results[4].keys, results[4].count],
                     ['table', ['a', 'b'], 2]);
    assert.equal(results[5].how, 'iodideRender');
    assert.match(results[5].html, /^<pre[^>]*>&lt;thing &amp; co&gt;<\/pre>$/);
    assert.equal(results[6].how, 'iodideRender');
    assert.match(results[6].html, /<td>cell<\/td>/);
    assert.deepEqual(await page.evaluate(
      () => window.iodideHost.userVariables()), []);
  });

  test('an error shows the traceback and halts the queue', async (open) => {
    const { run } = await openHost(open);
    const results = await run('x = 1', 'def f():\n    return x / 0\n\nf()',
                              'x = "not reached"');
    assert.equal(results.length, 2);
    const [, failed] = results;
    assert.equal(failed.how, 'error');
    assert.equal(failed.shown, true);
    assert.match(failed.text, /ZeroDivisionError: division by zero/);
    assert.match(failed.text, /line 2, in f/);
    assert.deepEqual(failed.frames, [], 'no frames of JavaScript');
    assert.equal((await run('x'))[0].text, '1');
  });

  test('print is seen', async (open) => {
    const { page, run } = await openHost(open);
    await run('print("printed words")');
    const seen = await page.evaluate(() => window.iodideHost.report()
      + JSON.stringify(window.iodideHost.console));
    assert.match(seen, /printed words/);
  });

  test('completion answers at once, by bare names', async (open) => {
    const { page, run } = await openHost(open);
    await run('alphabet = "abc"');
    const words = await page.evaluate(
      () => window.iodideHost.complete('py', 'alphabet = 1\nalph'));
    assert.ok(words.includes('alphabet'), String(words));
    const dotted = await page.evaluate(
      () => window.iodideHost.complete('py', 'alphabet.start'));
    assert.deepEqual(dotted, ['startswith']);
  });

  test('top-level await, and state that lasts', async (open) => {
    const { run } = await openHost(open);
    const [, last] = await run(
      'import asyncio\nasync def later():\n    await asyncio.sleep(0.01)\n'
      + '    return 5\n', 'await later() + 1');
    assert.equal(last.text, '6');
  });

  test('old notebooks find pyodide', async (open) => {
    const { run } = await openHost(open, { module: 'pyodide' });
    const results = await run('value = [1, 2]',
                              js('pyodide.pyimport("value").join("-")'));
    assert.equal(results[1].text, '1-2', JSON.stringify(results));
  });

  test('a relative url works', async (open) => {
    const { run } = await openHost(open, { url: '../dist/tincture.js' });
    const [result] = await run('6 * 7');
    assert.equal(result.text, '42', JSON.stringify(result));
  });

  test('an evaluator without async works too', async (open) => {
    const { run } = await openHost(open, { asyncEvaluator: undefined });
    const [result] = await run('6 * 7');
    assert.equal(result.text, '42', JSON.stringify(result));
  });

  test('a plugin without its files rejects and names them', async (open) => {
    const { page, run } = await openHost(
      open, { url: `${server.origin}/host/lonely/tincture.js` });
    page.expectErrors(/404|failed/i);
    await page.evaluate((address) => {
      const real = XMLHttpRequest.prototype.open;
      XMLHttpRequest.prototype.open = function redirect(method, url, ...more) {
        return real.call(this, method, url.endsWith('/lonely/tincture.js')
          ? `${address}/dist/tincture.js` : url, ...more);
      };
    }, server.origin);
    const [result] = await run('1');
    assert.equal(result.status, 'error');
    assert.match(result.text ?? result.html, /\.(wasm|json|image)/);
  });
});
