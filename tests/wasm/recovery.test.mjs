// Deaths of the kernel, and the way back from them: whatever ends Python, the
// state before the cell is there again, and nothing else is lost.

import assert from 'node:assert/strict';
import { freemem } from 'node:os';
import { test } from 'node:test';
import {
  delay,
  hasJspi,
  Kernel,
  KernelBusyError,
  KernelDiedError,
  parts,
  run,
  startKernel,
  waitUntil,
} from './load.mjs';

const jspi = { skip: !hasJspi && 'this Node cannot suspend WebAssembly' };
const large = { skip: freemem() < 6 * 2 ** 30 && 'too little free memory' };

/** With the C recursion limit out of the way: CPython's count of it is found
 * in the thread's state, behind the two numbers for Python's own. */
const deepRecursion = `
import ctypes, sys
def lift():
    get = ctypes.pythonapi.PyThreadState_Get
    get.restype = ctypes.c_void_p
    numbers = (ctypes.c_int * 64).from_address(get())
    limit = sys.getrecursionlimit()
    [at] = [i for i in range(1, 60) if numbers[i] == limit
            and limit - 100 < numbers[i - 1] <= limit
            and 300 < numbers[i + 1] <= 400]
    numbers[at - 1] = numbers[at] = numbers[at + 1] = 10 ** 9
lift()
class Deep:
    def __repr__(self): return repr(self)
repr(Deep())`;

/** Ways to die, each as Python code. */
const deaths = {
  'os.abort()': 'import os; os.abort()',
  'a trap out of bounds':
    'import ctypes; ctypes.memset(2 ** 32 - 16, 1, 4096)',
  'the end of the process': 'import os; os._exit(3)',
  'an overflow of the C stack': deepRecursion,
  'memory written over':
    'import ctypes\nfor at in range(1 << 20, 1 << 24, 65536):\n' +
    '    ctypes.memset(at, 0xFF, 65536)',
};

/** Runs a cell that can be undone. */
function cell(kernel, code, label, content = {}) {
  let text = '';
  return kernel.request(
    'execute_request',
    { code, value: true, ...content },
    {
      label,
      onEvent: ({ header, content: { text: part } }) => {
        text += header.msg_type === 'stream' ? part : '';
      },
    },
  ).then(
    (reply) => ({ ...reply.content, text }),
    (error) => Promise.reject(Object.assign(error, { text })),
  );
}

const labelsOf = (kernel) => kernel.undoSteps.map(({ label }) => label);

/** Until the idle scan is through. */
function untilCopied(kernel) {
  return waitUntil(() => kernel.copySize.copy > 0);
}

for (const [name, code] of Object.entries(deaths)) {
  for (const isFirst of [true, false]) {
    const place = isFirst ? 'the first cell' : 'a later cell';
    test(`${name} in ${place}`, async (t) => {
      const recovered = [];
      const kernel = await startKernel(t, {
        files: [{ name: 'kept.txt', bytes: new Uint8Array([104, 105]) }],
        onRecover: (error) => recovered.push(error),
        onDeath: (error) => assert.fail(error),
      });
      if (!isFirst) {
        const { status } = await cell(
          kernel,
          `import json, random
class Point: pass
point = Point(); point.self = point; point.x = 1
def count():
    for i in range(9): yield i
numbers = count(); next(numbers)
handle = open('made.txt', 'w+'); _ = handle.write('made'); handle.flush()
random.seed(5); _ = random.random()`,
          'A',
        );
        assert.equal(status, 'ok');
      }
      const before = 'print("before", flush=True)\nx = "lost"\n';
      const error = await cell(kernel, before + code, 'bad').then(
        (reply) => assert.fail(JSON.stringify(reply)),
        (reason) => reason,
      );
      assert.ok(error instanceof KernelDiedError, String(error));
      assert.deepEqual(error.undone, ['bad']);
      assert.equal(error.isFreshStart, false);
      assert.equal(error.text, 'before\n', 'its output until then stays');
      assert.deepEqual(recovered, [error]);
      assert.equal(kernel.state, 'idle');
      assert.equal((await run(kernel, 'x')).ename, 'NameError');
      assert.equal((await run(kernel, `open('kept.txt').read()`)).value, 'hi');
      if (!isFirst) {
        assert.deepEqual(labelsOf(kernel), ['A']);
        const { value } = await run(
          kernel,
          `import csv
[point.self is point, next(numbers), handle.tell(), handle.seek(0),
 handle.read(), json.dumps([1]), csv.__name__, round(random.random(), 6)]`,
        );
        assert.deepEqual(value.v, [
          true, 1, 4, 0, 'made', '[1]', 'csv', 0.741787,
        ]);
      }
    });
  }
}

test('what was printed just before is not lost', async (t) => {
  const kernel = await startKernel(t);
  const code = `import os, sys
print("grün"); print("last words", file=sys.stderr); os.abort()`;
  await assert.rejects(cell(kernel, code, 'A'), ({ text }) => {
    assert.equal(text, 'grün\nlast words\n');
    return true;
  });
});

test('what waited is rejected, what comes later waits', async (t) => {
  const kernel = await startKernel(t);
  const dying = cell(kernel, 'import os; os.abort()', 'A');
  const waiting = cell(kernel, '2', 'B');
  await assert.rejects(dying, KernelDiedError);
  await assert.rejects(waiting, KernelDiedError);
  assert.equal((await cell(kernel, '3', 'C')).value, 3);
  const next = cell(kernel, 'os = 1\nimport os; os.abort()', 'D');
  await assert.rejects(next, KernelDiedError);
  assert.deepEqual(labelsOf(kernel), ['C']);
});

test('cells that were posted at once are kept apart', async (t) => {
  const kernel = await startKernel(t);
  const first = cell(kernel, 'x = 1', 'A');
  const second = cell(kernel, 'x += 1', 'B');
  const third = cell(kernel, 'x += 1; import os; os.abort()', 'C');
  const fourth = cell(kernel, 'x += 1', 'D');
  const rejected = assert.rejects(fourth, KernelDiedError);
  await Promise.all([first, second]);
  await assert.rejects(third, ({ undone }) => {
    assert.deepEqual(undone, ['C']);
    return true;
  });
  await rejected;
  assert.equal((await run(kernel, 'x')).value, 2);
});

test('a death in requestNow', async (t) => {
  const kernel = await startKernel(t);
  await cell(kernel, 'x = 1', 'A');
  const code = 'x = 2; import os; os.abort()';
  assert.throws(
    () => kernel.requestNow('execute_request', { code }),
    KernelDiedError,
  );
  assert.equal((await run(kernel, 'x')).value, 1);
});

test('a death while asleep, and while asked', jspi, async (t) => {
  const kernel = await startKernel(t, {
    onMessage({ header }) {
      if (header.msg_type === 'input_request') {
        setTimeout(() => kernel.inputReply('answer'));
      }
    },
  });
  const awake = `
import asyncio, os, time
x = 'lost'
async def die(): await asyncio.sleep(0.02); os.abort()
task = asyncio.ensure_future(die())
`;
  await cell(kernel, 'x = 1', 'A');
  for (const wait of ['await asyncio.sleep(100)', 'time.sleep(0.01)\nos.abort()',
    `input('?')\nos.abort()`]) {
    await assert.rejects(
      cell(kernel, awake + wait, 'B', { allow_stdin: true }),
      KernelDiedError,
    );
    assert.equal((await run(kernel, 'x')).value, 1, wait);
    await delay(60);
    assert.equal((await run(kernel, 'x')).value, 1, 'and nothing goes on');
  }
});

test('a death in a background task does not come back by itself', async (t) => {
  let deaths = 0;
  const kernel = await startKernel(t, { onRecover: () => (deaths += 1) });
  await cell(
    kernel,
    `import asyncio, os
async def die(): await asyncio.sleep(0.15); os.abort()
task = asyncio.ensure_future(die()); x = 1
await asyncio.sleep(0)`,
    'A',
  );
  await waitUntil(() => deaths > 0);
  await delay(300);
  assert.equal(deaths, 1);
  assert.equal(kernel.state, 'idle');
});

test('a comm callback that dies loses no cell', async (t) => {
  let deaths = 0;
  const kernel = await startKernel(t, { onRecover: () => (deaths += 1) });
  await cell(
    kernel,
    `from comm import create_comm
import os
comm = create_comm(target_name='t', comm_id='c')
comm.on_msg(lambda message: os.abort()); x = 1`,
    'A',
  );
  // At once, before the idle scan has looked at the cell.
  kernel.notify('comm_msg', { comm_id: 'c', data: {} });
  await waitUntil(() => deaths > 0);
  assert.equal(deaths, 1);
  assert.equal((await run(kernel, 'x')).value, 1);
  assert.deepEqual(labelsOf(kernel), ['A']);
});

test('an older life never goes on', jspi, async (t) => {
  const seen = [];
  const kernel = await startKernel(t, {
    onMessage({ header, content }) {
      seen.push(...(header.msg_type === 'stream' ? [content.text] : []));
    },
  });
  await cell(kernel, 'x = 1', 'A');
  await untilCopied(kernel);
  const asleep = cell(
    kernel,
    `import time; time.sleep(0.2); print('from the dead')`,
    'B',
  );
  const rejected = assert.rejects(asleep, KernelDiedError);
  await delay(50);
  // A trap of this very instance while its stack is suspended.
  const read = Uint8Array.prototype.set;
  Uint8Array.prototype.set = () => {
    Uint8Array.prototype.set = read;
    throw new WebAssembly.RuntimeError('unreachable');
  };
  assert.throws(() => kernel.writeFile('f', new Uint8Array(1)), KernelDiedError);
  await rejected;
  await delay(300);
  assert.deepEqual(seen, []);
  assert.equal((await run(kernel, 'x')).value, 1);
});

test('undo, one cell and many', async (t) => {
  const kernel = await startKernel(t);
  for (const [i, label] of ['A', 'B', 'C', 'D'].entries()) {
    await cell(kernel, `x = ${i}; open('f', 'w').write(str(x))`, label);
  }
  assert.deepEqual(labelsOf(kernel), ['A', 'B', 'C', 'D']);
  assert.ok(kernel.copySize.undo > 0);
  assert.deepEqual(await kernel.undo(3), ['D']);
  const state = `[x, open('f').read()]`;
  assert.deepEqual((await run(kernel, state)).value.v, [2, '2']);
  assert.deepEqual(await kernel.undo(1), ['B', 'C']);
  assert.deepEqual((await run(kernel, state)).value.v, [0, '0']);
  await cell(kernel, 'x = 9', 'E');
  assert.deepEqual(labelsOf(kernel), ['A', 'E']);
  assert.deepEqual(await kernel.undo(0), ['A', 'E']);
  assert.equal((await run(kernel, 'x')).ename, 'NameError');
  assert.deepEqual(labelsOf(kernel), []);
  await assert.rejects(kernel.undo(0), RangeError);
});

test('undo of the first cell where nothing was copied yet', async (t) => {
  const kernel = await startKernel(t);
  await cell(kernel, 'x = 1', 'A');
  assert.deepEqual(await kernel.undo(0), ['A']);
  assert.equal((await run(kernel, 'x')).ename, 'NameError');
});

test('generators of random numbers are kept by undo', async (t) => {
  const kernel = await startKernel(t);
  await cell(kernel, 'import random', 'A');
  const first = await cell(kernel, 'random.random()', 'B');
  await kernel.undo(1);
  const second = await cell(kernel, 'random.random()', 'B');
  assert.equal(second.value, first.value);
});

test('nothing is undone while something runs', jspi, async (t) => {
  const kernel = await startKernel(t);
  await cell(kernel, 'x = 1', 'A');
  const running = cell(kernel, 'import time; time.sleep(0.1)', 'B');
  await assert.rejects(kernel.undo(0), KernelBusyError);
  assert.equal((await running).status, 'ok');
});

test('the ways back are bounded', async (t) => {
  const kernel = await startKernel(t);
  for (let i = 0; i < 45; i++) {
    await cell(kernel, `x = ${i}`, `c${i}`);
  }
  assert.equal(kernel.undoSteps.length, 40);
  assert.equal(labelsOf(kernel)[0], 'c5');
  // Each of these changes 96 MiB: more than two do not fit.
  await cell(kernel, 'block = bytearray(48 << 20)', 'block');
  for (let i = 1; i < 9; i++) {
    await cell(kernel, `block[:] = bytes([${i}]) * len(block)`, `fill${i}`);
  }
  const { undo } = kernel.copySize;
  assert.ok(undo <= 256 << 20, `${undo} bytes`);
  const labels = labelsOf(kernel);
  assert.ok(labels.length >= 2 && labels.length < 4, labels.join());
  await kernel.undo(labels.indexOf('fill7'));
  const { value } = await run(kernel, 'set(block)');
  assert.deepEqual(value.v, [6]);
});

test('a hundred deaths leave no more memory than one', async (t) => {
  const kernel = await startKernel(t);
  // The page's C stack is made at the first suspension.
  await cell(kernel, 'import time; time.sleep(0.01); x = 1', 'A');
  let first;
  for (let i = 0; i < 100; i++) {
    await assert.rejects(
      cell(kernel, 'y = bytes(1 << 20); import os; os.abort()', 'B'),
      KernelDiedError,
    );
    first ??= [kernel.memorySize, kernel.copySize.copy];
  }
  assert.deepEqual([kernel.memorySize, kernel.copySize.copy], first);
  assert.equal((await run(kernel, 'x')).value, 1);
});

test('memory that was exhausted is let go of', large, async (t) => {
  const kernel = await startKernel(t);
  await cell(kernel, 'x = 1', 'A');
  const before = kernel.memorySize;
  await assert.rejects(
    cell(
      kernel,
      `blocks = []
try:
    while True: blocks.append(bytearray(64 << 20))
except MemoryError:
    import os
    os.abort()`,
      'B',
    ),
    ({ undone }) => undone.join() === 'B',
  );
  assert.ok(kernel.memorySize < before + (64 << 20), `${kernel.memorySize}`);
  assert.equal((await run(kernel, 'import csv; x')).value, 1);
});

test('a cell that comes while memory is looked at is named', async (t) => {
  const kernel = await startKernel(t);
  for (let i = 0; i < 20; i += 1) {
    await cell(kernel, `x = ${i}`, `A${i}`);
    await delay(i % 4);
    await assert.rejects(
      cell(kernel, 'import os; os.abort()', 'B'),
      ({ undone }) => undone.join() === 'B',
    );
    assert.equal(labelsOf(kernel).at(-1), `A${i}`);
  }
});

test('above a gigabyte the last copy stays, and it is said', large, async (t) => {
  const kernel = await startKernel(t);
  await cell(kernel, 'x = 1', 'A');
  await untilCopied(kernel);
  const before = kernel.memorySize;
  await cell(kernel, 'block = bytearray(1 << 30)', 'B');
  await cell(kernel, 'x = 2', 'C');
  assert.deepEqual(labelsOf(kernel), ['A', 'B']);
  await assert.rejects(
    cell(kernel, 'import os; os.abort()', 'D'),
    ({ undone }) => undone.join() === 'B,C,D',
  );
  assert.equal((await run(kernel, 'x')).value, 1);
  assert.ok(kernel.memorySize < before + (64 << 20));
  assert.deepEqual(labelsOf(kernel), ['A']);
});

test('of cells in a row without labels the last ones are lost together, and ' +
     'it is said', async (t) => {
  const kernel = await startKernel(t);
  const count = 200;
  for (let i = 1; i <= count; i++) {
    await run(kernel, `x = ${i}`);
  }
  const error = await run(kernel, 'import os; os.abort()').catch((e) => e);
  const { value } = await run(kernel, 'x');
  assert.equal(value, count - error.callsUndone);
  assert.equal(/right before it/.test(error.message), error.callsUndone > 0);
});

test('without copies a death is for good', async (t) => {
  let death = null;
  const kernel = await startKernel(t, {
    recovers: false,
    onDeath: (error) => (death = error),
  });
  const error = await run(kernel, 'import os; os.abort()').catch((e) => e);
  assert.equal(error, death);
  assert.equal(error.undone, null);
  assert.equal(kernel.state, 'dead');
  await kernel.restart();
  assert.equal((await run(kernel, '1')).value, 1);
});

test('two kernels do not share what they keep', async (t) => {
  const [one, other] = [await startKernel(t), await Kernel.load(parts)];
  t.after(() => other.dispose());
  await cell(one, 'x = 1', 'A');
  await cell(other, 'x = 2', 'A');
  await assert.rejects(cell(one, 'import os; os.abort()', 'B'));
  assert.equal((await run(one, 'x')).value, 1);
  assert.equal((await run(other, 'x')).value, 2);
});
