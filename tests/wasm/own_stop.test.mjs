// A Stop is one cell's: pressed at every moment of it that there is, it ends
// that cell or comes too late for it, and the next one never hears of it.
//
// The clock goes on by more than a turn's interval at each look, so Python
// gives the page a turn at every breaker check, also in the kernel's own code
// around the cell, and Stop is pressed in the first of them, in a later one ...
// Nothing here depends on who is faster.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delay, hasJspi, run, startKernel } from './load.mjs';

const jspi = { skip: !hasJspi && 'this Node cannot suspend WebAssembly' };

/** More than TN_KERNEL_YIELD_INTERVAL_MS. */
const stepMs = 11;

/** Of more turns that a cell takes only some are tried. */
const placeCount = 60;

/** None of the programs has as many turns. */
const turnLimit = 20_000;

const programs = {
  'a loop': 'for n in range(30): pass',
  'a cleanup': `try:
    for n in range(10): pass
finally:
    for n in range(10): pass`,
  'an expression with a finaliser': `class Ends:
    def __del__(self):
        for n in range(5): pass
ends = Ends()
del ends`,
  'output': 'for n in range(5): print(n)',
  'an exception': 'for n in range(5): pass\nraise ValueError(n)',
  'await': `import asyncio
await asyncio.sleep(0)`,
  'tasks that are waited for': `import asyncio
async def nap(n):
    try:
        for _ in range(n): await asyncio.sleep(0)
    finally:
        await asyncio.sleep(0)
        for _ in range(3): pass
await asyncio.gather(*(nap(n) for n in range(3)))`,
  'tasks that live on': `import asyncio
async def child():
    for _ in range(3): await asyncio.sleep(0)
async def parent():
    await asyncio.gather(child(), child())
task = asyncio.create_task(parent())
await asyncio.sleep(0)`,
  'a loop of its own': `import asyncio
async def main():
    await asyncio.gather(asyncio.sleep(0), asyncio.sleep(0))
asyncio.run(main())`,
  'a thread': `import threading
thread = threading.Thread(target=lambda: [n for n in range(5)])
thread.start()
thread.join()`,
};

/** What a Stop of another cell would end, at its first line or behind it. */
const next = `import asyncio
async def one():
    await asyncio.sleep(0)
    return 1
sum(range(10)) + await one() + await one()`;
const nextValue = 47;

/** Counts the turns that Python gives, and runs something in some of them. */
class Turns {
  count = 0;
  /** By a turn's number. */
  actions = new Map();

  install(t) {
    const { setImmediate: later } = globalThis;
    const { now } = performance;
    let nowMs = performance.now();
    // Plain functions: one that counts its calls takes longer than they do.
    performance.now = () => {
      nowMs += this.actions.size > 0 ? stepMs : 0.001;
      return nowMs;
    };
    globalThis.setImmediate = (callback) => {
      if (this.actions.size === 0) {
        return later(callback);
      }
      this.count += 1;
      this.take(this.count);
      return queueMicrotask(callback);
    };
    t.after(() => {
      performance.now = now;
      globalThis.setImmediate = later;
    });
  }

  take(place) {
    const act = this.actions.get(place);
    this.actions.delete(place);
    act?.();
  }

  begin(actions) {
    this.count = 0;
    this.actions = new Map(actions);
  }

  end() {
    this.actions.clear();
  }
}

function fail() {
  throw new Error(`a cell takes more than ${turnLimit} turns`);
}

/** One cell that is stopped in its `place`-th turn, and what is sent behind
 * it: as soon as its reply is seen, or with it. */
async function stopAt(kernel, turns, code, place, isQueued) {
  let isOver = false;
  let later = null;
  let stops = 0;
  /* What is behind it was there when Stop was pressed. */
  let isMeant = true;
  const press = () => {
    if (!isOver) {
      stops += 1;
      isMeant = later !== null;
      kernel.interrupt();
    }
    turns.end();
  };
  turns.begin([[place, press], [turnLimit, fail]]);
  const onEvent = ({ header }) => {
    if (header.msg_type === 'execute_reply') {
      isOver = true;
      turns.end();
      later ??= run(kernel, next);
    }
  };
  const first = kernel.request('execute_request', { code }, { onEvent });
  if (isQueued) {
    later = run(kernel, next);
  }
  turns.take(0);
  const { content } = await first;
  return { content, later: await later, stops, isMeant };
}

for (const [name, code] of Object.entries(programs)) {
  test(`a Stop is not the next cell's: ${name}`, jspi, async (t) => {
    const kernel = await startKernel(t);
    await run(kernel, next);
    const turns = new Turns();
    turns.install(t);
    const usual = await stopAt(kernel, turns, code, -1, false);
    const stride = 1 + Math.floor(turns.count / placeCount);
    let early = 0;
    let isQueued = true;
    let stops = 1;
    for (let place = 0; stops > 0; place += stride) {
      const where = `Stop in turn ${place}`;
      isQueued = !isQueued;
      const result = await stopAt(kernel, turns, code, place, isQueued);
      ({ stops } = result);
      const { content, later, isMeant } = result;
      // As natively, one in the middle of threading's Condition leaves that
      // without its lock.
      const isStopped =
        content.ename === 'KeyboardInterrupt' ||
        content.evalue === 'release unlocked lock';
      if (!isStopped) {
        assert.equal(
          content.ename, usual.content.ename, `${where}: ${content.evalue}`);
      }
      early += isStopped ? stops : 0;
      if (isQueued && isMeant && (stops > 0 || content.status === 'error')) {
        assert.equal(later.status, 'aborted', where);
      } else if (later.status !== 'aborted' || !isQueued) {
        const lines = later.traceback?.join('\n');
        assert.equal(later.status, 'ok', `${where}: ${lines}`);
        assert.equal(later.value, nextValue, where);
      }
    }
    assert.ok(early > 0, 'none was stopped');
  });
}

/** Cells that press Stop themselves, and leave something of it in tasks. */
const leavers = {
  'a second Stop in a task, while the first ends the cell': `import asyncio, js
async def nap(n):
    try:
        await asyncio.sleep(0 if n == 0 else 30)
        js.pressStop()
        for _ in range(5): pass
    finally:
        if n == 1:
            js.pressStop()
            for _ in range(5): pass
        await asyncio.sleep(0)
await asyncio.gather(*(nap(n) for n in range(3)))`,
  'a task that others wait for': `import asyncio, js
async def child():
    await asyncio.sleep(0.001)
    js.pressStop()
    for _ in range(5): pass
async def parent():
    await asyncio.gather(child())
async def other():
    await task
task = asyncio.create_task(parent())
others = [asyncio.create_task(other()) for _ in range(3)]
await asyncio.sleep(30)`,
  'a task beside a cell that has just ended': `import asyncio, js
async def child():
    await asyncio.sleep(0)
    js.pressStop()
    for _ in range(5): pass
task = asyncio.create_task(child())
await asyncio.sleep(0)`,
};

for (const [name, code] of Object.entries(leavers)) {
  test(`the next cells run: ${name}`, jspi, async (t) => {
    const kernel = await startKernel(t);
    t.after(() => delete globalThis.pressStop);
    globalThis.pressStop = () => kernel.interrupt();
    // Those behind it run also after an error.
    const replies = await Promise.all([
      run(kernel, code, { stop_on_error: false }),
      run(kernel, next),
      run(kernel, next),
    ]);
    const [first, ...others] = replies.map(({ ename, value }) => ename ?? value);
    assert.equal(first, 'KeyboardInterrupt');
    assert.deepEqual(others, [nextValue, nextValue]);
  });
}

const endless = 'while True: pass';

test('a Stop before a cell begins is that cell\'s', jspi, async (t) => {
  const kernel = await startKernel(t);
  const first = run(kernel, endless);
  kernel.interrupt();
  assert.equal((await first).ename, 'KeyboardInterrupt');
  // Here tasks run when the cell comes.
  let second;
  t.after(() => delete globalThis.sendAndStop);
  globalThis.sendAndStop = () => {
    second = run(kernel, endless);
    kernel.interrupt();
  };
  await run(kernel, `import asyncio, js
async def send(): js.sendAndStop()
task = asyncio.create_task(send())`);
  while (second === undefined) {
    await delay(0);
  }
  assert.equal((await second).ename, 'KeyboardInterrupt');
  assert.equal((await run(kernel, next)).value, nextValue);
});

test('a Stop waits for its cell while the page calls Python', jspi,
  async (t) => {
    const kernel = await startKernel(t);
    t.after(() => delete globalThis.callBack);
    const begun = Promise.withResolvers();
    const cell = kernel.request('execute_request', { code: `import js
from pyodide.ffi import create_proxy
def call_back():
    return sum(1 for _ in range(1000))
js.callBack = create_proxy(call_back)
print("begun")
while True: pass` }, {
      onEvent: ({ header }) => {
        if (header.msg_type === 'stream') {
          begun.resolve();
        }
      },
    });
    await begun.promise;
    await delay(0);
    kernel.interrupt();
    assert.equal(globalThis.callBack(), 1000);
    assert.equal((await cell).content.ename, 'KeyboardInterrupt');
  });
