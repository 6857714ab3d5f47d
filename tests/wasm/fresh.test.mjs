// What is fresh in a copy of memory, and what stays as it was: the rules of
// kernel/hosts/README.md for a build's snapshot, a saved state, a checkpoint.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Python, readParts } from './snapshots.mjs';

/** Warms what a build's snapshot has warmed. */
const warm = `
import asyncio, logging, multiprocessing.process, os, random, secrets, sys
import tempfile, time, uuid
random.random(), uuid.getnode(), uuid.uuid1(), tempfile.mktemp()
os.environ['OF_BUILD'] = 'yes'
`;

/** Text that no two starts may share, one a line. */
const freshness = {
  'random.random()': 'random.random()',
  'random.Random': 'random.Random().random()',
  secrets: 'secrets.token_hex()',
  'uuid.getnode()': 'str(uuid.getnode())',
  'uuid.uuid1()': 'str(uuid.uuid1())',
  'uuid.uuid4()': 'str(uuid.uuid4())',
  'names of temporary files': 'tempfile.mktemp()',
  'keys of processes': 'bytes(multiprocessing.process.current_process().authkey).hex()',
  'os.urandom': 'os.urandom(16).hex()',
};

async function warmed() {
  const python = await Python.start();
  assert.equal(python.run(warm).status, 'ok');
  return python;
}

for (const [name, code] of Object.entries(freshness)) {
  test(`every start from a build's snapshot has its own ${name}`, async () => {
    const bytes = (await warmed()).bytes.slice();
    const seen = new Set();
    for (let i = 0; i < 3; i++) {
      const python = await Python.resume(bytes, { kind: 'build' });
      seen.add(python.value(code));
    }
    assert.equal(seen.size, 3, [...seen].join(', '));
  });
}

test('sessions and messages have ids of their own', async () => {
  const bytes = (await warmed()).bytes.slice();
  const seen = new Set();
  for (let i = 0; i < 3; i++) {
    const python = await Python.resume(bytes, { kind: 'build' });
    python.run('1');
    seen.add(python.sent[0].header.session);
    python.sent.forEach(({ header }) => seen.add(header.msg_id));
  }
  assert.ok(seen.size >= 3 * 4);
});

test('a saved state and a checkpoint keep generators exactly', async () => {
  const first = await warmed();
  first.run(`
g = random.Random(5); random.seed(7); random.random(); g.random()
names = tempfile._get_candidate_names(); node = uuid.getnode()
s = {'a', 'b', 'c', 'd', 'e'}`);
  const bytes = first.bytes.slice();
  const code = `(random.random(), g.random(), random.gauss(0, 1), next(names),
 uuid.getnode() == node, list(s), os.environ['OF_BUILD'])`;
  const wanted = first.value(code);
  for (const kind of ['saved', 'checkpoint']) {
    const python = await Python.resume(bytes, { kind });
    assert.deepEqual(python.value(code), wanted, kind);
  }
});

test('the session of a saved state goes on', async () => {
  const first = await warmed();
  first.run('1');
  const { session } = first.sent[0].header;
  const python = await Python.resume(first.bytes.slice(), { kind: 'saved' });
  python.run('1');
  assert.equal(python.sent[0].header.session, session);
});

test('the environment of a start from a snapshot is the page\'s', async () => {
  const bytes = (await warmed()).bytes.slice();
  const env = { TZ: 'EST5EDT,M3.2.0,M11.1.0', LANG: 'C.UTF-8', OTHER: 'é=1' };
  const argv = ['notebook', '-x'];
  const python = await Python.resume(bytes, { kind: 'build', env, argv });
  const code = `(os.environ['OTHER'], os.getenv('TZ'), time.tzname, sys.argv,
 time.localtime(0).tm_hour, os.environ['HOME'], os.environ['OF_BUILD'])`;
  assert.deepEqual(JSON.stringify(python.value(code)), JSON.stringify([
    'é=1',
    env.TZ,
    { t: 'list', v: ['EST', 'EDT'] },
    { t: 'list', v: argv },
    19,
    '/home/tincture',
    'yes',
  ]));
});

/** None, both halves of the year, and odd ones. */
const zones = [
  'UTC0',
  'CET-1CEST,M3.5.0,M10.5.0/3',
  'AEST-10AEDT,M10.1.0,M4.1.0/3',
  '<+1030>-10:30<+11>-11,M10.1.0,M4.1.0',
  'IST-5:30',
];

for (const TZ of zones) {
  test(`a page in ${TZ} has the same times either way`, async () => {
    const code = `import time, datetime
(time.timezone, time.altzone, time.daylight, time.tzname,
 time.localtime(1751328000).tm_gmtoff, time.localtime(1735689600).tm_gmtoff,
 str(datetime.datetime.fromtimestamp(1751328000).astimezone()))`;
    const cold = await Python.start({ env: { TZ } });
    const bytes = (await warmed()).bytes.slice();
    for (const kind of ['build', 'saved']) {
      const python = await Python.resume(bytes, { kind, env: { TZ } });
      assert.deepEqual(python.value(code), cold.value(code), kind);
    }
  });
}

test('a saved state learns of its page, and of nothing else', async () => {
  const first = await warmed();
  first.run(`os.environ['MINE'] = 'kept'; sys.argv = ['mine']`);
  const env = { TZ: 'CET-1', TINCTURE_PIXEL_RATIO: '3', MINE: 'other' };
  const config = { kind: 'saved', env, argv: ['page'] };
  const python = await Python.resume(first.bytes.slice(), config);
  const code = `(time.tzname[0], os.environ['MINE'], sys.argv == ['mine'],
 os.environ['TINCTURE_PIXEL_RATIO'])`;
  assert.deepEqual(python.value(code), ['CET', 'kept', true, '3']);
});

test('what a notebook says of the page itself stays', async () => {
  const first = await warmed();
  first.run(`os.environ['TZ'] = 'JST-9'`);
  const config = { kind: 'saved', env: { TZ: 'CET-1' } };
  const python = await Python.resume(first.bytes.slice(), config);
  const code = `os.environ['TZ'], time.localtime(0).tm_hour`;
  assert.deepEqual(python.value(code), ['JST-9', 9]);
});

test('a checkpoint is told nothing', async () => {
  const first = await warmed();
  const config = { kind: 'checkpoint', env: { TZ: 'CET-1' } };
  const python = await Python.resume(first.bytes.slice(), config);
  assert.equal(python.value('time.localtime(0).tm_hour'), 0);
});

test('sets have one order in every start', async () => {
  const code = `import sys
names = [f'name{i}' for i in range(1000)]
[list(set(names)) == sorted(names, key=list(set(names)).index), hash('a'),
 hash(b'abc'), ' '.join({*names}), sys.flags.hash_randomization]`;
  const first = await Python.start();
  const wanted = first.value(code);
  assert.equal(wanted.at(-1), 0);
  assert.deepEqual((await Python.start()).value(code), wanted);
  const bytes = first.bytes.slice();
  for (const kind of ['build', 'saved', 'checkpoint']) {
    const python = await Python.resume(bytes, { kind });
    assert.deepEqual(python.value(code), wanted, kind);
  }
});

/** The page's clock, `shift_ms` away from the real one. */
function shiftClock(t, shift_ms) {
  const real = performance.now;
  t.after(() => {
    performance.now = real;
  });
  performance.now = () => real.call(performance) + shift_ms;
}

test('what waits for a time goes on waiting for what is left', async (t) => {
  const first = await warmed();
  first.run(`
done = []
async def later():
    await asyncio.sleep(0.2)
    done.append(time.monotonic() - start)
start = time.monotonic()
task = asyncio.ensure_future(later())
await asyncio.sleep(0)`);
  const bytes = first.bytes.slice();
  for (const shift_ms of [-3_600_000, 3_600_000]) {
    shiftClock(t, shift_ms);
    const python = await Python.resume(bytes, { kind: 'saved' });
    let next = 0;
    for (let turns = 0; next >= 0 && turns < 1_000_000; turns++) {
      next = python.instance.runTasks(0);
    }
    const [waited_s] = python.value('done');
    assert.ok(waited_s >= 0.2 && waited_s < 600, `${waited_s} s`);
  }
});

test('stored times are never in the future', async (t) => {
  const first = await warmed();
  first.run('times = time.monotonic(), time.perf_counter(), time.process_time()');
  const bytes = first.bytes.slice();
  shiftClock(t, -3_600_000);
  for (const kind of ['build', 'saved', 'checkpoint']) {
    const python = await Python.resume(bytes, { kind });
    const passed = python.value(`[now() - then for now, then in zip(
        (time.monotonic, time.perf_counter, time.process_time), times)]`);
    assert.ok(
      passed.every((seconds) => seconds >= 0 && seconds < 600),
      `${kind}: ${passed}`,
    );
  }
});

test('log records count from the start of the page', async () => {
  const first = await warmed();
  first.run('logging._startTime -= 10 ** 15');
  const bytes = first.bytes.slice();
  const code = `logging.LogRecord('a', 1, 'b', 1, 'c', (), None).relativeCreated`;
  const fresh = await Python.resume(bytes, { kind: 'build' });
  assert.ok(fresh.value(code) < 1e9);
  const saved = await Python.resume(bytes, { kind: 'saved' });
  assert.ok(saved.value(code) >= 1e9);
});

test('requests of the life before are forgotten', async () => {
  const first = await warmed();
  const header = { msg_id: 'old', msg_type: 'execute_request' };
  const content = { code: 'ran = True' };
  first.instance.post(JSON.stringify({ header, content }), []);
  const bytes = first.bytes.slice();
  for (const kind of ['build', 'saved', 'checkpoint']) {
    const python = await Python.resume(bytes, { kind });
    assert.equal(python.run('ran').ename, 'NameError', kind);
  }
});

test("numpy's generators follow the same rules", async () => {
  const numpy = await readParts('numpy');
  const first = await Python.start({}, numpy);
  first.run(`import numpy as np
np.random.seed(3); rng = np.random.default_rng(5); old = np.random.RandomState(7)`);
  const bytes = first.bytes.slice();
  const resume = (kind) => Python.resume(bytes, { kind }, undefined, numpy);
  const global = 'float(np.random.random())';
  const own = '(float(rng.random()), float(old.random()))';
  const wanted = [first.value(global), first.value(own)];
  for (const kind of ['saved', 'checkpoint']) {
    const python = await resume(kind);
    assert.deepEqual([python.value(global), python.value(own)], wanted, kind);
  }
  const fresh = [await resume('build'), await resume('build')];
  const values = fresh.map((python) => python.value(global));
  assert.equal(new Set([...values, wanted[0]]).size, 3);
});
