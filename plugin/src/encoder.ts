// Parts of the payload, written: bytes to zstd, checksum and base91, by an
// instance of page.wasm of its own, whose memory goes when saving is done.

import { stubsFor } from './page_library.ts';
import type { Part } from './payload.ts';
import { nextTurn } from './turns.ts';

interface EncoderExports {
  memory: WebAssembly.Memory;
  _initialize?(): void;
  tn_page_alloc(size: number): number;
  tn_page_free(pointer: number): void;
  tn_page_mimetype(name: number): number;
  tn_page_encoder_new(size: number): number;
  tn_page_encoder_free(encoder: number): void;
  tn_page_encoder_window(encoder: number): number;
  tn_page_encoder_write(encoder: number, size: number, last: number): number;
  tn_page_encoder_frame(encoder: number): number;
  tn_page_encoder_frame_size(encoder: number): number;
  tn_page_encoder_to_base91(
    encoder: number,
    data: number,
    size: number,
  ): number;
  tn_page_encoder_checksum(
    encoder: number,
    data: number,
    size: number,
  ): number;
  tn_page_encoder_text(encoder: number): number;
}

/** A part and the texts of its script elements. */
export interface WrittenPart {
  part: Part;
  /** ASCII. */
  chunks: Uint8Array<ArrayBuffer>[];
}

/** Bytes of the window in encode_page.c. */
const WINDOW_SIZE = 256 << 10;

/** TN_PART_CHUNK_SIZE of pack_limits.h: bytes behind one script element. */
export const CHUNK_SIZE = 3 * 13 * 40000;

/** What is compressed between two turns of the page: some 10 ms. */
const TURN_SIZE = 8 * WINDOW_SIZE;

export class EncoderError extends Error {
  override name = 'EncoderError';
}

export class Encoder {
  readonly #exports: EncoderExports;

  private constructor(exports: EncoderExports) {
    this.#exports = exports;
    exports._initialize?.();
  }

  static async create(module: WebAssembly.Module): Promise<Encoder> {
    const instance = await WebAssembly.instantiate(module, stubsFor(module));
    return new Encoder(instance.exports as unknown as EncoderExports);
  }

  /** Compresses and writes a part; the page has its turns meanwhile. */
  async write(name: string, bytes: Uint8Array): Promise<WrittenPart> {
    const wasm = this.#exports;
    const encoder = this.#open(bytes.length);
    try {
      await this.#compress(encoder, bytes);
      const size = wasm.tn_page_encoder_frame_size(encoder) >>> 0;
      const frame = wasm.tn_page_encoder_frame(encoder) >>> 0;
      const count = wasm.tn_page_encoder_checksum(encoder, frame, size);
      const checksum = new TextDecoder().decode(this.#text(encoder, count));
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      for (let at = 0; at < size; at += CHUNK_SIZE) {
        const rest = Math.min(CHUNK_SIZE, size - at);
        const length = wasm.tn_page_encoder_to_base91(
          encoder,
          frame + at,
          rest,
        );
        chunks.push(this.#text(encoder, length));
        await nextTurn();
      }
      const part: Part = {
        name,
        codec: 'zstd',
        encoding: 'base91',
        size: bytes.length,
        stored_size: size,
        checksum,
        chunks: chunks.length,
      };
      return { part, chunks };
    } finally {
      wasm.tn_page_encoder_free(encoder);
    }
  }

  /** The type of a file by its name, as the packer knows it. */
  mimetype(name: string): string {
    const wasm = this.#exports;
    const text = new TextEncoder().encode(`${name}\0`);
    const place = wasm.tn_page_alloc(text.length) >>> 0;
    if (place === 0) {
      throw new EncoderError('there is no memory for a name');
    }
    new Uint8Array(wasm.memory.buffer, place).set(text);
    const found = wasm.tn_page_mimetype(place) >>> 0;
    wasm.tn_page_free(place);
    const bytes = new Uint8Array(wasm.memory.buffer, found);
    return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
  }

  #open(size: number): number {
    const encoder = this.#exports.tn_page_encoder_new(size) >>> 0;
    if (encoder === 0) {
      throw new EncoderError('there is not enough memory to compress it');
    }
    return encoder;
  }

  async #compress(encoder: number, bytes: Uint8Array): Promise<void> {
    const wasm = this.#exports;
    const window = wasm.tn_page_encoder_window(encoder) >>> 0;
    let at = 0;
    do {
      const piece = bytes.subarray(at, at + WINDOW_SIZE);
      new Uint8Array(wasm.memory.buffer, window).set(piece);
      at += piece.length;
      const isLast = at === bytes.length;
      const status = wasm.tn_page_encoder_write(
        encoder,
        piece.length,
        Number(isLast),
      );
      if (status < 0) {
        throw new EncoderError(`compressing failed (status ${status})`);
      }
      if (at % TURN_SIZE === 0) {
        await nextTurn();
      }
    } while (at < bytes.length);
  }

  /** A copy of the text that was written last. */
  #text(encoder: number, length: number): Uint8Array<ArrayBuffer> {
    if (length < 0) {
      throw new EncoderError('there is not enough memory to write it');
    }
    const { memory, tn_page_encoder_text: text } = this.#exports;
    const start = text(encoder) >>> 0;
    return new Uint8Array(memory.buffer as ArrayBuffer, start, length).slice();
  }
}
