// One page under test: what it did while loading, what it shows, and what it
// must not do.  Every page opened here fails its test on an error in the
// console or on a request that left the page, unless the test expects it.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { BUILD } from './paths.mjs';

export { BUILD, DIST, ROOT } from './paths.mjs';

/** A hang guard, never a measure: a busy machine may need minutes. */
const LOAD_LIMIT_MS = 300_000;
const DESKTOP = { width: 1000, height: 800 };

/** For what is waited for in a page; Puppeteer's 30 s are not enough on a busy
 * machine.  A hang guard, never a measure. */
const WAIT_LIMIT_MS = 300_000;
const LOCAL = /^(file|data|blob|about|chrome|resource|moz-extension):/;

/* Runs in the page before anything of it: records each change of
 * data-tincture-state with the outputs that were there, and what each toast
 * said, and lets the test wait for a state.  Not enumerable, so that the page's
 * own globals stay clean. */
function watchStates(withoutSuspension) {
  if (withoutSuspension) {
    delete WebAssembly.Suspending;
    delete WebAssembly.promising;
    delete WebAssembly.SuspendError;
  }
  const trace = [];
  const toasts = [];
  const waiting = [];
  // Frames that had an output to paint, until Python begins to start.  The
  // second comes when the first is painted; what browsers say themselves of the
  // first paint is up to a tenth of a second late.
  let frames = 0;
  const countFrame = () => {
    if (!trace.some(({ state }) => state === 'booting')) {
      frames += document.querySelector('.tn-output') === null ? 0 : 1;
      requestAnimationFrame(countFrame);
    }
  };
  requestAnimationFrame(countFrame);
  const note = () => {
    const root = document.documentElement;
    const state = root?.dataset.tinctureState;
    if (state === undefined || trace.at(-1)?.state === state) {
      return;
    }
    trace.push({
      state,
      at: performance.now(),
      outputs: document.querySelectorAll('.tn-output').length,
      frames,
      isPainted: frames >= 2 || performance.getEntriesByName(
        'first-contentful-paint').length > 0,
      text: document.body?.innerText.length ?? 0,
    });
    for (const { states, settle } of waiting) {
      if (states.includes(state)) {
        settle(state);
      }
    }
  };
  new MutationObserver(note).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['data-tincture-state'],
  });
  new MutationObserver((records) => {
    const added = records.flatMap(({ addedNodes }) => [...addedNodes]);
    toasts.push(...added.filter(
      (node) => node.classList?.contains('tn-toast')).map(
      ({ textContent }) => textContent));
  }).observe(document, { subtree: true, childList: true });
  const reach = (states) => new Promise((settle) => {
    const state = document.documentElement?.dataset.tinctureState;
    if (states.includes(state)) {
      settle(state);
    }
    waiting.push({ states, settle });
  });
  const value = { trace, toasts, reach };
  Object.defineProperty(window, 'tinctureTest', { value });
}

/* Runs in the page: what every chunk shows, as plain data; `content` is the
 * text without styles and without the controls of live figures and tables. */
function readCells() {
  const readContent = (output) => {
    const copy = output.cloneNode(true);
    for (const part of copy.querySelectorAll(
      'style, .tn-table, .tn-figure-bar, .tn-figure-message')) {
      part.remove();
    }
    return copy.textContent;
  };
  const readOutput = (output) => ({
    stream: output.dataset.stream,
    mime: output.dataset.mime,
    error: output.dataset.error,
    text: output.textContent,
    content: readContent(output),
    html: output.innerHTML,
  });
  return [...document.querySelectorAll('[data-cell]')].map((cell) => ({
    index: Number(cell.dataset.cell),
    type: cell.dataset.cellType,
    state: cell.dataset.cellState,
    outputs: [...cell.querySelectorAll('.tn-output')].map(readOutput),
  }));
}

export class ReportPage {
  #expected = [];
  #expectedRequests = [];
  #isClosed = false;
  #onAttempt = () => {};

  constructor(page, browserName) {
    this.page = page;
    this.outside = page.browser().outside;
    this.browserName = browserName;
    this.errors = [];
    this.attempts = [];
    this.log = [];
  }

  static async open(browser, browserName, where, options = {}) {
    const page = await browser.newPage();
    const report = new ReportPage(page, browserName);
    page.setDefaultTimeout(WAIT_LIMIT_MS);
    await page.setViewport(options.viewport ?? DESKTOP);
    report.#listen();
    await page.evaluateOnNewDocument(watchStates,
                                     options.withoutSuspension === true);
    if (options.before) {
      await page.evaluateOnNewDocument(options.before);
    }
    const url = /^[a-z]+:/.test(where) ? where : pathToFileURL(where).href;
    report.own = new URL(url).origin;
    await page.goto(url, {
      waitUntil: 'domcontentloaded', timeout: LOAD_LIMIT_MS,
    });
    return report;
  }

  #listen() {
    this.page.on('console', (message) => {
      this.log.push(message.text());
      if (message.type() === 'error') {
        this.errors.push(message.text());
      }
    });
    this.page.on('pageerror', (error) => this.errors.push(String(error)));
    this.page.on('request', (request) => {
      const url = request.url();
      const own = this.own !== undefined && this.own !== 'null'
        && url.startsWith(this.own);
      if (!LOCAL.test(url) && !own) {
        this.attempts.push(url);
        this.#onAttempt();
      }
    });
  }

  /** Requests that left: the browser also announces those that the page's
   * policy stopped, but only these came out at its proxy. */
  get requests() {
    return this.attempts.filter(
      (url) => this.outside.has(new URL(url).hostname)
        && !this.#expectedRequests.includes(url));
  }

  /** Waits until the browser has announced a request for this address. */
  async attempted(url) {
    while (!this.attempts.includes(url)) {
      await new Promise((settle) => {
        this.#onAttempt = settle;
      });
    }
  }

  /** Requests for this address do not fail this page. */
  expectRequest(url) {
    this.#expectedRequests.push(url);
  }

  /** Errors in the console that match do not fail this page. */
  expectErrors(pattern) {
    this.#expected.push(pattern);
  }

  evaluate(work, ...words) {
    return this.page.evaluate(work, ...words);
  }

  /** Waits until the page is in one of the states; resolves to it. */
  reach(...states) {
    return this.page.evaluate((wanted) => window.tinctureTest.reach(wanted),
                              states);
  }

  async ready() {
    const state = await this.reach('ready', 'failed');
    assert.equal(state, 'ready', await this.describe());
    // And all that follows from that: what was live is so again, formulas.
    await this.page.evaluate(() => window.tincture.ready);
    return this;
  }

  states() {
    return this.page.evaluate(() => window.tinctureTest.trace);
  }

  /** What every toast said until now: they go away by themselves. */
  toasts() {
    return this.page.evaluate(() => window.tinctureTest.toasts);
  }

  /** From now on: presses the button of the first toast that says this, as
   * soon as it is there. */
  answerToast(pattern) {
    return this.page.evaluate((source) => {
      new MutationObserver((_, observer) => {
        const toast = document.querySelector('.tn-toast');
        const button = toast?.querySelector('button');
        if (button && new RegExp(source).test(toast.textContent)) {
          observer.disconnect();
          button.click();
        }
      }).observe(document.body, { childList: true });
    }, pattern.source);
  }

  cells() {
    return this.page.evaluate(readCells);
  }

  async cell(index) {
    return (await this.cells()).find((cell) => cell.index === index);
  }

  /** Waits until a cell's state is this one. */
  reachCell(index, state) {
    return this.page.waitForFunction(
      (i, wanted) => document.querySelector(`[data-cell="${i}"]`)
        .dataset.cellState === wanted, {}, index, state);
  }

  /** Does something that makes a cell run, and waits for the run's end: the
   * state that an earlier run has left does not count. */
  async ranBy(index, state, work) {
    await this.page.evaluate((i) => {
      document.querySelector(`[data-cell="${i}"]`).dataset.cellState = 'before';
    }, index);
    await work();
    await this.reachCell(index, state);
  }

  /** Waits until a cell's outputs have this text; its source does not count. */
  printed(index, text) {
    return this.page.waitForFunction(
      (i, wanted) => document.querySelector(`[data-cell="${i}"] .tn-outputs`)
        ?.textContent.includes(wanted), {}, index, text);
  }

  /** A click of the pointer, when the element has come to rest. */
  click(selector) {
    return this.page.locator(selector).click();
  }

  run(index) {
    return this.page.evaluate((i) => window.tincture.notebook.run(i), index);
  }

  runAll() {
    return this.page.evaluate(() => window.tincture.notebook.runAll());
  }

  /** runPythonAsync as a settled result; errors come back as plain data. */
  python(code) {
    return this.page.evaluate(async (text) => {
      try {
        return { value: await window.tincture.runPythonAsync(text) };
      } catch (error) {
        return { name: error.name, message: error.message,
                 isError: error instanceof Error };
      }
    }, code);
  }

  async describe() {
    return JSON.stringify({
      states: await this.states(),
      errors: this.errors,
      log: this.log.slice(-20),
      text: await this.page.evaluate(
        () => document.body.innerText.slice(0, 400)),
    }, null, 1);
  }

  /** Width that the page wants beyond its window; 0 when nothing scrolls. */
  overflow() {
    return this.page.evaluate(() => {
      const root = document.scrollingElement;
      return root.scrollWidth - root.clientWidth;
    });
  }

  async screenshot(name, options = { fullPage: true }) {
    const folder = join(BUILD, 'screenshots');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${name}-${this.browserName}.png`);
    await this.page.screenshot({ path, ...options });
    return path;
  }

  /** Also where a test does not wait for its end: what is wrong with the page
   * is told once. */
  async close() {
    if (this.#isClosed) {
      return;
    }
    this.#isClosed = true;
    await this.page.close();
    const unexpected = this.errors.filter(
      (text) => !this.#expected.some((pattern) => pattern.test(text)));
    assert.deepEqual(unexpected, [], 'errors in the console');
    assert.deepEqual(this.requests, [], 'requests that left the page');
  }
}
