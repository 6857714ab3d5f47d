// What the tests' own driving of browsers must see to.

import assert from 'node:assert/strict';

import { eachBrowser } from './suite.mjs';

eachBrowser('browsers', (test, name) => {
  let browser;

  test('a page whose process dies ends what waits for it', async (open) => {
    const { page } = await open('data:text/html,alive');
    browser = page.browser();
    const waits = [
      page.evaluate(() => new Promise(() => {})),
      page.waitForFunction(() => false),
    ].map((wait) => wait.then(() => 'came', () => 'failed'));
    const session = await page.createCDPSession();
    session.send('Page.crash').catch(() => {});
    assert.deepEqual(await Promise.all(waits), ['failed', 'failed']);
    await assert.rejects(page.evaluate(() => 1));
    assert.match(browser.deaths.splice(0).join(), /process of a page died/);
  });

  test('and the next page lives', async (open) => {
    const { page } = await open('data:text/html,alive');
    assert.equal(page.browser(), browser, name);
    assert.equal(await page.evaluate(() => document.body.innerText), 'alive');
  });
}, { only: 'chromium' });
