// A kernel's memory from a snapshot and its images, where all is at hand.

import { makeMemory } from './instance.ts';
import { applySnapshot } from './snapshot.ts';

/**
 * Memory for a bare module, as the snapshot left it. `image` gives the bytes
 * of an image by its name.
 */
export function restoreMemory(
  module: WebAssembly.Module,
  snapshot: Uint8Array,
  image: (name: string) => Uint8Array,
): WebAssembly.Memory {
  let memory: WebAssembly.Memory | undefined;
  const header = applySnapshot(snapshot, ({ memory_size: size }) => {
    memory = makeMemory(module, size);
    return new Uint8Array(memory.buffer);
  });
  const bytes = new Uint8Array(memory!.buffer);
  for (const { name, address, size } of header.images) {
    const content = image(name);
    if (content.length !== size) {
      throw new RangeError(`${name} has ${content.length} bytes, not ${size}`);
    }
    bytes.set(content, address);
  }
  return memory!;
}
