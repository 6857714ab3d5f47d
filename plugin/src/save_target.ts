// Where a report is saved: a file that the person chose, in place, after a
// look at what it holds; the look at it.  Knows no DOM.

import type { NotebookData } from './notebook_data.ts';

/** Which report a file is, and which of its states. */
export interface ReportIdentity {
  id: string;
  /** 0 as packed, one more with every Save. */
  revision: number;
  /** When it was saved, as an ISO date; missing as packed. */
  saved?: string;
}

/** The little of the File System Access API that is used. */
export interface FileHandle {
  readonly name: string;
  getFile(): Promise<Blob>;
  createWritable(): Promise<{
    write(data: Blob): Promise<void>;
    close(): Promise<void>;
    abort?(): Promise<void>;
  }>;
  requestPermission?(options: { mode: 'readwrite' }): Promise<string>;
}

interface PickerOptions {
  suggestedName?: string;
  types: { description: string; accept: Record<string, string[]> }[];
}

interface Pickers {
  showSaveFilePicker?(options: PickerOptions): Promise<FileHandle>;
  showOpenFilePicker?(options: PickerOptions): Promise<FileHandle[]>;
}

const TYPES = [{ description: 'Report', accept: { 'text/html': ['.html'] } }];

/** What a file that may be overwritten holds. */
export type Finding =
  | { kind: 'empty' }
  /** The state that the page was opened from, or wrote itself, or an older
   * one. */
  | { kind: 'own' }
  | { kind: 'newer'; saved?: string }
  | { kind: 'other'; title: string | null }
  | { kind: 'foreign' };

/** The notebook's element comes before the payload's table. */
const NOTEBOOK = /<script type="application\/json" id="tincture-notebook">([^<]*)</;
const TABLE = 'id="tincture-payload"';

/** What is read of a file before it is searched. */
const READ_SIZE = 1 << 20;

/** A file that says nothing of a notebook so far is not a report. */
const SEARCH_LIMIT = 256 << 20;

/** The text of a report up to its payload, which is not read. */
async function readHead(file: Blob): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for (let at = 0; at < Math.min(file.size, SEARCH_LIMIT); at += READ_SIZE) {
    const from = Math.max(0, text.length - TABLE.length);
    const piece = await file.slice(at, at + READ_SIZE).arrayBuffer();
    text += decoder.decode(piece, { stream: true });
    if (text.includes(TABLE, from)) {
      break;
    }
  }
  return text;
}

/** Which report a file holds, and its title; undefined for anything else. */
export async function identify(
  file: Blob,
): Promise<(Partial<ReportIdentity> & { title: string | null }) | undefined> {
  const found = NOTEBOOK.exec(await readHead(file));
  if (!found) {
    return undefined;
  }
  try {
    const notebook = JSON.parse(found[1]!) as NotebookData;
    return { title: notebook.title, ...notebook.report };
  } catch {
    return undefined;
  }
}

/** Compares a file with the page's own report. */
export async function examine(
  file: Blob,
  own: ReportIdentity,
): Promise<Finding> {
  if (file.size === 0) {
    return { kind: 'empty' };
  }
  const found = await identify(file);
  if (!found) {
    return { kind: 'foreign' };
  }
  if (found.id !== own.id) {
    return { kind: 'other', title: found.title };
  }
  const revision = found.revision ?? 0;
  const isOwn = revision === own.revision && found.saved === own.saved;
  if (isOwn || revision < own.revision) {
    return { kind: 'own' };
  }
  return { kind: 'newer', ...(found.saved && { saved: found.saved }) };
}

/** Writes the whole file or leaves the old one as it is: the browser writes
 * beside it and exchanges the two when it is closed. */
export async function writeInPlace(
  handle: FileHandle,
  blob: Blob,
): Promise<void> {
  const writable = await handle.createWritable();
  try {
    await writable.write(blob);
  } catch (error) {
    await writable.abort?.().catch(() => undefined);
    throw error;
  }
  await writable.close();
}

export function canChooseFile(): boolean {
  return typeof (globalThis as Pickers).showSaveFilePicker === 'function';
}

/** True where a file that is there can be chosen and written. */
export function canReplaceFile(): boolean {
  return (
    canChooseFile() &&
    typeof (globalThis as Pickers).showOpenFilePicker === 'function'
  );
}

/** Undefined when the person thinks better of it. */
async function unlessAborted<T>(
  choice: Promise<T> | undefined,
): Promise<T | undefined> {
  try {
    return await choice;
  } catch (error) {
    if ((error as Error).name === 'AbortError') {
      return undefined;
    }
    throw error;
  }
}

/** A new file; the browser itself asks before it takes one that is there,
 * and then empties it at once. */
export function chooseNewFile(name: string): Promise<FileHandle | undefined> {
  return unlessAborted(
    (globalThis as Pickers).showSaveFilePicker?.({
      suggestedName: name,
      types: TYPES,
    }),
  );
}

/** A file that is there; it stays as it is until it is written. */
export async function chooseExistingFile(): Promise<FileHandle | undefined> {
  const files = await unlessAborted(
    (globalThis as Pickers).showOpenFilePicker?.({ types: TYPES }),
  );
  const [handle] = files ?? [];
  const answer = await handle?.requestPermission?.({ mode: 'readwrite' });
  if (answer === 'denied') {
    throw new Error('the browser was not allowed to write to that file');
  }
  return handle;
}
