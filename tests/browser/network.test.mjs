// Python's http in a page from disk: what --connect lets through, what it
// does not, and the words for each; with and without stack switching, and in
// a worker.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

import { serveHttp } from '../wasm/http_server.mjs';
import { eachBrowser, pack } from './suite.mjs';

const FAIL = `
import urllib.error, urllib.request
def fail(url, **options):
    try:
        return urllib.request.urlopen(url, **options).read()
    except urllib.error.URLError as error:
        return f"{type(error.reason).__name__}: {error.reason}"
`;

/** Browsers say in the console what a policy or a server refused. */
const REFUSED = /CORS|Cross-Origin|Content-Security-Policy|Failed to load|blocked/i;

/** Packed by pip from its index, with what they need. */
const REQUESTS = ['--requirements', 'requests==2.34.2',
                  '--requirements', 'urllib3==2.8.0'];
const hasPip = spawnSync('python3', ['-m', 'pip', '--version']).status === 0;

const ways = [
  { title: 'with stack switching', options: [], page: {} },
  {
    title: 'without stack switching',
    options: [],
    page: { withoutSuspension: true },
  },
  { title: 'in a worker', options: ['--worker'], page: {} },
];

/** A server that the page may contact, one that it may not, and the page. */
async function start(open, name, { options = [], page = {} } = {}) {
  const server = await serveHttp();
  const other = await serveHttp();
  const report = pack(name, '%% py\n1\n', [
    '--profile', 'core', '--connect', server.origin, ...options,
  ]);
  const opened = await (await open(report, page)).ready();
  opened.expectErrors(REFUSED);
  await opened.python(
    `base, other = ${JSON.stringify([server.origin, other.origin])}${FAIL}`,
  );
  const stop = () => Promise.all([server.close(), other.close()]);
  return { server, other, page: opened, stop };
}

/** The text that code gives. */
async function ask(page, code) {
  const { value, name, message } = await page.python(code);
  assert.equal(name, undefined, message);
  return value;
}

eachBrowser('network', (test) => {
  ways.forEach(({ title, ...way }, index) => {
    test(`http from disk, ${title}`, async (open) => {
      const { server, page, stop } = await start(open, `network-${index}`, way);
      try {
        assert.equal(await ask(page, `
with urllib.request.urlopen(base + "/text") as answer:
    text = f"{answer.status} {answer.reason} {answer.read()}"
text`), "200 OK b'hello'");
        assert.equal(await ask(page, `
answer = urllib.request.urlopen(base + "/redirect?left=2")
str((answer.url == base + "/text?final=1", answer.read()))`),
                     "(True, b'hello')");
        assert.equal(
          server.seen.filter((one) => one === 'GET /text').length, 2);
        assert.equal(await ask(page, `
data = urllib.request.urlopen(base + "/bytes?size=300000").read()
packed = urllib.request.urlopen(base + "/gzip").read()
str((data == bytes(i % 251 for i in range(300000)), packed == b"unpacked " * 1000))`),
                     '(True, True)');
        assert.equal(await ask(page, `
import json
request = urllib.request.Request(base + "/echo", bytes(range(256)), {"X-Test": "x"}, method="PUT")
seen = json.load(urllib.request.urlopen(request))
str((seen["method"], seen["headers"]["x-test"], seen["body"] == "".join(map(chr, range(256)))))`),
                     "('PUT', 'x', True)");
        assert.equal(await ask(page, `
try:
    urllib.request.urlopen(base + "/status?code=418")
except urllib.error.HTTPError as error:
    text = f"{error.code} {error.headers['X-Test']} {error.read()}"
text`), "418 told b'status 418'");
      } finally {
        await stop();
      }
    });

    test(`failures have reasons, ${title}`, async (open) => {
      const { server, other, page, stop } =
        await start(open, `network-fail-${index}`, way);
      try {
        assert.equal(
          await ask(page, 'fail(other + "/text")'),
          "PermissionError: [Errno 2] this report's policy forbids it to "
            + `contact ${other.origin}: it may reach only ${server.origin}; `
            + `\`tincture pack --connect ${other.origin}\` makes one that may`);
        assert.deepEqual(other.seen, []);
        assert.match(await ask(page, 'fail(base + "/closed")'),
                     /does not let this page read its answer \(CORS\)/);
        await server.close();
        assert.match(await ask(page, 'fail(base + "/text")'),
                     /cannot be reached/);
      } finally {
        await stop();
      }
    });
  });

  if (hasPip) {
    ways.forEach(({ title, options, page: how }, index) => {
      test(`requests, ${title}`, async (open) => {
        const { other, page, stop } = await start(
          open, `network-requests-${index}`,
          { options: [...options, ...REQUESTS], page: how });
        try {
          assert.equal(await ask(page, `
import requests
with requests.Session() as session:
    answer = session.get(base + "/redirect?left=2", timeout=(300, 600))
    same = answer.url == base + "/text?final=1"
    text = f"{answer.status_code} {answer.text} {same} {len(answer.history)}"
text`), '200 hello True 1');
          assert.equal(await ask(page, `
answer = requests.post(base + "/echo", json={"a": 1}, headers={"X-Test": "x"}, params={"q": "é"})
seen = answer.json()
str((seen["method"], seen["url"], seen["body"], seen["headers"]["content-type"]))`),
                       "('POST', '/echo?q=%C3%A9', '{\"a\": 1}', 'application/json')");
          assert.equal(await ask(page, `
answer = requests.get(base + "/bytes?size=100000", stream=True)
str((sum(map(len, answer.iter_content(1000))), requests.get(base + "/status?code=503").ok,
     requests.head(base + "/text").headers["Content-Type"],
     requests.get(base + "/gzip").text[:8]))`),
                       "(100000, False, 'text/plain', 'unpacked')");
          assert.match(await ask(page, `
try:
    requests.get(other + "/text")
except requests.ConnectionError as error:
    text = str(error)
text`), /policy forbids it to contact/);
          assert.deepEqual(other.seen, []);
        } finally {
          await stop();
        }
      });
    });
  }

  test('an answer is read as it comes, and Stop and timeouts end it',
       async (open) => {
    const { server, page, stop } = await start(open, 'network-stream');
    try {
      assert.equal(await ask(page, `
answer = urllib.request.urlopen(base + "/lines")
first = answer.readline()
urllib.request.urlopen(base + "/next").read()
str((first, answer.read()))`), "(b'line 1\\n', b'line 2\\nline 3')");
      // On a busy machine the time may be up before the server has heard.
      let given = server.closed('/silent');
      for (let timeout_s = 0.1; !server.seen.includes('GET /silent');
        timeout_s *= 2) {
        assert.equal((await page.python('urllib.request.urlopen('
          + `base + "/silent", timeout=${timeout_s})`)).name, 'TimeoutError');
      }
      await given;
      given = server.closed('/stuck');
      const stopped = page.python(
        'urllib.request.urlopen(base + "/stuck").read()');
      while (!server.seen.includes('GET /stuck')) {
        await page.evaluate(() => new Promise((settle) => {
          setTimeout(settle, 20);
        }));
      }
      await page.evaluate(() => window.tincture.interrupt());
      assert.equal((await stopped).name, 'KeyboardInterrupt');
      await given;
    } finally {
      await stop();
    }
  });

  test('a call that cannot wait gets the whole answer at once',
       async (open) => {
    const { server, page, stop } = await start(open, 'network-plain');
    try {
      const text = await page.evaluate(() => window.tincture.runPython(
        'str(urllib.request.urlopen(base + "/text").read())'));
      assert.equal(text, "b'hello'");
      assert.deepEqual(server.seen, ['GET /text']);
    } finally {
      await stop();
    }
  });

  test('a report without --connect contacts nobody', async (open) => {
    const server = await serveHttp();
    try {
      const page = await (await open(
        pack('network-none', '%% py\n1\n', ['--profile', 'core']))).ready();
      await page.python(FAIL);
      assert.match(await ask(page, `fail("${server.origin}/text")`),
                   /policy forbids .* it may reach no address; /);
      assert.deepEqual(server.seen, []);
    } finally {
      await server.close();
    }
  });

  test('readers are told what a page may contact, and Save keeps it',
       async (open) => {
    const { server, page, stop } = await start(open, 'network-told');
    try {
      await page.page.keyboard.press('?');
      await page.page.waitForSelector('dialog.tn-help[open]');
      const told = await page.evaluate(() => {
        return [
          document.querySelector('.tn-help-reach')?.textContent,
          document.querySelector('#tn-colophon p').textContent,
        ];
      });
      assert.match(told[0], new RegExp(`may contact ${server.origin}, and no`));
      assert.match(told[1], new RegExp(`may contact ${server.origin}\\.$`));
      const policy = await page.evaluate(async () => {
        const blob = await window.tincture.notebook.save(
          { variables: false, to: 'nowhere' });
        return /connect-src[^"]*/.exec(await blob.text())[0];
      });
      assert.equal(policy, `connect-src data: blob: ${server.origin}`);
    } finally {
      await stop();
    }
  });
});
