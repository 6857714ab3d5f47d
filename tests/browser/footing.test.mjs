// A page whose allocations Chromium samples, as it does in processes that it
// chooses by chance: here in all of them, and often.  What takes the stack
// traces may not come to the end of a suspended stack (plugin/src/footing.ts).

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { BUILD } from './page.mjs';
import { eachBrowser, pack } from './suite.mjs';

const FOLDER = join(BUILD, 'browser');
const SAMPLED = join(FOLDER, 'sampled.sh');

/* Between two samples.  A page without frames at the foot of its stacks
 * crashed within seven rounds of the first program. */
const SAMPLE_BYTES = 20_000;

const ROUND_COUNT = 10;

const PROGRAMS = {
  'a cell that prints': `for n in range(10_000):
    print(n)`,
  'threads that print': `import threading
def work():
    for n in range(1000):
        print(n)
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()`,
  'tasks that go on behind a cell': `import asyncio, js
async def work():
    for n in range(50):
        js.document.title = str(n)
        print(n)
        await asyncio.sleep(0)
tasks = [asyncio.create_task(work()) for _ in range(4)]
1`,
};

/* Chromium gives the switch to the processes that it has chosen. */
mkdirSync(FOLDER, { recursive: true });
writeFileSync(SAMPLED, '#!/bin/sh\nexec "$@" --subproc-heap-profiling\n');
chmodSync(SAMPLED, 0o755);

const FLAGS = [
  `--renderer-cmd-prefix=${SAMPLED}`,
  `--enable-features=HeapProfilerReporting:sampling-rate/${SAMPLE_BYTES}`
    + `/renderer-sampling-rate-bytes/${SAMPLE_BYTES}`,
];

eachBrowser('footing', (test) => {
  const report = pack('footing', '%% py\n1\n');
  for (const [what, program] of Object.entries(PROGRAMS)) {
    test(`${what}, while allocations are sampled`, async (open) => {
      const page = await (await open(report)).ready();
      for (let round = 0; round < ROUND_COUNT; round++) {
        const { name } = await page.python(program);
        assert.equal(name, undefined);
      }
      assert.deepEqual(await page.python('6 * 7'), { value: 42 });
    });
  }
}, { only: 'chromium', flags: FLAGS });
