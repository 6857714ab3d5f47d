// A reader changes a cell: by pointer, by keyboard, and keeps what came of it.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';

import { eachBrowser, pack } from './suite.mjs';

const NOTEBOOK = `%% md
# To be edited

%% py
first = 1
print("first is", first)

%% py
print("second")

%% md
Text *before* the change.
`;

/* Replaces all of the focused editor's text, as a person would. */
async function retype(page, text) {
  const { keyboard } = page.page;
  await keyboard.down('Control');
  await keyboard.press('a');
  await keyboard.up('Control');
  await keyboard.type(text);
}

async function press(page, modifier, key) {
  await page.page.keyboard.down(modifier);
  await page.page.keyboard.press(key);
  await page.page.keyboard.up(modifier);
}

async function shown(page, index) {
  const { outputs } = await page.cell(index);
  return outputs.map(({ text }) => text.trim()).join('\n');
}

eachBrowser('editing', (test) => {
  const report = pack('editing', NOTEBOOK, ['--view', 'explore', '--run']);

  test('by pointer: click, type, run', async (open) => {
    const page = await (await open(report)).ready();
    await page.click('[data-cell="1"] .tn-code');
    await page.page.waitForSelector('[data-cell="1"] .tn-editor');
    await retype(page, 'first = 7\nprint("now", first)');
    assert.equal(await page.evaluate(
      () => window.tincture.notebook.cells[1].source.trim()),
    'first = 7\nprint("now", first)');
    await page.ranBy(1, 'ok', () => press(page, 'Control', 'Enter'));
    assert.equal(await shown(page, 1), 'now 7');
    assert.deepEqual(await page.python('first'), { value: 7 });
  });

  test('by keyboard alone', async (open) => {
    const page = await (await open(report)).ready();
    await page.evaluate(() => {
      document.querySelector('[data-cell="1"]').tabIndex = 0;
      document.querySelector('[data-cell="1"]').focus();
    });
    await page.page.keyboard.press('Enter');
    await page.page.waitForSelector('[data-cell="1"] .tn-editor');
    await retype(page, '"typed"');
    await page.ranBy(1, 'ok', () => press(page, 'Shift', 'Enter'));
    assert.match(await shown(page, 1), /typed/);
    await page.ranBy(2, 'ok', () => press(page, 'Control', 'Enter'));
    assert.equal(await shown(page, 2), 'second');
  });

  test('Escape leaves the editor and keeps the text', async (open) => {
    const page = await (await open(report)).ready();
    await page.click('[data-cell="2"] .tn-code');
    await page.page.waitForSelector('[data-cell="2"] .tn-editor');
    await retype(page, 'print("kept")');
    await page.page.keyboard.press('Escape');
    await page.page.waitForFunction(
      () => document.querySelector('.tn-editor') === null);
    assert.match(await page.evaluate(
      () => document.querySelector('[data-cell="2"] .tn-code').textContent),
    /print\("kept"\)/);
  });

  test('text is edited too', async (open) => {
    const page = await (await open(report)).ready();
    // As one event: two clicks on a busy machine are far apart.
    await page.evaluate(() => document.querySelector(
      '[data-cell="3"] .tn-markdown p').dispatchEvent(
      new MouseEvent('dblclick', { bubbles: true })));
    await page.page.waitForSelector('[data-cell="3"] .tn-editor');
    await retype(page, 'Text **after** it.');
    await press(page, 'Control', 'Enter');
    await page.page.waitForFunction(() => document.querySelector(
      '[data-cell="3"] strong')?.textContent === 'after');
  });

  test('what is saved opens as it was', async (open) => {
    const page = await (await open(report)).ready();
    const saved = await page.evaluate(async () => {
      const { notebook } = window.tincture;
      notebook.cells[1].source = 'first = "changed </script>"\nfirst';
      await notebook.run(1);
      return (await notebook.save()).text();
    });
    const path = report.replace('.html', '-saved.html');
    writeFileSync(path, saved);
    const again = await open(path);
    assert.match(await shown(again, 1), /'changed <\/script>'/);
    await again.ready();
    assert.match(await shown(again, 1), /'changed <\/script>'/);
    assert.match(await again.evaluate(
      () => window.tincture.notebook.cells[1].source), /changed/);
    const statuses = (await again.runAll()).map(({ status }) => status);
    assert.ok(statuses.every((status) => status === 'ok'), String(statuses));
    const twice = await again.evaluate(
      async () => (await window.tincture.notebook.save()).size);
    // Python's variables go along: memory is never quite the same.
    assert.ok(Math.abs(twice - saved.length) < saved.length / 100,
              `saving again: ${saved.length} then ${twice}`);
  });
});
