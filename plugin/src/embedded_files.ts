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
  constructor(
    readonly entries: readonly FileEntry[],
    private readonly payload: Payload,
    private readonly root: Document,
  ) {}

  find(name: string): FileEntry | undefined {
    return this.entries.find((entry) => entry.name === name);
  }

  bytes(entry: FileEntry): Uint8Array<ArrayBuffer> {
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
