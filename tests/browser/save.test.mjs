// Save: the report as one file again, with its text, outputs, files and, as
// the person chooses, Python's variables.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { memoryOf } from './memory.mjs';
import { BUILD, DIST } from './page.mjs';
import { fetchSaved } from './saved.mjs';
import { eachBrowser, pack } from './suite.mjs';

const NOTEBOOK = `%% md
# Tea & <time>

%% py
count = 0
print("first")

%% py
count += 1
count
`;

/** Saves by script and writes what came of it beside the others. */
async function saveAs(page, name, options = {}) {
  const path = join(BUILD, 'browser', `${name}-${page.browserName}.html`);
  writeFileSync(path, await fetchSaved(page, options));
  return path;
}

function command(...words) {
  const done = spawnSync(join(DIST, 'tincture'), words, { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stdout + done.stderr);
  return done.stdout;
}

/** The table of the payload. */
function partsOf(path) {
  const text = readFileSync(path, 'utf8');
  return JSON.parse(/id="tincture-payload">([^<]*)</.exec(text)[1]).parts;
}

const namesOf = (path) => partsOf(path).map(({ name }) => name);

/** The notebook's JSON in a report. */
function notebookOf(path) {
  const text = readFileSync(path, 'utf8');
  return JSON.parse(/id="tincture-notebook">([^<]*)</.exec(text)[1]);
}

/* Runs in the page: a file that the person "chose".  `faults.write` makes
 * writing fail half-way. */
function plantFile(name, text, faults = {}) {
  const disk = { text, writes: 0, aborted: 0 };
  const handle = {
    name,
    getFile: async () => new Blob([disk.text]),
    createWritable: async () => {
      const pieces = [];
      return {
        write: async (blob) => {
          pieces.push(await blob.slice(0, 1000).text());
          if (faults.write) {
            throw new Error('the disk is full');
          }
          pieces[0] = await blob.text();
        },
        close: async () => {
          disk.text = pieces.join('');
          disk.writes += 1;
        },
        abort: async () => {
          disk.aborted += 1;
        },
      };
    },
  };
  Object.assign(window, {
    showSaveFilePicker: async () => handle,
    showOpenFilePicker: async () => [handle],
  });
  Object.defineProperty(window, 'plantedDisk', { value: disk });
}

async function pressSave(page) {
  await page.page.keyboard.down('Control');
  await page.page.keyboard.press('s');
  await page.page.keyboard.up('Control');
  await page.page.waitForSelector('dialog.tn-save[open]');
}

/** Waits until the dialog offers a button. */
function offer(page, name) {
  return page.page.waitForSelector(
    `dialog.tn-save[open] [data-save="${name}"]`, { visible: true });
}

function press(page, name) {
  return page.click(`dialog.tn-save[open] [data-save="${name}"]`);
}

function dialogText(page) {
  return page.evaluate(
    () => document.querySelector('dialog.tn-save').innerText);
}

const closed = (page) => page.page.waitForFunction(
  () => !document.querySelector('dialog.tn-save')?.open);

eachBrowser('saving', (test) => {
  const report = pack('save', NOTEBOOK, ['--view', 'explore']);
  const inWorker = pack('save-worker', NOTEBOOK, ['--worker']);
  const withFile = pack('save-file', NOTEBOOK, [
    '--file', join(import.meta.dirname, 'browsers.mjs')]);

  test('a saved report has what the page has, and the tools read it',
       async (open) => {
    const page = await (await open(report)).ready();
    await page.runAll();
    await page.evaluate(() => {
      window.tincture.notebook.cells[1].source = 'count = 7 # <edited> & "kept"';
    });
    const path = await saveAs(page, 'save-again');
    const again = await (await open(path)).ready();
    assert.equal((await again.cell(1)).outputs[0].text.trim(), 'first');
    assert.equal(
      await again.evaluate(() => window.tincture.notebook.cells[1].source.trim()),
      'count = 7 # <edited> & "kept"');
    const before = notebookOf(report);
    const { report: identity, cells } = notebookOf(path);
    assert.equal(identity.revision, (before.report?.revision ?? 0) + 1);
    assert.match(identity.id, /^[0-9a-f]{16}$/);
    assert.equal(cells.length, 3);
    command('info', path);
  });

  test('files that Python wrote, changed and removed', async (open, browser) => {
    const page = await (await open(withFile)).ready();
    const { value } = await page.python(
      'import os\n'
      + 'open("small.txt", "w").write("tea " * 10)\n'
      + 'open("large.bin", "wb").write(os.urandom(400_000))\n'
      + 'os.makedirs("results/deep"); open("results/deep/a.csv", "w").write("1")\n'
      + 'open("browsers.mjs", "a").write("// changed")\n'
      + 'import hashlib\n'
      + 'hashlib.sha256(open("large.bin", "rb").read()).hexdigest()');
    const path = await saveAs(page, 'save-files', { variables: false });
    const again = await (await open(path)).ready();
    assert.deepEqual(await again.python(
      'import os, hashlib\n'
      + '[sorted(n for n in os.listdir() if not n.startswith(".")),'
      + ' open("small.txt").read(), open("results/deep/a.csv").read(),'
      + ' hashlib.sha256(open("large.bin", "rb").read()).hexdigest(),'
      + ' open("browsers.mjs").read().endswith("// changed")]'),
    { value: [['browsers.mjs', 'large.bin', 'results', 'small.txt'],
              'tea '.repeat(10), '1', value, true] });
    await again.python('os.remove("browsers.mjs"); os.remove("small.txt")');
    const third = await saveAs(again, 'save-files-less', { variables: false });
    assert.deepEqual(notebookOf(third).files.map(({ name }) => name).sort(),
                     ['large.bin', 'results/deep/a.csv']);
    const folder = join(BUILD, 'browser', `save-files-${browser}`);
    command('unpack', third, '-d', folder, '--force');
    assert.equal(readFileSync(join(folder, 'results/deep/a.csv'), 'utf8'), '1');
    assert.equal(readFileSync(join(folder, 'large.bin')).length, 400_000);
  });

  test('what was saved is there after a restart', async (open) => {
    const page = await (await open(report)).ready();
    await page.python('open("kept.txt", "w").write("kept")');
    await page.evaluate(plantFile, 'save.html', readFileSync(report, 'utf8'));
    await page.evaluate(async () => window.tincture.notebook.save({
      to: await window.showSaveFilePicker() }));
    await page.python('fresh = False');
    await page.evaluate(() => {
      document.querySelector('.tn-bar [title^="Restart"]').click();
    });
    await page.page.waitForFunction(async () => {
      try {
        return await window.tincture.runPythonAsync(
          '"fresh" not in globals() and open("kept.txt").read() == "kept"');
      } catch {
        return false;
      }
    });
    const path = await saveAs(page, 'save-restarted');
    assert.deepEqual(notebookOf(path).files.map(({ name }) => name),
                     ['kept.txt']);
  });

  test('in place: the first Save asks for the file, the next ones write it',
       async (open) => {
    const page = await (await open(report)).ready();
    await page.evaluate(plantFile, 'save.html', readFileSync(report, 'utf8'));
    await pressSave(page);
    await press(page, 'existing');
    await closed(page);
    const first = await page.evaluate(() => window.plantedDisk.text);
    assert.match(first, /"revision":1/);
    await pressSave(page);
    await offer(page, 'file');
    assert.match(await dialogText(page), /save\.html will hold the text/);
    await press(page, 'file');
    await closed(page);
    const disk = await page.evaluate(() => window.plantedDisk);
    assert.equal(disk.writes, 2);
    assert.match(disk.text, /"revision":2/);
  });

  test('a newer state and another report are not overwritten unasked',
       async (open) => {
    const page = await (await open(report)).ready();
    const text = readFileSync(await saveAs(page, 'save-newer'), 'utf8');
    const newer = text.replace('"revision":1', '"revision":5');
    await page.evaluate(plantFile, 'save.html', newer);
    await pressSave(page);
    await press(page, 'existing');
    await offer(page, 'replace');
    assert.match(await dialogText(page), /saved from somewhere else/);
    await press(page, 'cancel');
    await offer(page, 'existing');
    assert.equal(await page.evaluate(() => window.plantedDisk.writes), 0);
    await page.evaluate((other) => {
      window.plantedDisk.text = other;
    }, text.replace(/"id":"[0-9a-f]{16}"/, '"id":"0000000000000000"'));
    await press(page, 'existing');
    await offer(page, 'replace');
    assert.match(await dialogText(page), /holds another report: “Tea &/);
    await press(page, 'replace');
    await closed(page);
    assert.equal(await page.evaluate(() => window.plantedDisk.writes), 1);
  });

  test('a save that fails half-way leaves the file whole and says so',
       async (open) => {
    const page = await (await open(report)).ready();
    const text = readFileSync(report, 'utf8');
    await page.evaluate(plantFile, 'save.html', text, { write: true });
    await pressSave(page);
    await press(page, 'existing');
    await page.page.waitForFunction(
      () => /Nothing was saved: the disk is full/.test(
        document.querySelector('.tn-save [role=alert]').textContent));
    const disk = await page.evaluate(() => window.plantedDisk);
    assert.equal(disk.writes, 0);
    assert.equal(disk.aborted, 1);
    assert.ok(disk.text === text, 'the file is as it was');
    await offer(page, 'download');
    await press(page, 'cancel');
    await closed(page);
  });

  test('the dialog offers to leave the variables out', async (open) => {
    const page = await (await open(report)).ready();
    await page.python('kept = 1');
    await page.evaluate(plantFile, 'save.html', readFileSync(report, 'utf8'));
    await pressSave(page);
    await offer(page, 'existing');
    assert.match(await dialogText(page), /Python’s variables \(/);
    await page.page.keyboard.press('Escape');
    await closed(page);
    await pressSave(page);
    await offer(page, 'existing');
    await page.click('#tn-save-state');
    assert.doesNotMatch(await dialogText(page), /Python’s variables \(/);
    await press(page, 'existing');
    await closed(page);
    const without = join(BUILD, 'browser', `save-without-${page.browserName}.html`);
    writeFileSync(without, await page.evaluate(() => window.plantedDisk.text));
    assert.ok(!namesOf(without).includes('state'));
    const again = await (await open(without)).ready();
    assert.equal((await again.python('kept')).name, 'NameError');
  });

  test('variables that are many are left out unless they are asked for',
       async (open) => {
    const page = await (await open(report)).ready();
    await page.python('import os; noise = os.urandom(20_000_000)');
    const usual = await saveAs(page, 'save-noise');
    assert.ok(!namesOf(usual).includes('state'));
    await page.evaluate(plantFile, 'save.html', readFileSync(report, 'utf8'));
    await pressSave(page);
    await offer(page, 'existing');
    assert.match(await dialogText(page), /Adds 2\d\sMB/);
    assert.equal(await page.evaluate(
      () => document.getElementById('tn-save-state').checked), false);
    await press(page, 'cancel');
    const asked = await saveAs(page, 'save-noise', { variables: true });
    const again = await (await open(asked)).ready();
    assert.deepEqual(await again.python('len(noise)'), { value: 20_000_000 });
  });

  test('a notebook in a worker is saved with its variables', async (open) => {
    const page = await (await open(inWorker)).ready();
    await page.runAll();
    await page.python(
      'numbers = iter(range(9)); next(numbers); open("w.txt", "w").write("w")');
    const path = await saveAs(page, 'save-worker');
    assert.ok(namesOf(path).includes('state'));
    assert.deepEqual(notebookOf(path).files.map(({ name }) => name), ['w.txt']);
    const again = await (await open(path)).ready();
    assert.deepEqual(await again.python('next(numbers), count'),
                     await page.python('next(numbers), count'));
  });

  test('a Save during a run waits for it, if the variables are to be kept',
       async (open) => {
    const page = await (await open(report)).ready();
    await page.evaluate(plantFile, 'save.html', readFileSync(report, 'utf8'));
    await page.evaluate(() => {
      window.tincture.notebook.cells[2].source =
        'import js, time\nwhile not hasattr(js, "mayEnd"): time.sleep(0.02)\n'
        + 'late = "after"';
      window.running = window.tincture.notebook.run(2);
    });
    await pressSave(page);
    await offer(page, 'existing');
    assert.match(await dialogText(page), /Save waits until it has ended/);
    await press(page, 'existing');
    await page.page.waitForFunction(() => /Waiting until/.test(
      document.querySelector('.tn-save-line').textContent));
    assert.equal(await page.evaluate(() => window.plantedDisk.writes), 0);
    await page.evaluate(() => {
      window.mayEnd = true;
    });
    await closed(page);
    const path = join(BUILD, 'browser', `save-late-${page.browserName}.html`);
    writeFileSync(path, await page.evaluate(() => window.plantedDisk.text));
    const again = await (await open(path)).ready();
    assert.deepEqual(await again.python('late'), { value: 'after' });
  });

  test('what is freed before is not in the file', async (open) => {
    const page = await (await open(report)).ready();
    const tokens = ['remembered', 'forgotten'].map(
      (name) => `${name}-${Math.random().toString(36).slice(2)}`);
    const [kept, secret] = tokens.map(
      (token) => `bytes(${JSON.stringify([...Buffer.from(token)])})`);
    await page.python(
      `kept = ${kept}\nsecret = ${secret}\n`
      + 'copies = [secret * n for n in range(1, 400)]\n'
      + 'text = secret.decode() * 9; open("s.txt", "w").write(text)');
    await page.python(
      'import os; os.remove("s.txt"); del secret, copies, text');
    const path = await saveAs(page, 'save-secret');
    const memory = await memoryOf(path);
    assert.ok(memory.includes(tokens[0]), 'what is kept is there');
    assert.ok(!memory.includes(tokens[1]), 'what is freed is not');
    const text = readFileSync(path, 'utf8');
    assert.ok(!text.includes(tokens[1]));
  });

  test('saving a saved report ten times does not make it larger',
       async (open) => {
    let path = report;
    const sizes = [];
    for (let round = 0; round <= 10; round++) {
      const page = await (await open(path)).ready();
      if (round === 0) {
        await page.runAll();
        await page.python('import json\nvalues = list(range(1000))');
      }
      path = await saveAs(page, `save-round-${round % 2}`);
      sizes.push(statSync(path).size);
      await page.close();
    }
    const growth = sizes[10] / sizes[0] - 1;
    assert.ok(Math.abs(growth) < 0.01, `grew by ${growth}: ${sizes}`);
  });

  test('text and outputs that were not saved are offered again, not taken',
       async (open, browser) => {
    const copy = join(BUILD, 'browser', `save-crash-${browser}.html`);
    writeFileSync(copy, readFileSync(report, 'utf8').replace(
      /"id":"[0-9a-f]{16}"/,
      `"id":"${randomBytes(8).toString('hex')}"`));
    const page = await (await open(copy)).ready();
    await page.evaluate(() => {
      window.tincture.notebook.cells[1].source = 'print("not saved")';
    });
    await page.run(1);
    await kept(page, 1, 'not saved\\n');
    await page.evaluate(() => {
      window.tincture.notebook.cells[2].source = 'while True: pass';
    });
    // As if it hung: the page is looked at from another tab.
    await page.evaluate(() => {
      void window.tincture.notebook.run(2);
    });
    await kept(page, 1, 'while True');
    const source = (it) => it.evaluate(
      () => window.tincture.notebook.cells[1].source.trim());
    const other = await (await open(copy)).ready();
    await other.page.waitForSelector('.tn-unsaved');
    assert.match(await source(other), /count = 0/, 'nothing is done unasked');
    await other.click('.tn-unsaved .tn-button-main');
    assert.equal(await source(other), 'print("not saved")');
    assert.match((await other.cell(1)).outputs[0].text, /not saved/);
    assert.equal(await other.page.$('.tn-unsaved'), null);
    await page.evaluate(() => window.tincture.interrupt());
  });

  test('what is discarded, or was saved, is not offered again',
       async (open, browser) => {
    const copy = join(BUILD, 'browser', `save-discard-${browser}.html`);
    writeFileSync(copy, readFileSync(report, 'utf8').replace(
      /"id":"[0-9a-f]{16}"/,
      `"id":"${randomBytes(8).toString('hex')}"`));
    const page = await (await open(copy)).ready();
    await page.run(1);
    await kept(page, 1);
    const second = await (await open(copy)).ready();
    await second.page.waitForSelector('.tn-unsaved');
    await second.click('.tn-unsaved .tn-button:not(.tn-button-main)');
    await kept(second, 0);
    await second.run(1);
    await kept(second, 1);
    await second.evaluate(plantFile, 'x.html', '');
    await second.evaluate(
      async () => window.tincture.notebook.save({
        to: await window.showSaveFilePicker() }));
    await kept(second, 0);
  });
});

/** Waits until so many notebooks with this page's identity are kept, with
 * this text in each. */
function kept(page, count, text = '') {
  return page.page.waitForFunction((wanted, part) => new Promise((resolve) => {
    const { report: { id } } = JSON.parse(
      document.getElementById('tincture-notebook').textContent);
    const opening = indexedDB.open('tincture-autosave');
    opening.onsuccess = () => {
      const store = opening.result.transaction('notebooks')
        .objectStore('notebooks');
      const listing = store.getAll();
      listing.onsuccess = () => {
        opening.result.close();
        const found = listing.result.filter(
          (it) => it.key.startsWith(id) && (it.iomd + it.notebook).includes(part));
        resolve(found.length === wanted);
      };
    };
  }), {}, count, text);
}

const SCIENCE = `%% py
import asyncio, random, time
import numpy as np, pandas as pd, matplotlib.pyplot as plt
%matplotlib widget

%% py
table = pd.DataFrame({"n": range(1000), "square": np.arange(1000) ** 2})
table

%% py
figure, axes = plt.subplots()
line, = axes.plot([1, 2, 3])
plt.show()

%% py
handle = display("before", display_id=True)

%% py
class Kettle:
    def __init__(self): self.degrees = 20

kettle = Kettle()
numbers = (n * n for n in range(100)); next(numbers); next(numbers)
log = open("log.txt", "w+"); log.write("one "); log.flush()
async def tick():
    while True:
        await asyncio.sleep(0.02)
        kettle.degrees += 1
task = asyncio.ensure_future(tick())
random.seed(1); np.random.seed(2); generator = np.random.default_rng(3)
then = time.monotonic()
`;

/* The value of the last of these lines, as Python's repr. */
async function repr(page, code) {
  const lines = code.split('\n');
  lines.push(`repr(${lines.pop()})`);
  const { value, message } = await page.python(lines.join('\n'));
  assert.equal(message, undefined);
  return value;
}

eachBrowser('going on in a saved report', (test) => {
  const report = pack('save-science', SCIENCE, ['--view', 'explore']);

  test('everything in Python is as it was, and figures and tables live',
       async (open) => {
    const page = await (await open(report)).ready();
    const results = await page.runAll();
    assert.ok(results.every(({ status }) => status === 'ok'),
              JSON.stringify(await page.cells()));
    await page.page.waitForSelector('[data-cell="2"] canvas', { visible: true });
    const path = await saveAs(page, 'save-science');
    assert.ok(namesOf(path).includes('state'));
    const next = '[random.random(), np.random.rand(), generator.random(), '
      + 'next(numbers), log.write("two"), log.tell()]';
    const expected = await repr(page, next);
    const again = await (await open(path)).ready();
    assert.equal(await repr(again, next), expected);
    assert.equal(await repr(again, '(int(table["square"].sum()), '
      + 'type(kettle).__name__, log.seek(0), log.read())'),
    "(332833500, 'Kettle', 0, 'one two')");
    assert.equal(await repr(again, 'time.monotonic() >= then'), 'True');
    const degrees = Number(await repr(again, 'kettle.degrees'));
    await again.page.waitForFunction(
      (before) => window.tincture.runPython('kettle.degrees') > before, {},
      degrees);
    await again.page.waitForSelector('[data-cell="2"] canvas', { visible: true });
    await again.click('[data-cell="1"] .tn-browse');
    await again.page.waitForSelector('[data-cell="1"] .tn-table-scroll tbody tr');
    await again.python('handle.update("after")');
    assert.match((await again.cell(3)).outputs[0].text, /after/);
    await drawAgain(again);
    const third = await saveAs(again, 'save-science-third');
    const last = await (await open(third)).ready();
    assert.equal(await repr(last, '(log.read(), type(kettle).__name__)'),
                 "('', 'Kettle')");
    await last.page.waitForSelector('[data-cell="2"] canvas', { visible: true });
  });
});

/* The figure's canvas shows what Python draws now. */
async function drawAgain(page) {
  const picture = () => page.evaluate(
    () => document.querySelector('[data-cell="2"] canvas').toDataURL());
  const before = await picture();
  await page.python('line.set_ydata([3, 1, 2]); figure.canvas.draw_idle()');
  await page.page.waitForFunction(
    (old) => document.querySelector('[data-cell="2"] canvas').toDataURL()
      !== old, {}, before);
}
