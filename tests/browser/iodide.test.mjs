// `window.iodide` in a packed page, and notebooks of 2018 that used more of it.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before } from 'node:test';

import { BUILD } from './page.mjs';
import { eachBrowser, pack } from './suite.mjs';

const LANGUAGE = {
  languageId: 'rev', displayName: 'Reverse', module: 'reverser',
  evaluator: 'run', autocomplete: 'names', pluginType: 'language',
  url: `data:text/javascript,${encodeURIComponent(`
    var reverser = {
      run(code) {
        const text = [...code.trim()].reverse().join("");
        if (text === "oops") throw { iodideRender: () => "<b>why</b>" };
        return { iodideRender: () => "<pre>" + text + "</pre>" };
      },
      names: () => ["palindrome", "panic"],
    };
    new Promise((settle) => setTimeout(settle, 10));`)}`,
};

const API = `%% js
iodide.output.text("one\\ntwo");
const list = iodide.output.element("ul");
list.innerHTML = "<li>item</li>";
document.querySelector("[id^='side-effect-target-']").id

%% js
class Point { constructor(x) { this.x = x; } }
window.Point = Point;
iodide.addOutputRenderer({
  shouldRender: (value) => value instanceof Point,
  render: (point) => "<i class='point'>" + point.x + "</i>",
});
iodide.addOutputHandler({
  shouldHandle: (value) => value === "handle me",
  render: () => document.createElement("hr"),
});
new Point(3)

%% js
"handle me"

%% js
iodide.clearOutputRenderers();
new Point(4)

%% js
[iodide.getDataSync("table.csv"), iodide.getDataSync("data:,in%20line"),
 iodide.VERSION].join("|")

%% js
(async () => {
  const { file } = iodide;
  await file.save("made.json", "json", { a: [1, 2] });
  await file.save("table.csv", "text", "a\\n9", { overwrite: true });
  const bytes = new Uint8Array([1, 2, 3]);
  await file.save("raw.bin", "arrayBuffer", bytes);
  await file.load("made.json", "json", "loaded");
  const refused = await file.save("raw.bin", "text", "x").catch(String);
  const missing = await file.load("none", "text").catch(String);
  return JSON.stringify([
    file.list().sort(), loaded, file.exists("none"), refused, missing,
    (await file.load("raw.bin", "bytes")).length,
    file.lastUpdated("raw.bin") instanceof Date,
  ]);
})()

%% py
import json
[open("table.csv").read(), json.load(open("made.json")),
 open("raw.bin", "rb").read()]

%% js
iodide.file.delete("raw.bin").then(() => iodide.file.list().sort().join())

%% py
import os
os.path.exists("raw.bin")

%% plugin
${JSON.stringify(LANGUAGE)}

%% rev
olleh

%% rev
spoo

%% js
iodide.getDataSync("https://example.org/data.csv")

%% js
fetchMe = iodide.file.load("none", "text")

%% js
iodide.addOutputRenderer({
  shouldRender: (value) => Array.isArray(value),
  render: (list) => "<ol class='mine'>" + list.map(
    (item) => "<li>" + item + "</li>").join("") + "</ol>",
});

%% py
print("first")
["a", 2]

%% py
{"not": "a list"}
`;

const OLD = `<!DOCTYPE html>
<html><head><title>Frozen - iodide</title></head><body>
<script id="jsmd" type="text/jsmd">
%% meta
{"title": "Frozen", "languages": {}, "savedEnvironment":
 {"foo": ["object", "N4IghiBcCMC+Q==="], "note": ["rawString", "as it is"]}}

%% plugin
{"languageId": "py", "displayName": "python", "codeMirrorMode": "python",
 "keybinding": "p", "url": "https://example.org/pyodide-demo/pyodide.js",
 "module": "pyodide", "evaluator": "runPython", "pluginType": "language"}

%% js
iodide.evalQueue.requireExplicitContinuation();
setTimeout(() => { window.late = 42; iodide.evalQueue.continue(); }, 50);

%% js
[late, iodide.environment.get("foo").a, iodide.environment.get("note"),
 iodide.environment.list().join()].join("|")

%% code {"language": "py"}
import js
js.taken = {"a": [1]}
6 * 7

%% js
iodide.environment.freeze({ rows: [[1, 2], [3, 4]] });
iodide.environment.get("rows").length

%% js
iodide.evalQueue.await([Promise.reject(new Error("no luck"))]);

%% js
window.never = true
</script>
<div id="page"></div></body></html>`;

function packApi() {
  const path = join(BUILD, 'browser', 'table.csv');
  writeFileSync(path, 'a\n1');
  return pack('iodide_api', API, ['--file', path]);
}

/* What a server elsewhere has; its scripts say in which order they ran. */
const SERVED = {
  '/words.txt': 'from afar',
  '/slow.js': 'window.order = ["slow"];',
  '/quick.js': 'window.order.push("quick");',
  '/style.css': 'body { outline-color: rgb(7, 8, 9) }',
  '/plugin.json': JSON.stringify({ languageId: 'far', module: 'window',
                                   evaluator: 'String' }),
};

const SLOW_MS = 200;

let server;

function startServer() {
  server = createServer(({ url }, response) => {
    const answer = () => {
      response.writeHead(url in SERVED ? 200 : 404, {
        'Access-Control-Allow-Origin': '*', 'Content-Type': 'text/plain' });
      response.end(SERVED[url] ?? 'nothing');
    };
    setTimeout(answer, url === '/slow.js' ? SLOW_MS : 0);
  });
  return new Promise((settle) => { server.listen(0, '127.0.0.1', settle); });
}

function packRemote(name, options) {
  const from = `http://127.0.0.1:${server.address().port}`;
  return pack(name, `%% fetch
js: ${from}/slow.js
js: ${from}/quick.js // needs the one before
css: ${from}/style.css
text: words = ${from}/words.txt
plugin: ${from}/plugin.json

%% js
[order.join(), words, getComputedStyle(document.body).outlineColor].join("|")

%% far
over there

%% fetch
text: none = ${from}/missing.txt
`, options);
}

before(startServer);
after(() => {
  server.closeAllConnections();
  server.close();
});

async function shown(page, index) {
  const { outputs } = await page.cell(index);
  return outputs.map(({ text }) => text.trim()).join('\n');
}

/* Runs cells one after another, each of which has to succeed. */
async function runFine(page, ...indexes) {
  for (const index of indexes) {
    assert.equal((await page.run(index)).status, 'ok',
                 `cell ${index}: ${await shown(page, index)}`);
  }
}

eachBrowser('iodide API', (test) => {
  const report = packApi();
  const old = pack('frozen.html', OLD);

  test('output goes below the chunk, under its id', async (open) => {
    const page = await (await open(report)).ready();
    await runFine(page, 0);
    assert.match(await shown(page, 0),
                 /^onetwo\nitem\n"side-effect-target--?\d+_0"$/);
    const found = await page.evaluate(() => [
      ...document.querySelectorAll('[data-cell="0"] .tn-line > div'),
    ].map((line) => line.textContent));
    assert.deepEqual(found, ['one', 'two']);
  });

  test('renderers of a notebook come first', async (open) => {
    const page = await (await open(report)).ready();
    await runFine(page, 1, 2, 3);
    const html = async (index) => (await page.cell(index)).outputs[0].html;
    assert.match(await html(1), /<i class="point">3<\/i>/);
    assert.match(await html(2), /^<hr>$/);
    assert.match(await shown(page, 3), /^Point \{x: 4\}/);
  });

  test('and see what Python gives', async (open) => {
    const page = await (await open(report)).ready();
    await runFine(page, 14, 15, 16);
    const [printed, list] = (await page.cell(15)).outputs;
    assert.equal(printed.text.trim(), 'first');
    assert.equal(list.html, '<ol class="mine"><li>a</li><li>2</li></ol>');
    assert.equal(await shown(page, 16), "{'not': 'a list'}");
  });

  test('files are read, written and deleted, for Python too',
       async (open) => {
    const page = await (await open(report)).ready();
    await runFine(page, 4, 5);
    assert.match(await shown(page, 4), /^"a\\n1\|in line\|0\.20\.3"$/);
    const told = JSON.parse(JSON.parse(await shown(page, 5)));
    assert.deepEqual(told.slice(0, 3), [
      ['made.json', 'raw.bin', 'table.csv'], { a: [1, 2] }, false]);
    assert.match(told[3], /"raw\.bin" exists already/);
    assert.match(told[4], /"none" does not exist/);
    assert.deepEqual(told.slice(5), [3, true]);
    await runFine(page, 6, 7, 8);
    assert.equal(await shown(page, 6),
                 "['a\\n9', {'a': [1, 2]}, b'\\x01\\x02\\x03']");
    assert.equal(await shown(page, 7), '"made.json,table.csv"');
    assert.equal(await shown(page, 8), 'False');
  });

  test('a language that the notebook brings', async (open) => {
    const page = await (await open(report)).ready();
    await runFine(page, 9, 10);
    assert.equal(await shown(page, 10), 'hello');
    assert.equal((await page.run(11)).status, 'error');
    const [thrown] = (await page.cell(11)).outputs;
    assert.deepEqual([thrown.error, thrown.html], ['Error', '<b>why</b>']);
  });

  test('what is not there is an error that says so', async (open) => {
    const page = await (await open(report)).ready();
    assert.equal((await page.run(12)).status, 'error');
    assert.match(await shown(page, 12), /may not use the network/);
    assert.equal((await page.run(13)).status, 'error');
    assert.match(await shown(page, 13), /file "none" does not exist/);
  });

  test('what a server elsewhere has, where the policy allows it',
       async (open) => {
    const path = packRemote('remote', ['--allow-network']);
    const page = await (await open(path)).ready();
    page.expectErrors(/404/);
    await runFine(page, 0, 1, 2);
    assert.equal(await shown(page, 1),
                 '"slow,quick|from afar|rgb(7, 8, 9)"');
    assert.equal(await shown(page, 2), '"over there\\n"');
    assert.equal((await page.run(3)).status, 'error');
    assert.match(await shown(page, 3), /missing\.txt cannot be fetched: 404/);
  });

  test('and where it does not', async (open) => {
    const page = await (await open(packRemote('closed', []))).ready();
    assert.equal((await page.run(0)).status, 'error');
    assert.match(await shown(page, 0), /http:.*: this page may not use the network/);
  });

  test('a notebook of 2018: its Python, what it froze, its queue',
       async (open) => {
    const page = await (await open(old)).ready();
    await runFine(page, 0, 1, 2, 3);
    assert.equal(await shown(page, 2), '"42|1|as it is|foo,note"');
    assert.equal(await shown(page, 3), '42');
    assert.equal(await page.evaluate(() => JSON.stringify(window.taken)),
                 '{"a":[1]}');
    const all = await page.runAll();
    assert.deepEqual(all.map(({ status }) => status),
                     ['ok', 'ok', 'ok', 'ok', 'ok', 'error', 'aborted']);
    assert.match(await shown(page, 5), /no luck/);
    assert.equal(await page.evaluate(() => window.never), undefined);
  });

  test('what a chunk froze is in the saved file', async (open) => {
    const page = await (await open(old)).ready();
    await runFine(page, 4);
    const text = await page.evaluate(async () => {
      const { notebook } = window.tincture;
      const blob = await notebook.save({ variables: false, to: 'nowhere' });
      return blob.text();
    });
    const path = join(BUILD, 'browser', 'frozen-again.html');
    writeFileSync(path, text);
    const again = await (await open(path)).ready();
    assert.deepEqual(await again.evaluate(
      () => window.iodide.environment.get('foo', 'rows')),
                     [{ a: 1 }, [[1, 2], [3, 4]]]);
  });
});
