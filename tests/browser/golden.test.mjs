// The golden conversations on the WebAssembly kernel of a page: the same files
// that the native kernel and Node play.

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';

import { BUILD, DIST, ROOT } from './page.mjs';
import { serve } from './server.mjs';
import { eachBrowser } from './suite.mjs';

const GOLDEN = join(ROOT, 'tests/golden');
const NATIVE = ['native/san', 'native/rel'].map((path) => join(BUILD, path))
  .find((path) => existsSync(join(path, 'messages.json')));
const FILES = readdirSync(GOLDEN).filter(
  (name) => name.endsWith('.jsonl')).sort();
let server;

before(async () => {
  server = await serve({
    browser: join(ROOT, 'tests/browser'),
    golden: GOLDEN,
    plugin: join(BUILD, 'plugin'),
    dist: DIST,
    native: NATIVE,
  });
});
after(() => server.close());

/** A hang guard for all conversations together. */
const GOLDEN_LIMIT_MS = 1_800_000;

/* One page for all files of a browser: each file has a kernel of its own. */
for (const withoutSuspension of [false, true]) {
  eachBrowser(withoutSuspension ? 'golden without stack switching' : 'golden',
    (test) => {
      test('every conversation goes as written', async (open) => {
        const page = await open(`${server.origin}/browser/golden.html`,
                                { withoutSuspension });
        await page.page.waitForFunction(() => window.isGoldenReady === true);
        const failures = [];
        for (const name of FILES) {
          const failure = await page.evaluate(
            (file) => window.playGolden(file).then(() => null,
                                                   (error) => error.message),
            name);
          if (failure !== null) {
            failures.push(failure);
          }
        }
        assert.deepEqual(failures, []);
      }, GOLDEN_LIMIT_MS);
    });
}
