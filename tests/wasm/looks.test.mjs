// How often the eval breaker looks at the clock: seldom in quick loops, and
// soon again where slow calls may come behind one.
//
// The clock goes on by a microsecond each time that it is read and at no other
// time, so Python reads in it how many looks there were.  Nothing here depends
// on how fast anything is.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasJspi, run, startKernel } from './load.mjs';

const jspi = { skip: !hasJspi && 'this Node cannot suspend WebAssembly' };

const stepMs = 0.001;

/** Rounds of what may be slow: far less than checks between two looks in a
 * loop that was found to be quick. */
const roundCount = 40;

/** After 1, 2, 4, 8, 16 checks; a round of an operator is one check. */
const leastLooks = 5;

const preparation = `import time
text = 'ab' * 200_000
other = 'ab' * 199_999 + 'aa'
items = [1]
class One: value = 1
class Two: value = 2
pair = One(), Two()`;

const quick = 'for _ in range(1_000_000): pass';

function startClock(t) {
  const { now } = performance;
  let nowMs = Math.ceil(performance.now());
  performance.now = () => (nowMs += stepMs);
  t.after(() => {
    performance.now = now;
  });
}

/** Looks while `code` runs, behind a quick loop of the same cell; the second
 * reading of the clock is one more. */
async function countLooks(t, code, before = '') {
  const kernel = await startKernel(t);
  await run(kernel, preparation);
  startClock(t);
  const { value, status, evalue } = await run(kernel, `${before}
${quick}
begin = time.perf_counter_ns()
${code}
round((time.perf_counter_ns() - begin) / 1000) - 1`);
  assert.equal(status, 'ok', evalue);
  return value;
}

const loop = (statement) => `for _ in range(${roundCount}):
    ${statement}`;

const news = {
  'a call': loop('text.count("c")'),
  'a call without end': `rounds = 0
while (rounds := rounds + 1) < ${roundCount}:
    text.count("c")`,
  'in': loop('"c" in text'),
  'a comparison': loop('text == other'),
  'an operator': loop('pair + pair'),
  'an index': loop('text[0]'),
  'an assignment to an index': loop('items[0] = 2'),
};

for (const [name, code] of Object.entries(news)) {
  test(`behind a quick loop, new code with ${name} is looked at`, jspi,
    async (t) => {
      const looks = await countLooks(t, code);
      assert.ok(looks >= leastLooks, `${looks} looks`);
    });
}

// Code that is not new, and so tells nothing.
const large = {
  'is copied': 'text[1:]',
  'is asked for cleared': 'bytes(200_000)',
  'is asked for again': 'items.extend([0] * 50_000)',
};

for (const [name, statement] of Object.entries(large)) {
  test(`behind a quick loop, much memory that ${name} is looked at`, jspi,
    async (t) => {
      const work = `def work():
    ${loop(statement).replaceAll('\n', '\n    ')}
work()
work()`;
      const looks = await countLooks(t, 'work()', work);
      assert.ok(looks >= roundCount, `${looks} looks`);
    });
}

test('a quick loop is seldom looked at', jspi, async (t) => {
  const looks = await countLooks(t, 'for _ in range(1_000_000): pass');
  assert.ok(looks < 1_500, `${looks} looks`);
});

test('nor is one that meets several types', jspi, async (t) => {
  const looks = await countLooks(t, `for _ in range(500_000):
    for each in pair:
        each.value`);
  assert.ok(looks < 4_000, `${looks} looks`);
});
