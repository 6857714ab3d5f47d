// Formulas in text: what is one, what is prose.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { splitFormulas } = await load('math_view');

const split = (text) =>
  splitFormulas(text).map(({ text: it, formula }) => [formula ?? 'prose', it]);

test('delimiters say how a formula stands', () => {
  assert.deepEqual(split('$x$'), [['inline', 'x']]);
  assert.deepEqual(split('$$x$$'), [['display', 'x']]);
  assert.deepEqual(split('\\(x\\)'), [['inline', 'x']]);
  assert.deepEqual(split('\\[ x\ny \\]'), [['display', 'x\ny']]);
});

test('prose around formulas stays', () => {
  assert.deepEqual(split('a $x$ b $$y$$ c'), [
    ['prose', 'a '],
    ['inline', 'x'],
    ['prose', ' b '],
    ['display', 'y'],
    ['prose', ' c'],
  ]);
});

test('an environment needs no delimiters, and may be inside', () => {
  const align = '\\begin{align*}a &= b\\\\ c &= d\\end{align*}';
  assert.deepEqual(split(align), [['display', align]]);
  assert.deepEqual(split(`$$${align}$$`), [['display', align]]);
});

test('an escaped dollar is none', () => {
  assert.deepEqual(split('$5\\$ + x$'), [['inline', '5\\$ + x']]);
  assert.deepEqual(split('it costs 5 $'), [['prose', 'it costs 5 $']]);
  assert.deepEqual(split(''), []);
});
