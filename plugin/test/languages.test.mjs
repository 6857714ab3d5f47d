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
