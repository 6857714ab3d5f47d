// Plays packed reports in real browsers, from disk, with the network off.
//
//     node tests/browser/play.mjs [--again] REPORT.html...
//
// For each report and browser: the saved outputs are there at first paint,
// the kernel becomes ready, everything runs, and what each Python cell shows
// equals what the native kernel says (or, where that is not built or has not
// the notebook's packages, what was saved), pictures included: the same size,
// and no more different than another build's smoothing.  Screenshots are kept,
// and what the notebooks printed is printed.
// A report that was played as it is, by the same tests and browser, is not
// played again unless --again is given.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync,
  writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chosenBrowsers, startBrowser } from './browsers.mjs';
import { nativeKernel, runNatively } from './native.mjs';
import { BUILD, DIST, ReportPage } from './page.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PLAYED = join(BUILD, 'played');
const NATIVE_PROGRAM = join(BUILD, 'native/san/kernel/tincture-kernel');
/* As many pixels as --run draws for. */
const SHARP = { width: 1000, height: 800, deviceScaleFactor: 2 };
const PHONE = { width: 360, height: 740, deviceScaleFactor: 2 };
const COVER = { width: 1000, height: 1180 };
/* The mean difference of all pixels' colours, as a part of the whole range.
 * Another machine's arithmetic moves an edge by a shade; a missing line or a
 * word in another place is several times as much. */
const PICTURE_TOLERANCE = 0.004;
const ANSI = /\x1b\[[0-9;]*[A-Za-z]/g;

/* In the page: outputs as the kernel sent them, as the text a reader sees. */
function textOfHtml(html) {
  const { body } = new DOMParser().parseFromString(html, 'text/html');
  body.querySelectorAll('style').forEach((style) => style.remove());
  return body.textContent;
}

function tidyText(text) {
  return text.replace(ANSI, '').replace(/\s+/g, ' ').trim();
}

/** Streams that follow each other are one; the rest as kind and text. */
function shownOutputs(outputs) {
  const shown = [];
  for (const { stream, mime, error, ...one } of outputs) {
    const text = one.content ?? one.text;
    const last = shown.at(-1);
    if (stream !== undefined && last?.kind === stream) {
      last.text = tidyText(`${last.text} ${text}`);
    } else {
      shown.push({ kind: stream ?? mime ?? error, text: tidyText(text) });
    }
  }
  return shown;
}

async function expectedOutputs(page, outputs, shown) {
  const expected = [];
  for (const output of outputs) {
    if (output.output_type === 'stream') {
      expected.push({ stream: output.name, text: output.text });
    } else if (output.output_type === 'error') {
      expected.push({ error: output.ename,
                      text: output.traceback.join('\n') });
    } else {
      const mime = shown[shownOutputs(expected).length]?.kind ?? 'text/plain';
      const data = output.data[mime] ?? Object.values(output.data)[0];
      const content = typeof data === 'string' ? data : JSON.stringify(data);
      expected.push({ mime, text: /html|svg/.test(mime)
        ? await page.evaluate(textOfHtml, content) : content });
    }
  }
  return shownOutputs(expected);
}

/* The notebook's files, as the command gives them back, for the kernel. */
function unpackFiles(report) {
  const folder = join(PLAYED, 'files', basename(report, '.html'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const done = spawnSync(join(DIST, 'tincture'),
                         ['unpack', report, '-d', folder],
                         { encoding: 'utf8' });
  if (done.status !== 0) {
    throw new Error(`tincture unpack: ${done.stderr}`);
  }
  return folder;
}

/* The native kernel has the standard library only. */
function isForCore() {
  const text = document.getElementById('tincture-notebook').textContent;
  return JSON.parse(text).profile === 'core';
}

async function nativeOutputs(page, report) {
  const command = nativeKernel();
  if (command === null || !await page.evaluate(isForCore)) {
    return null;
  }
  const cells = await page.evaluate(() => [...document.querySelectorAll(
    '[data-cell-type="py"]')].map((cell) => ({
    index: Number(cell.dataset.cell),
    code: cell.querySelector('code').textContent,
  })));
  const outputs = await runNatively(command, unpackFiles(report),
                                    cells.map(({ code }) => code));
  return new Map(cells.map(({ index }, place) => [index, outputs[place]]));
}

/* In the page: by how much pictures differ, from 0 to 1, both drawn at a
 * quarter of the first one's size on the page, where the smoothing of single
 * edges has no weight; 1 where their sizes differ by more than rounding. */
async function pictureDifferences(pairs) {
  const pixelsOf = async (source, [width, height]) => {
    const picture = new Image();
    picture.src = source;
    await picture.decode();
    const canvas = new OffscreenCanvas(width / 4, height / 4);
    const context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.fillStyle = 'white';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return context.getImageData(0, 0, canvas.width, canvas.height).data;
  };
  const difference = async ([before, after]) => {
    const [width, height] = before.size;
    if (Math.abs(width - after.size[0]) > 2
        || Math.abs(height - after.size[1]) > 2) {
      return 1;
    }
    const first = await pixelsOf(before.source, before.size);
    const second = await pixelsOf(after.source, before.size);
    const sum = first.reduce(
      (total, value, place) => total + Math.abs(value - second[place]), 0);
    return sum / (255 * first.length);
  };
  return Promise.all(pairs.map(difference));
}

/* In the page: source and size of every picture, cell by cell. */
async function readPictures() {
  const cells = [...document.querySelectorAll('[data-cell]')];
  return Promise.all(cells.map((cell) => Promise.all(
    [...cell.querySelectorAll('.tn-output img')].map(async (picture) => {
      await picture.decode();
      return { source: picture.src,
               size: [picture.width, picture.height] };
    }))));
}

async function comparePictures(page, before) {
  const after = await page.evaluate(readPictures);
  const problems = [];
  for (const [index, pictures] of before.entries()) {
    if (pictures.length !== after[index].length && pictures.length > 0) {
      problems.push(`cell ${index} shows ${after[index].length} pictures`
                    + ` instead of ${pictures.length}`);
      continue;
    }
    const differences = await page.evaluate(
      pictureDifferences,
      pictures.map((picture, place) => [picture, after[index][place]]));
    problems.push(...differences.filter((value) => value > PICTURE_TOLERANCE)
      .map((value) => `cell ${index}: a picture differs by `
        + `${value.toFixed(4)} from the saved one`));
  }
  return problems;
}

async function compareCells(page, report, saved) {
  const native = await nativeOutputs(page, report);
  const problems = [];
  for (const { index, type, outputs } of await page.cells()) {
    const shown = shownOutputs(outputs);
    const before = shownOutputs(saved[index]?.outputs ?? []);
    const expected = type === 'py' && native !== null
      ? await expectedOutputs(page, native.get(index), shown) : before;
    if (expected.length > 0 || (type === 'py' && native !== null)) {
      if (JSON.stringify(shown) !== JSON.stringify(expected)) {
        problems.push(`cell ${index} shows ${JSON.stringify(shown)}\n`
          + `    expected ${JSON.stringify(expected)}`);
      }
    }
    if (type === 'py' && before.length > 0
        && JSON.stringify(shown) !== JSON.stringify(before)) {
      problems.push(`cell ${index} shows something else than was saved`);
    }
  }
  return { problems, judge: native === null ? 'saved outputs'
    : 'native kernel' };
}

function savedProblems(states, saved) {
  const outputs = saved.flatMap((cell) => cell.outputs).length;
  const boot = states.find(({ state }) => state === 'booting');
  if (states[0]?.state !== 'saved') {
    return ['the page does not begin as saved'];
  }
  if (boot === undefined || boot.outputs < outputs || boot.text === 0) {
    return ['saved outputs were not there when the boot began'];
  }
  return [];
}

async function takePictures(page, name, browserName) {
  await page.screenshot(name);
  await page.page.setViewport(COVER);
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot(`${name}-cover`, {});
  await page.page.setViewport(PHONE);
  const overflow = await page.overflow();
  await page.screenshot(`${name}-phone`);
  await page.page.setViewport(SHARP);
  if (browserName === 'chromium') {
    for (const [variant, set, unset] of [
      ['dark', () => page.page.emulateMediaFeatures(
        [{ name: 'prefers-color-scheme', value: 'dark' }]),
      () => page.page.emulateMediaFeatures([])],
      ['print', () => page.page.emulateMediaType('print'),
        () => page.page.emulateMediaType()]]) {
      await set();
      await page.screenshot(`${name}-${variant}`);
      await unset();
    }
  }
  return overflow > 0
    ? [`${overflow} pixels scroll sideways at 360 pixels`] : [];
}

/** Plays one report in one browser; resolves to what is worth telling. */
async function play(browser, browserName, report) {
  const name = basename(report, '.html');
  const page = await ReportPage.open(browser, browserName, report,
                                     { viewport: SHARP });
  const saved = await page.cells();
  const pictures = await page.evaluate(readPictures);
  await page.ready();
  const problems = savedProblems(await page.states(), saved);
  const results = await page.runAll();
  const bad = results.filter(({ status }) => status !== 'ok');
  if (bad.length > 0) {
    problems.push(`runAll: ${JSON.stringify(results)}`);
  }
  const compared = await compareCells(page, report, saved);
  problems.push(...compared.problems);
  problems.push(...await comparePictures(page, pictures));
  problems.push(...await takePictures(page, name, browserName));
  const printed = (await page.cells()).flatMap(({ outputs }) => outputs)
    .filter(({ stream }) => stream !== undefined).map(({ text }) => text);
  try {
    await page.close();
  } catch (error) {
    problems.push(error.message);
  }
  return { name, browser: await browser.version(), judge: compared.judge,
           cells: results.length, printed: printed.join(''), problems };
}

/* A report that does not even start is a problem like others. */
async function playOrTell(browser, browserName, report) {
  try {
    return await play(browser, browserName, report);
  } catch (error) {
    return { name: basename(report, '.html'), browser: browserName,
             judge: 'native kernel', cells: 0, printed: '',
             problems: [error.message] };
  }
}

function playKey(report, browserName) {
  const hash = createHash('sha256');
  for (const file of readdirSync(HERE).filter((name) => /\.mjs$/.test(name))) {
    hash.update(readFileSync(join(HERE, file)));
  }
  if (existsSync(NATIVE_PROGRAM)) {
    hash.update(readFileSync(NATIVE_PROGRAM));
  }
  return hash.update(readFileSync(report)).update(browserName).digest('hex');
}

function tell(result, isOld) {
  const how = isOld ? ' (unchanged, played before)' : '';
  console.log(`${result.problems.length === 0 ? 'ok  ' : 'FAIL'} `
    + `${result.name} in ${result.browser.split('@')[0]}: ${result.cells} `
    + `cells ran, outputs compared with the ${result.judge}${how}`);
  for (const line of result.printed.split('\n').filter(Boolean)) {
    console.log(`     | ${line}`);
  }
  for (const problem of result.problems) {
    console.log(`  - ${problem}`);
  }
}

async function playAll(reports, again) {
  mkdirSync(PLAYED, { recursive: true });
  let failedCount = 0;
  for (const browserName of chosenBrowsers()) {
    let browser;
    for (const report of reports) {
      const stamp = join(PLAYED,
                         `${basename(report, '.html')}-${browserName}.json`);
      const key = playKey(report, browserName);
      const old = existsSync(stamp)
        ? JSON.parse(readFileSync(stamp, 'utf8')) : {};
      const isOld = !again && old.key === key && old.problems.length === 0;
      browser ??= isOld ? undefined : await startBrowser(browserName);
      const result = isOld ? old
        : { key, ...await playOrTell(browser, browserName, report) };
      tell(result, isOld);
      failedCount += result.problems.length > 0 ? 1 : 0;
      writeFileSync(stamp, JSON.stringify(result, null, 1));
    }
    await browser?.close();
  }
  const count = reports.length * chosenBrowsers().length;
  console.log(`played: ${count - failedCount} passed, ${failedCount} failed`);
  return failedCount === 0 ? 0 : 1;
}

const words = process.argv.slice(2);
const reports = words.filter((word) => !word.startsWith('--'))
  .map((word) => resolve(word));
if (reports.length === 0) {
  console.error('usage: play.mjs [--again] REPORT.html...');
  process.exit(2);
}
process.exit(await playAll(reports, words.includes('--again')));
