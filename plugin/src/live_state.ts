// The live state of a saved report, the part `state`: what Python's memory
// differs in from the snapshot that the report starts from.

import type { Payload } from './payload.ts';
import {
  applySnapshot,
  SnapshotApplier,
  type SnapshotHeader,
  type SnapshotImage,
  writeDelta,
} from './snapshot.ts';

export const STATE_PART = 'state';

/** Beyond this a page could hardly hold the copies that saving takes. */
export const STATE_SIZE_LIMIT = 1 << 30;

/** The part of a kernel that is needed; worker mode answers later. */
export interface StateSource {
  /** Of a kernel in which nothing runs, freed memory zeroed. */
  copyMemory(): Uint8Array | Promise<Uint8Array>;
  images(): SnapshotImage[] | Promise<SnapshotImage[]>;
}

/** Why a report's variables cannot be saved, for people. */
export class StateError extends Error {
  override name = 'StateError';
}

/** The part that a start without a state begins with. */
function findBase(payload: Payload) {
  return payload.parts.find(({ name }) => name.endsWith('.snapshot'));
}

/** False for a report that starts cold. */
export function hasBase(payload: Payload): boolean {
  return findBase(payload) !== undefined;
}

/** What the memory was when Python started. */
async function readBase(
  payload: Payload,
  name: string,
): Promise<{ memory: Uint8Array; header: SnapshotHeader }> {
  let memory = new Uint8Array(0);
  const applier = new SnapshotApplier(({ memory_size: size }) => {
    memory = new Uint8Array(size);
    return memory;
  });
  await payload.stream(name, (piece) => applier.push(piece));
  return { header: applier.finish(), memory };
}

/** The bytes of the part.  The delta names its base by the checksum of the
 * base's part, which is known without decoding it. */
export async function takeState(
  source: StateSource,
  payload: Payload,
): Promise<Uint8Array<ArrayBuffer>> {
  const part = findBase(payload);
  if (!part) {
    throw new StateError('it was packed without a snapshot to stand on');
  }
  const memory = await source.copyMemory();
  if (memory.length > STATE_SIZE_LIMIT) {
    const size = Math.round(memory.length / 1e6);
    throw new StateError(`Python holds ${size} MB, which is too much`);
  }
  const images = await source.images();
  const base = await readBase(payload, part.name);
  return writeDelta(memory, base.memory, {
    build: base.header.build,
    images,
    base: part.checksum,
  });
}

/** Puts the state into memory that holds the base; gives its header, whose
 * images are the ones that count. */
export function applyState(
  payload: Payload,
  base: SnapshotHeader,
  memory: WebAssembly.Memory,
): SnapshotHeader {
  const part = findBase(payload);
  return payload.read(STATE_PART, (bytes) =>
    applySnapshot(bytes, (header) => {
      if (header.build !== base.build || header.base !== part?.checksum) {
        throw new StateError('it belongs to another Python');
      }
      const missing = header.memory_size - memory.buffer.byteLength;
      if (missing > 0) {
        memory.grow(missing / 65536);
      }
      return new Uint8Array(memory.buffer);
    }),
  );
}
