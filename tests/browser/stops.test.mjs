// A thousand Stops at bad moments, the Stops that a program resists, and those
// that it leaves in its tasks: after each of them the kernel lives, is whole,
// and runs what comes next.

import assert from 'node:assert/strict';

import { eachBrowser, pack } from './suite.mjs';

const STOP_COUNT = 1000;

/* Stops of one call into the page, which has a hang guard of its own. */
const BATCH_COUNT = 50;

/* A hang guard for all of them: a busy machine takes minutes. */
const STOPS_LIMIT_MS = 1_800_000;

/* Cells, the one that is stopped among them. */
const BEHIND_COUNT = 40;

/* Programs that a Stop may hit anywhere. Each ends by itself soon, or waits
 * for ever. */
const PROGRAMS = [
  // Imports, whose modules are half made when it comes.
  `import sys
for name in [name for name in sys.modules if name.split(".")[0] in
             ("csv", "html", "difflib", "textwrap")]:
    del sys.modules[name]
import csv, html.parser, difflib, textwrap`,
  `try:
    for _ in range(20_000): pass
finally:
    state.append(len(state))
    for _ in range(20_000): pass
    state.pop()`,
  `class Guard:
    def __enter__(self):
        held.append(1)
    def __exit__(self, *details):
        for _ in range(20_000): pass
        held.clear()
with Guard():
    for _ in range(20_000): pass`,
  `import time
try:
    time.sleep(0.05)
finally:
    time.sleep(0.001)`,
  'input("? ")',
  `import asyncio
async def nap(n):
    try:
        await asyncio.sleep(0.002 * n)
    finally:
        await asyncio.sleep(0)
await asyncio.gather(*(nap(n) for n in range(20)))`,
  `import weakref
class Node:
    def __del__(self):
        for _ in range(50): pass
for _ in range(500):
    node = Node(); node.itself = node
    proxy = weakref.ref(node, lambda ref: None)
import gc; gc.collect()`,
  'table = {str(n): [n] * 3 for n in range(30_000)}; sorted(table)[0]',
  'for n in range(3000): print(n)',
  'sum(n * n for n in range(100_000))',
  `def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)
for _ in range(20): deep(500)`,
  `import threading, queue
jobs = queue.Queue()
def work():
    while (job := jobs.get()) is not None:
        for _ in range(2000): pass
threads = [threading.Thread(target=work, daemon=True) for _ in range(3)]
for thread in threads: thread.start()
try:
    for n in range(20): jobs.put(n)
finally:
    for _ in threads: jobs.put(None)
    for thread in threads: thread.join()`,
];

/* What must hold after each Stop. */
const CHECK = `import asyncio, csv, html.parser, difflib, io
async def one(): return 1
total = sum(range(1000)) + await one() + len(list(csv.reader(["a,b"])))
with io.StringIO() as text:
    print("x", file=text)
    total += len(text.getvalue())
total`;
const CHECKED = 499500 + 1 + 1 + 2;

/* Runs in the page, from one seed to the next: every run meets the same
 * moments as far as a clock allows it. */
async function stopAtBadMoments(first, programs, count, check, checked) {
  let seed = first;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  const delay = (ms) => new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
  const { tincture } = window;
  const seen = {};
  await tincture.runPythonAsync('state, held = [], []');
  for (let i = 0; i < count; i++) {
    const index = Math.floor(random() * programs.length);
    let isOver = false;
    const outcome = tincture.runPythonAsync(programs[index]).then(
      () => 'ended',
      // As natively, a Stop in the middle of threading's Condition leaves it
      // without its lock.
      (error) => (/release unlocked lock/.test(error.message)
        ? 'KeyboardInterrupt' : error.name)).finally(() => {
      isOver = true;
    });
    const wait = Math.floor(random() * 12);
    if (wait > 1) {
      await delay(wait - 2);
    } else if (wait === 1) {
      await null;
    }
    // Another where it takes one, as a person would.
    for (let more = 0; !isOver; more++) {
      tincture.interrupt();
      if (more % 2 === 0 && random() < 0.3) {
        tincture.interrupt();
      }
      await Promise.race([outcome, delay(200)]);
    }
    const name = await outcome;
    seen[name] = (seen[name] ?? 0) + 1;
    const value = await tincture.runPythonAsync(check);
    if (value !== checked) {
      return { seen, seed, failed: `${value} after program ${index}` };
    }
  }
  return { seen, seed };
}

const STUBBORN = `%% py
kept = "before"

%% py
kept = "lost"
# A loop in what looks like the standard library, which is spared.
exec(compile("""stops = 0
while True:
    try:
        print("begun", flush=True)
        while True:
            pass
    except BaseException:
        stops += 1
        print("heard", stops, flush=True)
""", "/usr/lib/python3.13/stubborn.py", "exec"))

%% py
kept = "changed"
stops = 0
while True:
    try:
        print("begun", flush=True)
        while True:
            pass
    except BaseException:
        stops += 1
        print("heard", stops, flush=True)
`;

/* Tasks that wait for one another. The first presses Stop, and waits where it
 * can reach it; what that raises goes on from task to task, beside the cells
 * behind this one. */
const leaver = (press) => `import asyncio, js, time
from pyodide.ffi import to_js
async def stopped():
    await asyncio.sleep(0.001)
    ${press}
    time.sleep(30)
async def waits(task):
    await task
task = asyncio.create_task(stopped())
for _ in range(100):
    task = asyncio.create_task(waits(task))
await asyncio.sleep(30)`;

const PRESSES = {
  page: 'js.tincture.interrupt()',
  // As the page's message reaches it.
  worker: 'js.onmessage(to_js({"data": {"do": "interrupt"}},'
    + ' dict_converter=js.Object.fromEntries))',
};

/* Runs in the page: how the cell that is stopped ended, and those behind. */
async function runBehind(code, check, count) {
  const { tincture } = window;
  const ends = [];
  for (let i = 0; i < count; i++) {
    ends.push(await tincture.runPythonAsync(i === 0 ? code : check).catch(
      (error) => error.name));
  }
  return ends;
}

eachBrowser('stops', (test) => {
  const report = pack('stops', '%% py\n1\n');

  test('a thousand Stops leave the kernel whole', async (open) => {
    const page = await (await open(report)).ready();
    let seed = 20261123;
    let allStopped = 0;
    for (let count = 0; count < STOP_COUNT; count += BATCH_COUNT) {
      const { seen, failed, ...next } = await page.evaluate(
        stopAtBadMoments, seed, PROGRAMS, BATCH_COUNT, CHECK, CHECKED);
      const where = `after ${count} Stops: ${JSON.stringify(seen)}`;
      assert.equal(failed, undefined, where);
      const { ended = 0, KeyboardInterrupt: stopped = 0, ...others } = seen;
      assert.deepEqual(others, {}, where);
      assert.equal(ended + stopped, BATCH_COUNT, where);
      allStopped += stopped;
      ({ seed } = next);
    }
    assert.ok(allStopped > STOP_COUNT / 10, `${allStopped} were stopped`);
  }, STOPS_LIMIT_MS);

  for (const [place, press] of Object.entries(PRESSES)) {
    const options = place === 'worker' ? ['--worker'] : [];
    const source = pack(`stops-${place}`, '%% py\n1\n', options);
    test(`a Stop in tasks ends no later cell, ${place}`, async (open) => {
      const page = await (await open(source)).ready();
      const ends = await page.evaluate(
        runBehind, leaver(press), CHECK, BEHIND_COUNT);
      assert.deepEqual(ends, ['KeyboardInterrupt', ...Array.from(
        { length: BEHIND_COUNT - 1 }, () => CHECKED)]);
    });
  }

  const stubborn = pack('stubborn', STUBBORN);

  const stop = (page) => page.evaluate(
    () => document.querySelector('.tn-button-stop').click());

  /* Runs a cell and stops it twice, when it has begun and when the first Stop
   * was heard; how it ends. */
  async function stopTwice(page, index) {
    const running = page.run(index);
    await page.printed(index, 'begun');
    await stop(page);
    await page.printed(index, 'heard 1');
    await stop(page);
    return { running };
  }

  test('a second Stop ends what swallows the first', async (open) => {
    const page = await (await open(stubborn)).ready();
    const { running } = await stopTwice(page, 2);
    assert.equal((await running).status, 'error');
    const { outputs } = await page.cell(2);
    assert.equal(outputs.at(-1).error, 'KeyboardInterrupt');
    assert.deepEqual(await page.python('kept'), { value: 'changed' });
  });

  test('what resists that too can be taken back', async (open) => {
    const page = await (await open(stubborn)).ready();
    assert.equal((await page.run(0)).status, 'ok');
    // At once, when it comes: what it says goes away again.
    await page.answerToast(/does not stop/);
    const { running } = await stopTwice(page, 1);
    assert.equal((await running).status, 'error');
    assert.deepEqual(await page.python('kept'), { value: 'before' });
  });
});
