// Python's threads in a page, from disk: they share Python, wait, end by Stop,
// and live on while the page is idle. tests/wasm/threads.test.mjs has more.

import assert from 'node:assert/strict';

import { eachBrowser, pack } from './suite.mjs';

const report = pack('threads', `%% py
import queue, threading, time
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(4) as pool:
    print(sum(pool.map(lambda n: n * n, range(100))))

%% py
counts, is_over = [0, 0], threading.Event()
def count(index):
    while not is_over.is_set():
        counts[index] += 1
workers = [threading.Thread(target=count, args=(i,)) for i in range(2)]
for worker in workers: worker.start()
while min(counts) < 1000: time.sleep(0.01)
is_over.set()
for worker in workers: worker.join()
print(threading.active_count())

%% py
lock = threading.Lock()
lock.acquire()
print("begun")
lock.acquire()

%% py
is_over.clear()
ticks = 0
def tick():
    global ticks
    while not is_over.wait(0.001):
        ticks += 1
ticker = threading.Thread(target=tick, name="ticker", daemon=True)
ticker.start()
`);

/* Runs in the page: until a thread that nobody waits for has gone on. */
async function watchTicks() {
  const seen = window.tincture.runPython('ticks');
  while (window.tincture.runPython('ticks') < seen + 5) {
    await new Promise((settle) => {
      setTimeout(settle, 10);
    });
  }
}

/* Runs in the page: handlers of a timer, each a loop in Python, while the main
 * thread takes turns with two others; what they raised. */
async function callBesideThreads(code) {
  const errors = [];
  window.called = 0;
  window.call = (handler) => {
    try {
      handler();
    } catch (error) {
      errors.push(error.message);
    }
    window.called += 1;
  };
  await window.tincture.runPythonAsync(code);
  return errors;
}

/* Most of the calls come in a turn of the page, which the main thread gave
 * when another one had just asked it for Python's lock. */
const CALLS = `import js, threading
from pyodide.ffi import create_proxy
are_over = threading.Event()
def handle(*_):
    for _ in range(100): pass
def spin():
    while not are_over.is_set(): sum(range(50))
handler = create_proxy(handle)
spinning = [threading.Thread(target=spin) for _ in range(2)]
for thread in spinning: thread.start()
for asked in range(1, 2001):
    js.setTimeout(js.call, 0, handler)
    while js.called < asked - 50: pass
    for _ in range(1000): pass
are_over.set()
for thread in spinning: thread.join()
`;

eachBrowser('threads', (test) => {
  test('a handler runs while another thread wants the lock', async (open) => {
    const shown = await (await open(report)).ready();
    assert.deepEqual(await shown.evaluate(callBesideThreads, CALLS), []);
  });

  test('share Python, wait, are stopped, live on', async (open) => {
    const shown = await (await open(report)).ready();
    for (const [index, text] of [[0, '328350\n'], [1, '1\n']]) {
      await shown.page.evaluate(
        (i) => window.tincture.notebook.run(i), index);
      const { outputs } = await shown.cell(index);
      assert.equal(outputs[0].text, text);
    }
    const running = shown.run(2);
    await shown.printed(2, 'begun\n');
    await shown.evaluate(() => window.tincture.interrupt());
    await running;
    const { outputs } = await shown.cell(2);
    assert.equal(outputs.at(-1).error, 'KeyboardInterrupt');
    await shown.page.evaluate(() => window.tincture.notebook.run(3));
    await shown.page.evaluate(watchTicks);
    await shown.page.evaluate(async () => {
      await window.tincture.runPythonAsync('is_over.set(); ticker.join()');
    });
    assert.deepEqual(
      await shown.python('threading.active_count()'), { value: 1 });
  });
});
