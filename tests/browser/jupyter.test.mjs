// A notebook of Jupyter's that is edited, run and saved in a page comes out
// of it as one, with everything that was not touched.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { BUILD, DIST } from './page.mjs';
import { eachBrowser, packFile } from './suite.mjs';

const DATA = join(dirname(fileURLToPath(import.meta.url)), '../pack/data');
const ORIGINAL = join(DATA, 'jupyter.ipynb');

function command(program, ...words) {
  const done = spawnSync(program, words, { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stdout + done.stderr);
}

/** Saves the page and takes the file apart; gives the notebook. */
async function unpackSaved(page, name) {
  const text = await page.evaluate(async () => {
    const blob = await window.tincture.notebook.save(
      { variables: false, to: 'nowhere' });
    return blob.text();
  });
  const folder = join(BUILD, 'browser', `${name}-${page.browserName}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'saved.html'), text);
  command(join(DIST, 'tincture'), 'unpack', join(folder, 'saved.html'),
          '--ipynb', '-d', folder);
  const path = join(folder, 'jupyter.ipynb');
  command('python3', join(DATA, 'check_ipynb.py'), path);
  return { path, notebook: JSON.parse(readFileSync(path, 'utf8')) };
}

const sourceOf = ({ source }) => [source].flat().join('');

eachBrowser('jupyter', (test) => {
  const report = packFile(ORIGINAL, ['--view', 'explore', '--profile', 'core']);

  test('saved as it was, it is the same', async (open) => {
    const page = await (await open(report)).ready();
    const { path } = await unpackSaved(page, 'jupyter-same');
    command('python3', join(DATA, 'check_ipynb.py'), ORIGINAL, path);
  });

  test('edited, run and saved, the rest is the same', async (open) => {
    const page = await (await open(report)).ready();
    const { keyboard } = page.page;
    await page.click('[data-cell="2"] .tn-code');
    await page.page.waitForSelector('[data-cell="2"] .tn-editor');
    await keyboard.type('print("out")\n6 * 7');
    await page.ranBy(2, 'ok', async () => {
      await keyboard.down('Control');
      await keyboard.press('Enter');
      await keyboard.up('Control');
    });
    const { notebook } = await unpackSaved(page, 'jupyter-edited');
    const before = JSON.parse(readFileSync(ORIGINAL, 'utf8'));
    const changed = notebook.cells[2];
    assert.equal(changed.id, before.cells[2].id);
    assert.equal(sourceOf(changed).trim(), 'print("out")\n6 * 7');
    assert.equal(changed.execution_count, 1);
    assert.deepEqual(
      changed.outputs.map(({ output_type: type, text, data }) =>
        [type, text ?? data['text/plain']]),
      [['stream', 'out\n'], ['execute_result', '42']]);
    assert.deepEqual(notebook.metadata, before.metadata);
    notebook.cells.forEach((cell, index) => {
      if (index !== 2) {
        const { source, attachments = {}, ...rest } = cell;
        const { source: _, attachments: given = {}, ...old } =
          before.cells[index];
        assert.equal([source].flat().join(''), sourceOf(before.cells[index]));
        assert.deepEqual(attachments, given);
        assert.deepEqual(rest, old);
      }
    });
  });
});
