// The run queue: order, halt on error, stop.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { RunQueue } = await load('queue');

function makeQueue(outcomes) {
  const log = [];
  const queue = new RunQueue({
    run: async (index) => {
      log.push(`run ${index}`);
      await null;
      if (outcomes[index] === 'throw') {
        throw new Error('no');
      }
      return outcomes[index] ?? 'ok';
    },
    queued: (index, waiting) => log.push(`${waiting ? 'wait' : 'drop'} ${index}`),
    busy: (busy) => log.push(busy ? 'busy' : 'dry'),
  });
  return { queue, log };
}

test('chunks run one after another', async () => {
  const { queue, log } = makeQueue({});
  const results = await Promise.all([queue.add(0), queue.add(1)]);
  assert.deepEqual(results, [{ status: 'ok' }, { status: 'ok' }]);
  assert.deepEqual(log.slice(0, 3), ['wait 0', 'busy', 'run 0']);
  assert.deepEqual(log.slice(3), ['wait 1', 'run 1', 'dry']);
  assert.equal(queue.busy, false);
});

test('an error drops everything that waits', async () => {
  for (const outcome of ['error', 'throw']) {
    const { queue, log } = makeQueue({ 1: outcome });
    const results = await Promise.all([0, 1, 2, 3].map((i) => queue.add(i)));
    const statuses = results.map((result) => result.status);
    assert.deepEqual(statuses, ['ok', 'error', 'aborted', 'aborted']);
    assert.ok(log.includes('drop 2') && log.includes('drop 3'));
    assert.ok(!log.includes('run 2'));
    // The queue is usable again.
    assert.deepEqual(await queue.add(2), { status: 'ok' });
  }
});

test('what waits is not queued twice', async () => {
  const { queue, log } = makeQueue({});
  const results = await Promise.all([0, 1, 1].map((i) => queue.add(i)));
  assert.equal(results.length, 3);
  assert.equal(log.filter((line) => line === 'run 1').length, 1);
});

test('stop drops what waits and leaves what runs', async () => {
  const { queue } = makeQueue({});
  const first = queue.add(0);
  const second = queue.add(1);
  queue.drop();
  assert.deepEqual(await second, { status: 'aborted' });
  assert.deepEqual(await first, { status: 'ok' });
});

test('one cell that waits can be taken out', async () => {
  const { queue, log } = makeQueue({});
  const runs = [queue.add(0), queue.add(1), queue.add(2)];
  queue.remove(1);
  queue.remove(0);
  const statuses = (await Promise.all(runs)).map(({ status }) => status);
  assert.deepEqual(statuses, ['ok', 'aborted', 'ok']);
  assert.ok(!log.includes('run 1') && log.includes('drop 1'));
});
