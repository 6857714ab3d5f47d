// The payload behind the document: parts in script elements, written in base91
// (page.wasm itself: base64), most of them zstd.  Each is checked against its
// length and checksum, and a message names the part that is damaged.

import { decodeBase64 } from './base64.ts';
import type { PageLibrary, Region } from './page_library.ts';

export interface Part {
  name: string;
  codec: 'zstd' | 'gzip' | 'none';
  /** How the bytes are written; base64 where it does not say. */
  encoding?: 'base91';
  /** Bytes after decoding. */
  size: number;
  /** Bytes before, which is what `checksum` is of. */
  stored_size: number;
  /** xxh64 in hexadecimal digits. */
  checksum: string;
  /** Number of script elements. */
  chunks: number;
  /** Where an image is mounted. */
  path?: string;
}

export class DamagedPart extends Error {
  override name = 'DamagedPart';
  constructor(
    readonly part: string,
    reason: string,
  ) {
    super(`The part “${part}” of this file is damaged: ${reason}.`);
  }
}

export class Payload {
  readonly parts: Part[];
  #library: PageLibrary | undefined;

  constructor(private readonly root: Document) {
    const element = root.getElementById('tincture-payload');
    if (!element) {
      throw new DamagedPart('tincture-payload', 'it is missing');
    }
    try {
      const list = JSON.parse(element.textContent ?? '') as { parts: Part[] };
      this.parts = list.parts;
    } catch {
      throw new DamagedPart('tincture-payload', 'it is not JSON');
    }
  }

  has(name: string): boolean {
    return this.parts.some((part) => part.name === name);
  }

  /** The first part, which everything else is decoded with. */
  async pageLibrary(): Promise<Uint8Array<ArrayBuffer>> {
    const index = this.#indexOf('page.wasm');
    const part = this.parts[index]!;
    const stored = new Uint8Array(part.stored_size);
    this.#fill(index, (text, start) =>
      decodeBase64(text, stored.subarray(start)),
    );
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

  /** Decodes a part; `use` gets a view that is good for that call only, and
   * what it returns is returned. */
  read<T>(name: string, use: (bytes: Uint8Array<ArrayBuffer>) => T): T {
    const library = this.#library;
    if (!library) {
      throw new Error('page.wasm has to be loaded first');
    }
    const index = this.#indexOf(name);
    const part = this.parts[index]!;
    const region = library.alloc(part.stored_size);
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
    if (part.encoding === undefined) {
      this.#fill(index, (text, start) =>
        decodeBase64(text, library.view(region).subarray(start)),
      );
      return;
    }
    if (part.encoding !== 'base91') {
      throw new DamagedPart(part.name, `unknown encoding ${part.encoding}`);
    }
    let scratch = library.alloc(0);
    try {
      this.#fill(index, (text, start) => {
        if (scratch.size < text.length) {
          library.free(scratch);
          scratch = library.alloc(text.length);
        }
        return library.decodeBase91(text, scratch, region, start);
      });
    } finally {
      library.free(scratch);
    }
  }

  /** Decodes the script elements of a part, in order; `decode` gets a text
   * and where its bytes begin, and returns how many there are. */
  #fill(index: number, decode: (text: string, start: number) => number): void {
    const part = this.parts[index]!;
    let written = 0;
    for (let chunk = 0; chunk < part.chunks; chunk++) {
      const element = this.root.getElementById(`part-${index}-${chunk}`);
      if (!element) {
        throw new DamagedPart(part.name, 'the file ends too early');
      }
      try {
        written += decode(element.textContent ?? '', written);
      } catch (error) {
        throw new DamagedPart(part.name, (error as Error).message);
      }
    }
    if (written !== part.stored_size) {
      throw new DamagedPart(
        part.name,
        `${written} bytes instead of ${part.stored_size}`,
      );
    }
  }
}
