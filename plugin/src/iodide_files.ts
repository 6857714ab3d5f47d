// `iodide.file`: the files that travel in the page, as scripts read and write
// them.  What is written is Python's at once, and in the file that Save makes.

import type { EmbeddedFiles, FileEntry } from './embedded_files.ts';
import { convertBlob } from './fetch_data.ts';
import { isDataType, type DataType } from './fetch_grammar.ts';

export interface FilesHost {
  files: EmbeddedFiles;
  /** When the page's file was written: the date of what came with it. */
  date: Date;
  /** Puts a file into the page and into Python's home. */
  write(name: string, mimetype: string, bytes: Uint8Array<ArrayBuffer>): void;
  /** Takes it out of both. */
  remove(name: string): Promise<void>;
}

export interface IodideFiles {
  save(
    name: string,
    type: string,
    data: unknown,
    options?: { overwrite?: boolean },
  ): Promise<void>;
  load(name: string, type: string, variable?: string): Promise<unknown>;
  delete(name: string): Promise<void>;
  exists(name: string): boolean;
  list(): string[];
  lastUpdated(name: string): Date;
}

const MIMETYPES: Record<string, string> = {
  text: 'text/plain',
  json: 'application/json',
};

function checkName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || name === '') {
    throw new TypeError(`a file's name is a string, not ${typeof name}`);
  }
}

/** The bytes of what is to be saved as one of the types. */
async function bytesOf(
  type: DataType,
  data: unknown,
): Promise<Uint8Array<ArrayBuffer>> {
  if (type === 'text') {
    return new TextEncoder().encode(String(data));
  }
  if (type === 'json') {
    const text = JSON.stringify(data) as string | undefined;
    if (text === undefined) {
      throw new TypeError('JSON cannot say this value');
    }
    return new TextEncoder().encode(text);
  }
  const isBytes = data instanceof ArrayBuffer || ArrayBuffer.isView(data);
  if (type !== 'blob' && !isBytes) {
    throw new TypeError(`what is saved as ${type} is an ArrayBuffer or a view`);
  }
  const blob = new Blob([data as BlobPart]);
  return new Uint8Array(await blob.arrayBuffer());
}

/** `host` throws while the page is still loading. */
export function makeIodideFiles(host: () => FilesHost): IodideFiles {
  /** When files were written that the page did not come with. */
  const dates = new Map<string, Date>();
  const find = (operation: string, name: unknown): FileEntry => {
    checkName(name);
    const entry = host().files.find(name);
    if (!entry) {
      throw new Error(`${operation}: file "${name}" does not exist`);
    }
    return entry;
  };
  const checkType = (operation: string, type: string): DataType => {
    if (!isDataType(type)) {
      throw new TypeError(`${operation}: "${type}" is no type of file`);
    }
    return type;
  };
  return {
    async save(name, type, data, options = {}) {
      checkName(name);
      const bytes = await bytesOf(checkType('save', type), data);
      if (host().files.find(name) && options.overwrite !== true) {
        throw new Error(
          `save: file "${name}" exists already; {overwrite: true} replaces it`,
        );
      }
      const own = data instanceof Blob ? data.type : '';
      const mimetype = MIMETYPES[type] ?? (own || 'application/octet-stream');
      host().write(name, mimetype, bytes);
      dates.set(name, new Date());
    },
    async load(name, type, variable) {
      const entry = find('load', name);
      const checked = checkType('load', type);
      const bytes = host().files.bytes(entry);
      const blob = new Blob([bytes], { type: entry.mimetype });
      const value = await convertBlob(blob, checked);
      if (variable !== undefined) {
        (globalThis as Record<string, unknown>)[variable] = value;
      }
      return value;
    },
    async delete(name) {
      find('delete', name);
      await host().remove(name);
      dates.delete(name);
    },
    exists(name) {
      checkName(name);
      return host().files.find(name) !== undefined;
    },
    list: () => host().files.entries.map(({ name }) => name),
    lastUpdated(name) {
      find('lastUpdated', name);
      return new Date(dates.get(name) ?? host().date);
    },
  };
}
