// Kernels from one snapshot of the build are not twins: what must be fresh is,
// and nothing of the machine or the time that made the snapshot is in it.
// (tests/wasm/fresh.test.mjs holds the restore itself to its rules.)

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readProfiles } from '../wasm/load.mjs';
import { resume, warmMemory } from './kernels.mjs';

const names = (await readProfiles()).map(({ name }) => name);
const memories = new Map();
for (const name of names) {
  memories.set(name, await warmMemory(name));
}
const build = { kind: 'build' };

/** Code whose value no two kernels share, and the package that it needs. */
const FRESH = [
  ['core', 'import random; random.random()'],
  ['core', 'import random; random.Random().random()'],
  ['core', 'import secrets; secrets.token_hex(8)'],
  ['core', 'import uuid; str(uuid.uuid1())'],
  ['core', 'import uuid; str(uuid.uuid4())'],
  ['core', 'import tempfile; tempfile.mkdtemp()'],
  ['core', 'import os; os.urandom(8).hex()'],
  ['numpy', 'import numpy; numpy.random.rand()'],
  ['numpy', 'import numpy; numpy.random.randint(2**62)'],
  ['numpy', 'import numpy; numpy.random.default_rng().random()'],
  ['numpy', 'import numpy; str(numpy.random.SeedSequence().entropy)'],
  ['pandas', 'import pandas; int(pandas.Series(range(10**6)).sample(1).iloc[0])'],
  ['pandas', 'import pandas; pandas.DataFrame([1]).style.uuid'],
];

for (const [profile, code] of FRESH) {
  test(`fresh in each kernel: ${code}`, { skip: !memories.has(profile) }, async () => {
    const seen = new Set();
    for (let i = 0; i < 3; i++) {
      const python = await resume(memories.get(profile), build);
      python.run(code.slice(0, code.lastIndexOf(';')));
      seen.add(python.value(code.slice(code.lastIndexOf(';') + 1).trim()));
    }
    assert.equal(seen.size, 3, [...seen].join(', '));
  });
}

/** Numbers in modules and classes that are near a time. */
const FIND_TIMES = `
import gc, json, sys, types
wanted = [time * unit for time in (TIME,) for unit in (1, 1e3, 1e6, 1e9)]
found = []
for module in list(sys.modules.values()):
    spaces = [(module.__name__, getattr(module, '__dict__', {}))]
    spaces += [(f'{module.__name__}.{name}', vars(value))
               for name, value in list(spaces[0][1].items())
               if isinstance(value, type)]
    for place, names in spaces:
        for name, value in list(names.items()):
            if isinstance(value, (int, float)) and any(
                    abs(value - time) < time / 1e5 for time in wanted):
                found.append(f'{place}.{name} = {value}')
print(json.dumps(found))
del wanted, found, module, spaces, place, names, name, value
`;

for (const name of names) {
  test(`${name}: no module knows when the snapshot was made`, async () => {
    const python = await resume(memories.get(name), build);
    // What plugin/src/freeze.ts says that the time is.
    const time = Date.UTC(2026, 0, 1) / 1000;
    const { text } = python.run(FIND_TIMES.replace('TIME', String(time)));
    assert.deepEqual(JSON.parse(text), []);
  });

  test(`${name}: the notebook is as in a new kernel`, async () => {
    const python = await resume(memories.get(name), build);
    const reply = python.run(`
import gc, json, linecache, os, sys, threading, warnings
json.dumps([
    sorted(name for name in globals() if not name.startswith('_')),
    [name for name in linecache.cache if 'cell' in name],
    len(In), Out, hasattr(sys, 'last_exc'), threading.active_count(),
    [name for name in os.listdir() if not name.startswith('.')],
    os.listdir('/tmp'), gc.garbage, sorted(os.listdir('/dev/fd'))[:3],
    [name for name, module in sys.modules.items()
     if hasattr(module, '__warningregistry__')],
    len(sys.modules['matplotlib.pyplot'].get_fignums())
    if 'matplotlib.pyplot' in sys.modules else 0,
    sorted({type(thing).__name__ for thing in gc.get_objects()} & {
        'DataFrame', 'Series', 'Figure', 'Axes', 'FigureManagerBase', 'Task',
        'traceback', 'Point', 'Generator', 'Styler'}),
])`);
    assert.equal(reply.execution_count, 1);
    const [globals, cells, inputs, ...rest] = JSON.parse(reply.value);
    const imported = ['gc', 'json', 'linecache', 'os', 'sys', 'threading'];
    assert.deepEqual(globals, ['In', 'Out', ...imported, 'warnings']);
    assert.equal(cells.length, 1);
    assert.equal(inputs, 2);
    assert.deepEqual(rest, [
      {}, false, 1, [], [], [], ['0', '1', '2'], [], 0, [],
    ]);
  });

  test(`${name}: clocks are those of the reader`, async () => {
    const python = await resume(memories.get(name), build);
    const now_s = Date.now() / 1000;
    python.run('import time, datetime');
    assert.ok(Math.abs(python.value('time.time()') - now_s) < 60);
    assert.ok(
      Math.abs(python.value('datetime.datetime.now().timestamp()') - now_s) < 60,
    );
  });

  test(`${name}: the reader's environment`, async () => {
    const env = { TZ: 'JST-9', LANG: 'C.UTF-8', TINCTURE_PIXEL_RATIO: '3' };
    const python = await resume(memories.get(name), { ...build, env });
    python.run('import os, time');
    const code =
      'os.environ["TZ"], time.tzname[0], time.localtime(0).tm_hour, ' +
      'os.environ["TINCTURE_PIXEL_RATIO"], os.getcwd()';
    assert.deepEqual(python.value(code), [
      'JST-9', 'JST', 9, '3', '/home/tincture',
    ]);
  });
}

test('no path of the machine that built it is in a snapshot', () => {
  const place = Buffer.from(process.cwd());
  for (const [name, { bytes }] of memories) {
    assert.equal(Buffer.from(bytes.buffer).indexOf(place), -1, name);
  }
});
