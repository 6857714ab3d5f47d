// A page whose Python runs: output while it runs, a page that stays live,
// stopping, waiting and input, with stack switching and without.

import assert from 'node:assert/strict';

import { eachBrowser, pack } from './suite.mjs';

const NOTEBOOK = `%% py
for step in range(3):
    print("step", step, flush=True)
    import time
    time.sleep(0.01)

%% py
count = 0
while True:
    count += 1
    if count == 1001:
        print("begun", flush=True)

%% py
name = input("Your name? ")
print("Hello,", name)

%% py
count > 1000

%% py
def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)

try:
    deep(10 ** 6)
except RecursionError as error:
    print("caught", type(error).__name__)
[deep(500)]

%% py
raise SystemExit(3)

%% py
"".join(chr(0xdc80) for _ in range(2)) + chr(0) + "end"

%% py
import os
os._exit(1)

%% py
handle = display("first", display_id=True)
print("between")
handle.update("second")

%% py
import js, time
print("at once", flush=True)
while not hasattr(js, "isSeen"):
    time.sleep(0.01)
print("at the end")
`;

eachBrowser('running', (test) => {
  const report = pack('running', NOTEBOOK);

  test('output is there while the cell still runs', async (open) => {
    const page = await (await open(report)).ready();
    const running = page.run(9);
    await page.printed(9, 'at once\n');
    const { state, outputs: [early] } = await page.cell(9);
    assert.deepEqual([state, early.text], ['running', 'at once\n']);
    await page.evaluate(() => {
      window.isSeen = true;
    });
    assert.equal((await running).status, 'ok');
    const { outputs } = await page.cell(9);
    assert.equal(outputs.map(({ text }) => text).join(''),
                 'at once\nat the end\n');
  });

  test('an endless loop leaves the page alive, and stops', async (open) => {
    const page = await (await open(report)).ready();
    const running = page.run(1);
    await page.printed(1, 'begun');
    const result = await page.evaluate(async () => {
      const frames = await new Promise((settle) => {
        let count = 0;
        const next = () => {
          count += 1;
          if (count === 10) {
            settle(count);
          } else {
            requestAnimationFrame(next);
          }
        };
        requestAnimationFrame(next);
      });
      const state = document.documentElement.dataset.tinctureState;
      window.tincture.interrupt();
      return { frames, state };
    });
    assert.equal(result.frames, 10);
    assert.equal(result.state, 'running');
    assert.equal((await running).status, 'error');
    assert.equal((await page.cell(1)).outputs.at(-1).error,
                 'KeyboardInterrupt');
    assert.equal(await page.reach('ready'), 'ready');
    await page.run(3);
    assert.equal((await page.cell(3)).outputs[0].text.trim(), 'True');
  });

  test('input() waits for the person', async (open) => {
    const page = await (await open(report)).ready();
    await page.evaluate(() => {
      window.finished = window.tincture.notebook.run(2);
    });
    await page.reachCell(2, 'waiting');
    const field = await page.page.waitForSelector(
      '[data-cell="2"] input');
    await field.type('Ada');
    await page.page.keyboard.press('Enter');
    assert.equal((await page.evaluate(() => window.finished)).status, 'ok');
    const shown = (await page.cell(2)).outputs.map(({ text }) => text);
    assert.match(shown.join(''), /Hello, Ada/);
  });

  test('deep recursion is an exception, never the end', async (open) => {
    const page = await (await open(report)).ready();
    assert.equal((await page.run(4)).status, 'ok');
    const shown = (await page.cell(4)).outputs.map(({ text }) => text.trim());
    assert.deepEqual(shown, ['caught RecursionError', '[500]']);
  });

  test('SystemExit ends a cell, not the kernel', async (open) => {
    const page = await (await open(report)).ready();
    assert.equal((await page.run(5)).status, 'error');
    assert.equal((await page.cell(5)).outputs[0].error, 'SystemExit');
    assert.deepEqual(await page.python('1 + 1'), { value: 2 });
  });

  test('lone surrogates and NUL are shown escaped', async (open) => {
    const page = await (await open(report)).ready();
    assert.equal((await page.run(6)).status, 'ok');
    assert.match((await page.cell(6)).outputs[0].text,
                 /'\\udc80\\udc80\\x00end'/);
  });

  test('a kernel that ended is back without its last cell', async (open) => {
    const page = await (await open(report)).ready();
    await page.python('kept = 1');
    assert.equal((await page.run(7)).status, 'error');
    assert.equal(await page.reach('ready', 'failed'), 'ready');
    const { outputs } = await page.cell(7);
    assert.equal(outputs.at(-1).error, 'KernelDiedError');
    assert.match(outputs.at(-1).text, /back in the state before/);
    assert.deepEqual(await page.python('kept'), { value: 1 });
    assert.equal((await page.run(4)).status, 'ok');
  });

  test('a display is updated in its place', async (open) => {
    const page = await (await open(report)).ready();
    await page.run(8);
    assert.deepEqual((await page.cell(8)).outputs.map(
      ({ text }) => text.trim()), ["'second'", 'between']);
  });

  test('without stack switching all of it still runs', async (open) => {
    const page = await open(report, { withoutSuspension: true });
    await page.ready();
    assert.equal((await page.run(0)).status, 'ok');
    assert.deepEqual((await page.cell(0)).outputs.map(
      ({ text }) => text.trim()), ['step 0\nstep 1\nstep 2']);
    assert.equal((await page.run(2)).status, 'error');
    const { outputs } = await page.cell(2);
    assert.ok(outputs.at(-1).error, 'input() says what it cannot do');
    assert.equal((await page.run(4)).status, 'ok');
    assert.deepEqual(await page.python('2 ** 10'), { value: 1024 });
  });
});
