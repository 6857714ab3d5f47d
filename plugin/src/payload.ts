// The payload behind the document: parts in script elements, written in base91
// (page.wasm itself: base64), most of them zstd.  Each is checked against its
// length and checksum, and a message names the part that is damaged.

import { Arrival, type Chunk, type ChunkStore } from './arrival.ts';
import { decodeBase64 } from './base64.ts';
import { Pace } from './pace.ts';
import { readTable, type Part } from './part_table.ts';
import type { PageLibrary, Region } from './page_library.ts';

export type { Part };

export class DamagedPart extends Error {
  override name = 'DamagedPart';
  constructor(
    readonly part: string,
    reason: string,
  ) {
    super(`The part “${part}” of this file is damaged: ${reason}.`);
  }
}

/** What goes wrong in `work` is the fault of this part. */
function nameFault<T>(part: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new DamagedPart(part, (error as Error).message);
  }
}

function textOf(part: Part, element: Chunk | null): string {
  if (!element) {
    throw new DamagedPart(part.name, 'the file ends too early');
  }
  return element.textContent ?? '';
}

function checkSize(part: Part, size: number): void {
  if (size !== part.stored_size) {
    throw new DamagedPart(
      part.name,
      `${size} bytes instead of ${part.stored_size}`,
    );
  }
}

/** Writes the texts of a part's script elements, one after the other, into a
 * region as large as what they stand for. */
class PartWriter {
  written = 0;
  #scratch: Region;

  constructor(
    private readonly part: Part,
    private readonly region: Region,
    private readonly library: PageLibrary,
  ) {
    const { encoding } = part;
    if (encoding !== undefined && encoding !== 'base91') {
      throw new DamagedPart(part.name, `unknown encoding ${encoding}`);
    }
    this.#scratch = library.alloc(0);
  }

  add(element: Chunk | null): void {
    const text = textOf(this.part, element);
    this.written += nameFault(this.part.name, () => this.#decode(text));
  }

  /** Throws when there is less than there should be. */
  finish(): void {
    checkSize(this.part, this.written);
  }

  end(): void {
    this.library.free(this.#scratch);
  }

  #decode(text: string): number {
    const { library, region, written } = this;
    if (this.part.encoding === undefined) {
      return decodeBase64(text, library.view(region).subarray(written));
    }
    if (this.#scratch.size < text.length) {
      library.free(this.#scratch);
      this.#scratch = library.alloc(text.length);
    }
    return library.decodeBase91(text, this.#scratch, region, written);
  }
}

export class Payload {
  readonly parts: Part[];
  readonly #arrival: Arrival;
  #library: PageLibrary | undefined;

  /** The table has to be there; the parts may still be on their way. */
  constructor(private readonly root: Document | ChunkStore) {
    this.#arrival = new Arrival(root);
    const element = root.getElementById('tincture-payload');
    if (!element) {
      throw new DamagedPart('tincture-payload', 'it is missing');
    }
    this.parts = nameFault(
      'tincture-payload',
      () => readTable(element.textContent ?? '').parts,
    );
  }

  has(name: string): boolean {
    return this.parts.some((part) => part.name === name);
  }

  /** The first part, which everything else is decoded with. */
  async pageLibrary(): Promise<Uint8Array<ArrayBuffer>> {
    const index = this.#indexOf('page.wasm');
    const part = this.parts[index]!;
    await this.#whole(index);
    const stored = new Uint8Array(part.stored_size);
    let written = 0;
    for (let chunk = 0; chunk < part.chunks; chunk++) {
      const element = this.root.getElementById(`part-${index}-${chunk}`);
      const text = textOf(part, element);
      const start = written;
      written += nameFault(part.name, () =>
        decodeBase64(text, stored.subarray(start)),
      );
    }
    checkSize(part, written);
    if (part.codec !== 'gzip') {
      throw new DamagedPart(part.name, `unknown codec ${part.codec}`);
    }
    try {
      const stream = new Blob([stored])
        .stream()
        .pipeThrough(new DecompressionStream('gzip'));
      const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
      if (bytes.length !== part.size) {
        throw new RangeError(`${bytes.length} bytes instead of ${part.size}`);
      }
      return bytes;
    } catch (error) {
      throw new DamagedPart(part.name, (error as Error).message);
    }
  }

  useLibrary(library: PageLibrary): void {
    this.#library = library;
  }

  /** Resolves when the parser has read a part, or the whole document. */
  async arrived(name: string): Promise<void> {
    await this.#whole(this.#indexOf(name));
  }

  /** Decodes a part while it arrives, with turns for the page in between;
   * `take` gets the bytes in order, in pieces that are good for that call
   * only. That they are undamaged is known when this resolves. */
  async stream(
    name: string,
    take: (bytes: Uint8Array<ArrayBuffer>) => void,
  ): Promise<void> {
    const library = this.#needLibrary();
    const index = this.#indexOf(name);
    const part = this.parts[index]!;
    if (part.codec !== 'zstd') {
      await this.#whole(index);
      this.read(name, take);
      return;
    }
    const region = this.#alloc(part, library);
    try {
      await this.#streamInto(index, region, library, take);
      this.#check(part, region, library);
    } finally {
      library.free(region);
    }
  }

  /** Throws when a part is not what was stored; it is not decoded. */
  async verify(name: string): Promise<void> {
    const library = this.#needLibrary();
    const index = this.#indexOf(name);
    const part = this.parts[index]!;
    const pace = new Pace();
    const region = this.#alloc(part, library);
    const writer = new PartWriter(part, region, library);
    try {
      for (let chunk = 0; chunk < part.chunks; chunk++) {
        writer.add(await this.#arrival.element(`part-${index}-${chunk}`));
        await pace.breathe();
      }
      writer.finish();
      this.#check(part, region, library);
    } finally {
      writer.end();
      library.free(region);
    }
  }

  /** The same at once, of a part that has arrived. */
  feed(name: string, take: (bytes: Uint8Array<ArrayBuffer>) => void): void {
    const library = this.#needLibrary();
    const index = this.#indexOf(name);
    const part = this.parts[index]!;
    if (part.codec !== 'zstd') {
      this.read(name, take);
      return;
    }
    const region = this.#alloc(part, library);
    try {
      this.#fillRegion(index, region, library);
      this.#check(part, region, library);
      nameFault(name, () => {
        const stream = library.openStream(region, part.size);
        for (;;) {
          const piece = stream.pull(region.size);
          if (piece.length === 0) {
            break;
          }
          take(piece);
        }
        stream.end(true);
      });
    } finally {
      library.free(region);
    }
  }

  /** As `stream`, in one array. */
  async collect(
    name: string,
    progress: (size: number) => void = () => undefined,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const part = this.parts[this.#indexOf(name)]!;
    const bytes = new Uint8Array(part.size);
    let at = 0;
    await this.stream(name, (piece) => {
      bytes.set(piece, at);
      at += piece.length;
      progress(piece.length);
    });
    return bytes;
  }

  /** Decodes a part; `use` gets a view that is good for that call only, and
   * what it returns is returned. */
  read<T>(name: string, use: (bytes: Uint8Array<ArrayBuffer>) => T): T {
    const library = this.#needLibrary();
    const index = this.#indexOf(name);
    const part = this.parts[index]!;
    const region = this.#alloc(part, library);
    try {
      this.#fillRegion(index, region, library);
      this.#check(part, region, library);
      if (part.codec === 'none') {
        return use(library.view(region));
      }
      return this.#decode(part, region, library, use);
    } finally {
      library.free(region);
    }
  }

  bytes(name: string): Uint8Array<ArrayBuffer> {
    return this.read(name, (view) => view.slice());
  }

  text(name: string): string {
    return this.read(name, (view) => new TextDecoder().decode(view));
  }

  #needLibrary(): PageLibrary {
    if (!this.#library) {
      throw new Error('page.wasm has to be loaded first');
    }
    return this.#library;
  }

  /** Room for what is stored; a damaged table may want any size. */
  #alloc(part: Part, library: PageLibrary): Region {
    try {
      return library.alloc(part.stored_size);
    } catch (error) {
      throw new DamagedPart(part.name, (error as Error).message);
    }
  }

  async #whole(index: number): Promise<void> {
    const { chunks } = this.parts[index]!;
    await this.#arrival.element(`part-${index}-${chunks - 1}`);
  }

  /** Fills the region with what is stored, and hands on what that decodes
   * to, chunk by chunk. */
  async #streamInto(
    index: number,
    region: Region,
    library: PageLibrary,
    take: (bytes: Uint8Array<ArrayBuffer>) => void,
  ): Promise<void> {
    const part = this.parts[index]!;
    const pace = new Pace();
    const named = <T>(work: () => T): T => nameFault(part.name, work);
    const writer = new PartWriter(part, region, library);
    const stream = named(() => library.openStream(region, part.size));
    let isWhole = false;
    try {
      for (let chunk = 0; chunk < part.chunks; chunk++) {
        const id = `part-${index}-${chunk}`;
        writer.add(await this.#arrival.element(id));
        let piece = named(() => stream.pull(writer.written));
        while (piece.length > 0) {
          named(() => take(piece));
          await pace.breathe();
          piece = named(() => stream.pull(writer.written));
        }
      }
      writer.finish();
      isWhole = true;
    } finally {
      writer.end();
      named(() => stream.end(isWhole));
    }
  }

  #check(part: Part, region: Region, library: PageLibrary): void {
    if (library.checksum(region) !== part.checksum) {
      throw new DamagedPart(part.name, 'its checksum does not match');
    }
  }

  #decode<T>(
    part: Part,
    region: Region,
    library: PageLibrary,
    use: (bytes: Uint8Array<ArrayBuffer>) => T,
  ): T {
    if (part.codec !== 'zstd') {
      throw new DamagedPart(part.name, `unknown codec ${part.codec}`);
    }
    let decoded = false;
    try {
      return library.decode(region, part.size, (view) => {
        decoded = true;
        if (view.length !== part.size) {
          throw new DamagedPart(part.name, 'its length does not match');
        }
        return use(view);
      });
    } catch (error) {
      if (decoded) {
        throw error;
      }
      throw new DamagedPart(part.name, (error as Error).message);
    }
  }

  #indexOf(name: string): number {
    const index = this.parts.findIndex((part) => part.name === name);
    if (index < 0) {
      throw new DamagedPart(name, 'it is missing');
    }
    return index;
  }

  #fillRegion(index: number, region: Region, library: PageLibrary): void {
    const part = this.parts[index]!;
    const writer = new PartWriter(part, region, library);
    try {
      for (let chunk = 0; chunk < part.chunks; chunk++) {
        writer.add(this.root.getElementById(`part-${index}-${chunk}`));
      }
      writer.finish();
    } finally {
      writer.end();
    }
  }
}
