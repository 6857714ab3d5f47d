// Thousands of damaged payloads: whatever byte is not what was written, the
// part is named and nothing of it is handed on as good.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { Payload } = await load('payload');
const { writeTable } = await load('part_table');
const { xxh64 } = await load('xxh64');

const ROUNDS = 4000;

/** The multiplier and modulus of MINSTD: the same damage every time. */
function makeRandom(seed) {
  let state = seed;
  return (limit) => {
    state = (state * 48271) % 0x7fffffff;
    return state % limit;
  };
}

/* Stands in for page.wasm: bytes as they are, summed up by position. */
class PlainLibrary {
  #regions = new Map();
  #count = 0;

  alloc(size) {
    assert.ok(size < 1 << 20, 'the table is checked before sizes are used');
    const region = { pointer: (this.#count += 1), size };
    this.#regions.set(region.pointer, new Uint8Array(size));
    return region;
  }

  free(region) {
    this.#regions.delete(region.pointer);
  }

  view(region) {
    return this.#regions.get(region.pointer);
  }

  checksum(region) {
    return xxh64(String.fromCharCode(...this.view(region)));
  }
}

function makeReport() {
  const parts = [];
  const texts = new Map();
  for (const [name, size] of [['a.wasm', 700], ['b.snapshot', 999],
    ['c.image', 61], ['file:d.csv', 1]]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7) % 251);
    const half = Math.ceil(size / 6) * 3;
    const chunks = [bytes.subarray(0, half), bytes.subarray(half)]
      .filter(({ length }) => length > 0);
    chunks.forEach((chunk, k) => texts.set(
      `part-${parts.length}-${k}`, Buffer.from(chunk).toString('base64')));
    parts.push({ name, codec: 'none', size, stored_size: size,
                 checksum: xxh64(String.fromCharCode(...bytes)),
                 chunks: chunks.length });
  }
  texts.set('tincture-payload', writeTable({ version: 3, parts }));
  return { texts, parts };
}

function open(texts) {
  const root = { getElementById: (id) =>
    texts.has(id) ? { textContent: texts.get(id) } : null };
  const payload = new Payload(root);
  payload.useLibrary(new PlainLibrary());
  return payload;
}

/* What a reading of everything ends with: a message, or each part's bytes. */
function readAll(texts) {
  try {
    const payload = open(texts);
    return { bytes: payload.parts.map(({ name }) =>
      Buffer.from(payload.bytes(name)).toString('hex')) };
  } catch (error) {
    assert.equal(error.name, 'DamagedPart', String(error.stack));
    return { part: error.part, message: error.message };
  }
}

function ownerOf(id, parts) {
  return id === 'tincture-payload' ? id : parts[Number(id.split('-')[1])].name;
}

test('a flipped byte is found, and its part named', () => {
  const { texts, parts } = makeReport();
  const whole = readAll(texts);
  assert.equal(whole.bytes.length, parts.length);
  const random = makeRandom(1);
  const ids = [...texts.keys()];
  for (let round = 0; round < ROUNDS; round += 1) {
    const id = ids[random(ids.length)];
    const text = texts.get(id);
    const place = random(text.length);
    const code = text.charCodeAt(place) ^ (1 << random(7));
    const damaged = new Map(texts).set(
      id, text.slice(0, place) + String.fromCharCode(code)
        + text.slice(place + 1));
    const seen = readAll(damaged);
    if (seen.bytes) {
      // The last bits of base64 stand for nothing.
      assert.deepEqual(seen.bytes, whole.bytes, `${id} at ${place}`);
      assert.notEqual(id, 'tincture-payload');
    } else {
      assert.equal(seen.part, ownerOf(id, parts), `${id} at ${place}`);
      assert.ok(seen.message.includes(seen.part));
    }
  }
});

test('a file that was cut off is found', () => {
  const { texts, parts } = makeReport();
  const whole = readAll(texts);
  const ids = [...texts.keys()].filter((id) => id.startsWith('part'));
  const random = makeRandom(2);
  for (let round = 0; round < ROUNDS / 4; round += 1) {
    const last = random(ids.length);
    const kept = new Map(texts);
    ids.slice(last + 1).forEach((id) => kept.delete(id));
    const text = texts.get(ids[last]);
    kept.set(ids[last], text.slice(0, random(text.length)));
    const seen = readAll(kept);
    if (seen.bytes) {
      // Only the = at the end of base64 is gone.
      assert.deepEqual(seen.bytes, whole.bytes);
    } else {
      assert.ok(parts.some(({ name }) => name === seen.part), seen.message);
    }
  }
});

test('the table is read only as it was written', () => {
  const { texts } = makeReport();
  const text = texts.get('tincture-payload');
  for (const damaged of [
    text.replace(/,"checksum":"[0-9a-f]{16}"\}$/, '}'),
    text.replace('"version":3', '"version":9'),
    `${text.slice(0, -1)},"more":1}`,
    text.slice(0, -1),
    '',
    'null',
    '{}',
    '[]',
  ]) {
    const seen = readAll(new Map(texts).set('tincture-payload', damaged));
    assert.equal(seen.part, 'tincture-payload', damaged.slice(0, 60));
  }
});

test('XXH64 is as others compute it', () => {
  const values = { '': 'ef46db3751d8e999', a: 'd24ec4f1a98c6e5b',
                   abc: '44bc2cf5ad770999',
                   ['x'.repeat(100)]: '92f0de5a88a3c094' };
  for (const [text, hash] of Object.entries(values)) {
    assert.equal(xxh64(text), hash);
  }
});
