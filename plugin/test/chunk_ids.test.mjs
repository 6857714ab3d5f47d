// The ids by which Iodide knows a chunk's output.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { ChunkIds, hashText } = await load('chunk_ids');

test('text is hashed as Java does it, in 32 bits', () => {
  assert.equal(hashText(''), 0);
  assert.equal(hashText('hello'), 99162322);
  assert.equal(hashText('polygenelubricants'), -2147483648);
  assert.equal(hashText('größe \u{1f600}'),
               [...'größe \u{1f600}'].join('').split('').reduce(
                 (hash, unit) => Number(BigInt.asIntN(32,
                   BigInt(hash) * 31n + BigInt(unit.charCodeAt(0)))), 0));
});

test('equal chunks are counted', () => {
  const ids = new ChunkIds();
  assert.deepEqual(['hello', '', 'hello', 'hello'].map((it) => ids.next(it)),
                   ['99162322_0', '0_0', '99162322_1', '99162322_2']);
});
