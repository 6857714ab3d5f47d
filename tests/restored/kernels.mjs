// Kernels that start from a copy of memory, and what they answer.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  dist,
  Instance,
  readBareModule,
  readProfiles,
  restoreMemory,
} from '../wasm/load.mjs';
import { memoryOf, Python } from '../wasm/snapshots.mjs';

/** A profile's bare module and the memory that its snapshot holds. */
export async function warmMemory(name) {
  const { warm } = (await readProfiles()).find((one) => one.name === name);
  const images = new Map();
  for (const { file } of warm.images) {
    images.set(file, await readFile(join(dist, file)));
  }
  const module = await readBareModule(name);
  const snapshot = await readFile(join(dist, warm.snapshot));
  const memory = restoreMemory(module, snapshot, (file) => images.get(file));
  return { module, bytes: new Uint8Array(memory.buffer) };
}

/** The same of a kernel of the smallest profile that has just started. */
export async function coldMemory() {
  const { bytes } = await Python.start();
  return { module: await readBareModule(), bytes: bytes.slice() };
}

/** A kernel in a copy of that memory. */
export async function resume({ module, bytes }, config) {
  const python = new Python();
  const { host } = python;
  const memory = memoryOf(bytes);
  python.instance = await Instance.attach(module, memory, host, false);
  python.instance.resume({ env: { TZ: 'UTC0' }, ...config });
  return python;
}

/** What differs between two kernels anyway: addresses. */
function describe({ header, content }) {
  const text = JSON.stringify(content).replace(/0x[0-9a-f]+/g, '0x...');
  return [header.msg_type, text];
}

/** Runs cells; the replies, and every message that came. */
export async function play(memory, kind, cells) {
  const python = await resume(memory, { kind });
  const messages = [];
  const replies = cells.map((code) => {
    const { value, ...reply } = python.run(code);
    messages.push(...python.sent.map(describe));
    return reply;
  });
  return { messages, replies };
}
