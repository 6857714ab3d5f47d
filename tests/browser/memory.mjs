// The memory that a report starts Python with, without a browser: the snapshot
// and the saved state on it, read by the page's own modules.

import { readFileSync } from 'node:fs';

import { load } from '../../plugin/test/load.mjs';

/** Just enough of a document: elements by id, each with its text. */
function parse(html) {
  const pattern = /<script type="application\/[a-z-]+" id="([^"]+)">([^<]*)</g;
  const texts = new Map();
  for (const [, id, text] of html.matchAll(pattern)) {
    texts.set(id, text);
  }
  return {
    readyState: 'complete',
    getElementById: (id) =>
      texts.has(id) ? { textContent: texts.get(id) } : null,
  };
}

/** All bytes, as a Buffer; pages of images are zero. */
export async function memoryOf(path) {
  const { Payload } = await load('payload');
  const { PageLibrary } = await load('page_library');
  const { applyState } = await load('live_state');
  const { applySnapshot } = await load('snapshot');
  const payload = new Payload(parse(readFileSync(path, 'utf8')));
  payload.useLibrary(await PageLibrary.load(await payload.pageLibrary()));
  const base = payload.parts.find(({ name }) => name.endsWith('.snapshot'));
  let memory;
  const header = payload.read(base.name, (bytes) =>
    applySnapshot(bytes, ({ memory_size: size }) => {
      memory = new WebAssembly.Memory({ initial: size / 65536, maximum: 65536 });
      return new Uint8Array(memory.buffer);
    }));
  if (payload.has('state')) {
    applyState(payload, header, memory);
  }
  return Buffer.from(memory.buffer);
}
