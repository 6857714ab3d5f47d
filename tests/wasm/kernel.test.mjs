// plugin/src/kernel.ts on core.wasm, in Node: what the golden conversations
// cannot say, because it is no message.

import assert from 'node:assert/strict';
import { freemem } from 'node:os';
import { test } from 'node:test';
import {
  delay,
  hasJspi,
  KernelBusyError,
  KernelDiedError,
  KernelError,
  run,
  startKernel,
  waitUntil,
} from './load.mjs';

/** The largest memory that a test makes is 4 GiB. */
const large = { skip: freemem() < 6 * 2 ** 30 && 'too little free memory' };

const jspi = { skip: !hasJspi && 'this Node cannot suspend WebAssembly' };

test('requests run in order, and events come before their reply', async (t) => {
  const seen = [];
  const kernel = await startKernel(t, {
    onMessage: (message) => seen.push(message.header.msg_type),
  });
  const replies = await Promise.all(
    ['x = 1', 'print(x)', 'x + 1'].map((code) => run(kernel, code)),
  );
  assert.deepEqual(
    replies.map(({ status, text, value }) => [status, text, value]),
    [
      ['ok', '', null],
      ['ok', '1\n', null],
      ['ok', '', 2],
    ],
  );
  const types = seen.filter((type) => type !== 'status');
  assert.deepEqual(types.slice(-5), [
    'stream',
    'execute_reply',
    'execute_input',
    'execute_result',
    'execute_reply',
  ]);
  assert.equal(kernel.state, 'idle');
});

test('a listener that throws or posts disturbs nobody', async (t) => {
  const caught = new Promise((resolve) => {
    process.setUncaughtExceptionCaptureCallback(resolve);
  });
  t.after(() => process.setUncaughtExceptionCaptureCallback(null));
  let inner;
  const kernel = await startKernel(t);
  const reply = await kernel.request(
    'execute_request',
    { code: 'print(1)' },
    {
      onEvent({ header }) {
        if (header.msg_type === 'stream') {
          inner = run(kernel, '40 + 2');
          throw new Error('from a listener');
        }
      },
    },
  );
  assert.equal(reply.content.status, 'ok');
  assert.equal((await inner).value, 42);
  assert.equal((await caught).message, 'from a listener');
});

test('requestNow answers at once, and refuses while busy', async (t) => {
  const kernel = await startKernel(t);
  const now = (code) =>
    kernel.requestNow('execute_request', { code, value: true }).content;
  assert.equal(now('6 * 7').value, 42);
  assert.equal(now('1/0').ename, 'ZeroDivisionError');
  const running = run(kernel, 'sum(range(100000))');
  assert.throws(() => now('1'), KernelBusyError);
  await running;
  assert.equal(now('2').value, 2);
});

test('sleeping in requestNow takes its time without suspending', async (t) => {
  const kernel = await startKernel(t);
  const start = performance.now();
  const code = 'import time; time.sleep(0.05)';
  kernel.requestNow('execute_request', { code });
  assert.ok(performance.now() - start >= 49);
});

test('buffers cross in both directions', async (t) => {
  const kernel = await startKernel(t);
  const reply = await kernel.request('execute_request', {
    code: 'bytes(range(256)) * 1000',
    value: true,
  });
  assert.equal(reply.content.value.t, 'bytes');
  const [bytes] = reply.buffers;
  assert.equal(bytes.length, 256_000);
  assert.equal(bytes[257], 1);
});

test('files cross in both directions', async (t) => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
  const kernel = await startKernel(t, { files: [{ name: 'a b.bin', bytes }] });
  const { value } = await run(
    kernel,
    `data = open('a b.bin', 'rb').read()
import os; os.makedirs('made/by', exist_ok=True)
open('made/by/python', 'wb').write(data[::-1])`,
  );
  assert.equal(value, 100_000);
  assert.deepEqual(kernel.readFile('made/by/python'), bytes.toReversed());
  kernel.writeFile('made/é.txt', new TextEncoder().encode('Grüße'));
  const { value: text } = await run(kernel, `open('made/é.txt').read()`);
  assert.equal(text, 'Grüße');
  const names = kernel.listFiles('made').map(({ name, type }) => [name, type]);
  assert.deepEqual(names.sort(), [
    ['by', 'directory'],
    ['é.txt', 'file'],
  ]);
  assert.throws(() => kernel.readFile('missing'), /not found/);
  assert.equal(kernel.state, 'idle');
});

test('a message that is refused rejects its request', async (t) => {
  const kernel = await startKernel(t);
  await assert.rejects(kernel.request('execute_request', {}), KernelError);
  assert.equal((await run(kernel, '1')).value, 1);
});

test('memory grows, and pointers stay right', async (t) => {
  const kernel = await startKernel(t);
  const before = kernel.memorySize;
  const { value } = await run(
    kernel,
    `blocks = [bytes([i]) * (50 << 20) for i in range(6)]
[block[-1] for block in blocks]`,
  );
  assert.deepEqual(value, { t: 'list', v: [0, 1, 2, 3, 4, 5] });
  assert.ok(kernel.memorySize > before + (250 << 20));
});

test('cells that make and drop 10 MB leave memory flat', async (t) => {
  const kernel = await startKernel(t);
  const make = () => run(kernel, 'array = bytearray(10_000_000); del array');
  const sizeOf = () => kernel.memorySize + kernel.copySize.copy
    + kernel.copySize.undo;
  for (let i = 0; i < 20; i += 1) {
    await make();
  }
  const before = sizeOf();
  for (let i = 0; i < 1000; i += 1) {
    await make();
  }
  // One more array may need a place of its own, never a second.
  assert.ok(sizeOf() < before + (16 << 20), `${sizeOf() - before} more`);
});

test('memory beyond 2 GiB, and its end as MemoryError', large, async (t) => {
  const kernel = await startKernel(t);
  const { value } = await run(
    kernel,
    `blocks = []
try:
    while True: blocks.append(bytearray(256 << 20))
except MemoryError:
    count = len(blocks)
blocks[-1][-1] = 7
last = blocks[-1][-1000:]
del blocks[:-1]
(count, bytes(last))`,
  );
  const [count] = value.v;
  assert.ok(count >= 10, `${count} blocks of 256 MiB`);
  assert.equal((await run(kernel, '1 + 1')).value, 2);
});

test('where nothing is copied a trap is the end, until a restart', async (t) => {
  let death = null;
  const kernel = await startKernel(t, {
    files: [{ name: 'kept.txt', bytes: new Uint8Array([104, 105]) }],
    recovers: false,
    onDeath: (error) => (death = error),
  });
  const dying = run(kernel, 'x = 1\nimport os; os.abort()');
  const waiting = run(kernel, '2');
  await assert.rejects(dying, KernelDiedError);
  await assert.rejects(waiting, KernelDiedError);
  assert.equal(kernel.state, 'dead');
  assert.ok(death instanceof KernelDiedError);
  await assert.rejects(run(kernel, '3'), KernelDiedError);
  await kernel.restart();
  assert.equal(kernel.state, 'idle');
  assert.equal((await run(kernel, 'x')).ename, 'NameError');
  assert.equal((await run(kernel, `open('kept.txt').read()`)).value, 'hi');
});

test("Python's last words are in the error", async (t) => {
  const kernel = await startKernel(t);
  const code = `import os
os.write(2, b'Fatal Python error: something\\n')
os._exit(3)`;
  await assert.rejects(run(kernel, code), (error) => {
    assert.match(error.message, /Fatal Python error: something/);
    assert.match(error.message, /exit status 3/);
    return true;
  });
});

test('what C code writes joins the streams', async (t) => {
  const kernel = await startKernel(t);
  const { text } = await run(
    kernel,
    `import os, sys
print('a'); sys.stdout.flush(); os.write(1, b'b\\n'); print('c')`,
  );
  assert.equal(text, 'a\nb\nc\n');
});

test('what a page has not is an OSError', async (t) => {
  const kernel = await startKernel(t);
  const { text, status } = await run(
    kernel,
    `import multiprocessing, os, select, socket, subprocess
def attempt(work):
    try: work()
    except (OSError, RuntimeError) as error: print(type(error).__name__)
    else: print('done')
attempt(lambda: socket.socket().connect(('192.0.2.1', 80)))
attempt(lambda: socket.getaddrinfo('example.org', 80))
attempt(lambda: socket.gethostbyname('example.org'))
attempt(lambda: subprocess.run(['ls']))
attempt(lambda: os.kill(12345, 9))
attempt(lambda: os.waitpid(-1, 0))
attempt(lambda: os.kill(os.getpid(), 0))
r, w = os.pipe(); os.write(w, b'x')
print(select.select([r], [w], [], 1) == ([r], [w], []), os.read(r, 9))
print(select.select([r], [], [], 0.01))`,
  );
  assert.equal(status, 'ok');
  assert.deepEqual(text.trimEnd().split('\n'), [
    'OSError',
    'gaierror',
    'gaierror',
    'OSError',
    'ProcessLookupError',
    'ChildProcessError',
    'done',
    "True b'x'",
    '([], [], [])',
  ]);
});

test('what asks for processes says that there are none', async (t) => {
  const kernel = await startKernel(t);
  const { text } = await run(
    kernel,
    `import multiprocessing, os
for start in (os.fork, multiprocessing.Process(target=print).start):
    try: start()
    except OSError as error: print('threads' in str(error))
print(os.system('ls'))`,
  );
  assert.match(text, /^True\nTrue\n/);
  assert.match(text, /RuntimeWarning: there are no processes.*'ls'/);
  assert.match(text, /^-1$/m);
});

test('what a page has of Unix', async (t) => {
  const kernel = await startKernel(t);
  const { text, status } = await run(
    kernel,
    `import fcntl, grp, os, pwd, resource, socket, syslog, termios
user = pwd.getpwuid(os.getuid())
print(user.pw_name, user.pw_dir == os.environ['HOME'], pwd.getpwall() == [user])
os.environ.pop('HOME'); print(pwd.getpwuid(0).pw_dir == user.pw_dir)
files = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, files)
try: resource.setrlimit(resource.RLIMIT_NOFILE, (1, 1))
except ValueError: print(files == resource.getrlimit(resource.RLIMIT_NOFILE))
print(grp.getgrgid(user.pw_gid).gr_name, len(grp.getgrall()))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 1000)
with open('locked', 'w') as file, open('locked') as other:
    fcntl.flock(file, fcntl.LOCK_EX)
    try: fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError: print('locked')
    try: termios.tcgetattr(file)
    except termios.error: print('no terminal')
    print(fcntl.fcntl(file, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY)
print(socket.getservbyname('http'), socket.getservbyport(53, 'udp'))
print(socket.getaddrinfo('fe80::1%3', 'http', proto=6)[0][4])
syslog.syslog('nobody listens')
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind('\\0abstract')
print(log.getsockname())`,
  );
  assert.equal(status, 'ok');
  assert.deepEqual(text.trimEnd().split('\n'), [
    'root True True',
    'True',
    'True',
    'root 1',
    'True',
    'locked',
    'no terminal',
    'True',
    '80 domain',
    "('fe80::1', 80, 0, 3)",
    "b'\\x00abstract'",
  ]);
});

test('input() reads what a program put at sys.stdin', async (t) => {
  const kernel = await startKernel(t);
  const { text, status } = await run(
    kernel,
    `import io, sys
sys.stdin = io.StringIO('one\\ntwo\\n')
try: print([input('ask '), input(), sys.stdin.read()])
finally: sys.stdin = sys.__stdin__`,
  );
  assert.equal(status, 'ok');
  assert.equal(text, "ask ['one', 'two', '']\n");
});

test('memory maps of files and of nothing', async (t) => {
  const kernel = await startKernel(t);
  const { value } = await run(
    kernel,
    `import mmap
with open('m', 'wb') as f: f.write(b'hello world')
with open('m', 'r+b') as f:
    with mmap.mmap(f.fileno(), 0) as m:
        m[:5] = b'HELLO'
        m.flush()
        found = m.find(b'world')
with mmap.mmap(-1, 100_000) as m: m[99_999] = 7
[open('m', 'rb').read().decode(), found]`,
  );
  assert.deepEqual(value, { t: 'list', v: ['HELLO world', 6] });
});

test("local time is the page's", async (t) => {
  const env = { TZ: 'CET-1CEST,M3.5.0,M10.5.0/3' };
  const kernel = await startKernel(t, { env });
  const { value } = await run(
    kernel,
    `import time, datetime
[time.tzname, time.localtime(1751328000)[3], time.localtime(1735689600)[3],
 time.mktime((2025, 7, 1, 2, 0, 0, 0, 0, -1)),
 str(datetime.datetime.fromtimestamp(1751328000).astimezone()),
 time.strftime('%Z', time.localtime(1751328000))
 + time.strftime(' %Z', time.gmtime(0))]`,
  );
  const [names, summer, winter, made, text, written] = value.v;
  assert.equal(written, 'CEST UTC');
  assert.deepEqual(names.v, ['CET', 'CEST']);
  assert.deepEqual([summer, winter], [2, 1]);
  assert.equal(made, 1751328000);
  assert.equal(text, '2025-07-01 02:00:00+02:00');
});

/** One of each kind: none, north, south, halves, odd hours of the change. */
const zones = [
  'UTC',
  'America/New_York',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Australia/Sydney',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'Pacific/Chatham',
];

for (const zone of zones) {
  test(`the time zone of the environment, ${zone}`, async (t) => {
    const before = process.env.TZ;
    t.after(() => {
      if (before === undefined) {
        delete process.env.TZ;
      } else {
        process.env.TZ = before;
      }
    });
    process.env.TZ = zone;
    const kernel = await startKernel(t);
    const year = new Date().getUTCFullYear();
    const days = Array.from({ length: 700 }, (_, i) => Date.UTC(year, 0, i));
    const { value } = await run(
      kernel,
      `import time
[time.localtime(t / 1000).tm_gmtoff for t in ${JSON.stringify(days)}]`,
    );
    assert.deepEqual(
      value.v,
      days.map((day) => 0 - 60 * new Date(day).getTimezoneOffset()),
    );
  });
}

test('Stop ends a loop, and the page lives meanwhile', jspi, async (t) => {
  const kernel = await startKernel(t);
  const running = run(kernel, 'while True: pass');
  for (let turns = 0; turns < 10; turns++) {
    await delay(5);
    assert.notEqual(kernel.state, 'idle');
  }
  kernel.interrupt();
  assert.equal((await running).ename, 'KeyboardInterrupt');
  assert.equal((await run(kernel, '1')).value, 1);
});

test('slow C code behind a quick loop leaves the page turns', jspi,
     async (t) => {
  const kernel = await startKernel(t);
  let isOver = false;
  globalThis.turnsOfPage = 0;
  const count = async () => {
    for (; !isOver; await delay(0)) {
      globalThis.turnsOfPage += 1;
    }
  };
  const code = `
import binascii
import js
data = bytes(20_000_000)
for _ in range(2_000_000):
    pass
seen = []
for _ in range(20):
    binascii.crc32(data)  # lets go of Python's lock, and never polls
    seen.append(js.turnsOfPage)
seen[-1] - seen[0]
`;
  const counting = count();
  const { value } = await run(kernel, code);
  isOver = true;
  await counting;
  delete globalThis.turnsOfPage;
  assert.ok(value > 0, `${value} turns`);
});

test('Stop that comes before Python has begun counts', jspi, async (t) => {
  const kernel = await startKernel(t);
  const running = run(kernel, 'while True: pass');
  kernel.interrupt();
  assert.equal((await running).ename, 'KeyboardInterrupt');
});

test('Stop ends a sleep, a select, and C code that asks', jspi, async (t) => {
  const kernel = await startKernel(t);
  for (const code of [
    'import time; time.sleep(100)',
    'import os, select; select.select([os.pipe()[0]], [], [])',
    'import asyncio; await asyncio.sleep(100)',
    'import re; re.match("(a+)+$", "a" * 40 + "b")',
  ]) {
    const running = run(kernel, code);
    await delay(50);
    kernel.interrupt();
    assert.equal((await running).ename, 'KeyboardInterrupt', code);
  }
});

test('Stop is heard behind a callback that swallows it', jspi, async (t) => {
  const kernel = await startKernel(t);
  const running = run(
    kernel,
    `import weakref
class A: pass
def callback(ref):
    for i in range(1_000_000): pass
while True:
    a = A(); w = weakref.ref(a, callback); del a`,
  );
  await delay(100);
  kernel.interrupt();
  assert.equal((await running).ename, 'KeyboardInterrupt');
});

test('Stop without anything running is forgotten', async (t) => {
  const kernel = await startKernel(t);
  kernel.interrupt();
  assert.equal((await run(kernel, 'sum(range(1000000))')).status, 'ok');
});

test('input waits for its answer', jspi, async (t) => {
  const kernel = await startKernel(t, {
    onMessage({ header, content }) {
      if (header.msg_type === 'input_request') {
        setTimeout(() => kernel.inputReply(`to ${content.prompt}`), 20);
      }
    },
  });
  const { value } = await run(kernel, `input('a') + input('b')`, {
    allow_stdin: true,
  });
  assert.equal(value, 'to ato b');
});

test('where nothing suspends, input says so and sleep sleeps', async (t) => {
  const kernel = await startKernel(t, { suspend: false });
  assert.equal(kernel.canSuspend, false);
  const start = performance.now();
  const { value } = await run(
    kernel,
    'import time, asyncio; time.sleep(0.05); await asyncio.sleep(0.05); 5',
  );
  assert.equal(value, 5);
  assert.ok(performance.now() - start >= 99);
  const reply = await run(kernel, 'input()', { allow_stdin: true });
  assert.equal(reply.status, 'error');
  assert.equal((await run(kernel, '1')).value, 1);
});

test('posting, files and Stop while Python is suspended', jspi, async (t) => {
  const kernel = await startKernel(t);
  const running = run(
    kernel,
    `import time, os
total = 0
while not os.path.exists('go'):
    total += sum(range(100))
    open('begun', 'w').close()
open('go').read()`,
  );
  await waitUntil(() => kernel.listFiles('.').some(
    ({ name }) => name === 'begun'));
  const queued = run(kernel, 'total > 0');
  kernel.writeFile('go', new TextEncoder().encode('went'));
  assert.equal((await running).value, 'went');
  assert.equal((await queued).value, true);
});

test('a restart while a cell runs leaves the old life behind', jspi, async (t) => {
  const kernel = await startKernel(t);
  const running = run(kernel, 'while True: print(1)');
  const rejected = assert.rejects(running, KernelDiedError);
  await delay(50);
  await kernel.restart();
  await rejected;
  assert.equal((await run(kernel, '1 + 1')).value, 2);
  await delay(50);
  assert.equal(kernel.state, 'idle');
});

test('background tasks run between cells', async (t) => {
  const texts = [];
  const kernel = await startKernel(t, {
    onMessage({ header, content }) {
      texts.push(...(header.msg_type === 'stream' ? [content.text] : []));
    },
  });
  await run(
    kernel,
    `import asyncio
async def later():
    await asyncio.sleep(0.05); print('later')
task = asyncio.ensure_future(later())
await asyncio.sleep(0)`,
  );
  await waitUntil(() => texts.length > 0);
  assert.equal(texts.join(''), 'later\n');
});

test('a disposed kernel refuses and lets go', async (t) => {
  const kernel = await startKernel(t);
  kernel.dispose();
  assert.equal(kernel.state, 'disposed');
  assert.equal(kernel.memorySize, 0);
  await assert.rejects(run(kernel, '1'), KernelDiedError);
});
