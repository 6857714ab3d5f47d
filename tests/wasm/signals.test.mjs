// Signals, and the timers that send them: a handler runs wherever the main
// thread is, and what it raises ends that.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasJspi, run, startKernel, waitUntil } from './load.mjs';

const jspi = { skip: !hasJspi && 'this Node cannot suspend WebAssembly' };

const preparation = `import os, queue, select, signal, socket, threading, time
class Late(Exception): pass
def complain(*args): raise Late
signal.signal(signal.SIGALRM, complain)
def hurry(): signal.setitimer(signal.ITIMER_REAL, 0.02)
lock = threading.Lock()
lock.acquire()
reader, writer = os.pipe()
server = socket.create_server(('127.0.0.1', 0))
stop = threading.Event()`;

/** Counts the signals that come. */
const counter = `import signal, time
count = 0
def handle(*args):
    global count
    count += 1`;

/** What would last for ever, or for minutes. */
const endless = {
  'a loop': 'while True: pass',
  'a loop in C': 'max(iter(int, 1))',
  'time.sleep': 'time.sleep(1000)',
  'a lock': 'lock.acquire()',
  'a lock with a limit': 'lock.acquire(timeout=1000)',
  'a queue': 'queue.Queue().get()',
  'a queue of C': 'queue.SimpleQueue().get()',
  'an event': 'threading.Event().wait()',
  'a pipe that is empty': 'os.read(reader, 1)',
  'a pipe that is full': 'while True: os.write(writer, bytes(4096))',
  'a socket that nobody calls': 'server.accept()',
  'select': 'select.select([reader], [], [])',
  'poll': 'select.poll().poll()',
  'signal.pause': 'signal.pause()',
  'another signal': 'signal.sigwaitinfo([signal.SIGUSR1])',
  'input': 'input()',
  'a task': 'import asyncio; await asyncio.sleep(1000)',
  'a loop of its own': `import asyncio
asyncio.run(asyncio.sleep(1000))`,
};

for (const [name, code] of Object.entries(endless)) {
  for (const others of ['', 'with another thread: ']) {
    test(`${others}an alarm ends ${name}`, jspi, async (t) => {
      const kernel = await startKernel(t);
      await run(kernel, preparation);
      if (others !== '') {
        await run(kernel, 'threading.Thread(target=stop.wait).start()');
      }
      const reply = await kernel.request('execute_request', {
        code: `hurry()\n${code}`,
        allow_stdin: true,
      });
      assert.equal(reply.content.ename, 'Late');
      const { value } = await run(kernel, `stop.set()
signal.getitimer(signal.ITIMER_REAL) == (0, 0)`);
      assert.equal(value, true);
    });
  }
}

test('what a handler does not end goes on', jspi, async (t) => {
  const kernel = await startKernel(t);
  const { value } = await run(kernel, `${counter}
signal.signal(signal.SIGALRM, handle)
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
begin = time.monotonic()
time.sleep(0.3)
elapsed = time.monotonic() - begin
signal.setitimer(signal.ITIMER_REAL, 0)
count > 1 and elapsed >= 0.3`);
  assert.equal(value, true);
});

test('a blocked signal waits for who asks', jspi, async (t) => {
  const kernel = await startKernel(t);
  const { value } = await run(kernel, `import signal
signal.signal(signal.SIGALRM, lambda *args: 1 / 0)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
signal.setitimer(signal.ITIMER_REAL, 0.01)
first = signal.sigwait([signal.SIGALRM, signal.SIGUSR1])
signal.raise_signal(signal.SIGALRM)
pending = signal.sigpending()
none = signal.sigtimedwait([signal.SIGUSR1], 0.01)
second = signal.sigwaitinfo([signal.SIGALRM]).si_signo
first == second == signal.SIGALRM and none is None and 14 in pending`);
  assert.equal(value, true);
});

test('another thread sends one to the main thread', jspi, async (t) => {
  const kernel = await startKernel(t);
  const reply = await kernel.request('execute_request', {
    code: `import signal, threading
def end(*args): raise InterruptedError
signal.signal(signal.SIGUSR1, end)
main = threading.get_ident()
thread = threading.Timer(0.01, signal.pthread_kill, [main, signal.SIGUSR1])
thread.start()
threading.Event().wait()`,
  });
  assert.equal(reply.content.ename, 'InterruptedError');
});

test('a timer of processor time rests while Python does', jspi, async (t) => {
  const kernel = await startKernel(t);
  const { value } = await run(kernel, `${counter}
signal.signal(signal.SIGVTALRM, handle)
signal.setitimer(signal.ITIMER_VIRTUAL, 1000)
before = signal.getitimer(signal.ITIMER_VIRTUAL)[0]
begin = time.process_time()
time.sleep(0.2)
used = time.process_time() - begin
left = signal.getitimer(signal.ITIMER_VIRTUAL)[0]
signal.setitimer(signal.ITIMER_VIRTUAL, 0.001)
while count == 0: pass
before - left <= used + 0.1`);
  assert.equal(value, true);
});

test('an alarm while the kernel is idle', jspi, async (t) => {
  const seen = [];
  const kernel = await startKernel(t, {
    onMessage: ({ header, content }) => {
      if (header.msg_type === 'error') {
        seen.push(content.ename);
      }
    },
  });
  await run(kernel, preparation);
  await run(kernel, 'hurry()');
  await waitUntil(() => seen.length > 0);
  await run(kernel, 'threading.Thread(target=stop.wait).start(); hurry()');
  await waitUntil(() => seen.length > 1);
  await run(kernel, 'stop.set()');
  assert.deepEqual(seen, ['Late', 'Late']);
});

test('where nothing can be suspended', async (t) => {
  const kernel = await startKernel(t, { suspend: false });
  await run(kernel, preparation);
  for (const code of ['while True: pass', 'import time; time.sleep(1000)',
    'lock.acquire(timeout=1000)', 'signal.pause()']) {
    const reply = await kernel.request('execute_request', {
      code: `hurry()\n${code}`,
    });
    assert.equal(reply.content.ename, 'Late', code);
  }
});
