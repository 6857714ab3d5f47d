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

function damaged(report, part) {
  const text = readFileSync(report, 'utf8');
  const start = text.indexOf('>', text.indexOf(`id="part-${part}-0"`)) + 1;
  const place = start + 4000;
  const letter = text[place] === 'A' ? 'B' : 'A';
  const path = report.replace('.html', `-damaged-${part}.html`);
  writeFileSync(path, text.slice(0, place) + letter + text.slice(place + 1));
  return path;
}

eachBrowser('safety', (test, browserName) => {
  test('the watch at the door sees what leaves', async (open) => {
    const page = await open('data:text/html,<title>no policy</title>');
    page.expectErrors(/./);
    const url = 'https://door.example/';
    const failed = await page.evaluate(
      (where) => fetch(where).then(() => false, () => true), url);
    assert.equal(failed, true);
    assert.deepEqual(page.requests, [url]);
    page.attempts.length = 0;
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

  for (const [part, name] of [[0, 'page.wasm'], [1, 'core.wasm'],
    [2, 'core.image']]) {
    test(`damage in ${name} is named and the text stays`, async (open) => {
      const report = pack('whole', '%% md\n# Still here\n\n%% py\nprint(7)\n',
                          ['--run']);
      const page = await open(damaged(report, part));
      page.expectErrors(/./);
      assert.equal(await page.reach('ready', 'failed'), 'failed');
      const shown = await page.evaluate(() => document.body.innerText);
      assert.match(shown, /Still here/);
      assert.ok(shown.includes(name), `${browserName}: ${shown}`);
      assert.equal((await page.cell(1)).outputs[0].text.trim(), '7');
    });
  }
});
