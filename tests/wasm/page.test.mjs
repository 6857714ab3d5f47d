// page.wasm, the packer's code in the page: what goes in and comes out, that
// nothing leaks, and that it writes what the command writes.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const DIST = resolve(
  process.env.TINCTURE_DIST ?? join(import.meta.dirname, '../../build/dist'),
);
const module = new WebAssembly.Module(readFileSync(join(DIST, 'page.wasm')));

/** One instance, and calls that take bytes or text and give bytes. */
function load() {
  const { exports } = new WebAssembly.Instance(module, {});
  exports._initialize?.();
  const view = (pointer, size) =>
    new Uint8Array(exports.memory.buffer, pointer >>> 0, size);
  const call = (name, input, ...more) => {
    const bytes =
      typeof input === 'string' ? new TextEncoder().encode(input) : input;
    const pointer = exports.tn_page_alloc(Math.max(bytes.length, 1));
    view(pointer, bytes.length).set(bytes);
    const record = exports[name](pointer, bytes.length, ...more);
    exports.tn_page_free(pointer);
    const words = new DataView(exports.memory.buffer, record >>> 0, 12);
    const status = words.getInt32(0, true);
    const result = view(
      words.getUint32(4, true),
      words.getUint32(8, true),
    ).slice();
    exports.tn_page_release(record);
    return { status, bytes: result, text: new TextDecoder().decode(result) };
  };
  return { exports, call };
}

test('it imports nothing', () => {
  assert.deepEqual(WebAssembly.Module.imports(module), []);
});

test('it parses IOMD', () => {
  const { call } = load();
  const { status, text } = call('tn_page_parse', '\n%% md a b\nä\n%%\n');
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(text), [
    { type: 'md', flags: ['a', 'b'], source: 'ä', line: 3 },
    { type: 'md', flags: [], source: '', line: 5 },
  ]);
});

test('it renders outputs', () => {
  const { call } = load();
  const output = { output_type: 'stream', name: 'stderr', text: '\u001b[31m<' };
  assert.equal(
    call('tn_page_output', JSON.stringify(output)).text,
    '<div class="tn-output" data-stream="stderr"><pre>' +
      '<span class="tn-ansi tn-ansi-red">&lt;</span></pre></div>\n',
  );
});

test('it decodes what the build compressed', () => {
  const { call } = load();
  const plain = readFileSync(join(DIST, 'editor.js'));
  const frame = readFileSync(join(DIST, 'editor.js.zst'));
  const { status, bytes } = call('tn_page_decode', frame, plain.length);
  assert.equal(status, 0);
  assert.deepEqual(Buffer.from(bytes), plain);
});

test('damage has a status and a message', () => {
  const { call } = load();
  const size = readFileSync(join(DIST, 'editor.js')).length;
  const frame = readFileSync(join(DIST, 'editor.js.zst'));
  const cut = frame.subarray(0, -9);
  frame[frame.length >> 1] ^= 255;
  for (const [name, input, ...more] of [
    ['tn_page_decode', frame, size],
    ['tn_page_decode', cut, size],
    ['tn_page_decode', frame, size + 1],
    ['tn_page_decode', new Uint8Array(0), 5],
    ['tn_page_output', '{'],
    ['tn_page_cell', '{}'],
    ['tn_page_cell', '['.repeat(10_000)],
    ['tn_page_parse', new Uint8Array([37, 37, 255])],
    ['tn_page_parse', '%%\n\0'],
  ]) {
    const { status, text } = call(name, input, ...more);
    assert.ok(status < 0, name);
    assert.ok(text.length > 0, name);
  }
});

test('it reads base91', () => {
  const { exports } = load();
  const decode = (text, limit) => {
    const place = exports.tn_page_alloc(200);
    const memory = new Uint8Array(exports.memory.buffer, place, 200);
    new TextEncoder().encodeInto(text, memory);
    const count = exports.tn_page_base91(
      place, text.length, place + 100, limit);
    return [count, Buffer.from(memory.slice(100, 100 + limit)).toString()];
  };
  const text = "k9w*Ws5YPbZQn=3KcLrSCr^#acyccJI-,cxY@!";
  const words = 'the quick brown fox jumps over';
  assert.deepEqual(decode(text, 30), [30, words]);
  assert.deepEqual(decode(text.replace(/.{7}/g, '$&\n'), 30), [30, words]);
  for (const [damaged, limit] of [
    [text, 29],
    [text.slice(1), 30],
    [text.replace('Q', '<'), 30],
    [text.replace('Q', '\u007f'), 30],
    ['~~', 1],
  ]) {
    assert.ok(decode(damaged, limit)[0] < 0, damaged);
  }
});

test('it knows a checksum', () => {
  const { call } = load();
  assert.equal(call('tn_page_checksum', '').text, 'ef46db3751d8e999');
  assert.equal(call('tn_page_checksum', 'abc').text, '44bc2cf5ad770999');
});

test('nothing leaks', () => {
  const { call, exports } = load();
  const cell = JSON.stringify({
    index: 0,
    type: 'md',
    flags: ['x'],
    source: '# a\n'.repeat(100),
    outputs: [],
    attachments: {},
  });
  const round = () => {
    call('tn_page_parse', '%% py\n1\n'.repeat(100));
    call('tn_page_cell', cell);
    call('tn_page_cell', '{');
  };
  round();
  const before = exports.memory.buffer.byteLength;
  for (let i = 0; i < 300; i++) {
    round();
  }
  assert.equal(exports.memory.buffer.byteLength, before);
});

test('the page and the command write the same cells', () => {
  const { call } = load();
  const outputs = [
    { output_type: 'stream', name: 'stdout', text: ['a\n', 'b'] },
    { output_type: 'display_data', data: { 'text/html': '<b>' }, metadata: {} },
    { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['t'] },
  ];
  const cells = [
    { cell_type: 'markdown', source: '# A $x$ <i>\n\n- [ ] b', metadata: {} },
    { cell_type: 'code', source: '%%x\n1 < 2', metadata: {}, outputs },
    { cell_type: 'raw', source: 'raw', metadata: {} },
  ];
  const place = mkdtempSync(join(tmpdir(), 'tincture-'));
  try {
    const notebook = JSON.stringify({ nbformat: 4, metadata: {}, cells });
    writeFileSync(join(place, 'n.ipynb'), notebook);
    const done = spawnSync(join(DIST, 'tincture'), ['pack', 'n.ipynb'], {
      cwd: place,
      env: { TINCTURE_DIST: DIST },
      encoding: 'utf8',
    });
    assert.equal(done.status, 0, done.stderr);
    const report = readFileSync(join(place, 'n.html'), 'utf8');
    const types = { markdown: 'md', code: 'py', raw: 'raw' };
    const live = cells.map((cell, index) => {
      const type = types[cell.cell_type];
      const { source } = cell;
      const input = { index, type, source, outputs: cell.outputs ?? [] };
      return call('tn_page_cell', JSON.stringify(input)).text;
    });
    const saved = report.match(/<main id="tn-notebook">\n(.*?)<\/main>\n<footer/s)[1];
    assert.equal(live.join(''), saved);
  } finally {
    rmSync(place, { recursive: true });
  }
});
