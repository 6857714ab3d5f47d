// Stop ends every long loop in C (stop_cases.mjs), and whenever it comes it
// leaves the kernel whole.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delay, hasJspi, run, startKernel } from './load.mjs';
import { stopCases, stubbornCases, stubbornSetup } from './stop_cases.mjs';

const jspi = { skip: !hasJspi && 'this Node cannot suspend WebAssembly' };

/** Turns that the page must get while a loop runs, before it is stopped. */
const TURN_COUNT = 3;

/** Runs code and stops it some turns after it printed. */
async function runAndStop(kernel, code) {
  let turns = null;
  const reply = await kernel.request(
    'execute_request',
    { code },
    {
      onEvent({ header }) {
        if (header.msg_type === 'stream' && turns === null) {
          turns = takeTurns(kernel);
        }
      },
    },
  );
  assert.ok(turns !== null, `${reply.content.ename}: ${reply.content.evalue}`);
  await turns;
  return reply.content;
}

async function takeTurns(kernel) {
  for (let turn = 0; turn < TURN_COUNT; turn += 1) {
    await delay(0);
  }
  kernel.interrupt();
}

for (const { name, code, whole } of stopCases) {
  test(`Stop ends ${name}`, jspi, async (t) => {
    const kernel = await startKernel(t);
    const { status, ename } = await runAndStop(kernel, code);
    assert.deepEqual([status, ename], ['error', 'KeyboardInterrupt']);
    assert.equal((await run(kernel, whole)).value, true);
    assert.equal((await run(kernel, 'sum(range(100_000))')).value, 4999950000);
  });
}

/** Runs code, and stops it when it has begun, again as long as it does not end:
 * as often as it takes, and how often that was. */
async function stopUntilOver(kernel, code) {
  let count = 0;
  let hasBegun = false;
  let isOver = false;
  const onEvent = ({ header }) => {
    hasBegun ||= header.msg_type === 'stream';
  };
  const running = kernel.request('execute_request', { code }, { onEvent })
    .finally(() => {
      isOver = true;
    });
  while (!hasBegun && !isOver) {
    await delay(1);
  }
  while (!isOver) {
    for (let turn = 0; turn < 40 && !isOver; turn += 1) {
      await delay(1);
    }
    if (!isOver) {
      kernel.interrupt();
      count += 1;
    }
  }
  return { count, ...(await running).content };
}

for (const { name, code, stops } of stubbornCases) {
  test(`a second Stop ends ${name}`, jspi, async (t) => {
    const kernel = await startKernel(t);
    await run(kernel, `${stubbornSetup}\nkept = [1]`);
    const { count, ename } = await stopUntilOver(kernel, code);
    assert.equal(ename, 'KeyboardInterrupt');
    assert.ok(count >= stops, `${count} Stops`);
    // What comes after it is not stopped any more.
    const after = await run(
      kernel,
      `try:
    total = sum(range(100_000))
finally:
    kept.append(total)
kept`,
    );
    assert.deepEqual(after.value.v, [1, 4999950000]);
    const awaited = await run(
      kernel, 'import asyncio\nawait asyncio.sleep(0.001, 5)');
    assert.equal(awaited.value, 5);
  });
}

/** The same numbers in every run (mulberry32). */
function makeRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

// Each changes what it has in C and checks it in Python.
const mixture = `
import collections, decimal, functools, heapq, itertools, json, pickle
import random, re, sqlite3, zlib
chance = random.Random(1)
numbers = list(range(20_000))
queue = collections.deque(maxlen=1000)
table = {}
database = sqlite3.connect(":memory:")
database.execute("CREATE TABLE t(x)")
def steps():
    chance.shuffle(numbers)
    yield numbers.sort()
    yield heapq.heapify(numbers)
    yield queue.extend(range(50_000))
    yield table.update(zip(range(5_000), itertools.cycle("ab")))
    yield sum(itertools.islice(itertools.count(), 50_000))
    yield pow(3, 20_000) * pow(7, 20_000)
    yield str(3**5_000), decimal.Decimal(3) ** 500
    yield json.loads(json.dumps(numbers[:5_000]))
    yield pickle.loads(pickle.dumps(numbers[:5_000]))
    yield re.findall("(a|b)*c", "ab" * 500 + "c")
    yield zlib.decompress(zlib.compress(bytes(200_000)))
    yield database.execute("INSERT INTO t SELECT value FROM "
                           "json_each(?)", (json.dumps(numbers[:2_000]),))
    yield [[number] for number in numbers] == [[0]] * 20_000
    yield functools.reduce(max, numbers)
def mix():
    while True:
        for _ in steps(): pass
def is_whole():
    return (len(numbers) == 20_000 and sum(numbers) == 199_990_000
            and len(queue) <= 1000 and all(table[key] in "ab" for key in table)
            and database.execute("SELECT count(*) % 2000 FROM t").fetchone()
            == (0,))
`;

test('a thousand stops leave the kernel whole', jspi, async (t) => {
  const kernel = await startKernel(t);
  assert.equal((await run(kernel, mixture)).status, 'ok');
  const random = makeRandom(1);
  for (let round = 0; round < 1000; round += 1) {
    const mixing = run(kernel, 'mix()');
    await delay(random() * 12);
    kernel.interrupt();
    assert.equal((await mixing).ename, 'KeyboardInterrupt', `round ${round}`);
    const { value, evalue } = await run(kernel, 'is_whole()');
    assert.equal(value, true, `round ${round}: ${evalue}`);
  }
});
