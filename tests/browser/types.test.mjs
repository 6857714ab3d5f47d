// Every type of chunk that an IOMD notebook may have, as Iodide treated it.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { BUILD } from './page.mjs';
import { eachBrowser, pack } from './suite.mjs';

const NOTEBOOK = `%% md
# Title with \`code\` and a [link](#there)

| a | b |
| - | - |
| 1 | 2 |

%% css
#painted { color: rgb(1, 2, 3) }

%% html
<p id="painted">painted</p>

%% js
window.fromScript = [1, 2, 3].map((x) => x * 2);
fromScript

%% raw
this is nothing but text

%% fetch
// comment
text: words = words.txt // said twice
json: numbers = numbers.json
bytes: raw = words.txt
arrayBuffer: buffer = words.txt
blob: lump = words.txt
js: library.js
css: style.css
plugin: plugin.json

%% js
[words, numbers.a, raw.length, buffer.byteLength, lump.size,
 library(), getComputedStyle(document.body).outlineColor].join("|")

%% shout
hello plugin

%% py skipRunAll
skipped = True

%% py
"skipped" in globals()

%% py
open("words.txt").read()

%% plugin
{"languageId": "whisper", "displayName": "Whisper",
 "module": "whisperer", "evaluator": "evaluate"}

%% js
window.whisperer = { evaluate: (code) => code.trim().toLowerCase() + "..." };

%% whisper
QUIET

%% js
throw new RangeError("from JavaScript")

%% py
"after the error"

%% nolanguage
what is this
`;

const FILES = {
  'words.txt': 'words in a file',
  'numbers.json': '{"a": [1, 2]}',
  'library.js': 'window.library = () => "library";\n',
  'style.css': 'body { outline-color: rgb(4, 5, 6) }\n',
  'plugin.json': JSON.stringify({
    languageId: 'shout', displayName: 'Shout', module: 'shouter',
    evaluator: 'evaluate', pluginType: 'language',
    url: 'data:text/javascript,'
      + 'window.shouter%20%3D%20%7Bevaluate%3A%20(code)%20%3D%3E%20'
      + 'code.trim().toUpperCase()%7D%3B',
  }),
};

function packWithFiles() {
  const options = ['--allow-errors'];
  for (const [name, text] of Object.entries(FILES)) {
    const path = join(BUILD, 'browser', name);
    writeFileSync(path, text);
    options.push('--file', path);
  }
  return pack('types', NOTEBOOK, options);
}

async function shown(page, index) {
  const { outputs } = await page.cell(index);
  return outputs.map(({ text }) => text.trim()).join('\n');
}

eachBrowser('chunk types', (test) => {
  pack('types', NOTEBOOK);
  const report = packWithFiles();

  test('Markdown, style and HTML stand without a kernel', async (open) => {
    const page = await open(report);
    const found = await page.evaluate(() => ({
      heading: document.querySelector('[data-cell="0"] h1').textContent,
      cells: document.querySelectorAll('[data-cell="0"] td').length,
      color: getComputedStyle(document.querySelector('#painted')).color,
      raw: document.querySelector('[data-cell="4"]').innerText.trim(),
    }));
    assert.deepEqual(found, { heading: 'Title with code and a link', cells: 2,
                              color: 'rgb(1, 2, 3)', raw: '' });
    await page.ready();
  });

  test('js, fetch, plugins and files work together', async (open) => {
    const page = await (await open(report)).ready();
    assert.equal((await page.run(3)).status, 'ok');
    assert.match(await shown(page, 3), /2,\s*4,\s*6/);
    assert.equal((await page.run(5)).status, 'ok', await page.describe());
    assert.equal((await page.run(6)).status, 'ok', await page.describe());
    assert.match(await shown(page, 6),
                 /words in a file\|1,2\|15\|15\|15\|library\|rgb\(4, 5, 6\)/);
    assert.equal((await page.run(7)).status, 'ok', await page.describe());
    assert.match(await shown(page, 7), /HELLO PLUGIN/);
    assert.equal((await page.run(10)).status, 'ok');
    assert.match(await shown(page, 10), /words in a file/);
  });

  test('runAll leaves out skipRunAll and halts at an error', async (open) => {
    const page = await (await open(report)).ready();
    page.expectErrors(/from JavaScript/);
    const statuses = (await page.runAll()).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 'error').length, 1);
    assert.equal(await shown(page, 9), 'False');
    assert.match(await shown(page, 13), /quiet\.\.\./);
    const failed = await page.cell(14);
    assert.equal(failed.state, 'error');
    assert.equal(failed.outputs.at(-1).error, 'RangeError');
    assert.deepEqual((await page.cell(15)).outputs, []);
  });

  test('a type that nobody knows says so', async (open) => {
    const page = await (await open(report)).ready();
    assert.equal((await page.run(16)).status, 'error');
    assert.match(await shown(page, 16), /nolanguage/);
  });
});
