// From the payload to a running Python.
//
// A report starts from a snapshot: memory is filled while the engine's threads
// compile, both while the document is still being parsed.  One that was packed
// with --cold has none, nor has one of version 2: there Python initialises.

import type { EmbeddedFiles } from './embedded_files.ts';
import { describeModule, memoryOfSize } from './instance.ts';
import { Kernel, type KernelOptions, type KernelParts } from './kernel.ts';
import { applyState, STATE_PART } from './live_state.ts';
import { DamagedPart, type Part, type Payload } from './payload.ts';
import { SnapshotApplier, type SnapshotHeader } from './snapshot.ts';

/** Where an image is mounted that does not say so. */
const STDLIB_PATH = '/usr/lib/python3.13';

/** What Python's memory was when it began to run. */
export type Beginning = 'cold' | 'build' | 'saved';

export interface BootHost {
  /** How much of the work is done, from 0 to 1, never less than before. */
  progress: (share: number) => void;
  /** The saved variables could not be brought back, for this reason. */
  stateLost: (error: Error) => void;
}

export interface Booted {
  kernel: Kernel;
  from: Beginning;
}

type Take = (bytes: Uint8Array<ArrayBuffer>) => void;

/** Memory that a snapshot has filled. */
interface Restored {
  memory: WebAssembly.Memory;
  /** Of the snapshot that was applied last: its images count. */
  header: SnapshotHeader;
}

function isKernel({ name }: Part): boolean {
  return name.endsWith('.wasm') && name !== 'page.wasm';
}

function isSnapshot({ name }: Part): boolean {
  return name.endsWith('.snapshot');
}

function isImage({ name }: Part): boolean {
  return name.endsWith('.image');
}

/** A place in the timeline that browsers record; tests/bench/boot.mjs. */
export function mark(what: string): void {
  performance.mark(`tincture-${what}`);
}

/** Bytes to decode, and those of the kernel once more, for its compilation. */
class Progress {
  #done = 0;
  readonly #total: number;
  readonly #listener: (share: number) => void;

  constructor(parts: readonly Part[], listener: (share: number) => void) {
    this.#listener = listener;
    this.#total = parts.reduce(
      (sum, part) => sum + part.size * (isKernel(part) ? 2 : 1),
      0,
    );
  }

  add(size: number): void {
    this.#done += size;
    this.#listener(Math.min(this.#done / this.#total, 1));
  }
}

/** Fills new memory; what it gives is there when the snapshot is through. */
class Restoring {
  #memory: WebAssembly.Memory | undefined;
  readonly #applier = new SnapshotApplier(({ memory_size: size }) => {
    this.#memory = memoryOfSize(size);
    return new Uint8Array(this.#memory.buffer);
  });

  take(bytes: Uint8Array): void {
    this.#applier.push(bytes);
  }

  finish(): Restored {
    const header = this.#applier.finish();
    return { memory: this.#memory!, header };
  }
}

/** Takes an image's bytes to its place in memory. */
function imageTaker({ memory, header }: Restored, name: string): Take {
  const { address, size } = header.images.find((it) => it.name === name)!;
  const place = new Uint8Array(memory.buffer, address, size);
  let at = 0;
  return (bytes) => {
    place.set(bytes, at);
    at += bytes.length;
  };
}

class Boot {
  readonly #payload: Payload;
  readonly #files: EmbeddedFiles;
  readonly #host: BootHost;
  readonly #progress: Progress;
  readonly #snapshot: string | undefined;

  constructor(payload: Payload, files: EmbeddedFiles, host: BootHost) {
    this.#payload = payload;
    this.#files = files;
    this.#host = host;
    this.#snapshot = payload.parts.find(isSnapshot)?.name;
    const wanted = payload.parts.filter(
      (part) => isKernel(part) || isSnapshot(part) || isImage(part),
    );
    this.#progress = new Progress(wanted, host.progress);
  }

  async start(options: KernelOptions): Promise<Booted> {
    const name = this.#payload.parts.find(isKernel)?.name ?? 'core.wasm';
    const bytes = await this.#collect(name);
    mark('wasm');
    const compiling = WebAssembly.compile(bytes);
    compiling.then(
      () => {
        this.#progress.add(bytes.length);
        mark('compiled');
      },
      // A damaged part behind it must not leave this without a handler.
      () => undefined,
    );
    const warm = this.#snapshot && (await this.#warm(this.#snapshot));
    const { from, ...parts } = warm || (await this.#cold());
    mark('memory');
    const files = await this.#bringFiles();
    const module = await compiling;
    if (warm && describeModule(module).build !== warm.build) {
      throw new DamagedPart(this.#snapshot!, 'it belongs to another kernel');
    }
    const kernel = await Kernel.load({ ...parts, module }, {
      ...options,
      files,
    });
    mark('started');
    return { kernel, from };
  }

  async #collect(name: string): Promise<Uint8Array<ArrayBuffer>> {
    return this.#payload.collect(name, (size) => this.#progress.add(size));
  }

  async #stream(name: string, take: Take): Promise<void> {
    await this.#payload.stream(name, (bytes) => {
      take(bytes);
      this.#progress.add(bytes.length);
    });
  }

  async #cold(): Promise<Omit<KernelParts, 'module'> & { from: Beginning }> {
    return { images: await this.#bringImages([]), from: 'cold' };
  }

  /** Memory for the first life, and a way to make it again for later ones. */
  async #warm(
    name: string,
  ): Promise<
    Omit<KernelParts, 'module'> & { build: string; from: Beginning }
  > {
    const restoring = new Restoring();
    await this.#stream(name, (bytes) => restoring.take(bytes));
    const base = restoring.finish();
    mark('snapshot');
    const saved = await this.#addState(base);
    const from = saved ? 'saved' : 'build';
    const first = saved ?? base;
    for (const image of first.header.images) {
      await this.#stream(image.name, imageTaker(first, image.name));
    }
    let memory: WebAssembly.Memory | undefined = first.memory;
    const snapshot = (): ReturnType<NonNullable<KernelParts['snapshot']>> => {
      const kind = memory ? from : 'build';
      const ready = memory ?? this.#restoreAgain(name);
      memory = undefined;
      return { memory: ready, kind };
    };
    const images = await this.#bringImages(base.header.images);
    return { images, snapshot, build: base.header.build, from };
  }

  /** The saved state on top of the snapshot, where there is one. */
  async #addState(base: Restored): Promise<Restored | undefined> {
    if (!this.#payload.has(STATE_PART)) {
      return undefined;
    }
    try {
      await this.#payload.arrived(STATE_PART);
      const header = applyState(this.#payload, base.header, base.memory);
      mark('state');
      return { memory: base.memory, header };
    } catch (error) {
      this.#host.stateLost(error as Error);
      return undefined;
    }
  }

  /** As when Python started first, at once; all parts are there. */
  #restoreAgain(name: string): WebAssembly.Memory {
    const restoring = new Restoring();
    this.#payload.feed(name, (bytes) => restoring.take(bytes));
    const restored = restoring.finish();
    for (const image of restored.header.images) {
      this.#payload.feed(image.name, imageTaker(restored, image.name));
    }
    return restored.memory;
  }

  /** Those that are not in the snapshot. */
  async #bringImages(
    present: readonly { name: string }[],
  ): Promise<KernelParts['images']> {
    const images = [];
    for (const { name, path = STDLIB_PATH } of this.#payload.parts.filter(
      isImage,
    )) {
      if (!present.some((image) => image.name === name)) {
        images.push({ path, name, bytes: await this.#collect(name) });
      }
    }
    return images;
  }

  async #bringFiles(): Promise<KernelOptions['files']> {
    const files = [];
    for (const entry of this.#files.entries) {
      const part = this.#payload.parts[entry.part ?? -1];
      if (part) {
        await this.#payload.arrived(part.name);
      }
      files.push({ name: entry.name, bytes: this.#files.bytes(entry) });
    }
    return files;
  }
}

/** Decodes part by part, with turns for the page in between. */
export function bootKernel(
  payload: Payload,
  files: EmbeddedFiles,
  options: KernelOptions,
  host: BootHost,
): Promise<Booted> {
  return new Boot(payload, files, host).start(options);
}
