// From the payload to a running Python.
//
// A report starts from a snapshot: memory is filled while the engine's threads
// compile, both while the document is still being parsed.  One that was packed
// with --cold has none, nor has one of version 2: there Python initialises.

import type { EmbeddedFiles } from './embedded_files.ts';
import { describeModule, memoryOfSize } from './instance.ts';
import type { KernelApi, KernelOptions, KernelParts } from './kernel.ts';
import { applyState, STATE_PART } from './live_state.ts';
import { DamagedPart, type Part, type Payload } from './payload.ts';
import { RestOfCode } from './rest_of_code.ts';
import { SnapshotApplier, type SnapshotHeader } from './snapshot.ts';

/** Where an image is mounted that does not say so. */
const STDLIB_PATH = '/usr/lib/python3.13';

/** What Python's memory was when it began to run. */
export type Beginning = 'cold' | 'build' | 'saved';

export interface BootHost {
  /** Starts the kernel, in the page or in a worker. */
  load: (parts: KernelParts, options: KernelOptions) => Promise<KernelApi>;
  /** How much of the work is done, from 0 to 1, never less than before. */
  progress: (share: number) => void;
  /** The saved variables could not be brought back, for this reason. */
  stateLost: (error: Error) => void;
}

export interface Booted {
  kernel: KernelApi;
  from: Beginning;
}

type Take = (bytes: Uint8Array<ArrayBuffer>) => void;

/** What a kernel is made of, but for its compiled code. */
type Start = Omit<KernelParts, 'module'> & {
  from: Beginning;
  /** Of the snapshot: which kernel it is the memory of. */
  build?: string;
};

/** Memory that a snapshot has filled. */
interface Restored {
  memory: WebAssembly.Memory;
  /** Of the snapshot that was applied last: its images count. */
  header: SnapshotHeader;
}

function isKernel(part: Part): boolean {
  const { name } = part;
  return name.endsWith('.wasm') && name !== 'page.wasm' && !isRest(part);
}

/** What of the kernel is compiled after the start. */
function isRest({ name }: Part): boolean {
  return name.endsWith('.rest.wasm');
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
    const isWanted = (part: Part): boolean =>
      isKernel(part) ||
      isSnapshot(part) ||
      isRest(part) ||
      (isImage(part) && !this.#snapshot);
    const wanted = payload.parts.filter(isWanted);
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
    const { from, build, ...parts } = warm || (await this.#cold());
    mark('memory');
    const files = await this.#bringFiles();
    const module = await compiling;
    if (build !== undefined && describeModule(module).build !== build) {
      throw new DamagedPart(this.#snapshot!, 'it belongs to another kernel');
    }
    const made = { ...parts, module };
    const kernel = await this.#host.load(made, { ...options, files });
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

  async #cold(): Promise<Start> {
    return { images: await this.#bringImages([]), from: 'cold' };
  }

  /** Memory for the first life, and a way to make it again for later ones.
   * Images are decoded when Python reads them: it has most of what they hold
   * in memory already. */
  async #warm(name: string): Promise<Start> {
    const restoring = new Restoring();
    await this.#stream(name, (bytes) => restoring.take(bytes));
    const base = restoring.finish();
    mark('snapshot');
    const saved = await this.#addState(base);
    const from = saved ? 'saved' : 'build';
    const rest = await this.#bringRest();
    await this.#verifyImages();
    let first: Restored | undefined = saved ?? base;
    let { images } = first.header;
    const snapshot: KernelParts['snapshot'] = () => {
      const kind = first ? from : 'build';
      const { memory, header } = first ?? this.#restoreAgain(name);
      first = undefined;
      images = header.images;
      const imageCount = images.length;
      return { memory, kind, images: [], imageCount };
    };
    return {
      snapshot,
      loadImage: (index) => this.#payload.bytes(images[index]!.name),
      ...(rest && { rest }),
      images: await this.#bringImages(base.header.images),
      build: base.header.build,
      from,
    };
  }

  /** Decoded when it is compiled; but it has to be here, undamaged. */
  async #bringRest(): Promise<RestOfCode | undefined> {
    const part = this.#payload.parts.find(isRest);
    if (!part) {
      return undefined;
    }
    const { name, size } = part;
    const rest = new RestOfCode({
      size,
      collect: () => this.#payload.collect(name),
      read: () => this.#payload.bytes(name),
    });
    await this.#payload.verify(name);
    if (!rest.canBeLate) {
      // Whoever waits for it is told what went wrong.
      rest.compile().catch(() => undefined);
    }
    this.#progress.add(size);
    mark('rest');
    return rest;
  }

  /** What Python reads cannot wait for the parser, and must not prove damaged
   * in the middle of a cell. */
  async #verifyImages(): Promise<void> {
    for (const { name } of this.#payload.parts.filter(isImage)) {
      await this.#payload.verify(name);
    }
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
  #restoreAgain(name: string): Restored {
    const restoring = new Restoring();
    this.#payload.feed(name, (bytes) => restoring.take(bytes));
    return restoring.finish();
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
