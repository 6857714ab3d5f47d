// What a run shows in the report of an Iodide notebook.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { eachBrowser } from '../browser/suite.mjs';
import { Host, serveHost } from './host.mjs';

let server;

before(async () => {
  server = await serveHost();
});
after(() => server.close());

/* The text of every output below the chunks, by chunk. */
function readReport(host) {
  return host.frame.evaluate(() => [
    ...document.querySelectorAll('[id^="side-effect-target"]'),
  ].map((target) => [...target.querySelectorAll('.tn-output')].map(
    (output) => output.textContent.trim())));
}

/* A picture has no size before it is decoded, also one that is in the page. */
function decodePictures(host) {
  return host.frame.evaluate(() => Promise.all(
    [...document.querySelectorAll('.tn-output img')].map(
      (picture) => picture.decode())));
}

eachBrowser('output in the report', (test) => {
  test('text and displays, in their order, below their chunk',
       async (open) => {
    const host = await Host.open(open, server);
    await host.run(`%% py
import sys
from IPython.display import display, HTML, Markdown
print("one")
display(HTML("<b>two</b>"))
print("three", file=sys.stderr)
display(Markdown("*four*"))
%% py
silent = 1
%% py
print("\\x1b[31mred\\x1b[0m, and   spaces")`);
    assert.deepEqual(await readReport(host), [
      ['one', 'two', 'three', 'four'], [], ['red, and   spaces']]);
    const found = await host.frame.evaluate(() => ({
      bold: document.querySelector('.tn-output b').textContent,
      emphasis: document.querySelector('.tn-output em').textContent,
      coloured: document.querySelector('pre span') !== null,
      outside: [...document.body.children].map(({ localName }) => localName)
        .filter((name) => name !== 'script').join(),
    }));
    assert.deepEqual(found, { bold: 'two', emphasis: 'four', coloured: true,
                              outside: 'div' });
  });

  test('what code puts there itself, in between', async (open) => {
    const host = await Host.open(open, server);
    await host.run(`%% py
from js import iodide
print("one")
iodide.output.text("two")
print("three")
mark = iodide.output.element("b")
mark.textContent = "four"
print("five")`);
    assert.deepEqual((await host.report()).trim().split(/\n+/),
                     ['one', 'two', 'three', 'four', 'five']);
  });

  test('displays are updated, and cleared', async (open) => {
    const host = await Host.open(open, server);
    await host.run(`%% py
from IPython.display import display, clear_output
handle = display("first", display_id=True)
%% py
handle.update("second")
%% py
print("gone")
clear_output()
print("stays")`);
    assert.deepEqual(await readReport(host), [["'second'"], [], ['stays']]);
  });

  test('a result that is a picture is in the report', async (open) => {
    const host = await Host.open(open, server);
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk'
      + '+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const results = await host.run(`%% py
import base64
class Picture:
    def _repr_png_(self):
        return base64.b64decode("${png}")
Picture()
%% py
class Linked:
    def _repr_html_(self):
        return "<a href='#x'>a link</a>"
Linked()
%% py
class Plain:
    def _repr_html_(self):
        return "<div>plain</div>"
Plain()`);
    assert.deepEqual(results.map(({ how }) => how),
                     Array(3).fill('iodideRender'));
    assert.match(results[1].html, /a link/);
    assert.doesNotMatch(results[1].html, /href/);
    await decodePictures(host);
    const found = await host.frame.evaluate(() => ({
      width: document.querySelector('.tn-output img').naturalWidth,
      link: document.querySelector('.tn-output a').getAttribute('href'),
      count: document.querySelectorAll('.tn-output').length,
    }));
    assert.deepEqual(found, { width: 1, link: '#x', count: 2 });
  });

  test('input() asks in the report', async (open) => {
    const host = await Host.open(open, server);
    await host.run('%% js\n0');
    const running = host.run(`%% py
print("hello")
name = input("Who? ")
name.upper()`);
    const field = await host.frame.waitForSelector('.tn-input input');
    await field.type('ada\n');
    const [result] = await running;
    assert.equal(result.text, '"ADA"');
    assert.deepEqual((await readReport(host)).at(-1), ['hello\nWho? ada']);
  });

  test('what a task prints later is where its chunk was', async (open) => {
    const host = await Host.open(open, server);
    await host.run(`%% py
import asyncio
async def later():
    await gate.wait()
    print("late")
gate = asyncio.Event()
task = asyncio.ensure_future(later())
print("early")
%% py
gate.set()
await task`);
    const texts = (await readReport(host)).flat();
    assert.deepEqual(texts.join('\n').split('\n'), ['early', 'late']);
  });

  test('figures are in the report, as pictures or live', async (open) => {
    const host = await Host.open(open, server, {
      url: '../dist/tincture.js?profile=scientific' });
    const results = await host.run(`%% py
import matplotlib.pyplot as plt
import numpy as np
plt.plot(np.sin(np.arange(20)))
plt.show()
%% py
%matplotlib widget
fig, axes = plt.subplots(figsize=(4, 2.5))
axes.plot(np.arange(10) ** 2)
plt.show()
%% py
import pandas as pd
pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})`);
    assert.deepEqual(results.map(({ status }) => status), ['ok', 'ok', 'ok'],
                     JSON.stringify(results));
    assert.match(results[2].html, /<table class="dataframe">/);
    await host.frame.waitForSelector('.tn-figure:not([hidden]) canvas');
    await decodePictures(host);
    const [pictures, tools] = await host.frame.evaluate(() => [
      [...document.querySelectorAll('.tn-output img')].filter(
        (image) => !image.hidden && image.naturalWidth > 100).length,
      document.querySelectorAll('.tn-figure-bar button').length]);
    assert.equal(pictures, 1);
    assert.ok(tools >= 5, `${tools} tools`);
    await host.page.screenshot('iodide-figure', { fullPage: false });
  });
});
