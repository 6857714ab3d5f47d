// A lane in a browser: one browser of its own with the packed report, opened
// anew for each run, and a new browser when that hangs or dies.  node_lane.mjs
// says what a lane is.

import { startBrowser } from '../browser/browsers.mjs';
import { ReportPage } from '../browser/page.mjs';

/** No answer of the browser's is waited for longer: a whole run is one. */
const PROTOCOL_LIMIT_MS = 12 * 3600_000;

/** Browsers keep something of every page; a new one is certain. */
const RUNS_PER_BROWSER = 50;

const OPEN_ATTEMPTS = 3;

/** A hang guard for Python's start, which takes a busy machine seconds. */
const READY_LIMIT_MS = 300_000;

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

export class BrowserLane {
  #name;
  #report;
  #browser = null;
  #runCount = 0;

  constructor(name, report) {
    this.#name = name;
    this.#report = report;
  }

  get pid() {
    return this.#browser?.process()?.pid ?? null;
  }

  async run(code, { onBegin, onEvent, onText, isCareful = false }) {
    const report = await this.#open((messages) => {
      for (const { event, text } of messages) {
        if (event !== undefined) {
          onEvent(event);
        } else {
          onText(text);
        }
      }
    });
    onBegin();
    try {
      const end = await report.evaluate(runInPage, code, isCareful, PAUSE_MS);
      await report.page.close();
      if (end.died !== undefined) {
        await this.close();
      }
      return end;
    } catch (error) {
      // The page is gone, or its browser: killed, or out of memory.
      await this.close();
      return { died: `${error.message}\n${report.errors.join('\n')}`,
               isSure: isCareful };
    }
  }

  /* A busy machine's browser may fail to start; that is no test's fault. */
  async #open(take) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#openOnce(take);
      } catch (error) {
        await this.close();
        if (attempt === OPEN_ATTEMPTS) {
          throw error;
        }
      }
    }
  }

  async #openOnce(take) {
    if (this.#browser === null || this.#runCount >= RUNS_PER_BROWSER) {
      await this.close();
      this.#browser = await startBrowser(
        this.#name, { protocolLimit_ms: PROTOCOL_LIMIT_MS });
      this.#runCount = 0;
    }
    this.#runCount += 1;
    const report = await ReportPage.open(
      this.#browser, this.#name, this.#report);
    await report.page.exposeFunction(
      'tinctureTell', (text) => take(JSON.parse(text)));
    const late = setTimeout(() => this.kill(), READY_LIMIT_MS);
    try {
      return await report.ready();
    } finally {
      clearTimeout(late);
    }
  }

  kill() {
    this.#browser?.process()?.kill('SIGKILL');
  }

  async close() {
    const browser = this.#browser;
    this.#browser = null;
    if (browser !== null) {
      browser.process()?.kill('SIGKILL');
      await browser.close().catch(() => {});
    }
  }
}
