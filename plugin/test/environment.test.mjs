// Values that a notebook of 2018 froze into itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { makeEnvironment } = await load('environment');

function make(frozen = {}) {
  const host = {
    frozen,
    read: () => host.frozen,
    write: (next) => { host.frozen = next; },
  };
  return { host, environment: makeEnvironment(host) };
}

test('what JSMD has in its meta chunk comes back', () => {
  const { environment } = make({
    foo: ['object', 'N4IghiBcCMC+Q==='],
    words: ['rawString', 'as they are'],
  });
  assert.deepEqual(environment.get('foo'), { a: 1 });
  assert.deepEqual(environment.get('foo', 'words'),
                   [{ a: 1 }, 'as they are']);
  assert.deepEqual(environment.list(), ['foo', 'words']);
});

test('what is frozen comes back, beside what was there', () => {
  const { host, environment } = make({ old: ['rawString', 'o'] });
  const table = [{ x: 1, y: null }, { x: 2.5, y: 'ü \u{1f600}' }];
  environment.freeze({ table, text: 'a\nb', empty: '' });
  environment.freezeRawString({ raw: '<&>' });
  assert.deepEqual(environment.get('table'), table);
  assert.deepEqual(environment.get('text', 'empty', 'raw', 'old'),
                   ['a\nb', '', '<&>', 'o']);
  assert.deepEqual(host.frozen.raw, ['rawString', '<&>']);
  assert.equal(host.frozen.text[0], 'string');
  environment.clear();
  assert.deepEqual(environment.list(), []);
});

test('what cannot be is said', () => {
  const { environment } = make({
    torn: ['object', 'N4IghiBc'],
    odd: ['zip', ''],
  });
  assert.throws(() => environment.get('torn'), /torn is damaged/);
  assert.throws(() => environment.get('odd'), /unknown form, "zip"/);
  assert.throws(() => environment.get('none'), /under the name none/);
  assert.throws(() => environment.get('toString'), /under the name/);
  assert.throws(() => environment.freeze('x'), /names and their values/);
  assert.throws(() => environment.freeze({ f: undefined }), /value of f/);
  assert.throws(() => environment.freezeRawString({ n: 1 }), /no string/);
  assert.deepEqual(environment.list(), ['torn', 'odd']);
});
