// Tests run in the page: pytest and unittest in cells and for scripts, and the
// page that `tincture pack --tests` makes.

import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { BUILD } from './page.mjs';
import { eachBrowser, pack, packInto } from './suite.mjs';

const CELLS = [
  `%%writefile test_tea.py
import os
import pytest

def test_warm():
    print("in the test")
    assert sum([1, 2]) == 4, "too cold"

@pytest.mark.parametrize("n", range(3))
def test_cups(n, tmp_path, capfd):
    (tmp_path / "cup").write_text("tea")
    os.write(1, b"raw ")
    print("printed")
    assert capfd.readouterr().out == "raw printed\\n"`,
  `import pytest
pytest.main(["test_tea.py"])`,
  `%%writefile test_tea.py
def test_cold():
    pass`,
  'pytest.main(["test_tea.py", "-q"])',
  `import unittest

def brew(leaves):
    return leaves * 2

@pytest.fixture
def leaves():
    return [1, 2]

def test_brew(leaves):
    assert brew(leaves) == [2, 4]

class TestPot(unittest.TestCase):
    def test_size(self):
        self.assertEqual(len(brew([1])), 2)

pytest.main(["__main__", "-q"])`,
  'unittest.main(argv=[""], exit=False).result.testsRun',
  `def test_long():
    print("it begins")
    while True:
        pass

pytest.main(["__main__", "-q", "-s", "-k", "long"])`,
];
const NOTEBOOK = JSON.stringify({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {},
  cells: CELLS.map((source, index) => ({
    cell_type: 'code', id: `cell-${index}`, metadata: {}, source,
    execution_count: null, outputs: [],
  })),
});

const SUITE = join(BUILD, 'browser', 'suite');
const TESTS = `
import pathlib
import pytest

@pytest.mark.parametrize("n", range(400))
def test_many(n):
    assert n != 7 or pathlib.Path("mended").exists()

@pytest.mark.skip(reason="no kettle")
def test_skipped():
    pass

@pytest.mark.xfail(reason="known")
def test_expected():
    raise ValueError
`;

function makeSuite() {
  rmSync(SUITE, { recursive: true, force: true });
  mkdirSync(join(SUITE, 'deep'), { recursive: true });
  writeFileSync(join(SUITE, 'test_a.py'), TESTS);
  writeFileSync(join(SUITE, 'deep', 'test_b.py'), 'import no_such_module\n');
  writeFileSync(join(SUITE, 'deep', 'test_c.py'), 'def test_c(): pass\n');
  writeFileSync(join(SUITE, 'deep', 'test_endless.py'),
                'import js\n\ndef test_endless():\n'
                + '    js.window.isEndless = True\n    while True: pass\n');
  writeFileSync(join(SUITE, 'deep', 'test_death.py'),
                'import os\n\ndef test_death():\n    os.abort()\n');
  return packInto('suite', ['--tests', SUITE]);
}

/** A page whose Python is ready; only the suite's own guard ends a wait. */
async function start(open, where, options) {
  const page = await open(where, options);
  page.page.setDefaultTimeout(0);
  return page.ready();
}

/** What the view of a suite shows. */
function read(page) {
  return page.evaluate(() => {
    const root = document.querySelector('.tn-suite');
    const texts = (selector) =>
      [...root.querySelectorAll(selector)].map((it) => it.textContent);
    return {
      progress: texts('.tn-suite-progress')[0],
      chips: texts('.tn-suite-chips button'),
      rows: texts('.tn-suite-sheet .tn-suite-row .tn-suite-id'),
      height: root.querySelector('.tn-suite-sheet').offsetHeight,
      detail: texts('.tn-suite-detail pre')[0],
    };
  });
}

const press = (page, name) => page.click(`[data-focus="${name}"]`);

/** Presses a button that runs tests. */
async function begin(page, name) {
  await page.evaluate(() => {
    document.querySelector('.tn-suite').closest('[data-cell]')
      .dataset.cellState = 'before';
  });
  await press(page, name);
}

/** Waits until the cell that begin() ran has ended and the view shows all. */
async function settle(page) {
  await page.page.waitForFunction(() => ['ok', 'error'].includes(
    document.querySelector('.tn-suite').closest('[data-cell]')
      .dataset.cellState));
  await page.reach('ready');
  await page.evaluate(() => Promise.all(
    [...window.tinctureSuites.suites.values()].map(({ turn }) => turn)));
}

/** Runs tests by a button, to their end. */
async function finish(page, name) {
  await begin(page, name);
  await settle(page);
}

/** Takes the place of what a field has. */
async function fill(page, name, text) {
  await page.evaluate(
    (which) => document.querySelector(`[data-focus="${which}"]`).select(), name);
  await page.page.type(`[data-focus="${name}"]`, text);
}

async function search(page, text) {
  await page.page.type('[data-focus="search"]', text);
  await page.page.waitForFunction((wanted) =>
    [...document.querySelectorAll('.tn-suite-sheet .tn-suite-id')].every(
      (it) => it.textContent.includes(wanted)), {}, text);
}

eachBrowser('testing', (test) => {
  const notebook = pack('testing.ipynb', NOTEBOOK);
  const suite = makeSuite();

  test('pytest and unittest in cells', async (open) => {
    const page = await start(open, notebook);
    for (const index of [0, 1, 2, 3, 4, 5]) {
      assert.equal((await page.run(index)).status, 'ok', String(index));
    }
    const [first, result] = (await page.cell(1)).outputs;
    assert.match(first.text, /collected 4 items/);
    assert.match(first.text, /> +assert sum\(\[1, 2\]\) == 4, "too cold"/);
    assert.match(first.text, /E +assert 3 == 4\n/);
    assert.match(first.text, /in the test/);
    assert.match(first.text, /1 failed, 3 passed in/);
    assert.match(first.html, /<span [^>]+>FAILED/, 'there are colours');
    assert.match(result.text, /ExitCode.TESTS_FAILED/);
    const second = (await page.cell(3)).outputs[0].text;
    assert.match(second, /1 passed in/, 'a file that changed is read anew');
    const cells = (await page.cell(4)).outputs[0].text;
    assert.match(cells, /E +assert \[1, 2, 1, 2\] == \[2, 4\]/);
    assert.match(cells, /<cell \d+>:11: AssertionError/);
    assert.match(cells, /1 failed, 1 passed in/);
    const own = (await page.cell(5)).outputs;
    assert.match(own[0].text, /Ran 1 test in/);
    assert.equal(own.at(-1).text.trim(), '1');
  });

  test('Stop ends a run with its summary', async (open) => {
    const page = await start(open, notebook);
    await page.run(1);
    const ended = page.run(6);
    await page.printed(6, 'it begins\n');
    await page.evaluate(() => window.tincture.interrupt());
    assert.equal((await ended).status, 'ok');
    const { outputs } = await page.cell(6);
    const text = outputs.map((it) => it.text).join('');
    assert.match(text, /<cell \d+>:\d: KeyboardInterrupt/);
    assert.match(text, /ExitCode.INTERRUPTED/);
    assert.deepEqual(await page.python('1 + 1'), { value: 2 });
  });

  test('a script runs tests and gets each result', async (open) => {
    const page = await start(open, notebook);
    await page.run(0);
    const { value } = await page.python(`
import json
import tincture_tests
found = []
summary = tincture_tests.run("pytest", ["test_tea.py"], {}, found.append)
json.dumps([summary["counts"], found[:4]])`);
    const [counts, found] = JSON.parse(value);
    assert.deepEqual([counts.passed, counts.failed], [3, 1]);
    assert.deepEqual(found.map((it) => [it.id, it.outcome]), [
      ['test_tea.py', 'started'],
      ['test_tea.py::test_warm', 'started'],
      ['test_tea.py::test_warm', 'failed'],
      ['test_tea.py::test_cups[0]', 'started'],
    ]);
    assert.match(found[2].message, /E +assert 3 == 4/);
  });

  test('a page of tests: run, search, again, save', async (open, name) => {
    const page = await start(open, suite);
    await page.screenshot('suite-new');
    await page.page.type('[data-focus="files"]', 'test_a* test_b test_c');
    await finish(page, 'start');
    const all = await read(page);
    assert.deepEqual(all.chips, ['400 passed', '1 failed', '1 error',
                                 '1 skipped', '1 xfailed']);
    assert.match(all.progress, /^3 of 3 files · 404 results · /);
    assert.ok(all.rows.length < 100, 'only what is in sight is there');
    assert.equal(all.height, 404 * 26);
    await press(page, 'chip-failed');
    await press(page, 'chip-error');
    const bad = await read(page);
    assert.deepEqual(bad.rows, ['suite/test_a.py::test_many[7]',
                                'suite/deep/test_b.py'].sort().reverse());
    await page.click('.tn-suite-sheet [data-outcome="failed"]');
    assert.match((await read(page)).detail, />  +assert n != 7 or .*\n/);
    await page.screenshot('suite-failed');
    await page.python('open("mended", "w").close()');
    await finish(page, 'repeat');
    assert.deepEqual((await read(page)).chips,
                     ['401 passed', '0 failed', '1 error', '1 skipped',
                      '1 xfailed']);
    await press(page, 'chip-failed');
    await press(page, 'chip-error');
    const text = await page.evaluate(async () =>
      (await window.tincture.notebook.save(
        { variables: false, to: 'nowhere' })).text());
    const path = join(BUILD, 'browser', `suite-saved-${name}.html`);
    writeFileSync(path, text);
    const saved = await open(path);
    saved.page.setDefaultTimeout(0);
    await saved.page.waitForSelector('[data-focus="chip-skipped"]');
    await search(saved, 'many[399]');
    assert.deepEqual((await read(saved)).rows,
                     ['suite/test_a.py::test_many[399]']);
  });

  test('a test that ends Python is named', async (open) => {
    const page = await start(open, suite);
    page.expectErrors(/abort|died|unreachable/i);
    await page.page.type('[data-focus="files"]', 'test_c death');
    await finish(page, 'start');
    const { progress, chips } = await read(page);
    assert.match(progress, / · Python died in suite\/deep\/test_death\.py$/);
    assert.deepEqual(chips, ['1 passed']);
    await fill(page, 'files', 'test_c');
    await finish(page, 'start');
    assert.match((await read(page)).progress, /^1 of 1 file · 1 result · /);
  });

  test('Stop, and what was found before it', async (open) => {
    const viewport = { width: 360, height: 740 };
    const page = await start(open, suite, { viewport });
    await page.page.type('[data-focus="files"]', 'test_c endless');
    await begin(page, 'start');
    await page.page.waitForFunction(() => window.isEndless === true);
    await page.page.waitForFunction(() => /endless/.test(
      document.querySelector('.tn-suite-progress').textContent));
    await press(page, 'stop');
    await settle(page);
    const { progress, chips } = await read(page);
    assert.match(progress, /^1 of 2 files · 1 result · .* · stopped$/);
    assert.deepEqual(chips, ['1 passed']);
    assert.ok(await page.overflow() <= 0, 'nothing sticks out');
    await page.screenshot('suite-phone');
  });
});
