// Which report a file holds, and writing it whole or not at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { examine, identify, writeInPlace } = await load('save_target');

const OWN = { id: '0123456789abcdef', revision: 2, saved: '2026-01-02' };

function report(identity, { filler = '', payload = '' } = {}) {
  const notebook = JSON.stringify({ title: 'Tea', report: identity });
  return new Blob([
    `<!DOCTYPE html><main>${filler}</main>`,
    '<script type="application/json" id="tincture-notebook">',
    `${notebook}</script>`,
    '<script type="application/json" id="tincture-payload">{}</script>',
    payload,
  ]);
}

test('a report says which it is, however long its text', async () => {
  const filler = 'é'.repeat(1_500_000);
  assert.deepEqual(await identify(report(OWN, { filler })),
                   { title: 'Tea', ...OWN });
  assert.equal(await identify(new Blob(['<p>a page</p>'])), undefined);
  const broken = new Blob([
    '<script type="application/json" id="tincture-notebook">{</script>']);
  assert.equal(await identify(broken), undefined);
});

test('the payload is not read', async () => {
  const file = report(OWN, { payload: 'x'.repeat(8 << 20) });
  let read = 0;
  const watched = {
    size: file.size,
    slice: (from, to) => {
      read += Math.min(to, file.size) - from;
      return file.slice(from, to);
    },
  };
  assert.equal((await identify(watched)).revision, 2);
  assert.ok(read <= 1 << 20, `${read} bytes were read`);
});

test('what may be overwritten, and what not unasked', async () => {
  const kind = async (identity) =>
    (await examine(report(identity), OWN)).kind;
  assert.equal(await kind(OWN), 'own');
  assert.equal(await kind({ id: OWN.id, revision: 0 }), 'own');
  assert.equal(await kind({ ...OWN, revision: 3 }), 'newer');
  assert.equal(await kind({ ...OWN, saved: '2026-01-03' }), 'newer',
               'another state with the same number');
  assert.equal(await kind({ ...OWN, id: 'ffffffffffffffff' }), 'other');
  assert.equal(await kind(undefined), 'other');
  assert.equal((await examine(new Blob([]), OWN)).kind, 'empty');
  assert.equal((await examine(new Blob(['text']), OWN)).kind, 'foreign');
});

function makeHandle(fault) {
  const calls = [];
  const writable = {
    write: async () => {
      calls.push('write');
      if (fault === 'write') {
        throw new Error('full');
      }
    },
    close: async () => {
      calls.push('close');
      if (fault === 'close') {
        throw new Error('gone');
      }
    },
    abort: async () => {
      calls.push('abort');
    },
  };
  return { calls, handle: { name: 'x', createWritable: async () => writable } };
}

test('the file is exchanged only when all of it was written', async () => {
  const fine = makeHandle();
  await writeInPlace(fine.handle, new Blob(['x']));
  assert.deepEqual(fine.calls, ['write', 'close']);
  const full = makeHandle('write');
  await assert.rejects(writeInPlace(full.handle, new Blob(['x'])), /full/);
  assert.deepEqual(full.calls, ['write', 'abort']);
  const gone = makeHandle('close');
  await assert.rejects(writeInPlace(gone.handle, new Blob(['x'])), /gone/);
});
