// From the payload to a running Python.

import type { EmbeddedFiles } from './embedded_files.ts';
import { Kernel, type KernelOptions } from './kernel.ts';
import type { Payload } from './payload.ts';
import { nextTurn } from './turns.ts';

/** Where an image is mounted that does not say so. */
const STDLIB_PATH = '/usr/lib/python3.13';

/** Compiles from page.wasm's memory: compile() takes its own copy. */
async function compileKernel(payload: Payload): Promise<WebAssembly.Module> {
  const part = payload.parts.find(
    ({ name }) => name.endsWith('.wasm') && name !== 'page.wasm',
  );
  const name = part?.name ?? 'core.wasm';
  return payload.read(name, (bytes) => WebAssembly.compile(bytes));
}

/** Decodes part by part, with a turn for the page between them. */
export async function bootKernel(
  payload: Payload,
  files: EmbeddedFiles,
  options: KernelOptions,
): Promise<Kernel> {
  const compiling = compileKernel(payload);
  // A damaged image must not leave this rejection without a handler.
  compiling.catch(() => undefined);
  await nextTurn();
  const images: { path: string; bytes: Uint8Array }[] = [];
  for (const { name, path } of payload.parts) {
    if (name.endsWith('.image')) {
      images.push({ path: path ?? STDLIB_PATH, bytes: payload.bytes(name) });
      await nextTurn();
    }
  }
  const data = files.entries.map((entry) => ({
    name: entry.name,
    bytes: files.bytes(entry),
  }));
  const module = await compiling;
  return Kernel.load({ module, images }, { ...options, files: data });
}
