// Python and JavaScript of one page: handlers, objects, arrays, errors, in
// real browsers. What each of the two can do is told in detail by
// tests/wasm/interop_py.test.mjs and its neighbours.

import assert from 'node:assert/strict';

import { eachBrowser, pack } from './suite.mjs';

const NOTEBOOK = `%% html
<button id="press">press</button><p id="told"></p>

%% py
from js import document, window
from pyodide.ffi import create_proxy, to_js
from pyodide.ffi.wrappers import add_event_listener, remove_event_listener

presses = []

def take(event):
    presses.append(event.type)
    document.getElementById("told").textContent = f"{len(presses)} presses"

button = document.getElementById("press")
add_event_listener(button, "click", take)
button.onmouseover = lambda event: presses.append(event.type)

%% py
print("begun", flush=True)
while presses.count("click") < 3:
    pass
presses.count("click")

%% py
class Account:
    """Used by the next cell."""
    def __init__(self, owner):
        self.owner, self.balance = owner, 0
    def add(self, amount, *, note=""):
        if amount < 0:
            raise ValueError("less than nothing")
        self.balance += amount
        return f"{note}{self.balance}"
account = Account("Ada")

%% js
const account = tincture.globals.get("account");
account.add(5);
account.owner = "Eve";
let refused;
try { account.add(-1) } catch (error) { refused = error }
const Account = tincture.globals.get("Account");
[account.add.callKwargs(2, {note: "now "}), account.balance, refused.type,
 new Account("Bob").owner, typeof account.then].join("|")

%% py
account.owner

%% py
import asyncio
from js import window
async def later(value):
    await asyncio.sleep(0.01)
    return value * 2
window.later = later

%% js
window.later(21)
`;

const NUMPY = `%% py
import numpy
grid = numpy.arange(6, dtype="f8").reshape(2, 3)
`;

eachBrowser('interop', (test) => {
  const report = pack('interop', NOTEBOOK);
  const numpyReport = pack('interop_numpy', NUMPY);

  test('handlers in Python run at once, also while a cell runs',
    async (open) => {
      const page = await (await open(report)).ready();
      assert.equal((await page.run(1)).status, 'ok');
      await page.evaluate(() => document.getElementById('press').click());
      const told = () => page.evaluate(() =>
        document.getElementById('told').textContent);
      assert.equal(await told(), '1 presses');
      const run = page.run(2);
      await page.printed(2, 'begun');
      for (let count = 2; count <= 3; count++) {
        await page.evaluate(() => document.getElementById('press').click());
        assert.equal(await told(), `${count} presses`);
      }
      assert.equal((await run).status, 'ok');
      const { outputs } = await page.cell(2);
      assert.equal(outputs.at(-1).text.trim(), '3');
    });

  test('a notebook\'s scripts use Python\'s objects', async (open) => {
    const page = await (await open(report)).ready();
    for (const index of [3, 4, 5, 6, 7]) {
      assert.equal((await page.run(index)).status, 'ok', `cell ${index}`);
    }
    const texts = await Promise.all([4, 5, 7].map(async (index) =>
      (await page.cell(index)).outputs.map(({ text }) => text.trim())
        .join()));
    assert.match(texts[0], /now 7\|7\|ValueError\|Bob\|undefined/);
    assert.match(texts[1], /Eve/);
    assert.match(texts[2], /42/);
  });

  test('what nobody holds any more is let go of', async (open) => {
    const page = await (await open(report)).ready();
    const counts = await page.evaluate(async () => {
      const { tincture } = window;
      const make = tincture.runPython('import gc, sys\nlambda i: [i]');
      const count = () => tincture.runPython(
        'gc.collect()\nsys.getallocatedblocks()');
      const turn = () => new Promise((resolve) => {
        setTimeout(resolve);
      });
      const rounds = async (number) => {
        for (let i = 0; i < number; i++) {
          make(i).destroy();
          if (i % 5000 === 0) {
            await turn();
          }
        }
        await turn();
      };
      await rounds(1000);
      const before = count();
      await rounds(50_000);
      let after = count();
      for (let left = 1000; left > 0 && after - before > 1000; left--) {
        await turn();
        after = count();
      }
      return [before, after];
    });
    assert.ok(counts[1] - counts[0] < 1000, counts.join(' then '));
  });

  test('arrays of numpy are seen in their place, and copied as results',
    async (open) => {
      const page = await (await open(numpyReport)).ready();
      assert.equal((await page.run(0)).status, 'ok');
      const found = await page.evaluate(() => {
        const { tincture } = window;
        const grid = tincture.globals.get('grid');
        const view = grid.getBuffer();
        view.data[5] = 50;
        const { shape, strides, format } = view;
        view.release();
        const turned = tincture.runPython('grid.T', {}).getBuffer();
        const where = turned.offset + 2 * turned.strides[0]
          + turned.strides[1];
        const last = turned.data[where];
        turned.release();
        const kinds = (value) => Object.prototype.toString.call(value);
        const rows = tincture.runPython('grid');
        return {
          shape, strides, format, last,
          sum: tincture.runPython('float(grid.sum())'),
          rows: rows.map((row) => [kinds(row), ...row]),
          results: [
            'numpy.int64(7)', 'numpy.arange(3)', 'numpy.array([True])',
            'numpy.array(["a"])', '[numpy.float32(0.5)]',
          ].map((code) => JSON.stringify(tincture.runPython(code))),
          floats: kinds(tincture.runPython('numpy.zeros(2)')),
          other: typeof tincture.runPython('numpy.zeros(2) + 1j'),
          copied: kinds(grid.toJs()[0]),
        };
      });
      assert.deepEqual(found, {
        shape: [2, 3],
        strides: [3, 1],
        format: 'd',
        last: 50,
        sum: 60,
        rows: [['[object Float64Array]', 0, 1, 2],
          ['[object Float64Array]', 3, 4, 50]],
        results: ['7', '[0,1,2]', '[true]', '["a"]', '[0.5]'],
        floats: '[object Float64Array]',
        other: 'object',
        copied: '[object Float64Array]',
      });
    });

  test('objects of a worker\'s Python are refused in words', async (open) => {
    const page = await (await open(pack('interop_worker', '%% py\n1\n',
                                        ['--worker']))).ready();
    const found = await page.evaluate(async () => {
      const refusal = (call) => {
        try {
          return String(call());
        } catch (error) {
          return `${error.name}: ${error.message}`;
        }
      };
      const { tincture } = window;
      return {
        globals: refusal(() => tincture.globals.get('x')),
        toPy: refusal(() => tincture.toPy({})),
        now: refusal(() => tincture.runPython('1')),
        later: await tincture.runPythonAsync('[1, {"a": 2}]'),
      };
    });
    for (const name of ['globals', 'toPy', 'now']) {
      assert.match(found[name], /^KernelBusyError: .*worker.*runPythonAsync/,
                   name);
    }
    assert.deepEqual(found.later, [1, { a: 2 }]);
  });
});
