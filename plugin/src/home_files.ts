// What Python wrote under its home, for the report: new and changed files, in
// the order in which the report lists them.  Knows no DOM.

import type { EmbeddedFiles, FileEntry } from './embedded_files.ts';
import type { Encoder } from './encoder.ts';
import { INLINE_FILE_SIZE, type SavedFile } from './save.ts';

/** The part of a kernel that is needed; worker mode answers later. */
export interface HomeReader {
  listFiles(
    path?: string,
  ): HomeEntry[] | Promise<HomeEntry[]>;
  readFile(path: string): Uint8Array | Promise<Uint8Array>;
}

export interface HomeEntry {
  name: string;
  type: string;
  size: number;
}

/** TN_LIMIT_FILE_COUNT and TN_LIMIT_FILE_SIZE of pack_limits.h. */
const FILE_COUNT_LIMIT = 1000;
const FILE_SIZE_LIMIT = 512 << 20;

/** TN_LIMIT_NAME_SIZE and TN_LIMIT_PATH_SIZE, in bytes. */
const NAME_SIZE_LIMIT = 255;
const PATH_SIZE_LIMIT = 1024;

const DEPTH_LIMIT = 16;

/** Settings and caches are not data: they are made again. */
function isData({ name, type }: HomeEntry): boolean {
  return type === 'directory'
    ? !name.startsWith('.') && name !== '__pycache__'
    : type === 'file';
}

/** What the packer takes as the path of a file. */
export function isFilePath(path: string): boolean {
  const sizeOf = (text: string) => new TextEncoder().encode(text).length;
  return (
    sizeOf(path) <= PATH_SIZE_LIMIT &&
    path.split('/').every((name) => sizeOf(name) <= NAME_SIZE_LIMIT) &&
    !/[\u0000-\u001f\u007f\\]/.test(path)
  );
}

export interface FoundFile {
  name: string;
  size: number;
}

/** All files below a directory, in the order of their names. */
export async function findFiles(home: HomeReader): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  const walk = async (directory: string, depth: number): Promise<void> => {
    const entries = await home.listFiles(directory === '' ? '.' : directory);
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries.filter(isData)) {
      const name = directory === '' ? entry.name : `${directory}/${entry.name}`;
      if (entry.type === 'file') {
        found.push({ name, size: entry.size });
      } else if (depth < DEPTH_LIMIT) {
        await walk(name, depth + 1);
      }
    }
  };
  await walk('', 0);
  return found;
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) {
    return false;
  }
  for (let i = 0; i < one.length; i++) {
    if (one[i] !== other[i]) {
      return false;
    }
  }
  return true;
}

export interface HomeFiles {
  files: SavedFile[];
  /** Names that are left out, and why. */
  skipped: string[];
}

/** The files to save: those of the report that Python has as they were stand
 * as they stood, changed and new ones are written, removed ones are gone. */
export async function collectFiles(
  home: HomeReader,
  embedded: EmbeddedFiles,
  encoder: Encoder,
): Promise<HomeFiles> {
  const result: HomeFiles = { files: [], skipped: [] };
  const found = await findFiles(home);
  const known = new Map(found.map((file) => [file.name, file]));
  const fresh = found.filter(({ name }) => !embedded.find(name));
  const kept = embedded.entries.filter(({ name }) => known.has(name));
  const all: FileEntry[] = [
    ...kept,
    ...fresh.map(({ name, size }) => {
      return { name, size, mimetype: encoder.mimetype(name) };
    }),
  ];
  for (const entry of all) {
    const { name, size } = known.get(entry.name)!;
    if (
      size > FILE_SIZE_LIMIT ||
      !isFilePath(name) ||
      result.files.length === FILE_COUNT_LIMIT
    ) {
      result.skipped.push(name);
      continue;
    }
    const read = await home.readFile(name);
    const bytes = read as Uint8Array<ArrayBuffer>;
    const isSame =
      embedded.find(name)?.size === size &&
      areEqual(bytes, embedded.bytes(entry));
    if (isSame && !embedded.added(name)) {
      result.files.push({ entry, from: 'document' });
    } else {
      result.files.push(await writtenFile(entry, bytes, encoder));
    }
  }
  return result;
}

/** The files when Python cannot be asked: those of the report. */
export async function embeddedFiles(
  embedded: EmbeddedFiles,
  encoder: Encoder,
): Promise<SavedFile[]> {
  const files: SavedFile[] = [];
  for (const entry of embedded.entries) {
    const bytes = embedded.added(entry.name);
    files.push(
      bytes
        ? await writtenFile(entry, bytes, encoder)
        : { entry, from: 'document' },
    );
  }
  return files;
}

async function writtenFile(
  { name, mimetype }: FileEntry,
  bytes: Uint8Array<ArrayBuffer>,
  encoder: Encoder,
): Promise<SavedFile> {
  const entry = { name, mimetype, size: bytes.length };
  if (bytes.length <= INLINE_FILE_SIZE) {
    return { entry, from: 'bytes', bytes };
  }
  const written = await encoder.write(`file:${name}`, bytes);
  return { entry, from: 'part', bytes, written };
}
