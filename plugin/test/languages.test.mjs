// Languages that a notebook defines by `%% plugin`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { Languages } = await load('languages');

function makeLanguages() {
  return new Languages({ find: () => undefined });
}

function define(languages, definition) {
  return languages.define(JSON.stringify(definition));
}

test('a module that is in the page already is used', async () => {
  globalThis.loud = { run: (code) => code.toUpperCase() };
  const languages = makeLanguages();
  await define(languages, { languageId: 'loud', module: 'loud',
                            evaluator: 'run' });
  assert.equal(languages.has('loud'), true);
  assert.equal(await languages.run('loud', 'a', () => {}), 'A');
});

test('a script is evaluated, its promise awaited, its address known',
  async () => {
    const script = 'var seen = languagePluginUrl;'
      + 'Promise.resolve().then(() => { globalThis.late = {'
      + 'run: async (code, say) => { say("hm"); return seen; } } })';
    const url = `data:text/javascript,${encodeURIComponent(script)}`;
    const languages = makeLanguages();
    await define(languages, { languageId: 'late', module: 'late', url,
                              asyncEvaluator: 'run', evaluator: 'no' });
    assert.equal('languagePluginUrl' in globalThis, false);
    const said = [];
    const value = await languages.run('late', '', (text) => said.push(text));
    assert.equal(value, url);
    assert.deepEqual(said, ['hm']);
  });

test('what is wrong is said', async () => {
  const languages = makeLanguages();
  await assert.rejects(languages.run('x', ''), {
    message: 'No evaluator available for chunks of type "x"',
  });
  await assert.rejects(languages.define('{'), /failed to parse:\n/);
  await assert.rejects(define(languages, {}), /missing "languageId"/);
  await define(languages, { languageId: 'y', module: 'z', evaluator: 'e' });
  await assert.rejects(languages.run('y', ''), /no function z\.e/);
  const url = 'data:text/javascript,throw new Error("broken")';
  await assert.rejects(define(languages, { languageId: 'b', url }), /broken/);
});

test('a later definition takes the place of an earlier one', async () => {
  globalThis.one = { run: () => 1 };
  globalThis.two = { run: () => 2 };
  const languages = makeLanguages();
  await define(languages, { languageId: 'py', module: 'one',
                            evaluator: 'run' });
  await define(languages, { languageId: 'py', module: 'two',
                            evaluator: 'run' });
  assert.equal(await languages.run('py', '', () => {}), 2);
});

test('the page itself is the Python of 2018', async () => {
  const files = { find: (name) => (name === 'own.js' ? {} : undefined) };
  const languages = new Languages(files);
  const old = { languageId: 'py', module: 'pyodide', evaluator: 'runPython' };
  for (const url of ['https://example.org/pyodide.js', 'pyodide.js', '']) {
    await define(languages, { ...old, url });
    assert.equal(languages.has('py'), false, url);
  }
  const url = 'data:text/javascript,globalThis.pyodide = {runPython: () => 7}';
  await define(languages, { ...old, url });
  assert.equal(await languages.run('py', ''), 7);
  delete globalThis.pyodide;
});

test('completion asks the module, at once', async () => {
  globalThis.knowing = { run: () => 0, names: (code) => [`${code}x`, 2] };
  const languages = makeLanguages();
  const definition = { languageId: 'k', module: 'knowing', evaluator: 'run' };
  await define(languages, definition);
  assert.equal(languages.completes('k'), false);
  assert.deepEqual(languages.complete('k', 'a'), []);
  await define(languages, { ...definition, autocomplete: 'names' });
  assert.equal(languages.completes('k'), true);
  assert.deepEqual(languages.complete('k', 'a'), ['ax', '2']);
  assert.deepEqual(languages.complete('other', 'a'), []);
});

test('a script that failed to load is tried again', async () => {
  globalThis.attempts = 0;
  const script = 'attempts += 1; if (attempts < 2) throw new Error("once");'
    + 'globalThis.second = {run: () => attempts}';
  const url = `data:text/javascript,${encodeURIComponent(script)}`;
  const languages = makeLanguages();
  await assert.rejects(define(languages, {
    languageId: 's', module: 'second', evaluator: 'run', url }), /once/);
  assert.equal(await languages.run('s', ''), 2);
});
