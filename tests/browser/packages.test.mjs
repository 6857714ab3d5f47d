// What comes along with a report: packages from wheels, and formulas.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { before } from 'node:test';
import { fileURLToPath } from 'node:url';

import { BUILD } from './page.mjs';
import { eachBrowser, pack } from './suite.mjs';

const WHEELS = join(BUILD, 'browser', 'wheels');
const MAKER = join(dirname(fileURLToPath(import.meta.url)), '..', 'pack',
                   'data', 'wheels.py');

const NOTEBOOK = `%% py
import importlib.metadata, inspect
from deflated import m1
importlib.metadata.version("deflated"), m1.x, m1.__file__

%% py
inspect.getsource(m1)[:6]
`;

const FORMULAS = `%% md
Inline $e^{i\\pi} + 1 = 0$, and set apart:

$$\\int_0^1 x\\,dx$$

%% py
class Formula:
    def _repr_latex_(self):
        return r"$\\displaystyle \\frac{1}{2}$"

Formula()
`;

before(() => {
  const made = spawnSync('python3', [MAKER, WHEELS], { encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
});

eachBrowser('packages', (test) => {
  test('a wheel is imported, source and all', async (open) => {
    const wheel = join(WHEELS, 'deflated-1.0-py3-none-any.whl');
    const page = await (await open(
      pack('wheel', NOTEBOOK, ['--wheel', wheel]))).ready();
    await page.runAll();
    const shown = [(await page.cell(0)), (await page.cell(1))].map(
      ({ outputs }) => outputs[0].text.trim());
    assert.match(shown[0], /^\('1\.0', 1, '.*\/site-packages\/deflated\/m1/);
    assert.equal(shown[1], "'x = 1\\n'");
  });

  test('--run has the wheels too', async (open) => {
    const wheel = join(WHEELS, 'deflated-1.0-py3-none-any.whl');
    const page = await open(
      pack('wheel-run', NOTEBOOK, ['--wheel', wheel, '--run']));
    const { outputs, state } = await page.cell(1);
    assert.equal(outputs[0].text.trim(), "'x = 1\\n'");
    assert.equal(state, 'ok');
  });

  test('formulas become MathML, live ones too', async (open) => {
    const page = await (await open(pack('formulas', FORMULAS))).ready();
    const count = () => page.evaluate(
      () => [...document.querySelectorAll('[data-cell] math')].map(
        (math) => math.getAttribute('display') ?? 'inline'));
    const reach = (wanted) => page.page.waitForFunction(
      (number) => document.querySelectorAll('[data-cell] math').length
        === number, {}, wanted);
    await reach(2);
    assert.deepEqual(await count(), ['inline', 'block']);
    await page.run(1);
    await reach(3);
    assert.deepEqual(await count(), ['inline', 'block', 'block']);
    const saved = await page.evaluate(
      async () => (await window.tincture.notebook.save()).text());
    assert.match(saved, /<span class="tn-math">\$e\^/,
                 'what is saved is the text');
  });

  test('a report without formulas does not carry them', async (open) => {
    const page = await open(pack('no-formulas', '%% py\n1\n'));
    const parts = await page.evaluate(() => JSON.parse(
      document.getElementById('tincture-payload').textContent).parts.map(
      ({ name }) => name));
    assert.ok(parts.includes('editor.js') && !parts.includes('math.js'));
  });
});
