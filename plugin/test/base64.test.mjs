// Base64 both ways: the engine's and our own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { base64Size, decodeBase64, decodeBase64Slowly, encodeBase64 } =
  await load('base64');

function randomBytes(size) {
  return crypto.getRandomValues(new Uint8Array(size));
}

test('the slow way decodes what others encode', () => {
  for (let size = 0; size < 70; size++) {
    const bytes = randomBytes(size);
    const text = Buffer.from(bytes).toString('base64');
    const target = new Uint8Array(size);
    assert.equal(base64Size(text), size);
    assert.equal(decodeBase64Slowly(text, target), size);
    assert.deepEqual(target, bytes);
    assert.equal(decodeBase64(text, target), size);
    assert.equal(encodeBase64(bytes), text);
  }
});

test('white space is skipped', () => {
  const target = new Uint8Array(3);
  assert.equal(decodeBase64Slowly(' Zm\n9v\n', target), 3);
  assert.deepEqual([...target], [102, 111, 111]);
});

test('damage is noticed', () => {
  assert.throws(() => decodeBase64Slowly('Zm*v', new Uint8Array(3)));
  assert.throws(() => decodeBase64Slowly('Zm9vZm9v', new Uint8Array(3)));
  assert.throws(() => decodeBase64('Zm9vZm9v', new Uint8Array(3)));
});
