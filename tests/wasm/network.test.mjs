// HTTP by fetch in Node, and what is refused where there are no sockets.
// Without suspension Node can ask nobody, and says so.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { serveHttp, TABLE } from './http_server.mjs';
import { hasJspi, run, startKernel } from './load.mjs';

const jspi = { skip: !hasJspi && 'this Node cannot suspend WebAssembly' };

/** A kernel and a server; `check` runs code that must print what is given. */
async function start(t) {
  const server = await serveHttp();
  t.after(() => server.close());
  const kernel = await startKernel(t, {
    env: {
      TINCTURE_CONNECT:
        `${server.origin} http://127.0.0.1:9 https://127.0.0.1:9`,
    },
  });
  await run(kernel, `base = ${JSON.stringify(server.origin)}`);
  const check = async (code, expected) => {
    const reply = await run(kernel, code);
    assert.equal(reply.status, 'ok', reply.traceback?.join('\n'));
    assert.equal(reply.text, expected);
  };
  return { server, kernel, check };
}

test('urllib.request reads addresses', jspi, async (t) => {
  const { server, check } = await start(t);
  await check(
    `
import urllib.request, urllib.error
with urllib.request.urlopen(base + "/text") as answer:
    print(answer.status, answer.reason, answer.url == base + "/text")
    print(answer.headers["Content-Type"], answer.read())
`,
    "200 OK True\ntext/plain b'hello'\n",
  );
  await check(
    `
for code in (404, 500):
    try:
        urllib.request.urlopen(f"{base}/status?code={code}")
    except urllib.error.HTTPError as error:
        print(error.code, error.reason, error.headers["X-Test"], error.read())
`,
    "404 Not Found told b'status 404'\n" +
      "500 Internal Server Error told b'status 500'\n",
  );
  await check(
    `
answer = urllib.request.urlopen(base + "/redirect?left=3")
print(answer.url == base + "/text?final=1", answer.read())
`,
    "True b'hello'\n",
  );
  assert.equal(
    server.seen.filter((one) => one === 'GET /text').length,
    2,
    'what came by redirects is not asked for twice',
  );
});

/** What begins another thread, or none. */
const others = {
  'an answer': '',
  'an answer beside a thread that waits':
    'threading.Thread(target=is_over.wait).start()',
  'an answer beside a thread that sleeps':
    'threading.Thread(target=is_over.wait, args=(1e6,)).start()',
  'an answer beside a thread that works': `
def work():
    while not is_over.is_set(): pass
threading.Thread(target=work).start()`,
};

const preparation = `import threading, time, urllib.request
is_over = threading.Event()
`;

/** Each prints at once, and then what comes when that was seen. */
const readings = {
  'without limit': `
answer = urllib.request.urlopen(base + "/lines")
print(answer.readline())
print(answer.read())`,
  'with a limit': `
answer = urllib.request.urlopen(base + "/lines", timeout=1e6)
print(answer.readline())
print(answer.read())`,
  'to a task': `
import js
response = await js.fetch(base + "/lines")
print(response.status)
print(await response.text())`,
};

for (const [name, begin] of Object.entries(others)) {
  test(`${name} ends the wait`, jspi, async (t) => {
    const { server, kernel, check } = await start(t);
    await check(preparation + begin, '');
    for (const [limit, code] of Object.entries(readings)) {
      let text = '';
      const onEvent = ({ header, content }) => {
        if (header.msg_type === 'stream') {
          if (text === '') {
            void fetch(`${server.origin}/next`);
          }
          text += content.text;
        }
      };
      const reply = await kernel.request('execute_request', { code }, {
        onEvent,
      });
      assert.equal(reply.content.status, 'ok', limit);
      assert.match(text, /line 3/, limit);
    }
    await check('is_over.set()', '');
  });

  test(`${name}, which comes just before the wait, ends it`, jspi, async (t) => {
    const { check } = await start(t);
    await check(preparation + begin, '');
    await check(
      `
import _tincture_js
from tincture import fetch

class Request:
    """Tells what it saw before the page had its turns."""

    def __init__(self, request):
        self.request = request
        self.looks = 0

    @property
    def isReady(self):
        self.looks += 1
        was_ready = self.request.isReady
        while not self.request.isReady:
            pass
        return was_ready

    def abort(self):
        self.request.abort()

network = _tincture_js.root("network")
time.sleep(0.001)  # and so has heard of this cell
request = Request(network.open("GET", base + "/text", "", None))
fetch._await(request, None)
print(request.looks, request.request.status)
is_over.set()
`,
      '2 200\n',
    );
  });
}

test('what a browser decodes is decoded once', jspi, async (t) => {
  const { check } = await start(t);
  await check(
    `
import urllib.request, zlib
answer = urllib.request.urlopen(base + "/gzip")
print(answer.headers["Content-Encoding"], answer.read() == b"unpacked " * 1000)
data = urllib.request.urlopen(base + "/bytes?size=3000000").read()
print(data == bytes(i % 251 for i in range(3000000)))
`,
    'None True\nTrue\n',
  );
});

test('http.client sends methods, headers and bodies', jspi, async (t) => {
  const { check } = await start(t);
  await check(
    `
import http.client, io, json
host = base.removeprefix("http://")
def ask(method, body=None, headers={}):
    connection = http.client.HTTPConnection(host)
    connection.request(method, "/echo?a=b", body, headers)
    answer = connection.getresponse()
    seen = json.loads(answer.read())
    connection.close()
    return seen
seen = ask("GET", headers={"X-Test": "x"})
print(seen["method"], seen["url"], seen["headers"]["x-test"], repr(seen["body"]))
for body in (b"\\x00\\xff bytes", "text", io.BytesIO(b"of a file"), iter([b"in ", b"pieces"])):
    print(repr(ask("PUT", body)["body"]))
print(ask("DELETE")["method"], ask("POST", b"", {"Content-Type": "a/b"})["headers"]["content-type"])
`,
    "GET /echo?a=b x ''\n'\\x00ÿ bytes'\n'text'\n'of a file'\n'in pieces'\n" +
      'DELETE a/b\n',
  );
  await check(
    `
connection = http.client.HTTPConnection(host)
connection.request("HEAD", "/text")
answer = connection.getresponse()
print(answer.status, answer.read())
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    ask("GET", headers={"Cookie": "a=b", "Host": "elsewhere", "User-Agent": "x"})
print([str(one.message) for one in caught])
`,
    "200 b''\n['a page must not set the header Cookie; the browser sets it, " +
      "or leaves it out']\n",
  );
});

test('an answer is read as it comes', jspi, async (t) => {
  const { check } = await start(t);
  await check(
    `
import urllib.request
answer = urllib.request.urlopen(base + "/lines")
print(answer.readline())
print(urllib.request.urlopen(base + "/next").read())
print(answer.read(3), answer.readline(), list(answer), answer.read())
`,
    "b'line 1\\n'\nb'done'\nb'lin' b'e 2\\n' [b'line 3'] b''\n",
  );
});

test('timeouts end requests', jspi, async (t) => {
  const { server, check } = await start(t);
  const closed = server.closed('/silent');
  // On a busy machine the time may be up before the server has heard.
  for (let timeout_s = 0.05; !server.seen.includes('GET /silent');
    timeout_s *= 2) {
    await check(
      `
import urllib.request, urllib.error
try:
    urllib.request.urlopen(base + "/silent", timeout=${timeout_s})
except OSError as error:
    print(type(error).__name__, error)
`,
      'TimeoutError timed out\n',
    );
  }
  await closed;
  await check(
    `
timeout, begun = 0.25, None
while begun is None:
    try:
        answer = urllib.request.urlopen(base + "/stuck", timeout=timeout)
        begun = answer.read(5)
    except TimeoutError:
        timeout *= 2
print(begun)
try:
    answer.read()
except TimeoutError as error:
    print(error)
`,
    "b'begun'\ntimed out\n",
  );
});

test('Stop ends a request', jspi, async (t) => {
  const { server, kernel } = await start(t);
  const closed = server.closed('/silent');
  const reply = run(
    kernel,
    'import urllib.request\nurllib.request.urlopen(base + "/silent")',
  );
  while (!server.seen.includes('GET /silent')) {
    await new Promise((settle) => {
      setTimeout(settle, 5);
    });
  }
  kernel.interrupt();
  assert.equal((await reply).ename, 'KeyboardInterrupt');
  await closed;
  assert.equal((await run(kernel, 'print(1)')).text, '1\n');
});

test('failures are errors with reasons', jspi, async (t) => {
  const { server, check } = await start(t);
  await check(
    `
import http.client, urllib.request, urllib.error
def fail(url):
    try:
        print(urllib.request.urlopen(url).read())
    except urllib.error.URLError as error:
        print(type(error.reason).__name__, str(error.reason).partition(" (")[0])
fail("https://example.org/")
fail("http://127.0.0.1:9/")
try:
    urllib.request.urlopen(base + "/broken").read()
except (http.client.IncompleteRead, ConnectionResetError) as error:
    print("broken")
`,
    "PermissionError [Errno 2] this report's policy forbids it to contact " +
      `https://example.org: it may reach only ${server.origin}, ` +
      'http://127.0.0.1:9, https://127.0.0.1:9; ' +
      '`tincture pack --connect https://example.org` makes one that may\n' +
      'OSError [Errno 23] http://127.0.0.1:9 cannot be reached\n' +
      'broken\n',
  );
});

test('https is the same, and contexts are accepted', jspi, async (t) => {
  const { check } = await start(t);
  await check(
    `
import http.client, urllib.request
for ask in (
    lambda: urllib.request.urlopen("https://127.0.0.1:9/", context=object()),
    lambda: http.client.HTTPSConnection("127.0.0.1", 9, timeout=600).request("GET", "/"),
):
    try:
        ask()
    except OSError as error:
        print(str(getattr(error, "reason", error)).partition(" (")[0])
print(http.client.HTTPSConnection("example.org").port)
`,
    '[Errno 23] https://127.0.0.1:9 cannot be reached\n'.repeat(2) + '443\n',
  );
});

test('a request in a thread leaves the others their turns', jspi, async (t) => {
  const { check } = await start(t);
  await check(
    `
import asyncio, urllib.request
async def count():
    while not reading.done():
        global turns
        turns += 1
        await asyncio.sleep(0.001)
turns = 0
def read():
    with urllib.request.urlopen(base + "/bytes?size=200000") as answer:
        return len(answer.read())
reading = asyncio.ensure_future(asyncio.to_thread(read))
await count()
print(await reading, turns > 0)
`,
    '200000 True\n',
  );
});

test('a table is read from an address', jspi, async (t) => {
  const { check } = await start(t);
  await check(
    `
import csv, io, urllib.request
with urllib.request.urlopen(base + "/table") as answer:
    print(list(csv.reader(io.TextIOWrapper(answer, "utf-8"))))
`,
    "[['name', 'number'], ['one', '1'], ['two', '2']]\n",
  );
  assert.match(TABLE, /^name/);
});

test('where nothing can wait, that is said', async (t) => {
  const server = await serveHttp();
  t.after(() => server.close());
  const kernel = await startKernel(t, { suspend: false });
  const { text } = await run(
    kernel,
    `
import urllib.request, urllib.error
try:
    urllib.request.urlopen("${server.origin}/text")
except urllib.error.URLError as error:
    print(error.reason)
`,
  );
  assert.match(text, /cannot be waited for/);
  assert.deepEqual(server.seen, []);
});

test('sockets, names and processes are refused in words', async (t) => {
  const kernel = await startKernel(t);
  const { text } = await run(
    kernel,
    `
import asyncio, errno, socket, subprocess
def tell(call, *args):
    try:
        call(*args)
    except OSError as error:
        print(type(error).__name__, errno.errorcode.get(error.errno), "http" in str(error))
tell(socket.socket().connect, ("192.0.2.1", 80))
tell(socket.create_connection, ("example.org", 80))
tell(socket.gethostbyname, "example.org")
tell(asyncio.run, asyncio.open_connection("example.org", 80))
tell(asyncio.run, asyncio.create_subprocess_exec("ls"))
tell(subprocess.run, ["ls"])
`,
  );
  assert.deepEqual(text.trim().split('\n'), [
    'OSError ENETUNREACH True',
    'gaierror None True',
    'gaierror None True',
    'gaierror None True',
    'OSError ENOTSUP False',
    'OSError ENOTSUP False',
  ]);
});

test('a server of this Python is reached by a socket', jspi, async (t) => {
  const { check } = await start(t);
  await check(
    `
import http.server, threading, urllib.request

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"here")

    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
thread = threading.Thread(target=server.serve_forever, args=(0.01,))
thread.start()
try:
    address = f"http://localhost:{server.server_port}/a"
    with urllib.request.urlopen(address) as answer:
        print(answer.status, answer.read())
finally:
    server.shutdown()
    thread.join()
    server.server_close()
`,
    "200 b'here'\n",
  );
});

test("a loop with a program's own selector", jspi, async (t) => {
  const { check } = await start(t);
  await check(
    `
import asyncio, selectors, socket

async def answer(reader, writer):
    writer.write((await reader.readline()).upper())
    writer.close()

async def talk():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(
            *server.sockets[0].getsockname())
        writer.write(b"hello\\n")
        print(await reader.read())
        writer.close()
    return type(asyncio.get_running_loop()._selector._watcher).__name__

async def later():
    loop = asyncio.get_running_loop()
    return [loop.run_forever, lambda: loop.call_soon(print),
            lambda: loop.call_later(1, print)]

for call in asyncio.run(later()):
    try:
        call()
    except RuntimeError as error:
        print(error)

for kind in (selectors.SelectSelector, selectors.PollSelector):
    with asyncio.Runner(
        loop_factory=lambda: asyncio.SelectorEventLoop(kind())
    ) as runner:
        print(runner.run(talk()))
`,
    "Event loop is closed\n".repeat(3)
      + "b'HELLO\\n'\nSelectSelector\nb'HELLO\\n'\nPollSelector\n",
  );
});
