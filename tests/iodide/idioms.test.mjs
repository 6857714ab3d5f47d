// Notebooks in the ways of old ones, written anew: each runs unchanged in a
// client with the plugin, and in a packed page.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';

import { ROOT } from '../browser/page.mjs';
import { eachBrowser, packFile } from '../browser/suite.mjs';
import { Host, serveHost } from './host.mjs';

const HERE = join(ROOT, 'tests/iodide');

let server;

before(async () => {
  server = await serveHost();
});
after(() => server.close());

/** What a notebook noted in `seen`, and how its chunks ended. */
const NOTEBOOKS = {
  tour: {
    profile: 'core',
    ended: [...Array(12).fill('ok'), 'error'],
    seen: {
      added: 42, sorted: '1,2,3', dog: 'Rex!',
      answer: '{"value":42,"parts":[6,7]}', squared: 2.25, before: 10,
      deposited: 15, named: '<Grace: 15>', clicks: 'click click',
      title: 'Changed from Python', greeting: 'hello from Python',
      visited: 'yes', swatches: 'red,green,blue', main: 9,
    },
  },
  'monte-carlo': {
    profile: 'scientific',
    ended: Array(6).fill('ok'),
    seen: {
      points: '[[0.5,-0.5],[0.25,1]]', flat: '0,1,2,3',
      estimates: '3.1,3.2,3.1', roots: '1,2,3',
    },
  },
  bands: {
    profile: 'scientific',
    files: ['reviews.csv', 'chart.js'],
    ended: Array(9).fill('ok'),
    seen: {
      rows: 9, text: 'band,genre,score,listeners', best: 'Second Winter',
      genres: 'electronic,folk,rock', plain: true,
      kinds: 'scatter:electronic:3,scatter:folk:3,scatter:rock:3',
      title: 'Unknown and good', dots: 9,
      links: '#paper-lanterns,#second-winter,#night-ferry',
    },
  },
};

function readNotebook(name) {
  return readFileSync(join(HERE, 'notebooks', `${name}.iomd`), 'utf8');
}

function packNotebook(name, { profile, files = [] }) {
  const embedded = files.flatMap(
    (file) => ['--file', join(HERE, 'files', file)]);
  return packFile(join(HERE, 'notebooks', `${name}.iomd`),
                  ['--profile', profile, ...embedded]);
}

const readSeen = () => window.seen;

eachBrowser('old idioms', (test) => {
  for (const [name, notebook] of Object.entries(NOTEBOOKS)) {
    test(`${name}, in a client`, async (open) => {
      const host = await Host.open(open, server, {
        url: `../dist/tincture.js?profile=${notebook.profile}` });
      const results = await host.run(readNotebook(name));
      const told = JSON.stringify(results.at(-1));
      assert.deepEqual(results.map(({ status }) => status),
                       notebook.ended, told);
      assert.deepEqual(await host.frame.evaluate(readSeen), notebook.seen);
      await host.page.screenshot(`iodide-${name}`, { fullPage: false });
    });

    test(`${name}, in a packed page`, async (open) => {
      const page = await (await open(packNotebook(name, notebook))).ready();
      const statuses = (await page.runAll()).map(({ status }) => status);
      assert.deepEqual(
        statuses.filter((status) => status !== 'aborted'), notebook.ended,
        await page.describe());
      assert.deepEqual(await page.evaluate(readSeen), notebook.seen);
      await page.screenshot(`idioms-${name}`);
    });
  }

  test('the tour, chunk by chunk as the console shows it', async (open) => {
    const host = await Host.open(open, server);
    const results = await host.run(readNotebook('tour'));
    assert.match(results[1].text, /^"3\.13\.\d+ /);
    assert.deepEqual(results[2].members, [
      '0: 0', '1: 1', '2: 32', '3: "foo"', '4: Object(2)', '5: Uint8Array(5)']);
    assert.equal(results[3].text, '"swonk dniw eht"');
    assert.equal(results[5].how, 'iodideRender');
    assert.match(results[5].html, /<pre[^>]*>&lt;Ada: 10&gt;<\/pre>/);
    assert.deepEqual(results[7].members, ['0: "Grace"', '1: 15']);
    const failed = results.at(-1);
    assert.equal(failed.shown, true);
    assert.match(failed.text, /^ZeroDivisionError: Traceback/);
    assert.deepEqual(failed.frames, []);
  });
});
