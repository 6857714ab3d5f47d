// The payload's parts: joined from their elements, checked, decoded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { load } from './load.mjs';

const { Payload } = await load('payload');

/* A document of script elements, by id. */
function makeRoot(parts, chunks) {
  const texts = new Map([
    ['tincture-payload', JSON.stringify({ version: 1, parts })],
    ...Object.entries(chunks),
  ]);
  return {
    getElementById: (id) =>
      texts.has(id) ? { textContent: texts.get(id) } : null,
  };
}

/* Stands in for page.wasm: memory in a map, "zstd" that doubles its input. */
class FakeLibrary {
  #memory = new Map();

  alloc(size) {
    const region = { pointer: this.#memory.size + 1, size };
    this.#memory.set(region.pointer, new Uint8Array(size));
    return region;
  }

  free(region) {
    this.#memory.set(region.pointer, null);
  }

  view(region) {
    return this.#memory.get(region.pointer);
  }

  checksum(region) {
    return String(this.view(region).reduce((sum, byte) => sum + byte, 0));
  }

  decodeBase91(text, scratch, target, start) {
    assert.ok(scratch.size >= text.length);
    if (text === '*') {
      throw new Error('its text is not base91');
    }
    const bytes = [...text].map((character) => character.charCodeAt(0) - 33);
    this.view(target).set(bytes, start);
    return bytes.length;
  }

  decode(region, size, use) {
    if (this.view(region)[0] === 255) {
      throw new Error('it does not decompress');
    }
    const bytes = this.view(region);
    return use(Uint8Array.from([...bytes, ...bytes]));
  }
}

function makePayload(part, chunks) {
  const whole = { name: 'a', codec: 'none', size: 6, stored_size: 6,
                  checksum: '21', chunks: 2, ...part };
  const payload = new Payload(makeRoot([whole], {
    'part-0-0': 'AQID',
    'part-0-1': 'BAUG',
    ...chunks,
  }));
  payload.useLibrary(new FakeLibrary());
  return payload;
}

test('chunks are joined in order', () => {
  assert.deepEqual([...makePayload().bytes('a')], [1, 2, 3, 4, 5, 6]);
});

test('base91 is decoded by the library', () => {
  const packed = { encoding: 'base91' };
  const chunks = { 'part-0-0': '"#', 'part-0-1': '$%&\'' };
  const payload = makePayload(packed, chunks);
  assert.deepEqual([...payload.bytes('a')], [1, 2, 3, 4, 5, 6]);
  const message = /“a”.*not base91/;
  const damaged = makePayload(packed, { ...chunks, 'part-0-1': '*' });
  assert.throws(() => damaged.bytes('a'), { name: 'DamagedPart', message });
});

test('compressed parts are decoded', () => {
  const payload = makePayload({ codec: 'zstd', size: 12 });
  assert.equal(payload.bytes('a').length, 12);
  assert.equal(payload.has('a'), true);
  assert.equal(payload.has('b'), false);
});

test('every kind of damage names the part', () => {
  const cases = [
    [{ checksum: '22' }, {}, /“a”.*checksum/],
    [{ stored_size: 7 }, {}, /“a”.*6 bytes instead of 7/],
    [{ stored_size: 5 }, {}, /“a”.*more bytes/],
    [{ chunks: 3 }, {}, /“a”.*ends too early/],
    [{}, { 'part-0-1': '*AUG' }, /“a”/],
    [{ codec: 'lzma' }, {}, /“a”.*unknown codec/],
    [{ encoding: 'base2' }, {}, /“a”.*unknown encoding/],
    [{ codec: 'zstd', size: 13 }, {}, /“a”.*length/],
    [{ codec: 'zstd', checksum: '272' }, { 'part-0-0': '/wEB' },
      /“a”.*does not decompress/],
  ];
  for (const [part, chunks, message] of cases) {
    const payload = makePayload(part, chunks);
    assert.throws(() => payload.bytes('a'), { name: 'DamagedPart', message });
  }
  assert.throws(() => makePayload().bytes('b'), /“b”.*missing/);
});

test('a document without a payload says so', () => {
  const root = { getElementById: () => null };
  assert.throws(() => new Payload(root), /tincture-payload.*missing/);
});

test('an error of the user is not taken for damage', () => {
  const payload = makePayload({ codec: 'zstd', size: 12 });
  const use = () => {
    throw new RangeError('mine');
  };
  assert.throws(() => payload.read('a', use), { name: 'RangeError' });
});

test('page.wasm is unpacked by the browser itself', async () => {
  const stored = gzipSync(Buffer.from('code'));
  const part = { name: 'page.wasm', codec: 'gzip', size: 4,
                 stored_size: stored.length, checksum: '', chunks: 1 };
  const open = (bytes) => new Payload(
    makeRoot([part], { 'part-0-0': Buffer.from(bytes).toString('base64') }));
  const bytes = await open(stored).pageLibrary();
  assert.equal(Buffer.from(bytes).toString(), 'code');
  stored[12] ^= 1;
  await assert.rejects(open(stored).pageLibrary(), /page\.wasm/);
});
