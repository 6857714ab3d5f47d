// page.wasm: the packer's own C code in the page.  It parses IOMD, renders
// Markdown and outputs as the saved document has them, and decodes the
// payload.  One renderer for what is saved and what is live.

import type { JsonObject, JsonValue } from './messages.ts';

interface PageExports {
  memory: WebAssembly.Memory;
  _initialize?(): void;
  tn_page_alloc(size: number): number;
  tn_page_free(pointer: number): void;
  tn_page_release(result: number): void;
  tn_page_parse(pointer: number, size: number): number;
  tn_page_output(pointer: number, size: number): number;
  tn_page_cell(pointer: number, size: number): number;
  tn_page_import(
    name: number,
    nameSize: number,
    pointer: number,
    size: number,
  ): number;
  tn_page_checksum(pointer: number, size: number): number;
  tn_page_decode(pointer: number, size: number, expected: number): number;
  tn_page_stream_new(frame: number, frameSize: number, size: number): number;
  tn_page_stream_read(
    stream: number,
    available: number,
    out: number,
    limit: number,
  ): number;
  tn_page_stream_end(stream: number): number;
  tn_page_base91(
    text: number,
    size: number,
    out: number,
    limit: number,
  ): number;
}

/** A chunk as tn_page_parse gives it. */
export interface ParsedChunk {
  type: string;
  flags: string[];
  source: string;
}

/** A notebook file as tn_page_import reads it. */
export interface ImportedNotebook {
  iomd: string;
  /** As script#tincture-notebook has it. */
  notebook: JsonObject;
  /** Files that travelled inside it. */
  files: { name: string; mimetype: string; base64: string }[];
  /** What the person should know, a line each. */
  notes: string[];
}

/** What went wrong in C: a negative status and what it says. */
export class PageLibraryError extends Error {
  override name = 'PageLibraryError';
}

/** Bytes in page.wasm's memory, to be freed by whoever asked for them. */
export interface Region {
  readonly pointer: number;
  readonly size: number;
}

/** The code needs nothing from the page.  What its C library may name (file
 * descriptors, the growth of memory) is there and does nothing. */
export function stubsFor(module: WebAssembly.Module): WebAssembly.Imports {
  const imports: Record<string, Record<string, () => number>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (imports[from] ??= {})[name] = () => BAD_DESCRIPTOR;
  }
  return imports;
}

/** What a stream decodes at once: half a millisecond's work. */
const STREAM_PIECE_SIZE = 256 << 10;

/** What WASI calls EBADF. */
const BAD_DESCRIPTOR = 8;

export class PageLibrary {
  readonly #exports: PageExports;

  private constructor(
    exports: PageExports,
    /** For an instance of one's own, whose memory goes when it does. */
    readonly module: WebAssembly.Module,
  ) {
    this.#exports = exports;
    exports._initialize?.();
  }

  static async load(bytes: BufferSource): Promise<PageLibrary> {
    const module = await WebAssembly.compile(bytes);
    const instance = await WebAssembly.instantiate(module, stubsFor(module));
    const exports = instance.exports as unknown as PageExports;
    return new PageLibrary(exports, module);
  }

  /** The same code with memory of its own, which goes when it does. */
  fresh(): PageLibrary {
    const imports = stubsFor(this.module);
    const { exports } = new WebAssembly.Instance(this.module, imports);
    return new PageLibrary(exports as unknown as PageExports, this.module);
  }

  parse(iomd: string): ParsedChunk[] {
    return JSON.parse(this.#text('tn_page_parse', iomd)) as ParsedChunk[];
  }

  /** Reads a notebook file of any format that `tincture pack` reads: in an
   * instance of its own, for notebooks can be large and memory stays. */
  import(name: string, bytes: Uint8Array): ImportedNotebook {
    return this.fresh().#import(name, bytes);
  }

  #import(name: string, bytes: Uint8Array): ImportedNotebook {
    const nameBytes = new TextEncoder().encode(name);
    const file = this.alloc(nameBytes.length + bytes.length);
    const { pointer } = file;
    try {
      this.view(file).set(nameBytes);
      this.view(file).set(bytes, nameBytes.length);
      const result = this.#exports.tn_page_import(
        pointer,
        nameBytes.length,
        pointer + nameBytes.length,
        bytes.length,
      );
      const text = this.#take(result, (view) => new TextDecoder().decode(view));
      return JSON.parse(text) as ImportedNotebook;
    } finally {
      this.free(file);
    }
  }

  /** HTML of one `tn-output` element. */
  output(output: JsonValue): string {
    return this.#text('tn_page_output', JSON.stringify(output));
  }

  /** HTML of a whole `tn-cell` section. */
  cell(cell: JsonValue): string {
    return this.#text('tn_page_cell', JSON.stringify(cell));
  }

  alloc(size: number): Region {
    const pointer = this.#exports.tn_page_alloc(Math.max(size, 1)) >>> 0;
    if (pointer === 0) {
      throw new PageLibraryError('out of memory');
    }
    return { pointer, size };
  }

  free(region: Region): void {
    this.#exports.tn_page_free(region.pointer);
  }

  /** A view, good until the next call of anything here. */
  view(region: Region): Uint8Array<ArrayBuffer> {
    const buffer = this.#exports.memory.buffer as ArrayBuffer;
    return new Uint8Array(buffer, region.pointer, region.size);
  }

  /** xxh64 in hexadecimal digits. */
  checksum(region: Region): string {
    const result = this.#exports.tn_page_checksum(region.pointer, region.size);
    return this.#take(result, (bytes) => new TextDecoder().decode(bytes));
  }

  /** Decodes base91 into a region, from `start` on, by way of another that
   * is as large as the text; the number of bytes written. */
  decodeBase91(
    text: string,
    scratch: Region,
    target: Region,
    start: number,
  ): number {
    const { read, written } = new TextEncoder().encodeInto(
      text,
      this.view(scratch),
    );
    // A character that is not ASCII takes more room than it has.
    const count =
      read === text.length && written === read
        ? this.#exports.tn_page_base91(
            scratch.pointer,
            written,
            target.pointer + start,
            target.size - start,
          )
        : -1;
    if (count < 0) {
      throw new PageLibraryError('its text is not base91');
    }
    return count;
  }

  /** Decompresses zstd; `use` gets a view that is good for that call. */
  decode<T>(
    region: Region,
    size: number,
    use: (bytes: Uint8Array<ArrayBuffer>) => T,
  ): T {
    const { pointer } = region;
    const result = this.#exports.tn_page_decode(pointer, region.size, size);
    return this.#take(result, use);
  }

  /** Decompresses zstd while it arrives in `region`: `pull` gives the next
   * bytes of what is there so far, `available` of the frame, good until the
   * next call of anything here; none when more has to arrive. `end` frees it,
   * once, and throws where `whole` is asked for and it was not. */
  openStream(
    region: Region,
    size: number,
  ): {
    pull: (available: number) => Uint8Array<ArrayBuffer>;
    end: (whole: boolean) => void;
  } {
    const exports = this.#exports;
    const out = this.alloc(STREAM_PIECE_SIZE);
    const stream = exports.tn_page_stream_new(
      region.pointer,
      region.size,
      size,
    );
    if (stream === 0) {
      this.free(out);
      throw new PageLibraryError('its size is impossible');
    }
    const pull = (available: number): Uint8Array<ArrayBuffer> => {
      const { pointer, size: limit } = out;
      const count = exports.tn_page_stream_read(
        stream,
        available,
        pointer,
        limit,
      );
      if (count < 0) {
        throw new PageLibraryError('it does not decompress');
      }
      return this.view({ pointer, size: count });
    };
    const end = (whole: boolean): void => {
      this.free(out);
      if (exports.tn_page_stream_end(stream) < 0 && whole) {
        throw new PageLibraryError('it does not decompress');
      }
    };
    return { pull, end };
  }

  /** A copy of what a zstd frame holds, which is `size` bytes. */
  unpack(frame: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
    const region = this.alloc(frame.length);
    try {
      this.view(region).set(frame);
      return this.decode(region, size, (bytes) => bytes.slice());
    } finally {
      this.free(region);
    }
  }

  #text(
    name: 'tn_page_parse' | 'tn_page_output' | 'tn_page_cell',
    text: string,
  ): string {
    const bytes = new TextEncoder().encode(text);
    const region = this.alloc(bytes.length);
    try {
      this.view(region).set(bytes);
      const result = this.#exports[name](region.pointer, region.size);
      return this.#take(result, (view) => new TextDecoder().decode(view));
    } finally {
      this.free(region);
    }
  }

  /** Reads a result record {status, pointer, size} and releases it. */
  #take<T>(
    pointer: number,
    use: (bytes: Uint8Array<ArrayBuffer>) => T,
  ): T {
    const record = pointer >>> 0;
    if (record === 0) {
      throw new PageLibraryError('out of memory');
    }
    try {
      const words = new DataView(this.#exports.memory.buffer, record, 12);
      const status = words.getInt32(0, true);
      const bytes = this.view({
        pointer: words.getUint32(4, true),
        size: words.getUint32(8, true),
      });
      if (status < 0) {
        const text = new TextDecoder().decode(bytes);
        throw new PageLibraryError(text || `status ${status}`);
      }
      return use(bytes);
    } finally {
      this.#exports.tn_page_release(record);
    }
  }
}
