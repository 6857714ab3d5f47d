// The data files that travel in the page: small ones in script elements as
// Iodide had them (`file-NAME`), larger ones as parts of the payload.

import { base64Size, decodeBase64 } from './base64.ts';
import type { Payload } from './payload.ts';

export interface FileEntry {
  name: string;
  mimetype: string;
  size: number;
  /** Index of the payload part; missing where a script element holds it. */
  part?: number;
}

export class EmbeddedFiles {
  #entries: FileEntry[];
  /** Bytes of files that came after the page was opened. */
  #added = new Map<string, Uint8Array<ArrayBuffer>>();

  constructor(
    entries: readonly FileEntry[],
    private readonly payload: Payload,
    private readonly root: Document,
  ) {
    this.#entries = [...entries];
  }

  get entries(): readonly FileEntry[] {
    return this.#entries;
  }

  /** Puts a file into the page, in place of one of that name. */
  add(
    name: string,
    mimetype: string,
    bytes: Uint8Array<ArrayBuffer>,
  ): FileEntry {
    const entry = { name, mimetype, size: bytes.length };
    this.#entries = this.#entries.filter((each) => each.name !== name);
    this.#entries.push(entry);
    this.#added.set(name, bytes);
    return entry;
  }

  /** Takes a file out of the page. */
  remove(name: string): void {
    this.#entries = this.#entries.filter((each) => each.name !== name);
    this.#added.delete(name);
  }

  /** The bytes of a file that is not in the document. */
  added(name: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#added.get(name);
  }

  find(name: string): FileEntry | undefined {
    return this.entries.find((entry) => entry.name === name);
  }

  bytes(entry: FileEntry): Uint8Array<ArrayBuffer> {
    const added = this.#added.get(entry.name);
    if (added) {
      return added;
    }
    if (entry.part !== undefined) {
      const part = this.payload.parts[entry.part];
      return this.payload.bytes(part?.name ?? `file:${entry.name}`);
    }
    const element = this.root.getElementById(`file-${entry.name}`);
    if (!element) {
      throw new Error(`The file “${entry.name}” is missing from this page.`);
    }
    const text = element.textContent ?? '';
    const bytes = new Uint8Array(base64Size(text));
    const size = decodeBase64(text, bytes);
    return size === bytes.length ? bytes : bytes.slice(0, size);
  }
}
