// Notebooks that come from elsewhere, packed as they are: Jupyter's with its
// saved outputs, percent scripts, and both forms of 2018's Iodide.

import assert from 'node:assert/strict';

import { eachBrowser, pack } from './suite.mjs';

/* One pixel, so that the picture has a size to ask for. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9Q'
  + 'DwADhgGAWjR9awAAAABJRU5ErkJggg==';

const code = (source, outputs, count = null) => ({
  cell_type: 'code', execution_count: count, id: `c${source.length}`,
  metadata: {}, outputs, source,
});

const JUPYTER = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: 'python3', language: 'python',
                            display_name: 'Python 3' },
              language_info: { name: 'python' } },
  cells: [
    { cell_type: 'markdown', id: 'm1', metadata: {},
      attachments: { 'dot.png': { 'image/png': PIXEL } },
      source: ['# From Jupyter\n', '\n', '![dot](attachment:dot.png)'] },
    code('print("saved")\n"value"', [
      { output_type: 'stream', name: 'stdout', text: ['saved\n'] },
      { output_type: 'execute_result', execution_count: 3, metadata: {},
        data: { 'text/plain': ["'value'"] } }], 3),
    code('picture', [
      { output_type: 'display_data', metadata: {},
        data: { 'image/png': PIXEL, 'text/plain': '<Figure>' } }], 4),
    code('table', [
      { output_type: 'display_data', metadata: {},
        data: { 'text/html': ['<table><tr>', '<td>cell</td></tr></table>'],
                'text/plain': 'a table' } }], 5),
    code('1 / 0', [
      { output_type: 'error', ename: 'ZeroDivisionError',
        evalue: 'division by zero',
        traceback: ['\u001b[0;31mZeroDivisionError\u001b[0m: '
          + 'division by zero'] }], 6),
    { cell_type: 'raw', id: 'r1', metadata: {}, source: 'raw words' },
    code('cells = 6\n%% not a delimiter here', [], null),
  ],
};

const PERCENT = `# %% [markdown]
# # From a script
#
# With *text*.

# %%
x = 20

# %% a title for the cell
print(x + 1)
x + 2
`;

const JSMD = `%% meta
{"title": "From JSMD"}

%% md
# Old notebook

%% js
window.old = 6 * 7;
old

%% code {"language":"py"}
6 * 7
`;

const IODIDE = `<!DOCTYPE html>
<html><head><meta charset="UTF-8"><title>Old page - iodide</title></head>
<body>
<script id="jsmd" type="text/jsmd">
${JSMD}
</script>
<div id='page'></div>
</body></html>
`;

async function openAndRunPython(open, report) {
  const page = await (await open(report)).ready();
  const cells = await page.cells();
  const index = cells.findLast(({ type }) => type === 'py').index;
  assert.equal((await page.run(index)).status, 'ok', await page.describe());
  const { outputs } = await page.cell(index);
  return { page, shown: outputs.map(({ text }) => text.trim()) };
}

eachBrowser('formats', (test) => {
  test('a Jupyter notebook keeps its saved outputs', async (open) => {
    const page = await open(pack('jupyter.ipynb', JSON.stringify(JUPYTER)));
    const cells = await page.cells();
    assert.equal(cells.length, 7);
    assert.deepEqual(cells[1].outputs.map(
      ({ stream, mime, text }) => [stream ?? mime, text.trim()]),
    [['stdout', 'saved'], ['text/plain', "'value'"]]);
    assert.equal(cells[2].outputs[0].mime, 'image/png');
    assert.equal(cells[3].outputs[0].mime, 'text/html');
    assert.equal(cells[4].outputs[0].error, 'ZeroDivisionError');
    assert.doesNotMatch(cells[4].outputs[0].text, /\u001b|\[0;31m/);
    const sizes = await page.evaluate(async () => {
      const pictures = [...document.querySelectorAll('[data-cell] img')];
      await Promise.all(pictures.map((picture) => picture.decode()));
      return pictures.map((picture) => picture.naturalWidth);
    });
    assert.deepEqual(sizes, [1, 1]);
    await page.ready();
    assert.equal((await page.run(1)).status, 'ok');
    assert.deepEqual((await page.cell(1)).outputs.map(
      ({ text }) => text.trim()), ['saved', "'value'"]);
    assert.equal((await page.run(6)).status, 'error',
                 'what Jupyter would call magic is a syntax error');
    assert.equal((await page.cell(6)).outputs[0].error, 'SyntaxError');
  });

  test('a percent script becomes text and cells', async (open) => {
    const report = pack('percent.py', PERCENT);
    const page = await (await open(report)).ready();
    const cells = await page.cells();
    assert.deepEqual(cells.map(({ type }) => type), ['md', 'py', 'py']);
    const statuses = (await page.runAll()).map(({ status }) => status);
    assert.ok(statuses.every((status) => status === 'ok'), String(statuses));
    assert.deepEqual((await page.cell(2)).outputs.map(
      ({ text }) => text.trim()), ['21', '22']);
  });

  for (const [name, text] of [['old.jsmd', JSMD], ['oldpage.html', IODIDE]]) {
    test(`${name} of 2018 runs again`, async (open) => {
      const report = pack(name, text);
      const { page, shown } = await openAndRunPython(open, report);
      assert.deepEqual(shown, ['42']);
      assert.match(await page.evaluate(() => document.body.innerText),
                   /Old notebook/);
    });
  }
});
