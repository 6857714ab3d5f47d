// Changing one chunk must leave the rest of the text alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { escapeChunk, headAfter, headOf, joinIomd, splitIomd, unescapeChunk } =
  await load('iomd_text');
const { escapeIomd, unescapeIomd } = await load('notebook_data');

test('lines that would start a chunk are escaped', () => {
  const source = '%%timeit\nx\n %% y\n%%';
  const { text, escaped } = escapeChunk(source);
  assert.equal(text, ' %%timeit\nx\n %% y\n %%');
  assert.deepEqual(escaped, [0, 3]);
  assert.equal(unescapeChunk(text, escaped), source);
});

test('text is put together as it was', () => {
  for (const text of [
    '', '\n', 'preamble only', '%% py', '%% py\n', '%% py\n\n', '\n%% md\nx',
    'preamble\n%% md\n# a\n\n%%%% py skipRunAll\n%% js\n1\r\u2028%% no\n',
  ]) {
    assert.equal(joinIomd(splitIomd(text)), text);
  }
});

test('a chunk has a delimiter and the lines up to the next', () => {
  assert.deepEqual(splitIomd('a\n%% md\n%% py x\n1\n\n%%'), {
    preamble: 'a',
    chunks: [
      { head: '%% md', body: null },
      { head: '%% py x', body: '1\n' },
      { head: '%%', body: null },
    ],
  });
  assert.deepEqual(splitIomd('%% md\n'), {
    preamble: null,
    chunks: [{ head: '%% md', body: '' }],
  });
});

test('delimiters of new and of moved chunks', () => {
  assert.equal(headOf('py', ['skipRunAll']), '%% py skipRunAll');
  assert.equal(headOf('', []), '%%');
  assert.equal(headAfter('%%', 'py', 'py'), '%%');
  assert.equal(headAfter('%% ', 'py', 'md'), '%% py');
  assert.equal(headAfter('%%', '', undefined), '%%');
  assert.equal(headAfter('%%%% js', 'js', 'md'), '%%%% js');
});

test('the text in the page', () => {
  const text = `a < b && "c" > 'd' &lt; </script>`;
  assert.equal(unescapeIomd(escapeIomd(text)), text);
  assert.doesNotMatch(escapeIomd(text), /[<>]/);
});
