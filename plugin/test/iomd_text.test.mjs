// Editing one chunk must leave the rest of the text alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { escapeChunk, unescapeChunk, replaceChunks } = await load('iomd_text');
const { escapeIomd, unescapeIomd } = await load('notebook_data');

test('lines that would start a chunk are escaped', () => {
  const source = '%%timeit\nx\n %% y\n%%';
  const { text, escaped } = escapeChunk(source);
  assert.equal(text, ' %%timeit\nx\n %% y\n %%');
  assert.deepEqual(escaped, [0, 3]);
  assert.equal(unescapeChunk(text, escaped), source);
});

test('only what was edited changes', () => {
  const text = 'preamble\n%% md\n# a\n\n%%%% py skipRunAll\n%% js\n1\r\u2028%% no\n';
  const same = replaceChunks(text, new Map());
  assert.equal(same, text);
  const edited = replaceChunks(text, new Map([[0, '# b\n']]));
  assert.equal(edited, text.replace('# a', '# b'));
});

test('an empty chunk can be filled, a full one emptied', () => {
  const text = '%% md\n%% py\nx';
  assert.equal(replaceChunks(text, new Map([[0, 'a']])), '%% md\na\n%% py\nx');
  assert.equal(replaceChunks(text, new Map([[0, '']])), text);
  assert.equal(replaceChunks(text, new Map([[1, '']])), '%% md\n%% py\n');
  assert.equal(replaceChunks('%% py', new Map([[0, 'x']])), '%% py\nx');
});

test('the text in the page', () => {
  const text = `a < b && "c" > 'd' &lt; </script>`;
  assert.equal(unescapeIomd(escapeIomd(text)), text);
  assert.doesNotMatch(escapeIomd(text), /[<>]/);
});
