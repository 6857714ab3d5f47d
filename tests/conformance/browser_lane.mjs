// A lane in a browser: one browser of its own with the packed report.  Each run
// has a fresh Python, started again in the page that is open, which takes a
// tenth of a second where a page takes two; now and then, and when one hangs or
// dies, the page or the browser is a new one.  node_lane.mjs says what a lane is.

import { startBrowser } from '../browser/browsers.mjs';
import { ReportPage } from '../browser/page.mjs';

/** No answer of the browser's is waited for longer: a whole run is one. */
const PROTOCOL_LIMIT_MS = 12 * 3600_000;

/** Memory of ended Pythons comes back late, and browsers keep something of
 * every page: a new one is certain. */
const RUNS_PER_PAGE = 8;
const PAGES_PER_BROWSER = 12;

const OPEN_ATTEMPTS = 3;

/** Hang guards: a page and Python's start take a busy machine seconds.  Chromium
 * was seen to start and never open a page, so that has a limit of its own. */
const OPEN_LIMIT_MS = 180_000;
const READY_LIMIT_MS = 600_000;
const CLOSE_LIMIT_MS = 120_000;

/** What Python tells waits so long for more. */
const PAUSE_MS = 250;

/* Runs in the page.  A message to the runner takes Firefox 3 ms, so they leave
 * together, as the page gets its turns between Python's.  What is told just
 * before a hang in C would be lost: `isCareful` sends each at once. */
async function runInPage(code, isCareful, pause_ms) {
  let told = [];
  const send = () => {
    const some = told;
    told = [];
    return globalThis.tinctureTell(JSON.stringify(some));
  };
  const tell = (message) => {
    told.push(message);
    if (isCareful) {
      send();
    } else if (told.length === 1) {
      setTimeout(send, pause_ms);
    }
  };
  globalThis.tinctureReport = (text) => tell({ event: JSON.parse(text) });
  const print = (text) => tell({ text: `${text}\n` });
  let end = {};
  try {
    await globalThis.tincture.runPythonAsync(code, print);
  } catch (error) {
    const kind = error.name === 'KernelDiedError' ? 'died' : 'error';
    end = { [kind]: error.message };
  }
  await send();
  return end;
}

/* Runs in the page: what a reader's Restart does. */
function restartPython() {
  document.querySelector('button[title^="Restart Python"]').click();
}

export class BrowserLane {
  #name;
  #file;
  #browser = null;
  #pageCount = 0;
  #report = null;
  #runCount = 0;
  /** Of the present run: what takes messages of the page. */
  #take = null;

  constructor(name, file) {
    this.#name = name;
    this.#file = file;
  }

  get pid() {
    return this.#browser?.process()?.pid ?? null;
  }

  async run(code, { onBegin, onEvent, onText, isCareful = false }) {
    const report = await this.#freshPython();
    this.#take = (messages) => {
      for (const { event, text } of messages) {
        if (event !== undefined) {
          onEvent(event);
        } else {
          onText(text);
        }
      }
    };
    onBegin();
    let end;
    try {
      end = await report.evaluate(runInPage, code, isCareful, PAUSE_MS);
    } catch (error) {
      // The page is gone, or its browser: killed, or out of memory.
      const deaths = this.#browser?.deaths ?? [];
      await this.close();
      return { died: [error.message, ...deaths, ...report.errors].join('\n') };
    } finally {
      this.#take = null;
    }
    if (end.died !== undefined) {
      await this.close();
    } else if (this.#runCount >= RUNS_PER_PAGE) {
      await this.#closePage();
    }
    return end;
  }

  async #freshPython() {
    const report = this.#report;
    if (report === null) {
      return this.#open();
    }
    try {
      await this.#guard(READY_LIMIT_MS, async () => {
        await report.evaluate(restartPython);
        await report.ready();
      });
      this.#runCount += 1;
      return report;
    } catch {
      // Whatever the page has come to, a new one is as good.
      await this.close();
      return this.#open();
    }
  }

  /* What came of its runs is known: a page that does not close costs its
   * browser and nothing else. */
  async #closePage() {
    const { page } = this.#report;
    this.#report = null;
    try {
      await this.#guard(CLOSE_LIMIT_MS, () => page.close());
    } catch {
      await this.close();
    }
  }

  /* The browser is ended when some work in it takes too long, and the work
   * fails by that. */
  async #guard(limit_ms, work) {
    const late = setTimeout(() => this.kill(), limit_ms);
    try {
      return await work();
    } finally {
      clearTimeout(late);
    }
  }

  /* A busy machine's browser may fail to start; that is no test's fault. */
  async #open() {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#openOnce();
      } catch (error) {
        await this.close();
        if (attempt === OPEN_ATTEMPTS) {
          throw error;
        }
      }
    }
  }

  async #openOnce() {
    if (this.#browser === null || this.#pageCount >= PAGES_PER_BROWSER) {
      await this.close();
      this.#browser = await startBrowser(
        this.#name, { protocolLimit_ms: PROTOCOL_LIMIT_MS, isStill: true });
      this.#pageCount = 0;
    }
    this.#pageCount += 1;
    const report = await this.#guard(OPEN_LIMIT_MS, () => ReportPage.open(
      this.#browser, this.#name, this.#file));
    await this.#guard(READY_LIMIT_MS, async () => {
      await report.page.exposeFunction(
        'tinctureTell', (text) => this.#take?.(JSON.parse(text)));
      await report.ready();
    });
    this.#report = report;
    this.#runCount = 1;
    return report;
  }

  kill() {
    this.#browser?.process()?.kill('SIGKILL');
  }

  async close() {
    const browser = this.#browser;
    this.#browser = null;
    this.#report = null;
    if (browser !== null) {
      browser.process()?.kill('SIGKILL');
      await browser.close().catch(() => {});
    }
  }
}
