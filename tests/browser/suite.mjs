// Runs one set of tests in every chosen browser, each with one browser for
// all of them, and packs the notebooks that they need.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { chosenBrowsers, startBrowser } from './browsers.mjs';
import { BUILD, DIST, ReportPage } from './page.mjs';

/** A hang guard, never a measure: a test takes seconds. */
const HANG_LIMIT_MS = 600_000;
const PACKED = join(BUILD, 'browser');
const COMMAND = join(DIST, 'tincture');

/**
 * Defines `tests(open)` once a browser.  `open(where, options)` gives a
 * ReportPage; pages that a test leaves open are closed and checked after it.
 * A test that is many in one has a longer limit of its own.
 * `options` are startBrowser's; `only` names the one browser that the tests
 * are for.
 */
export function eachBrowser(title, tests, { only, ...options } = {}) {
  for (const name of chosenBrowsers()) {
    if (only !== undefined && only !== name) {
      continue;
    }
    describe(`${title}, ${name}`, () => {
      let browser;
      before(async () => {
        browser = await startBrowser(name, options);
      });
      after(() => browser?.close());
      const define = (what, work, limit_ms = HANG_LIMIT_MS) => {
        test(what, { timeout: limit_ms }, async () => {
          const pages = [];
          const open = async (where, options) => {
            const page = await ReportPage.open(browser, name, where, options);
            pages.push(page);
            return page;
          };
          let failed = true;
          try {
            await work(open, name);
            failed = false;
          } catch (error) {
            throw withDeaths(error, browser.deaths.splice(0));
          } finally {
            await closeAll(pages, failed);
          }
        });
      };
      tests(define, name);
    });
  }
}

/* What fails because a page is gone does not say why it is gone. */
function withDeaths(error, deaths) {
  return deaths.length === 0
    ? error : new Error(deaths.join('; '), { cause: error });
}

/* A test that failed already says why; its pages only get out of the way. */
async function closeAll(pages, failed) {
  for (const page of pages) {
    try {
      await page.close();
    } catch (error) {
      if (!failed) {
        throw error;
      }
    }
  }
}

/** Packs notebook text into build/browser/NAME.html and returns the path. */
export function pack(name, text, options = []) {
  mkdirSync(PACKED, { recursive: true });
  const ending = /\.\w+$/.test(name) ? '' : '.iomd';
  const notebook = join(PACKED, name + ending);
  writeFileSync(notebook, text);
  return packFile(notebook, options);
}

export function packFile(notebook, options = []) {
  const stem = basename(notebook).replace(/\.\w+$/, '');
  return packInto(stem, [notebook, ...options]);
}

/** Runs the command with these words; the path of the report. */
export function packInto(stem, words) {
  if (!existsSync(COMMAND)) {
    throw new Error(`${COMMAND} is not built: run the report preset first.`);
  }
  const folder = join(PACKED, 'packed');
  mkdirSync(folder, { recursive: true });
  const report = join(folder, `${stem}.html`);
  const done = spawnSync(COMMAND, ['pack', ...words, '-o', report],
                         { encoding: 'utf8' });
  if (done.status !== 0 && !words.includes('--allow-errors')) {
    throw new Error(`tincture pack of ${stem} ended with ${done.status}:\n`
                    + `${done.stdout}${done.stderr}`);
  }
  return report;
}
