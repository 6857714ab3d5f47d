// What a report must not do: reach the network, run what a notebook's text
// only mentions, or hide what is left of a damaged file.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';

import { eachBrowser, pack } from './suite.mjs';

/* Every way out that the policy must stop, as a js cell would try it.  Not
 * by https: Chromium connects to the host of a frame before it refuses the
 * frame, and a connection through a proxy looks like a request then. */
const WAYS_OUT = `%% js
window.attempts = [];
const note = (name) => window.attempts.push(name);
fetch("http://example.com/fetch").catch(() => note("fetch"));
try {
  const request = new XMLHttpRequest();
  request.open("GET", "http://example.com/xhr");
  request.onerror = () => note("xhr");
  request.send();
} catch { note("xhr"); }
try { navigator.sendBeacon("http://example.com/beacon"); } catch {}
try {
  new WebSocket("ws://example.com/socket").onerror = () => note("socket");
} catch { note("socket"); }
try {
  new EventSource("http://example.com/events").onerror =
    () => note("events");
} catch { note("events"); }
for (const [tag, name] of [["img", "src"], ["script", "src"],
                           ["iframe", "src"]]) {
  const element = document.createElement(tag);
  element[name] = "http://example.com/" + tag;
  document.body.append(element);
}
const link = document.createElement("link");
link.rel = "stylesheet";
link.href = "http://example.com/style.css";
document.head.append(link);
`;

const HOSTILE = `%% md
# Text that would like to be code

</script><script>window.broken = "md script"</script>
<img src=x onerror="window.broken = 'md handler'">

[a link](javascript:window.broken='link')

%% py
text = "</script><script>window.broken = 'py'</script><!--"
print(text)

%% py
print("<img src=x onerror=\\"window.broken='stream'\\">")
"<script>window.broken = 'repr'</script>"

%% py
raise ValueError("<img src=x onerror=\\"window.broken='error'\\">")
`;

/** Writes a copy with another letter `offset` behind what `mark` finds. */
function damaged(report, mark, offset, name) {
  const text = readFileSync(report, 'utf8');
  const place = text.indexOf('>', text.indexOf(mark)) + 1 + offset;
  const letter = text[place] === 'A' ? 'B' : 'A';
  const path = report.replace('.html', `-damaged-${name}.html`);
  writeFileSync(path, text.slice(0, place) + letter + text.slice(place + 1));
  return path;
}

/** A report with a part of every kind, and their names in order. */
function packWhole() {
  const report = pack('whole', '%% md\n# Still here\n\n%% py\nprint(7)\n',
                      ['--run', '--profile', 'core']);
  const [, table] = /id="tincture-payload">(.*?)<\/script>/.exec(
    readFileSync(report, 'utf8'));
  return { report, names: JSON.parse(table).parts.map(({ name }) => name) };
}

/** The file up to the middle of what stands behind `mark`. */
function truncated(report, mark) {
  const text = readFileSync(report, 'utf8');
  const path = report.replace('.html', '-truncated.html');
  writeFileSync(path, text.slice(0, text.indexOf(mark) + 5000));
  return path;
}

async function assertNamed(page, name, browserName) {
  await page.page.waitForFunction(
    (word) => document.body.innerText.includes(word), {}, name);
  const shown = await page.evaluate(() => document.body.innerText);
  assert.match(shown, /Still here/);
  assert.ok(shown.includes(name), `${browserName}: ${shown}`);
  assert.equal((await page.cell(1)).outputs[0].text.trim(), '7');
}

eachBrowser('safety', (test, browserName) => {
  test('the watch at the door sees what leaves', async (open) => {
    const page = await open('data:text/html,<title>no policy</title>');
    page.expectErrors(/./);
    const url = 'https://door.example/';
    const failed = await page.evaluate(
      (where) => fetch(where).then(() => false, () => true), url);
    assert.equal(failed, true);
    page.expectRequest(url);
    // What the browser says of a request may come after its end.
    await page.attempted(url);
    assert.deepEqual([...new Set(page.attempts)], [url]);
    assert.ok(page.outside.has('door.example'));
  });

  test('no request leaves a page that tries every way', async (open) => {
    const page = await open(pack('ways-out', WAYS_OUT));
    page.expectErrors(/Content.Security.Policy|violates|Refused|example\.com/);
    await page.ready();
    await page.run(0);
    await page.page.waitForFunction(
      () => ['fetch', 'xhr', 'socket', 'events'].every(
        (name) => window.attempts.includes(name)));
    assert.deepEqual(page.requests, []);
    assert.ok(!page.outside.has('example.com'));
  });

  test('the browser keeps other files from the page', async (open) => {
    const page = await (await open(pack('alone', '%% py\n1\n'))).ready();
    page.expectErrors(/./);
    const read = await page.evaluate(async () => {
      try {
        return await (await fetch('ways-out.html')).text();
      } catch (error) {
        return error.name;
      }
    });
    assert.equal(read, 'TypeError');
  });

  test('a hostile notebook stays inert', async (open) => {
    const report = pack('hostile', HOSTILE, ['--run', '--allow-errors']);
    const page = await open(report);
    // Markdown escapes the quotes of a script that begins within a line.
    page.expectErrors(/SyntaxError|Content.Security.Policy|violates|ERR_FILE/);
    await page.ready();
    await page.runAll();
    for (const index of [1, 2, 3]) {
      await page.run(index);
    }
    const broken = await page.evaluate(() => window.broken ?? 'nothing');
    assert.doesNotMatch(broken, /^(py|stream|repr|error|link)$/,
                        'only Markdown may hold HTML of its own');
    const [stream] = (await page.cell(1)).outputs;
    assert.match(stream.text, /<\/script><script>window\.broken/);
    assert.equal((await page.cell(3)).outputs[0].error, 'ValueError');
  });

  test('damage in any part is named and the text stays', async (open) => {
    const { report, names } = packWhole();
    for (const [part, name] of names.entries()) {
      const page = await open(
        damaged(report, `id="part-${part}-0"`, 40, part));
      page.expectErrors(/./);
      // Python runs without its editor, and without the notebook's original.
      const isNeeded = /\.(wasm|snapshot|image)$/.test(name);
      if (isNeeded) {
        assert.equal(await page.reach('ready', 'failed'), 'failed', name);
      }
      await assertNamed(page, name, browserName);
      await page.close();
    }
  });

  test('damage in the table is named and the text stays', async (open) => {
    const { report } = packWhole();
    const where = damaged(report, 'id="tincture-payload"', 30, 'table');
    const page = await open(where);
    page.expectErrors(/./);
    assert.equal(await page.reach('ready', 'failed'), 'failed');
    await assertNamed(page, 'tincture-payload', browserName);
  });

  test('a file that was cut off says in which part', async (open) => {
    const { report, names } = packWhole();
    const part = names.findIndex((name) => name.endsWith('.snapshot'));
    const page = await open(truncated(report, `id="part-${part}-0"`));
    page.expectErrors(/./);
    assert.equal(await page.reach('ready', 'failed'), 'failed');
    await assertNamed(page, names[part], browserName);
  });
});
