// A browser without JavaScript Promise Integration: everything runs as far as
// it can, and what cannot says so.
//
// Firefox is told by its preference to have none; Chromium has no switch for
// it any more, so there the page loses its functions before it begins.

import assert from 'node:assert/strict';

import { eachBrowser, pack } from './suite.mjs';

const PREFERENCES = {
  'javascript.options.wasm_js_promise_integration': false,
};

const NOTEBOOK = `%% py
import time
for step in range(3):
    print("step", step)
    time.sleep(0.02)

%% py
name = input("Your name? ")

%% py
import threading
threading.Thread(target=print).start()

%% py
import asyncio, contextvars
place = contextvars.ContextVar("place", default="nowhere")

async def double(n):
    await asyncio.sleep(0.01)
    return 2 * n

place.set("the cell before")
later = asyncio.create_task(double(21))
await asyncio.gather(double(1), double(2))

%% py
[place.get(), await later]

%% py
import getpass
getpass.getpass("Word: ")

%% py
from pyodide.ffi import run_sync
run_sync(double(1))
`;

/** The last line of a cell's output, and the error's name if it is one. */
async function lastOf(page, index) {
  const { outputs } = await page.cell(index);
  const { error, text } = outputs.at(-1);
  return { error, text: text.trim().split('\n').at(-1) };
}

eachBrowser('without JSPI', (test) => {
  const report = pack('without-jspi', NOTEBOOK);
  const openWithout = async (open) => {
    const page = await open(report, { withoutSuspension: true });
    await page.ready();
    assert.equal(await page.evaluate(() => typeof WebAssembly.Suspending),
                 'undefined');
    return page;
  };

  test('the page says once what it lacks', async (open) => {
    const page = await openWithout(open);
    const said = await page.toasts();
    assert.equal(said.length, 1);
    assert.match(said[0], /lacks JavaScript Promise Integration/);
    const stop = await page.evaluate(() => {
      const button = [...document.querySelectorAll('button')].find(
        ({ title }) => /cannot stop/.test(title));
      return button?.disabled;
    });
    assert.equal(stop, true);
  });

  test('what can run runs', async (open) => {
    const page = await openWithout(open);
    assert.equal((await page.run(0)).status, 'ok');
    assert.equal((await page.cell(0)).outputs[0].text.trim(),
                 'step 0\nstep 1\nstep 2');
    assert.equal((await page.run(3)).status, 'ok');
    assert.equal((await lastOf(page, 3)).text, '[2, 4]');
    assert.equal((await page.run(4)).status, 'ok');
    assert.equal((await lastOf(page, 4)).text,
                 "['the cell before', 42]");
    assert.deepEqual(await page.python('asyncio.run(double(5))'),
                     { value: 10 });
    assert.deepEqual(await page.python('2 ** 10'), { value: 1024 });
    const now = await page.evaluate(() => window.tincture.runPython('6 * 7'));
    assert.equal(now, 42);
  });

  test('what cannot wait says so', async (open) => {
    const page = await openWithout(open);
    for (const index of [1, 5]) {
      assert.equal((await page.run(index)).status, 'error');
      const { error, text } = await lastOf(page, index);
      assert.equal(error, 'StdinNotImplementedError');
      assert.match(text, /cannot wait/);
    }
    assert.equal((await page.run(2)).status, 'error');
    assert.match((await lastOf(page, 2)).text,
                 /^RuntimeError: can't start new thread: .*cannot suspend/);
    assert.equal((await page.run(3)).status, 'ok');
    assert.equal((await page.run(6)).status, 'error');
    assert.match((await lastOf(page, 6)).text, /RuntimeError: .*suspended/);
    assert.deepEqual(await page.python('1 + 1'), { value: 2 });
  });

  test('it comes back from a death', async (open) => {
    const page = await openWithout(open);
    await page.python('kept = 7');
    const death = await page.python('import os; os.abort()');
    assert.ok(death.isError);
    assert.deepEqual(await page.python('kept'), { value: 7 });
  });
}, { preferences: PREFERENCES });
