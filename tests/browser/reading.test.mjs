// A report as something to read: before Python, without scripts, on a phone,
// in the dark, in print and by keyboard.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';

import { eachBrowser, pack } from './suite.mjs';

const PHONE = { width: 360, height: 740, deviceScaleFactor: 2,
                isMobile: false, hasTouch: false };

const NOTEBOOK = `%% md
# A report with everything that is wide

A very long word: ${'abcdefghij'.repeat(20)}

| ${'column | '.repeat(14)}
| ${'--- | '.repeat(14)}
| ${'value value | '.repeat(14)}

%% py
print("x" * 400)
["item %03d" % n for n in range(40)]

%% py
class Wide:
    def _repr_html_(self):
        cells = "".join(f"<td>cell {n}</td>" for n in range(40))
        return f"<table><tr>{cells}</tr></table>"

Wide()

%% py
a_name_that_goes_on_and_on = {"key": "${'value'.repeat(30)}"}
`;

/* How far foreground and background are apart, as WCAG measures it. */
function contrastOfText(selector) {
  const numbers = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const element = document.querySelector(selector);
  let behind = element;
  let background = [255, 255, 255];
  while (behind !== null) {
    const found = numbers(getComputedStyle(behind).backgroundColor);
    if (found.length === 3 || found[3] === 1) {
      background = found;
      break;
    }
    behind = behind.parentElement;
  }
  const pair = [light(numbers(getComputedStyle(element).color)),
    light(background)].sort((a, b) => b - a);
  return (pair[0] + 0.05) / (pair[1] + 0.05);
}

/* Runs before the page: it starts Python after a second at the latest, painted
 * or not, and on a busy machine the first paint takes longer.  Until then no
 * timer of the page's ends. */
function waitForPaint() {
  const { setTimeout } = window;
  window.setTimeout = (work, ...rest) => {
    const { tinctureState } = document.documentElement.dataset;
    return tinctureState === 'saved' ? 0 : setTimeout(work, ...rest);
  };
}

eachBrowser('reading', (test, browserName) => {
  const report = pack('reading', NOTEBOOK, ['--run']);

  test('saved outputs are painted before the kernel boots', async (open) => {
    const page = await (await open(report, { before: waitForPaint })).ready();
    const [saved, booting] = await page.states();
    assert.equal(saved.state, 'saved');
    assert.equal(booting.state, 'booting');
    assert.equal(booting.outputs, 3);
    assert.ok(booting.isPainted, `${booting.frames} frames`);
  });

  test('with scripts off the report is whole', async (open) => {
    const still = report.replace('.html', '-still.html');
    writeFileSync(still, readFileSync(report, 'utf8')
      .replace('<script id="tn-player">', '<script type="text/plain">'));
    const page = await open(still);
    const text = await page.evaluate(() => document.body.innerText);
    assert.match(text, /A report with everything that is wide/);
    assert.match(text, /item 039/);
    assert.match(text, /cell 39/);
    assert.equal((await page.states()).at(-1).state, 'saved');
    await page.screenshot('reading-without-scripts');
  });

  test('nothing scrolls sideways on a phone', async (open) => {
    const page = await open(report, { viewport: PHONE });
    await page.ready();
    assert.equal(await page.overflow(), 0);
    await page.runAll();
    assert.equal(await page.overflow(), 0);
    await page.screenshot('reading-phone');
  });

  test('text has contrast in light and in dark', async (open) => {
    const page = await (await open(report)).ready();
    const schemes = browserName === 'chromium' ? ['light', 'dark'] : ['light'];
    for (const value of schemes) {
      if (browserName === 'chromium') {
        await page.page.emulateMediaFeatures(
          [{ name: 'prefers-color-scheme', value }]);
      }
      for (const selector of ['h1', '.tn-markdown p', '.tn-output pre',
        '.tn-output td']) {
        const contrast = await page.evaluate(contrastOfText, selector);
        assert.ok(contrast >= 4.5, `${selector}, ${value}: ${contrast}`);
      }
      await page.screenshot(`reading-${value}`);
    }
  });

  test('print has the outputs and none of the buttons', async (open) => {
    const page = await (await open(report)).ready();
    const pdf = await page.page.pdf({ timeout: 0 });
    assert.ok(pdf.length > 1000);
    if (browserName !== 'chromium') {
      return;
    }
    await page.page.emulateMediaType('print');
    const found = await page.evaluate(() => ({
      buttons: [...document.querySelectorAll('button')]
        .filter((button) => button.checkVisibility()).length,
      outputs: [...document.querySelectorAll('.tn-output')]
        .filter((output) => output.checkVisibility()).length,
    }));
    assert.deepEqual(found, { buttons: 0, outputs: 3 });
    await page.screenshot('reading-print');
  });

  test('every control is reached by Tab and has a name', async (open) => {
    const page = await (await open(report)).ready();
    const wanted = await page.evaluate(() => {
      const controls = [...document.querySelectorAll(
        'button, summary, a[href], input, select, textarea')]
        .filter((control) => control.checkVisibility()
          && !control.disabled && control.tabIndex >= 0);
      return {
        count: controls.length,
        nameless: controls.filter((control) => !(control.textContent.trim()
          || control.getAttribute('aria-label') || control.title))
          .map((control) => control.outerHTML.slice(0, 80)),
      };
    });
    assert.deepEqual(wanted.nameless, []);
    assert.ok(wanted.count >= 3);
    const reached = new Set();
    for (let press = 0; press < wanted.count * 2 + 10; press += 1) {
      await page.page.keyboard.press('Tab');
      reached.add(await page.evaluate(() => {
        const at = document.activeElement;
        return `${at.tagName} ${at.className} ${at.closest('[data-cell]')
          ?.dataset.cell}`;
      }));
    }
    const summaries = [...reached].filter((at) => /SUMMARY/.test(at));
    assert.ok(summaries.length >= 3, [...reached].join(', '));
  });
});
