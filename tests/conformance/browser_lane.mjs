// A lane in a browser: one browser of its own with the packed report, opened
// anew for each run, and a new browser when that hangs or dies.  node_lane.mjs
// says what a lane is.

import { startBrowser } from '../browser/browsers.mjs';
import { ReportPage } from '../browser/page.mjs';

/** No answer of the browser's is waited for longer: a whole run is one. */
const PROTOCOL_LIMIT_MS = 12 * 3600_000;

/** Browsers keep something of every page; a new one is certain. */
const RUNS_PER_BROWSER = 50;

/* Runs in the page: what Python reports goes out at once, because the next
 * step may be a hang, and Python has nothing to wait for. */
async function runInPage(code) {
  globalThis.tinctureReport = (text) => {
    globalThis.tinctureTell(JSON.stringify({ event: JSON.parse(text) }));
  };
  const print = (text) => {
    globalThis.tinctureTell(JSON.stringify({ text: `${text}\n` }));
  };
  try {
    await globalThis.tincture.runPythonAsync(code, print);
    return {};
  } catch (error) {
    const kind = error.name === 'KernelDiedError' ? 'died' : 'error';
    return { [kind]: error.message };
  }
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

  async run(code, { onEvent, onText }) {
    let report;
    try {
      report = await this.#open(({ event, text }) => {
        if (event !== undefined) {
          onEvent(event);
        } else {
          onText(text);
        }
      });
      const end = await report.evaluate(runInPage, code);
      await report.page.close();
      if (end.died !== undefined) {
        await this.close();
      }
      return end;
    } catch (error) {
      // The page is gone, or its browser: killed, or out of memory.
      await this.close();
      return { died: `${error.message}\n${report?.errors.join('\n') ?? ''}` };
    }
  }

  async #open(take) {
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
    await report.ready();
    return report;
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
