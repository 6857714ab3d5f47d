// The grammar of `%% fetch` lines, as iodide has it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { parseFetchChunk, isRemote, embeddedName } = await load('fetch_grammar');

function errorOf(text) {
  try {
    parseFetchChunk(text);
  } catch (error) {
    return [error.name, error.line];
  }
  return undefined;
}

test('assets, data, comments and blank lines', () => {
  const text = `
// a comment
js: https://example.org/d3.js
  css: style.css // why not
bytes: raw = data.hdf5
json:   größe=files/a.json
text: x = a=b.txt
`;
  assert.deepEqual(parseFetchChunk(text), [
    { type: 'js', path: 'https://example.org/d3.js' },
    { type: 'css', path: 'style.css' },
    { type: 'bytes', path: 'data.hdf5', name: 'raw' },
    { type: 'json', path: 'files/a.json', name: 'größe' },
    { type: 'text', path: 'a=b.txt', name: 'x' },
  ]);
});

test('an address keeps its own slashes', () => {
  const [line] = parseFetchChunk('text: a = https://example.org//b');
  assert.equal(line.path, 'https://example.org//b');
});

test('errors have Iodide\'s names and a line', () => {
  assert.deepEqual(errorOf('js:a.js'), ['MISSING_FETCH_TYPE', 1]);
  assert.deepEqual(errorOf('\njs : a.js'), ['INVALID_FETCH_TYPE', 2]);
  assert.deepEqual(errorOf('csv: x = a.csv'), ['INVALID_FETCH_TYPE', 1]);
  assert.deepEqual(errorOf('file: a.csv'), ['INVALID_FETCH_TYPE', 1]);
  assert.deepEqual(errorOf('js: a b.js'), ['INVALID_FETCH_URL', 1]);
  assert.deepEqual(errorOf('text: x = a "b"'), ['INVALID_FETCH_URL', 1]);
  for (const name of ['1x', 'a b', 'a;b', 'class', '']) {
    const found = errorOf(`text: ${name} = f.txt`);
    assert.equal(found?.[0], 'INVALID_VARIABLE_NAME', name);
  }
  assert.equal(errorOf('text: f.txt')[0], 'INVALID_VARIABLE_NAME');
});

test('a name cannot smuggle code', () => {
  assert.equal(errorOf('text: x,y = f')[0], 'INVALID_VARIABLE_NAME');
  assert.equal(errorOf('text: {x} = f')[0], 'INVALID_VARIABLE_NAME');
  assert.equal(errorOf('text: x/**/ = f')[0], 'INVALID_VARIABLE_NAME');
});

test('where a path points', () => {
  assert.ok(isRemote('https://a/b'));
  assert.ok(!isRemote('files/a'));
  assert.equal(embeddedName('files/a.csv'), 'a.csv');
  assert.equal(embeddedName('./a.csv'), 'a.csv');
  assert.equal(embeddedName('a.csv'), 'a.csv');
});
