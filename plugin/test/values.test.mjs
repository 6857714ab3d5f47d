// Tagged Python values as JavaScript values.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { fromTagged } = await load('values');

test('what JSON can say stays as it is', () => {
  assert.equal(fromTagged(true), true);
  assert.equal(fromTagged(1.5), 1.5);
  assert.equal(fromTagged('text'), 'text');
  assert.equal(fromTagged(null), undefined);
});

test('lists and dicts', () => {
  const list = { t: 'list', v: [1, { t: 'list', v: [] }, null] };
  assert.deepEqual(fromTagged(list), [1, [], undefined]);
  const dict = { t: 'dict', v: [['a', 1], ['__proto__', 2]] };
  const object = fromTagged(dict);
  assert.deepEqual(Object.entries(object), [['a', 1], ['__proto__', 2]]);
  assert.equal(Object.getPrototypeOf(object), Object.prototype);
  const mixed = fromTagged({ t: 'dict', v: [[1, 'a'], ['b', 2]] });
  assert.ok(mixed instanceof Map);
  assert.equal(mixed.get(1), 'a');
});

test('numbers that JSON cannot say', () => {
  const big = { t: 'int', v: '123456789012345678901234567890' };
  assert.equal(fromTagged(big), 123456789012345678901234567890n);
  assert.ok(Number.isNaN(fromTagged({ t: 'float', v: 'nan' })));
  assert.equal(fromTagged({ t: 'float', v: '-inf' }), -Infinity);
  assert.ok(Object.is(fromTagged({ t: 'float', v: '-0' }), -0));
});

test('bytes come from the buffers', () => {
  const bytes = Uint8Array.of(1, 2);
  assert.equal(fromTagged({ t: 'bytes', buffer: 0 }, [bytes]), bytes);
  assert.throws(() => fromTagged({ t: 'bytes', buffer: 1 }, [bytes]));
});

test('objects show themselves and are no promises', async () => {
  const plain = fromTagged({ t: 'object', type: 'A', repr: '<A & B>' });
  assert.equal(plain.then, undefined);
  assert.equal(await plain, plain);
  assert.equal(plain.iodideRender(), '<pre>&#60;A &#38; B&#62;</pre>');
  assert.equal(String(plain), '<A & B>');
  assert.throws(() => plain(), /lives in Python/);
  const rich = fromTagged({ t: 'object', type: 'A', repr: '', html: '<b>' });
  assert.equal(rich.iodideRender(), '<b>');
});

test('what is not tagged right is refused', () => {
  assert.throws(() => fromTagged({ t: 'what' }));
  assert.throws(() => fromTagged([1]));
});
