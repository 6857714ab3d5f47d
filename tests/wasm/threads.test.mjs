// Python's threads on suspended stacks: what they share, wait for and leave
// behind. CPython's own suites for them are in kernel/README.md.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  delay,
  hasJspi,
  KernelBusyError,
  run,
  startKernel,
  waitUntil,
} from './load.mjs';

const jspi = { skip: !hasJspi && 'this Node cannot suspend WebAssembly' };

/* Enough to meet every state that threads leave their lock in. */
const CALL_COUNT = 500;

/** Runs code that must end well; its value. */
async function evaluate(kernel, code) {
  const { status, traceback, value } = await run(kernel, code);
  assert.equal(status, 'ok', (traceback ?? []).join('\n'));
  return value;
}

/** What was printed for a request whose reply came long ago. */
function listen(kernel, code) {
  const heard = { text: '' };
  heard.reply = kernel.request(
    'execute_request',
    { code },
    {
      onEvent({ header, content }) {
        heard.text += header.msg_type === 'stream' ? content.text : '';
      },
    },
  );
  return heard;
}

/** Ends the threads that a test has left, which would be suspended for ever:
 * Node 24 does not exit with such a stack. */
async function settle(kernel, code) {
  await evaluate(kernel, code);
  await evaluate(
    kernel,
    'while threading.active_count() > 1: time.sleep(0.005)',
  );
}

test('threads run in turns and are joined', jspi, async (t) => {
  const kernel = await startKernel(t);
  const value = await evaluate(
    kernel,
    `import threading, time
counts = [0] * 4
is_over = threading.Event()
def count(index):
    while not is_over.is_set():
        counts[index] += 1
workers = [threading.Thread(target=count, args=(i,)) for i in range(4)]
for worker in workers: worker.start()
while min(counts) < 1000: time.sleep(0.01)
is_over.set()
for worker in workers: worker.join()
[threading.active_count(), any(w.is_alive() for w in workers)]`,
  );
  assert.deepEqual(value.v, [1, false]);
});

test('locks, conditions and queues hold threads up', jspi, async (t) => {
  const kernel = await startKernel(t);
  const value = await evaluate(
    kernel,
    `import queue, threading, time
todo, done, total = queue.Queue(2), queue.SimpleQueue(), 0
lock, barrier = threading.Lock(), threading.Barrier(3)
def work():
    global total
    barrier.wait()
    while (item := todo.get()) is not None:
        with lock:
            seen = total
            time.sleep(0)  # the others get a turn in the middle
            total = seen + item
        done.put(item)
workers = [threading.Thread(target=work) for _ in range(3)]
for worker in workers: worker.start()
for item in range(100): todo.put(item)
for _ in workers: todo.put(None)
for worker in workers: worker.join()
start = time.monotonic()
lock.acquire()
is_late = not lock.acquire(timeout=0.05) and time.monotonic() - start >= 0.05
[total, done.qsize(), is_late]`,
  );
  assert.deepEqual(value.v, [4950, 100, true]);
});

test('executors, timers and asyncio use threads', jspi, async (t) => {
  const kernel = await startKernel(t);
  const value = await evaluate(
    kernel,
    `import asyncio, contextvars, threading, time
from concurrent.futures import ThreadPoolExecutor
variable = contextvars.ContextVar("variable")
variable.set("of the cell")
with ThreadPoolExecutor(3) as pool:
    squares = list(pool.map(lambda n: n * n, range(20)))
rung = threading.Event()
threading.Timer(0.01, rung.set).start()
rung.wait()
async def tick():
    for _ in range(3): await asyncio.sleep(0.001)
    return "ticked"
def block():
    time.sleep(0.01)
    return threading.current_thread() is threading.main_thread()
results = await asyncio.gather(
    tick(), asyncio.to_thread(block), asyncio.to_thread(variable.get))
# Idle threads of the loop end: while one lives there is no checkpoint.
while threading.active_count() > 1: await asyncio.sleep(0.005)
[sum(squares), *results]`,
  );
  assert.deepEqual(value.v, [2470, 'ticked', false, 'of the cell']);
});

test('pools of threads by multiprocessing’s names', jspi, async (t) => {
  const kernel = await startKernel(t);
  const value = await evaluate(
    kernel,
    `import multiprocessing, multiprocessing.dummy
from multiprocessing.pool import ThreadPool
with ThreadPool(3) as pool:
    squares = pool.map(lambda n: n * n, range(20))
    last = pool.apply_async(max, [squares]).get()
pool.join()
with multiprocessing.dummy.Pool(2) as pool:
    sizes = list(pool.imap_unordered(len, ["a", "b"]))
try: multiprocessing.Process(target=print).start()
except OSError as error: refusal = type(error).__name__
[sum(squares), last, sizes, refusal]`,
  );
  assert.deepEqual(value.v.slice(0, 2), [2470, 361]);
  assert.deepEqual(value.v[2].v, [1, 1]);
  assert.equal(value.v[3], 'OSError');
});

test('what is a thread’s own stays its own', jspi, async (t) => {
  const kernel = await startKernel(t);
  const value = await evaluate(
    kernel,
    `import os, threading, sys
own, seen = threading.local(), []
def work(index):
    own.value = index
    try:
        raise KeyError(index)
    except KeyError:
        for _ in range(20_000): pass
        try: os.stat("/missing")
        except FileNotFoundError as error: number = error.errno
        seen.append((own.value == index, sys.exception().args, number))
    del own.value
workers = [threading.Thread(target=work, args=(i,)) for i in range(8)]
for worker in workers: worker.start()
for worker in workers: worker.join()
[len(seen), all(a and b[0] in range(8) for a, b, _ in seen),
 len({n for *_, n in seen}), hasattr(own, "value"), str(sys.exception())]`,
  );
  assert.deepEqual(value.v, [8, true, 1, false, 'None']);
});

test('a pipe holds up its reader and its writer', jspi, async (t) => {
  const kernel = await startKernel(t);
  const value = await evaluate(
    kernel,
    `import os, threading, time
reader, writer = os.pipe()
def write():
    time.sleep(0.01)
    with open(writer, "wb", buffering=0) as out:
        for _ in range(40): out.write(b"x" * 10_000)
worker = threading.Thread(target=write)
worker.start()
with open(reader, "rb") as pipe: size = len(pipe.read())
worker.join()
size`,
  );
  assert.equal(value, 400_000);
});

test('an exception of a thread goes to its hook', jspi, async (t) => {
  const kernel = await startKernel(t);
  const { text } = await run(
    kernel,
    `import threading
worker = threading.Thread(target=lambda: 1 / 0, name="divider")
worker.start(); worker.join()`,
  );
  assert.match(text, /Exception in thread divider:[^]*ZeroDivisionError/);
});

test('C recursion in a thread is an exception', jspi, async (t) => {
  const kernel = await startKernel(t);
  const value = await evaluate(
    kernel,
    `import threading
outcome = []
def deepen():
    nested = []
    for _ in range(100_000): nested = [nested]
    for attempt in (repr, lambda x: x == x[0]):
        try: attempt(nested)
        except RecursionError: outcome.append("stopped")
workers = [threading.Thread(target=deepen) for _ in range(3)]
for worker in workers: worker.start()
for worker in workers: worker.join()
outcome`,
  );
  assert.deepEqual(value.v, Array(6).fill('stopped'));
});

test('Stop ends a wait for a thread, and a deadlock', jspi, async (t) => {
  const kernel = await startKernel(t);
  for (const wait of ['worker.join()', 'lock.acquire()', 'todo.get()']) {
    const reply = run(
      kernel,
      `import queue, threading, time
lock, todo, is_over = threading.Lock(), queue.Queue(), threading.Event()
lock.acquire()
worker = threading.Thread(target=is_over.wait)
worker.start()
${wait}`,
    );
    await waitUntil(() => kernel.state === 'waiting');
    kernel.interrupt();
    const { ename } = await reply;
    assert.equal(ename, 'KeyboardInterrupt', wait);
    await settle(kernel, 'is_over.set()');
  }
});

test('threads live on between cells', jspi, async (t) => {
  const kernel = await startKernel(t);
  const first = listen(
    kernel,
    `import threading, time
is_over, ticks = threading.Event(), 0
def tick():
    global ticks
    while not is_over.is_set():
        ticks += 1
        print("tick", ticks)
        for _ in range(20_000): pass
threading.Thread(target=tick, daemon=True).start()`,
  );
  await first.reply;
  await waitUntil(() => first.text.includes('tick 10\n'));
  assert.equal(kernel.state, 'idle');
  // What they print is the last cell's.
  const second = listen(kernel, 'ticks');
  await second.reply;
  const seen = await evaluate(kernel, 'ticks');
  assert.ok(seen > 10);
  await evaluate(kernel, `while ticks == ${seen}: time.sleep(0.005)`);
  await settle(kernel, 'is_over.set()');
});

test('a copy of memory waits for the last thread', jspi, async (t) => {
  const kernel = await startKernel(t);
  await evaluate(
    kernel,
    `import threading, time
is_over = threading.Event()
threading.Thread(target=is_over.wait, name="holder").start()`,
  );
  assert.throws(() => kernel.copyMemory(), /alive \(holder\)/);
  await settle(kernel, 'is_over.set()');
  assert.ok(kernel.copyMemory().length > 0);
});

test('after a death the kernel is as before its threads', jspi, async (t) => {
  const deaths = [];
  const kernel = await startKernel(t, {
    onRecover: (error) => deaths.push(error.undone),
  });
  await run(kernel, 'kept = 1');
  await run(
    kernel,
    `import threading, time
is_over = threading.Event()
threading.Thread(target=is_over.wait).start()
import ctypes`,
  );
  await assert.rejects(
    run(kernel, 'import os; os.abort()'),
    /Python died/,
  );
  await waitUntil(() => kernel.state === 'idle');
  assert.equal(deaths.length, 1);
  assert.equal((await run(kernel, 'kept')).value, 1);
  const value = await evaluate(
    kernel,
    `import threading
worker = threading.Thread(target=print)
worker.start(); worker.join()
threading.active_count()`,
  );
  assert.equal(value, 1);
});

test('there is a limit of threads, and it is said', jspi, async (t) => {
  const kernel = await startKernel(t);
  const { ename, evalue } = await run(
    kernel,
    `import threading, time
is_over = threading.Event()
for _ in range(1000): threading.Thread(target=is_over.wait).start()`,
  );
  assert.equal(ename, 'RuntimeError');
  assert.match(evalue, /can't start new thread: 128 are running/);
  await settle(kernel, 'is_over.set()');
});

test('sockets reach the threads of this Python', jspi, async (t) => {
  const kernel = await startKernel(t);
  const value = await evaluate(
    kernel,
    `import http.server, select, socket, threading, urllib.request
first, second = socket.socketpair()
first.send(b"pair")
told = second.recv(10)
first.close()
ended = select.select([second], [], [], 600)[0] == [second] and second.recv(1)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.path.encode() * 50_000
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
thread = threading.Thread(target=server.serve_forever, args=(0.01,))
thread.start()
with socket.create_connection(server.server_address) as client:
    client.sendall(b"GET /tea HTTP/1.0\\r\\n\\r\\n")
    answer = b""
    while part := client.recv(65536):
        answer += part
server.shutdown(); thread.join(); server.server_close()
[told.decode(), ended.decode(), len(answer.split(b"\\r\\n\\r\\n")[1])]`,
  );
  assert.deepEqual(value.v, ['pair', '', 200000]);
});

test('where nothing suspends, the error says so', async (t) => {
  const kernel = await startKernel(t, { suspend: false });
  const { ename, evalue } = await run(
    kernel,
    'import threading; threading.Thread(target=print).start()',
  );
  assert.equal(ename, 'RuntimeError');
  assert.match(evalue, /^can't start new thread: .*Promise Integration/);
  const stuck = await run(
    kernel,
    'lock = threading.Lock(); lock.acquire(); lock.acquire()',
  );
  assert.match(stuck.evalue, /this wait would never end/);
});

/* Threads hand the turn on by microtasks, between which the page's own code may
 * call; who has Python's lock then is parked, and must not be waited for. */
test('calls come between the turns of threads', jspi, async (t) => {
  const kernel = await startKernel(t);
  await evaluate(
    kernel,
    `import threading, time
count, is_over = 0, False
def work():
    while not is_over: pass
for _ in range(3): threading.Thread(target=work).start()`,
  );
  let called = 0;
  for (let round = 0; called < CALL_COUNT; round++) {
    try {
      kernel.requestNow('execute_request', { code: 'count += 1' });
      called += 1;
    } catch (error) {
      assert.ok(error instanceof KernelBusyError, error);
      await delay(0);
    }
    for (let i = 0; i < round % 7; i++) {
      await null;
    }
    if (round % 20 === 0) {
      await delay(0);
    }
  }
  await settle(kernel, 'is_over = True');
  assert.deepEqual((await evaluate(kernel, '[count]')).v, [CALL_COUNT]);
});
