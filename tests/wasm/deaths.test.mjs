// Cells that try to end the kernel (deaths_cases.mjs): it answers or comes
// back, and goes on with what it had.

import assert from 'node:assert/strict';
import { freemem } from 'node:os';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { breakingCases, deathCases } from './deaths_cases.mjs';
import { delay, hasJspi, KernelDiedError, run, startKernel } from './load.mjs';

const jspi = { skip: !hasJspi && 'this Node cannot suspend WebAssembly' };
const large = {
  skip: jspi.skip || (freemem() < 12 * 2 ** 30 && 'too little free memory'),
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** How a cell ends: 'ok', an exception's name, or 'dies'. */
async function endOf(kernel, code, label) {
  try {
    const content = { code };
    const reply = await kernel.request('execute_request', content, { label });
    const { status, ename } = reply.content;
    return status === 'ok' ? 'ok' : ename;
  } catch (error) {
    assert.ok(error instanceof KernelDiedError, String(error));
    return 'dies';
  }
}

/** The same of a cell that is stopped while it waits. */
async function endOfWaiting(kernel, code) {
  let stopping = null;
  const stop = async () => {
    await delay(50);
    kernel.interrupt();
  };
  const reply = await kernel.request(
    'execute_request',
    { code: `print('begun', flush=True)\n${code}` },
    {
      onEvent: ({ header }) => {
        if (header.msg_type === 'stream') {
          stopping ??= stop();
        }
      },
    },
  );
  await stopping;
  return reply.content.ename;
}

/** That cells run, print, and have what was there before. */
async function checkAlive(kernel) {
  const { value, text } = await run(kernel, 'print("alive"); before');
  assert.deepEqual([value, text], [42, 'alive\n']);
}

for (const { name, code, expected, fills } of deathCases) {
  test(`${name}: ${expected}`, fills ? large : jspi, async (t) => {
    if (fills) {
      // Or the 4 GiB of the one before, and their copy, would stay below.
      collectGarbage();
    }
    const kernel = await startKernel(t);
    await run(kernel, 'before = 42');
    if (expected === 'waits') {
      assert.equal(await endOfWaiting(kernel, code), 'KeyboardInterrupt');
    } else {
      const end = await endOf(kernel, code);
      if (expected === 'anything') {
        await kernel.restart();
        await run(kernel, 'before = 42');
      } else {
        assert.equal(end, expected);
      }
    }
    await checkAlive(kernel);
  });
}

for (const { name, code } of breakingCases) {
  test(`${name}: undone`, jspi, async (t) => {
    const kernel = await startKernel(t);
    await run(kernel, 'before = 42');
    await endOf(kernel, code, 'breaking');
    await endOf(kernel, '1 + 1', 'after');
    assert.deepEqual(await kernel.undo(0), ['breaking', 'after']);
    await checkAlive(kernel);
  });
}
