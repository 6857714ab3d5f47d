// The language plugin, loaded by an Iodide client as the contract has it.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { eachBrowser } from '../browser/suite.mjs';
import { Host, readDefinition, serveHost } from './host.mjs';

let server;

before(async () => {
  server = await serveHost();
});
after(() => server.close());

const openHost = (open, definition) => Host.open(open, server, definition);

eachBrowser('iodide plugin', (test) => {
  test('the definition is what a client reads', async () => {
    assert.deepEqual(readDefinition(), {
      languageId: 'py', displayName: 'Python', url: 'tincture.js',
      module: 'tincture', evaluator: 'runPython',
      asyncEvaluator: 'runPythonAsync', autocomplete: 'autocomplete',
      pluginType: 'language', codeMirrorMode: 'python' });
  });

  test('results: literals, tables and objects', async (open) => {
    const host = await openHost(open);
    const results = await host.run(`%% py
1 + 1
%% py
"text"
%% py
None
%% py
[1, 2.5, "a", True]
%% py
[{"a": 1, "b": 2}, {"a": 3, "b": 4}]
%% py
{"one": [1, {"two": 2}]}
%% py
(b"bytes", 10**30, float("nan"))
%% py
class Thing:
    def __repr__(self):
        return "<thing & co>"
Thing()
%% py
class Rich:
    def _repr_html_(self):
        return ("<style>td { color: red }</style><script>window.wasRun = 1</script>"
                "<table border=1 class=wide><tr><td onclick='x()'>cell"
                "<b>bold</b></table>")
Rich()
%% py
[Thing(), Thing()]
`);
    assert.deepEqual(results.map(({ status }) => status),
                     Array(10).fill('ok'), JSON.stringify(results));
    assert.deepEqual(results.slice(0, 3).map(({ text }) => text),
                     ['2', '"text"', 'undefined']);
    assert.deepEqual(results[3].members,
                     ['0: 1', '1: 2.5', '2: "a"', '3: true']);
    assert.deepEqual([results[4].how, results[4].keys, results[4].count],
                     ['table', ['a', 'b'], 2]);
    assert.deepEqual([results[5].text, results[5].members],
                     ['Object(1)', ['one: Array(2)']]);
    assert.equal(results[6].how, 'tree');
    assert.match(results[6].members[0], /^0: Uint8(Clamped)?Array\(5\)$/);
    assert.deepEqual(results[6].members.slice(1),
                     ['1: 1000000000000000000000000000000', '2: NaN']);
    assert.match(results[7].html,
                 /<pre[^>]*>&lt;thing &amp; co&gt;<\/pre>/);
    assert.match(results[8].html,
                 /<table class="wide"><tbody><tr><td>cellbold<\/td>/);
    assert.doesNotMatch(results[8].html, /script|style>|color/);
    assert.equal(results[9].members.length, 2);
    assert.deepEqual(await host.userVariables(), []);
  });

  test('an error shows the traceback and halts the queue', async (open) => {
    const host = await openHost(open);
    const results = await host.run(`%% py
x = 1
%% py
def f():
    return x / 0

f()
%% py
x = "not reached"`);
    assert.equal(results.length, 2);
    const [, failed] = results;
    assert.equal(failed.how, 'error');
    assert.equal(failed.shown, true);
    assert.match(failed.text, /^ZeroDivisionError: Traceback /);
    assert.match(failed.text, /line 2, in f/);
    assert.match(failed.text, /ZeroDivisionError: division by zero$/);
    assert.deepEqual(failed.frames, [], 'no frames of JavaScript');
    assert.equal((await host.value('x')).text, '1');
  });

  test('completion answers at once, by bare names', async (open) => {
    const host = await openHost(open);
    await host.value('alphabet = "abc"');
    const names = await host.complete('alphabet = 1\nalph');
    assert.ok(names.includes('alphabet'), String(names));
    assert.deepEqual(await host.complete('alphabet.start'), ['startswith']);
    assert.ok(Array.isArray(await host.complete("def (")));
  });

  test('what is printed is in the report', async (open) => {
    const host = await openHost(open);
    await host.value('print("printed   words\\nand more")\nprint("end", end="")');
    assert.match(await host.report(), /^printed {3}words\nand more\nend$/);
    const target = await host.frame.evaluate(
      () => document.querySelector('[id^="side-effect-target"]').id);
    assert.match(target, /^side-effect-target--?\d+_0$/);
  });

  test('in the console, where nothing can be written to', async (open) => {
    const host = await openHost(open);
    const result = await host.runInConsole('print("typed")\n6 * 7');
    assert.deepEqual([result.status, result.text], ['ok', '42']);
    const said = (await host.lines()).map(({ text }) => text);
    assert.ok(said.includes('typed'), String(said));
  });

  test('top-level await, and state that lasts', async (open) => {
    const host = await openHost(open);
    const last = await host.value(
      'import asyncio\nasync def later():\n    await asyncio.sleep(0.01)\n'
      + '    return 5\n', 'await later() + 1');
    assert.equal(last.text, '6');
  });

  test('old notebooks find pyodide', async (open) => {
    const host = await openHost(open, { module: 'pyodide' });
    const results = await host.run(`%% py
value = [1, 2]
%% js
[pyodide.pyimport("value").join("-"), typeof pyodide.version,
 pyodide.runPython("value[0] + 1"), pyodide.loadedPackages instanceof Object,
 Object.keys(window).filter((name) => /pyodide|tincture/i.test(name)).length,
].join("|")
%% js
pyodide.loadPackage(["numpy"]).then(() => "here")`);
    assert.deepEqual(results.slice(1).map(({ text }) => text),
                     ['"1-2|string|2|true|0"', '"here"']);
  });

  test('an evaluator without async works too', async (open) => {
    const host = await openHost(open, { asyncEvaluator: undefined });
    assert.equal((await host.value('6 * 7')).text, '42');
  });

  test('a Pyodide that is there already stays', async (open) => {
    const host = await openHost(open);
    const results = await host.run(`%% js
pyodide = { version: "0.15.0" }
%% py
6 * 7
%% js
[pyodide.version, tincture.runPython("7 * 6")].join("|")`);
    assert.deepEqual(results.slice(1).map(({ text }) => text),
                     ['42', '"0.15.0|42"']);
  });

  test('what an old notebook awaits is awaited', async (open) => {
    const host = await openHost(open);
    const results = await host.run(`%% py
from js import Promise
Promise.resolve([1, 2])
%% py
class Thenless:
    def __getattr__(self, name):
        return "anything"
Thenless()`);
    assert.deepEqual(results.map(({ status }) => status), ['ok', 'ok']);
    assert.deepEqual(results[0].members, ['0: 1', '1: 2'],
                     JSON.stringify(results[0]));
    assert.equal(results[1].how, 'iodideRender', JSON.stringify(results[1]));
  });

  test('without stack switching all but waiting works', async (open) => {
    const host = await Host.open(open, server, {},
                                 { withoutSuspension: true });
    const results = await host.run(`%% py
print("printed")
sum(range(10))
%% py
input("Who? ")`);
    assert.equal(results[0].text, '45');
    assert.match(await host.report(), /printed/);
    assert.equal(results[1].how, 'error');
    assert.match(results[1].text, /input/);
  });
});
