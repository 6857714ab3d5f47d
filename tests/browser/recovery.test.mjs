// What ends Python, and the way back: after a trap, an overflow of the C stack
// or the like, by undoing cells, and out of a worker that nothing else stops.

import assert from 'node:assert/strict';

import { eachBrowser, pack } from './suite.mjs';

const NOTEBOOK = `%% py
import json
x = 1
class Point: pass
point = Point(); point.self = point
handle = open("made.txt", "w+"); handle.write("made"); handle.flush()
def count():
    yield from range(9)
numbers = count(); next(numbers)

%% py
print("before")
x = "lost"
import os; os.abort()

%% py
import ctypes
print("before")
x = "lost"
ctypes.memset(2 ** 32 - 16, 1, 4096)

%% py
import ctypes, sys
get = ctypes.pythonapi.PyThreadState_Get
get.restype = ctypes.c_void_p
numbers_of = (ctypes.c_int * 64).from_address(get())
limit = sys.getrecursionlimit()
[at] = [i for i in range(1, 60) if numbers_of[i] == limit
        and limit - 100 < numbers_of[i - 1] <= limit
        and 300 < numbers_of[i + 1] <= 400]
numbers_of[at - 1] = numbers_of[at] = numbers_of[at + 1] = 10 ** 9
class Deep:
    def __repr__(self): return repr(self)
x = "lost"
print("before")
repr(Deep())

%% py
[x, point.self is point, handle.tell(), next(numbers), json.dumps([1])]

%% py
x += 1
x

%% py
import time
x = "lost"
time.sleep(0.1)
name = input("Name? ")
os.abort()

%% py
import unicodedata
x = "lost"
print("begun")
# Sorting the marks takes quadratic time, in one loop of C.
unicodedata.normalize("NFD", "\\u0315\\u0316" * (1 << 20))
`;

const FIGURE = `%% py
%matplotlib widget
import matplotlib.pyplot as plt, os
fig, ax = plt.subplots()
line, = ax.plot([1, 2, 3])
fig

%% py
ax.set_title("changed")
fig.canvas.draw()
os.abort()

%% py
def die(event): os.abort()
fig.canvas.mpl_connect("button_press_event", die)
ax.get_title()
`;

const CHECK = 4;
const ADD = 5;

const undoneOf = (page) => page.evaluate(() => [
  ...document.querySelectorAll('.tn-cell[data-cell-undone]')]
  .map(({ dataset }) => Number(dataset.cell)));

const undo = (page, index) => page.evaluate(
  (i) => window.tincture.notebook.undo(i).then(() => 'done',
                                               (error) => error.name), index);

const textOf = (cell) => cell.outputs.map(({ text }) => text.trim()).join('|');

/** Runs a cell that dies, and looks at what is left. */
async function checkDeath(page, index) {
  assert.equal((await page.run(index)).status, 'error');
  assert.equal(await page.reach('ready', 'failed'), 'ready');
  const cell = await page.cell(index);
  assert.equal(cell.outputs.at(-1).error, 'KernelDiedError');
  assert.match(textOf(cell), /back in the state before/);
  return cell;
}

/* Runs before the page, which ends a worker that goes on for two seconds after
 * Stop: on a busy machine one that hears it may need longer. */
function waitForWorker() {
  const patience_ms = 2000;
  const { setTimeout } = window;
  window.setTimeout = (work, ms, ...rest) =>
    (ms === patience_ms ? 0 : setTimeout(work, ms, ...rest));
}

function answerInput(page) {
  return page.page.waitForSelector('.tn-input input').then(async (field) => {
    await field.type('Ada');
    await field.press('Enter');
  });
}

eachBrowser('recovery', (test) => {
  const report = pack('recovery', NOTEBOOK, ['--view', 'explore']);

  for (const [what, index] of [['abort', 1], ['a trap', 2],
                               ['a C stack that overflows', 3]]) {
    test(`${what}: the state before the cell is back`, async (open) => {
      const page = await (await open(report)).ready();
      await checkDeath(page, index);
      assert.match(textOf(await page.cell(index)), /^before/);
      assert.equal((await page.run(0)).status, 'ok');
      const cell = await checkDeath(page, index);
      assert.match(textOf(cell), /^before/);
      assert.equal((await page.run(CHECK)).status, 'ok');
      assert.equal(textOf(await page.cell(CHECK)),
                   "[1, True, 4, 1, '[1]']");
    });
  }

  test('without stack switching as well', async (open) => {
    const page = await (
      await open(report, { withoutSuspension: true })).ready();
    assert.equal((await page.run(0)).status, 'ok');
    for (const index of [1, 2, 3]) {
      await checkDeath(page, index);
    }
    assert.equal((await page.run(CHECK)).status, 'ok');
    assert.equal(textOf(await page.cell(CHECK)), "[1, True, 4, 1, '[1]']");
  });

  test('after a sleep and an input', async (open) => {
    const page = await (await open(report)).ready();
    await page.run(0);
    await page.python('import os');
    const answered = answerInput(page);
    await checkDeath(page, 6);
    await answered;
    assert.equal((await page.run(CHECK)).status, 'ok');
  });

  test('cells are undone, by scripts and by the button', async (open) => {
    const page = await (await open(report)).ready();
    assert.equal(await undo(page, 0), 'RangeError', 'nothing ran yet');
    await page.run(0);
    await page.run(ADD);
    await page.run(CHECK);
    await page.run(ADD);
    assert.equal(textOf(await page.cell(ADD)), '3');
    assert.equal(await undo(page, ADD), 'done');
    assert.deepEqual(await page.python('x'), { value: 2 });
    assert.deepEqual(await undoneOf(page), [ADD]);
    assert.match((await page.toasts()).at(-1),
                 /Python is back in the state before cell 6/);
    const button = await page.page.waitForSelector(
      `[data-cell="${CHECK}"] .tn-undo`, { visible: true });
    assert.match(await button.evaluate(({ title }) => title), /[0-9] MB/);
    await page.click(`[data-cell="${CHECK}"] .tn-undo`);
    await page.page.waitForFunction(
      (i) => document.querySelector(`[data-cell="${i}"]`)
        .hasAttribute('data-cell-undone'), {}, CHECK);
    assert.deepEqual(await page.python('next(numbers)'), { value: 1 });
    assert.equal(await undo(page, 0), 'done');
    assert.equal((await page.python('x')).name, 'NameError');
    assert.deepEqual(await undoneOf(page), [0, CHECK, ADD]);
    await page.run(0);
    assert.deepEqual(await undoneOf(page), [CHECK, ADD]);
  });

  test('a callback that dies says what happened', async (open) => {
    const page = await (await open(report)).ready();
    await page.run(0);
    const { name } = await page.python('import os; x = 5; os.abort()');
    assert.equal(name, 'KernelDiedError');
    assert.deepEqual(await page.python('x'), { value: 1 });
  });
});

for (const place of ['the page', 'a worker']) {
  eachBrowser(`a live figure and deaths in ${place}`, (test) => {
    const report = place === 'a worker'
      ? pack('recovery-figure-worker', FIGURE, ['--worker'])
      : pack('recovery-figure', FIGURE);

    /** Moves over the figure until it says where; its centre.  What it said
     * before does not count. */
    async function checkAlive(page) {
      const canvas = await page.page.waitForSelector('.tn-figure canvas',
                                                     { visible: true });
      await page.evaluate(() => {
        document.querySelector('.tn-figure-message').textContent = '';
      });
      const { x, y, width, height } = await canvas.boundingBox();
      let step = 0;
      do {
        step += 1;
        await page.page.mouse.move(x + width / 3 + (step % 50), y + height / 3);
      } while (!await page.evaluate(() => /x, y/.test(
        document.querySelector('.tn-figure-message').textContent)));
      return { x: x + width / 2, y: y + height / 2 };
    }

    test('it lives on, as it was before', async (open) => {
      const page = await (await open(report)).ready();
      assert.equal((await page.run(0)).status, 'ok');
      await checkAlive(page);
      await checkDeath(page, 1);
      assert.equal((await page.run(2)).status, 'ok');
      assert.equal(textOf(await page.cell(2)), "''");
      const middle = await checkAlive(page);
      await page.page.mouse.click(middle.x, middle.y);
      await page.page.waitForFunction(
        () => /for a moment/.test(
          document.querySelector('.tn-notice')?.textContent ?? ''));
      await checkAlive(page);
      assert.deepEqual(await page.python('len(ax.lines)'), { value: 1 });
    });
  });
}

eachBrowser('Python in a worker', (test) => {
  const report = pack('recovery-worker', NOTEBOOK,
                      ['--view', 'explore', '--worker']);

  test('cells, input and sleep', async (open) => {
    const page = await (await open(report)).ready();
    assert.equal((await page.run(0)).status, 'ok');
    assert.equal((await page.run(CHECK)).status, 'ok');
    assert.equal(textOf(await page.cell(CHECK)), "[1, True, 4, 1, '[1]']");
    assert.deepEqual(await page.python(
      'import time; time.sleep(0.05); 1 + 1'), { value: 2 });
    await page.python('import os');
    const answered = answerInput(page);
    await checkDeath(page, 6);
    await answered;
    assert.deepEqual(await page.python('x'), { value: 1 });
  });

  test('what cannot be answered at once says so', async (open) => {
    const page = await (await open(report)).ready();
    const { name, message } = await page.evaluate(() => {
      try {
        return window.tincture.runPython('1');
      } catch (error) {
        return { name: error.name, message: error.message };
      }
    });
    assert.equal(name, 'KernelBusyError');
    assert.match(message, /in a worker.*runPythonAsync/);
    assert.deepEqual(await page.evaluate(
      () => window.tincture.autocomplete('pri')), []);
  });

  for (const [what, index] of [['abort', 1], ['a trap', 2],
                               ['a C stack that overflows', 3]]) {
    test(`${what}: the state before the cell is back`, async (open) => {
      const page = await (await open(report)).ready();
      await page.run(0);
      const cell = await checkDeath(page, index);
      assert.match(textOf(cell), /^before/);
      assert.equal((await page.run(CHECK)).status, 'ok');
      assert.equal(textOf(await page.cell(CHECK)),
                   "[1, True, 4, 1, '[1]']");
    });
  }

  test('Stop ends a C loop that never asks', async (open) => {
    const page = await (await open(report)).ready();
    // What Firefox says when a worker is ended in the middle of its work.
    page.expectErrors(/uncaught exception: undefined/);
    await page.run(0);
    const running = page.run(7);
    await page.printed(7, 'begun');
    await page.evaluate(() => document.querySelector('.tn-button-stop')
      .click());
    assert.equal((await running).status, 'error');
    assert.equal(await page.reach('ready', 'failed'), 'ready');
    const cell = await page.cell(7);
    assert.match(textOf(cell), /^begun/);
    assert.match(textOf(cell), /back in the state before/);
    assert.deepEqual(await page.python('x'), { value: 1 });
  });

  test('Stop is heard where Python asks for it', async (open) => {
    const page = await (
      await open(report, { before: waitForWorker })).ready();
    await page.run(0);
    const name = await page.evaluate(() => {
      // Not before the loop has begun: what it prints is heard at once.
      let begun;
      const isBegun = new Promise((settle) => {
        begun = settle;
      });
      const running = window.tincture.runPythonAsync(
        'x = 7\nprint("begun", flush=True)\nwhile True: pass', begun);
      return isBegun.then(() => {
        window.tincture.interrupt();
        return running.then(() => 'ended', (error) => error.name);
      });
    });
    assert.equal(name, 'KeyboardInterrupt');
    assert.deepEqual(await page.python('x'), { value: 7 });
  });

  test('cells are undone', async (open) => {
    const page = await (await open(report)).ready();
    await page.run(0);
    await page.run(ADD);
    assert.equal(await undo(page, ADD), 'done');
    assert.deepEqual(await page.python('x'), { value: 1 });
    assert.deepEqual(await undoneOf(page), [ADD]);
  });
});
