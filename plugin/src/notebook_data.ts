// What stands in the document beside the text: script#iomd and
// script#tincture-notebook.

import type { FileEntry } from './embedded_files.ts';
import type { JsonObject } from './messages.ts';
import type { Output } from './outputs.ts';
import type { ReportIdentity } from './save_target.ts';

export interface CellData {
  id: string | null;
  metadata: JsonObject;
  execution_count: number | null;
  outputs: Output[];
  attachments: JsonObject;
  /** Lines, from 0, that are written with one space before their `%%`. */
  escaped: number[];
  /** Beside a live state: for each output the id by which updates of it come,
   * or null. */
  display_ids?: (string | null)[];
}

export interface NotebookData {
  version: number;
  title: string | null;
  view: 'report' | 'explore';
  profile: string | null;
  source: { name: string; format: string };
  metadata: JsonObject;
  cells: CellData[];
  files: FileEntry[];
  /** Which report this is, and which of its states; missing in old ones. */
  report?: ReportIdentity;
  /** Python runs in a worker: Stop ends anything, scripts wait for answers. */
  worker?: boolean;
}

const ENTITIES: Record<string, string> = {
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
  '&quot;': '"',
  '&#x27;': "'",
};

/** Takes back the five that the packer writes, in one pass. */
export function unescapeIomd(text: string): string {
  return text.replace(/&(?:lt|gt|amp|quot|#x27);/g, (it) => ENTITIES[it]!);
}

export function escapeIomd(text: string): string {
  const written = new Map(
    Object.entries(ENTITIES).map(([entity, it]) => [it, entity]),
  );
  return text.replace(/[<>&"']/g, (it) => written.get(it)!);
}

export function readIomd(root: Document): string {
  const element = root.getElementById('iomd');
  if (!element) {
    throw new Error('This page has no notebook in it.');
  }
  return unescapeIomd(element.textContent ?? '');
}

export function readNotebook(root: Document): NotebookData {
  const element = root.getElementById('tincture-notebook');
  return JSON.parse(element?.textContent ?? 'null') as NotebookData;
}
