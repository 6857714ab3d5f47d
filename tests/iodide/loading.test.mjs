// The ways in which a page comes to the plugin, and what it says where it
// cannot be had.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';

import { BUILD, DIST } from '../browser/page.mjs';
import { eachBrowser } from '../browser/suite.mjs';
import { Host, serveHost } from './host.mjs';

const PLACE = join(BUILD, 'iodide');
const INLINE = join(PLACE, 'tincture-inline.js');

let server;

before(async () => {
  mkdirSync(PLACE, { recursive: true });
  const done = spawnSync(
    join(DIST, 'tincture'),
    ['plugin', '--inline', '--profile', 'core', '-o', INLINE],
    { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  server = await serveHost({ made: PLACE });
});
after(() => server.close());

/* Makes an address of the frame's own out of what another one gives. */
function addressIn(host, kind, url) {
  return host.frame.evaluate(async (wanted, from) => {
    const blob = await (await fetch(from)).blob();
    if (wanted === 'blob') {
      return URL.createObjectURL(blob);
    }
    return new Promise((settle) => {
      const reader = new FileReader();
      reader.onload = () => settle(reader.result);
      reader.readAsDataURL(new Blob([blob], { type: 'text/javascript' }));
    });
  }, kind, url);
}

async function checkRuns(host) {
  const { text } = await host.value('import sys, json\njson.dumps(6 * 7)');
  assert.equal(text, '"42"');
  assert.deepEqual(await host.userVariables(), []);
  assert.equal(
    await host.frame.evaluate(() => 'languagePluginUrl' in window), false);
}

eachBrowser('loading the plugin', (test) => {
  test('by a relative address', async (open) => {
    const host = await Host.open(open, server, {
      url: '../dist/tincture.js?profile=core' });
    await checkRuns(host);
    const lines = await host.lines();
    assert.deepEqual(lines, [
      { level: 'LOG', text: 'Python plugin downloaded, initializing' },
      { level: 'LOG', text: 'Python plugin ready' }]);
  });

  test('by a plugin chunk, in place of the one that was known',
       async (open) => {
    const host = await Host.open(open, server, { url: 'nowhere.js' });
    const [, value] = await host.run(`%% plugin
${JSON.stringify({ languageId: 'py', displayName: 'Other', module: 'tincture',
    url: '../dist/tincture.js?profile=core', evaluator: 'runPython',
    asyncEvaluator: 'runPythonAsync' })}
%% py
6 * 7`);
    assert.equal(value.text, '42');
  });

  for (const kind of ['data', 'blob']) {
    test(`as one script, by a ${kind}: address`, async (open) => {
      const host = await Host.open(open, server);
      await host.run('%% js\n0');
      const url = await addressIn(
        host, kind, `${server.origin}/made/tincture-inline.js`);
      await host.define({ languageId: 'py', displayName: 'Python', url,
                          module: 'tincture', evaluator: 'runPython',
                          asyncEvaluator: 'runPythonAsync' });
      await checkRuns(host);
    });
  }

  test('as one script, in a page from disk', async (open) => {
    const path = join(PLACE, 'page.html');
    writeFileSync(path, '<!doctype html><title>Page</title>'
      + '<script src="tincture-inline.js"></script>');
    const page = await open(path);
    const [value, error] = await page.evaluate(async () => {
      await window.tincture.ready;
      return [
        await window.tincture.runPythonAsync('sum(range(10))'),
        await window.tincture.runPythonAsync('1 / 0').catch(
          ({ name }) => name),
      ];
    });
    assert.deepEqual([value, error], [45, 'ZeroDivisionError']);
  });

  test('as one script, by indirect eval', async (open) => {
    const host = await Host.open(open, server);
    await host.run('%% js\n0');
    const text = readFileSync(INLINE, 'utf8');
    assert.match(text, /^\/\*! Tincture .*profile core/);
    const value = await host.frame.evaluate(async (code) => {
      await (0, eval)(code);
      return window.tincture.runPython('3 * 3');
    }, text);
    assert.equal(value, 9);
  });

  test('without its files it rejects, and says what to do', async (open) => {
    const host = await Host.open(open, server);
    host.page.expectErrors(/404|Not Found/i);
    await host.run('%% js\n0');
    const url = await addressIn(host, 'blob', `${server.origin}/dist/tincture.js`);
    await host.define({ languageId: 'py', displayName: 'Python', url,
                        module: 'tincture', asyncEvaluator: 'runPythonAsync' });
    const results = await host.run('%% py\n1\n%% py\n2');
    assert.equal(results.length, 1, 'the queue goes on to halt, not to hang');
    assert.equal(results[0].how, 'error');
    assert.equal(results[0].shown, true);
    assert.match(results[0].text,
                 /profiles\.json cannot be loaded: 404.*plugin --inline/);
    assert.deepEqual(await host.frame.evaluate(
      () => [...document.querySelectorAll('[role=status]')].length), 0);
  });

  test('a profile that does not exist is named', async (open) => {
    const host = await Host.open(open, server, {
      url: '../dist/tincture.js?profile=none' });
    const [result] = await host.run('%% py\n1');
    assert.equal(result.status, 'error');
    assert.match(result.text, /there is no profile none, only core/);
  });

  test('while it loads the report says so', async (open) => {
    const host = await Host.open(open, server);
    await host.run('%% js\n0');
    await host.frame.evaluate(() => {
      window.told = [];
      new MutationObserver(() => {
        const notice = document.querySelector('[role=status]');
        window.told.push(notice?.textContent ?? '');
      }).observe(document.body, { childList: true, subtree: true });
    });
    await host.value('1');
    const told = await host.frame.evaluate(() => window.told);
    assert.match(told.find((text) => text !== ''), /^Loading Python…/);
    assert.ok(told.some((text) => /^Loading Python… \d+\.\d MB$/.test(text)),
              String(told));
    assert.equal(told.at(-1), '');
  });
});
