// Authoring without installing: files are dropped on a page, cells are added,
// moved, typed and deleted, and what is saved unpacks to what went in.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync,
  writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { BUILD, DIST, ROOT } from './page.mjs';
import { eachBrowser, pack, packFile } from './suite.mjs';

const FOLDER = join(BUILD, 'browser', 'authoring');
/* A picture of one pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9Q'
  + 'DwADhgGAWjR9awAAAABJRU5ErkJggg==';

const JUPYTER = JSON.stringify({
  cells: [
    { cell_type: 'markdown', id: 'intro', metadata: { tags: ['lead'] },
      attachments: { 'dot.png': { 'image/png': PIXEL } },
      source: ['# From Jupyter\n', '\n', '![dot](attachment:dot.png)'] },
    { cell_type: 'code', id: 'sum', execution_count: 7,
      metadata: { collapsed: false, custom: { deep: [1, { a: null }] } },
      source: ['%%time\n', 'x = 6 * 7\n', 'x'],
      outputs: [
        { output_type: 'stream', name: 'stdout', text: ['as it was\n'] },
        { output_type: 'execute_result', execution_count: 7, metadata: {},
          data: { 'text/plain': ['42'], 'application/x-unknown': { k: 1 } } },
        { output_type: 'display_data', metadata: {},
          data: { 'image/png': PIXEL, 'text/plain': ['<dot>'] } },
      ] },
    { cell_type: 'raw', id: 'raw', metadata: {}, source: 'left *alone*' },
  ],
  metadata: { kernelspec: { name: 'python3', display_name: 'Python 3',
    language: 'python' }, authors: [{ name: 'Ä' }] },
  nbformat: 4,
  nbformat_minor: 5,
}, null, 1);

const KINDS = {
  'notes.iomd': '%% md\n# Notes\n\n%% py skipRunAll\n6 * 7\n\n\n%%\n"again"\n',
  'old.jsmd': '%% meta\n{"title": "Old"}\n\n%% md\n# Old\n\n%% js\n6 * 7\n',
  'page.html': '<!DOCTYPE html>\n<html><body><script id="jsmd" '
    + 'type="text/jsmd">%% md\n# Old page\n\n%% js\n6 * 7\n</script>'
    + '</body></html>\n',
  'script.py': '# %% [markdown]\n# # Script\n# of cells\n\n# %%\n6 * 7\n',
};

/* Drops files, given as {name: text}, as the browser would. */
async function drop(page, files, type = '', place = '#tn-notebook') {
  await page.evaluate((list, mimetype, selector) => {
    const transfer = new DataTransfer();
    for (const [name, text] of Object.entries(list)) {
      transfer.items.add(new File([text], name, { type: mimetype }));
    }
    const where = document.querySelector(selector);
    for (const kind of ['dragenter', 'dragover', 'drop']) {
      where.dispatchEvent(new DragEvent(kind, {
        dataTransfer: transfer, bubbles: true, cancelable: true,
      }));
    }
  }, files, type, place);
}

async function answer(page, label) {
  await page.page.waitForSelector('.tn-question[open]');
  await page.evaluate((wanted) => {
    const dialog = document.querySelector('.tn-question');
    const buttons = [...dialog.querySelectorAll('button')];
    const closed = new Promise((resolve) => {
      dialog.addEventListener('close', resolve);
    });
    buttons.find((button) => button.textContent === wanted).click();
    return closed;
  }, label);
}

function waitForCells(page, count) {
  return page.page.waitForFunction(
    (wanted) => document.querySelectorAll('[data-cell]').length === wanted,
    {}, count);
}

/* Type, source and state of every cell, in the order that scripts see; the
 * elements must say the same. */
async function list(page) {
  const { cells, elements } = await page.evaluate(() => ({
    cells: window.tincture.notebook.cells.map(
      ({ index, type, source, state }) => ({ index, type, source, state })),
    elements: [...document.querySelectorAll('[data-cell]')].map(
      ({ id, dataset }) => [id, dataset.cell, dataset.cellType]),
  }));
  cells.forEach(({ index, type }, place) => {
    assert.equal(index, place);
    assert.deepEqual(elements[place],
                     [`cell-${place}`, String(place), type]);
  });
  assert.equal(elements.length, cells.length);
  return cells;
}

async function sources(page) {
  return (await list(page)).map(({ type, source }) =>
    `${type}: ${source}`.trim());
}

async function focus(page, index) {
  await page.evaluate(
    (i) => document.querySelector(`[data-cell="${i}"]`).focus(), index);
}

/* "Control+Shift+ArrowUp" and the like, one after the other. */
async function press(page, ...combinations) {
  const { keyboard } = page.page;
  for (const combination of combinations) {
    const keys = combination.split('+');
    const last = keys.pop();
    for (const key of keys) {
      await keyboard.down(key);
    }
    await keyboard.press(last);
    for (const key of keys.reverse()) {
      await keyboard.up(key);
    }
  }
}

/* Deletes the cell that has the focus.  Both keys in one turn: on a busy
 * machine the browser may take a second from one that is typed to the next,
 * and then they are not a pair. */
async function pressDelete(page) {
  await page.evaluate(() => {
    for (let count = 0; count < 2; count += 1) {
      document.activeElement.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'd', bubbles: true }));
    }
  });
}

/* Saves the page without a dialog; gives the file's path. */
async function save(page, name) {
  const base64 = await page.evaluate(async () => {
    const blob = await window.tincture.notebook.save(
      { variables: false, to: 'nowhere' });
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let text = '';
    for (let i = 0; i < bytes.length; i += 32768) {
      text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    }
    return btoa(text);
  });
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `${name}-${page.browserName}.html`);
  writeFileSync(path, Buffer.from(base64, 'base64'));
  return path;
}

/* What `tincture unpack` makes of a report: name to text. */
function unpack(report) {
  const folder = report.replace(/\.html$/, '');
  rmSync(folder, { recursive: true, force: true });
  const done = spawnSync(join(DIST, 'tincture'),
                         ['unpack', report, '-d', folder],
                         { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  return Object.fromEntries(readdirSync(folder).map(
    (name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

const NOTEBOOK = `Before the cells.

%% md
# Cells

%% py
a = 1
a

%%
b = 2

%% js
3
`;

eachBrowser('authoring', (test) => {
  const empty = packFile(join(ROOT, 'plugin', 'page', 'tincture.ipynb'),
                         ['--view', 'explore', '--profile', 'core']);
  const report = pack('structure', NOTEBOOK, ['--view', 'explore']);

  test('an empty page says how to begin, before Python is there',
       async (open) => {
         const page = await open(empty);
         await page.page.waitForSelector('.tn-start', { visible: true });
         assert.match(await page.evaluate(
           () => document.querySelector('.tn-start').innerText),
         /Drop a notebook/);
         await page.ready();
         assert.equal(await page.overflow(), 0);
         assert.deepEqual(await list(page), []);
       });

  test('a new notebook: write, run, add, save, and open again',
       async (open) => {
         const page = await (await open(empty)).ready();
         await page.click('.tn-start .tn-button-filled');
         await page.page.waitForSelector('.tn-editor');
         await page.page.keyboard.type('total = sum(range(10))\ntotal');
         await page.ranBy(1, 'ok', () => press(page, 'Shift+Enter'));
         await waitForCells(page, 3);
         await page.page.waitForSelector('[data-cell="2"] .tn-editor');
         await page.page.keyboard.type('total + 1');
         await press(page, 'Escape');
         await page.evaluate(() => {
           window.tincture.notebook.cells[0].source = '# My *own* report\n';
         });
         assert.equal(await page.evaluate(() => document.title),
                      'My own report');
         assert.equal(await page.evaluate(
           () => document.querySelector('.tn-start').offsetHeight), 0);
         const path = await save(page, 'new');
         const files = unpack(path);
         assert.deepEqual(Object.keys(files), [`new-${page.browserName}.iomd`]);
         assert.equal(Object.values(files)[0],
                      '%% md\n# My *own* report\n\n%% py\n'
                      + 'total = sum(range(10))\ntotal\n\n'
                      + '%% py\ntotal + 1\n');
         const again = await (await open(path)).ready();
         assert.deepEqual(await sources(again), await sources(page));
         assert.deepEqual((await list(again)).map(({ state }) => state),
                          ['idle', 'ok', 'idle']);
         const { outputs } = await again.cell(1);
         assert.equal(outputs[0].text.trim(), '45');
         assert.equal(await again.evaluate(() => document.title),
                      'My own report');
         assert.ok(!(await again.evaluate(
           () => document.querySelector('.tn-start'))));
       });

  test('a Jupyter notebook keeps everything, and comes out as it was',
       async (open) => {
         const page = await (await open(empty)).ready();
         await drop(page, { 'from jupyter.ipynb': JUPYTER });
         await waitForCells(page, 3);
         assert.deepEqual(await sources(page), [
           'md: # From Jupyter\n\n![dot](attachment:dot.png)',
           'py: %%time\nx = 6 * 7\nx', 'raw: left *alone*']);
         const { outputs } = await page.cell(1);
         assert.deepEqual(outputs.map(({ mime, stream }) => mime ?? stream),
                          ['stdout', 'text/plain', 'image/png']);
         assert.match(await page.evaluate(
           () => document.querySelector('[data-cell="0"] img').src),
         /^data:image\/png/);
         assert.equal(await page.evaluate(() => document.title),
                      'From Jupyter');
         const path = await save(page, 'jupyter');
         const files = unpack(path);
         assert.equal(files['from jupyter.ipynb'], JUPYTER);
         const text = readFileSync(path, 'utf8');
         const json = JSON.parse(
           /id="tincture-notebook">(.*?)<\/script>/.exec(text)[1]);
         const original = JSON.parse(JUPYTER);
         assert.deepEqual(json.metadata, original.metadata);
         assert.deepEqual(json.cells.map(({ id }) => id),
                          ['intro', 'sum', 'raw']);
         original.cells.forEach((cell, index) => {
           assert.deepEqual(json.cells[index].metadata, cell.metadata);
           assert.deepEqual(json.cells[index].outputs, cell.outputs ?? []);
           assert.deepEqual(json.cells[index].attachments,
                            cell.attachments ?? {});
         });
         const again = await (await open(path)).ready();
         assert.deepEqual(await sources(again), await sources(page));
         await again.run(1);
         assert.match((await again.cell(1)).outputs.at(-1).text, /42/);
       });

  for (const [name, text] of Object.entries(KINDS)) {
    test(`${name} is opened, run, saved, and unpacked as it was`,
         async (open) => {
           const page = await (await open(empty)).ready();
           await drop(page, { [name]: text });
           await page.page.waitForSelector('[data-cell="1"]');
           const code = (await list(page)).find(({ source }) =>
             source.includes('6 * 7'));
           assert.deepEqual(await page.run(code.index), { status: 'ok' });
           assert.match((await page.cell(code.index)).outputs[0].text, /42/);
           const path = await save(page, name.replace('.', '-'));
           assert.equal(unpack(path)[name], text);
           const again = await (await open(path)).ready();
           assert.deepEqual(await sources(again), await sources(page));
           assert.match((await again.cell(code.index)).outputs[0].text, /42/);
         });
  }

  test('a data file is put into the page, with a cell that reads it',
       async (open) => {
         const page = await (await open(empty)).ready();
         const table = 'city,n\n"Köln",1\n';
         await drop(page, { 'my cities.csv': table }, 'text/csv');
         await waitForCells(page, 1);
         assert.match((await list(page))[0].source, /open\("my cities\.csv"/);
         assert.deepEqual(await page.run(0), { status: 'ok' });
         assert.match((await page.cell(0)).outputs[0].text, /Köln/);
         await focus(page, 0);
         await press(page, 'Enter');
         await page.page.waitForSelector('.tn-editor .cm-content');
         await drop(page, { 'raw.bin': '\u0001\u0002' }, '',
                    '.tn-editor .cm-line');
         await waitForCells(page, 2);
         assert.match((await list(page))[0].source, /^import csv.*:10\]\n$/s);
         await page.run(1);
         assert.match((await page.cell(1)).outputs[0].text, /\(2, b/);
         await drop(page, { 'my cities.csv': 'other' });
         await answer(page, 'Keep the old one');
         const path = await save(page, 'data');
         const files = unpack(path);
         assert.equal(files['my cities.csv'], table);
         assert.equal(files['raw.bin'], '\u0001\u0002');
         const again = await (await open(path)).ready();
         assert.deepEqual(await again.python('open("my cities.csv").read()'),
                          { value: table });
       });

  test('a page with unsaved content asks before another takes its place',
       async (open) => {
         const page = await (await open(report)).ready();
         await page.evaluate(() => {
           window.tincture.notebook.cells[1].source = 'precious = 1\n\n';
         });
         await page.run(1);
         const before = await sources(page);
         await drop(page, { 'script.py': KINDS['script.py'] });
         await page.page.waitForSelector('.tn-question[open]');
         assert.match(await page.evaluate(
           () => document.querySelector('.tn-question').innerText),
         /not saved/);
         await press(page, 'Escape');
         assert.deepEqual(await sources(page), before);
         await drop(page, { 'script.py': KINDS['script.py'] });
         await answer(page, 'Add its cells');
         await waitForCells(page, 6);
         assert.deepEqual((await sources(page)).slice(0, 4), before);
         await drop(page, { 'script.py': KINDS['script.py'] });
         await answer(page, 'Open it instead');
         await waitForCells(page, 2);
         await page.ready();
         const lost = await page.python('precious');
         assert.equal(lost.name, 'NameError');
       });

  test('what cannot be read is refused in words, and nothing changes',
       async (open) => {
         const page = await (await open(report)).ready();
         const before = await sources(page);
         const refused = {
           'broken.ipynb': '{"cells": [',
           'old.ipynb': '{"nbformat": 3, "worksheets": []}',
           'other.html': '<p>no notebook</p>',
           'report.html': '<script id="tincture-payload">{}</script>',
           'empty.iomd': '',
         };
         for (const [name, text] of Object.entries(refused)) {
           await drop(page, { [name]: text });
           await answer(page, 'Add its cells');
           await page.page.waitForSelector('.tn-question[open]');
           assert.match(await page.evaluate(
             () => document.querySelector('.tn-question').innerText),
           new RegExp(`${name}[^]*${name}`));
           await answer(page, 'Close');
         }
         assert.deepEqual(await sources(page), before);
       });

  test('cells by keyboard: add, type, move, copy, delete, undo',
       async (open) => {
         const page = await (await open(report)).ready();
         await focus(page, 1);
         await press(page, 'a', 'm');
         assert.deepEqual(await sources(page), [
           'md: # Cells', 'md:', 'py: a = 1\na', 'py: b = 2', 'js: 3']);
         await press(page, 'Enter');
         await page.page.waitForSelector('[data-cell="1"] .tn-editor');
         await page.page.keyboard.type('Between abdz');
         await press(page, 'Escape', 'Control+Shift+ArrowDown');
         assert.deepEqual((await sources(page)).slice(1, 3),
                          ['py: a = 1\na', 'md: Between abdz']);
         await press(page, 'c', 'v', 'y');
         await pressDelete(page);
         assert.equal((await list(page)).length, 5);
         await press(page, 'z');
         assert.deepEqual((await sources(page))[3], 'py: Between abdz');
         await press(page, 'z');
         assert.deepEqual((await sources(page))[3], 'md: Between abdz');
         await press(page, 'Shift+Z', 'Shift+Z');
         assert.deepEqual(await sources(page), [
           'md: # Cells', 'py: a = 1\na', 'md: Between abdz', 'py: b = 2',
           'js: 3']);
         const files = unpack(await save(page, 'structure'));
         assert.equal(files['structure.iomd'],
                      NOTEBOOK.replace('%%\nb', '%% md\nBetween abdz\n\n'
                                       + '%% py\nb'));
       });

  test('cells by pointer: add, type, move, delete, undo', async (open) => {
    const page = await (await open(report)).ready();
    const click = async (selector) => {
      await page.page.hover('[data-cell="1"] .tn-code');
      await page.page.waitForSelector(selector);
      await page.evaluate((it) => document.querySelector(it).click(),
                          selector);
    };
    await page.page.hover('[data-cell="1"] .tn-code');
    await click('[data-cell="1"] [title^="Move up"]');
    assert.deepEqual((await sources(page)).slice(0, 2),
                     ['py: a = 1\na', 'md: # Cells']);
    await page.page.hover('[data-cell="0"] .tn-code');
    await page.page.select('[data-cell="0"] .tn-type', 'js');
    assert.equal((await sources(page))[0], 'js: a = 1\na');
    await page.page.hover('[data-cell="0"] .tn-code');
    // Undone by the toast's button, in place: nothing else has changed.
    await page.answerToast(/Cell deleted/);
    await page.click('[data-cell="0"] [title^="Delete"]');
    await page.page.waitForFunction(() =>
      window.tinctureTest.toasts.at(-1) === 'Cell deleted.Undo');
    await waitForCells(page, 4);
    assert.equal((await sources(page))[0], 'js: a = 1\na');
    await page.click('.tn-adder-last [title^="Add a text"]');
    await page.page.waitForSelector('[data-cell="4"] .tn-editor');
    await page.page.keyboard.type('At the end.');
    await press(page, 'Escape');
    assert.equal((await sources(page))[4], 'md: At the end.');
  });

  test('what runs goes on while cells move', async (open) => {
    const page = await (await open(pack('moving', [
      '%% py\nimport time\nprint("first")\nprint(input("now? "))\n"done"\n',
      '%% py\nfrom IPython.display import display\n'
      + 'handle = display("before", display_id="it")\n',
      '%% py\n"third"\n', '%% py\n"never"\n',
    ].join('\n'), ['--view', 'explore']))).ready();
    await page.run(1);
    await page.evaluate(() => {
      const { notebook } = window.tincture;
      window.runs = [0, 2, 3].map((index) => notebook.run(index));
    });
    await page.reachCell(0, 'waiting');
    await focus(page, 0);
    await press(page, 'Control+Shift+ArrowDown', 'Control+Shift+ArrowDown');
    await focus(page, 3);
    await pressDelete(page);
    assert.deepEqual((await list(page)).map(({ state }) => state),
                     ['ok', 'queued', 'waiting']);
    await page.page.type('[data-cell="2"] .tn-input input', 'moved\n');
    const results = await page.evaluate(() => Promise.all(window.runs));
    assert.deepEqual(results.map(({ status }) => status),
                     ['ok', 'ok', 'aborted']);
    assert.match((await page.cell(2)).outputs[0].text,
                 /first\nnow\? moved\nmoved/);
    assert.match((await page.cell(1)).outputs[0].text, /third/);
    await focus(page, 0);
    await press(page, 'Control+Shift+ArrowDown');
    await page.python('handle.update("after")');
    await page.printed(1, 'after');
    await press(page, 'z', 'z');
    assert.deepEqual((await list(page)).map(({ state }) => state),
                     ['ok', 'ok', 'ok', 'idle']);
  });

  test('the title is written in the bar', async (open) => {
    const page = await (await open(report)).ready();
    await page.click('.tn-bar-title');
    await press(page, 'Control+a');
    await page.page.keyboard.type('A <new> & other title');
    await press(page, 'Enter');
    assert.equal(await page.evaluate(() => document.title),
                 'A <new> & other title');
    const again = await open(await save(page, 'title'));
    assert.equal(await again.evaluate(() => document.title),
                 'A <new> & other title');
    await again.ready();
    assert.equal(await again.evaluate(
      () => document.querySelector('.tn-bar-title').value),
    'A <new> & other title');
  });

  test('a report is for reading: keys and tools are the explore view’s',
       async (open) => {
         const page = await (await open(pack('reading only', NOTEBOOK)))
           .ready();
         const before = await sources(page);
         await focus(page, 1);
         await press(page, 'a', 'b', 'd', 'd', 'm', 'x', 'z',
                     'Control+Shift+ArrowUp');
         assert.deepEqual(await sources(page), before);
         assert.deepEqual(await page.evaluate(() =>
           [...document.querySelectorAll('.tn-adder, .tn-structure, .tn-type')]
             .filter((element) => element.checkVisibility()).length), 0);
       });

  test('the page that is shipped reads a table with pandas', async (open) => {
    const shipped = join(DIST, 'tincture.html');
    assert.ok(existsSync(shipped), `${shipped} is not there`);
    const page = await (await open(shipped)).ready();
    await drop(page, { 'sales.csv': 'city,n\nBern,1\nKöln,2\n' }, 'text/csv');
    await waitForCells(page, 1);
    assert.equal((await list(page))[0].source.trim(),
                 'import pandas as pd\n\ndf = pd.read_csv("sales.csv")\ndf');
    assert.deepEqual(await page.run(0), { status: 'ok' });
    const { outputs } = await page.cell(0);
    assert.ok(outputs.some(({ mime, text }) =>
      mime === 'text/html' && /Köln/.test(text)));
    const again = await (await open(await save(page, 'sales'))).ready();
    assert.match((await again.cell(0)).outputs.at(-1).text, /Köln/);
  });
});
