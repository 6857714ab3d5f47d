// Saving: the document as it was when it was opened, with the text, the cells,
// the outputs, the files and the state as they are now.  What a notebook's own
// scripts did to the page is not saved, except for what they showed in
// outputs.

import { encodeBase64 } from './base64.ts';
import { make } from './dom.ts';
import type { FileEntry } from './embedded_files.ts';
import type { WrittenPart } from './encoder.ts';
import { escapeIomd, type NotebookData } from './notebook_data.ts';
import { writeTable, type Part, type PartTable } from './part_table.ts';

/** TN_INLINE_FILE_SIZE of pack_limits.h: larger files are parts. */
export const INLINE_FILE_SIZE = 256 << 10;

type Place = 'main' | 'iomd' | 'notebook' | 'table';

/** A piece of the document: text that is known, or a place that is filled
 * when it is saved. */
type Piece = { text: string } | { place: Place };

const PLACES: Record<string, Place> = {
  'tn-notebook': 'main',
  iomd: 'iomd',
  'tincture-notebook': 'notebook',
  'tincture-payload': 'table',
};

/** A file of the report: as it stands in the document, or new bytes, in a
 * part of their own when they are many. */
export type SavedFile = { entry: FileEntry } & (
  | { from: 'document' }
  | { from: 'bytes'; bytes: Uint8Array<ArrayBuffer> }
  | { from: 'part'; bytes: Uint8Array<ArrayBuffer>; written: WrittenPart }
);

export interface SavedState {
  title: string;
  view: 'report' | 'explore';
  /** HTML of all sections. */
  cells: string;
  iomd: string;
  notebook: NotebookData;
  files: readonly SavedFile[];
  /** What takes the place of the document's own parts with these names, and
   * of those that a name ending in `:` begins. */
  replaces: readonly string[];
  /** Parts behind all others, in order. */
  added: readonly WrittenPart[];
}

/** The payload and the files, which are written anew each time. */
function isLarge(node: Node | null): boolean {
  return node instanceof HTMLScriptElement && /^(part|file)-/.test(node.id);
}

function escapeText(text: string): string {
  return text.replace(/[&<>]/g, (it) => `&#${it.charCodeAt(0)};`);
}

function escapeAttribute(text: string): string {
  return escapeText(text).replace(/"/g, '&#34;');
}

/** "</script" must not appear; JSON may write "<" like this. */
function jsonScript(id: string, value: unknown): string {
  return textScript(id, JSON.stringify(value).replace(/</g, '\\u003c'));
}

function textScript(id: string, json: string): string {
  return `<script type="application/json" id="${id}">${json}</script>`;
}

/** The table of the parts as it will be, with what each is made from. */
interface Layout {
  parts: Part[];
  /** The chunks of a part: in the document under its old number, or new. */
  sources: (number | WrittenPart)[];
  files: FileEntry[];
}

export class DocumentTemplate {
  readonly #root: Document;
  readonly #pieces: Piece[] = [];
  readonly #head: string;
  readonly #language: string;
  readonly #table: PartTable;

  /** To be called before any script of the notebook ran; the parts may still
   * be on their way. */
  constructor(root: Document) {
    this.#root = root;
    this.#head = root.head.outerHTML;
    // The packer writes letters, digits and "-"; the page may have changed it.
    this.#language = root.documentElement.lang.replace(/[^\w-]/g, '') || 'en';
    for (const node of root.body.childNodes) {
      this.#enter(node);
    }
    const last = this.#pieces.at(-1);
    if (last && 'text' in last && last.text.trim() === '') {
      this.#pieces.pop();
    }
    const table = root.getElementById('tincture-payload')?.textContent;
    this.#table = JSON.parse(table ?? '{"version":2,"parts":[]}') as PartTable;
  }

  /** The whole file. */
  fill(state: SavedState): Blob {
    const layout = this.#lay(state);
    const title = () => `<title>${escapeText(state.title)}</title>`;
    const parts: BlobPart[] = [
      `<!DOCTYPE html>\n<html lang="${this.#language}" ` +
        'data-tincture-state="saved" ' +
        `data-tincture-view="${state.view}">\n`,
      this.#head.replace(/<title>[^]*?<\/title>/, title),
      '\n<body>',
    ];
    for (const piece of this.#pieces) {
      if ('text' in piece) {
        parts.push(piece.text);
      } else {
        parts.push(...this.#write(piece.place, state, layout));
      }
    }
    parts.push('\n', ...this.#writeChunks(layout), '</body>\n</html>\n');
    return new Blob(parts, { type: 'text/html' });
  }

  #enter(node: ChildNode): void {
    const place = node instanceof Element ? PLACES[node.id] : undefined;
    if (place) {
      this.#pieces.push({ place });
    } else if (node instanceof Element) {
      if (!isLarge(node)) {
        this.#pieces.push({ text: node.outerHTML });
      }
    } else {
      // The line that such an element ends is written with it.
      const text = node.textContent ?? '';
      if (!isLarge(node.previousSibling) || text.trim() !== '') {
        this.#pieces.push({ text });
      }
    }
  }

  #lay(state: SavedState): Layout {
    const layout: Layout = { parts: [], sources: [], files: [] };
    const isReplaced = (name: string) =>
      state.replaces.some((each) =>
        each.endsWith(':') ? name.startsWith(each) : name === each,
      );
    const add = (part: Part, source: number | WrittenPart): number => {
      layout.sources.push(source);
      return layout.parts.push(part) - 1;
    };
    this.#table.parts.forEach((part, index) => {
      if (!part.name.startsWith('file:') && !isReplaced(part.name)) {
        add(part, index);
      }
    });
    for (const file of state.files) {
      const { part: index, ...entry } = file.entry;
      const part = index === undefined ? undefined : this.#table.parts[index];
      if (file.from === 'part') {
        const { written } = file;
        layout.files.push({ ...entry, part: add(written.part, written) });
      } else if (file.from === 'document' && index !== undefined && part) {
        layout.files.push({ ...entry, part: add(part, index) });
      } else {
        layout.files.push(entry);
      }
    }
    state.added.forEach((written) => add(written.part, written));
    return layout;
  }

  #write(place: Place, state: SavedState, layout: Layout): BlobPart[] {
    switch (place) {
      case 'main':
        return [`<main id="tn-notebook">\n${state.cells}</main>`];
      case 'iomd':
        return [
          '<script type="text/iomd" id="iomd">',
          `${escapeIomd(state.iomd)}</script>`,
        ];
      case 'notebook': {
        const notebook = { ...state.notebook, files: layout.files };
        return [
          jsonScript('tincture-notebook', notebook),
          ...state.files.map((file) => this.#writeFile(file)),
        ];
      }
      case 'table': {
        const table = writeTable({ ...this.#table, parts: layout.parts });
        return [textScript('tincture-payload', table)];
      }
    }
  }

  /** In Iodide's form; nothing for one that is a part. */
  #writeFile(file: SavedFile): string {
    const { name, mimetype, part } = file.entry;
    if (file.from === 'part' || (file.from === 'document' && part !== undefined)) {
      return '';
    }
    const text =
      file.from === 'bytes'
        ? encodeBase64(file.bytes)
        : this.#textOf(`file-${name}`);
    return (
      '\n<script type="application/base64" ' +
      `id="file-${escapeAttribute(name)}" ` +
      `mimetype="${escapeAttribute(mimetype)}">${text}</script>`
    );
  }

  #writeChunks({ parts, sources }: Layout): BlobPart[] {
    return parts.flatMap((part, index) => {
      const source = sources[index]!;
      return Array.from({ length: part.chunks }, (_, chunk): BlobPart[] => [
        `<script type="application/octet-stream" id="part-${index}-${chunk}">`,
        typeof source === 'number'
          ? this.#textOf(`part-${source}-${chunk}`)
          : source.chunks[chunk]!,
        '</script>\n',
      ]).flat();
    });
  }

  #textOf(id: string): string {
    const element = this.#root.getElementById(id);
    if (!element) {
      throw new Error(`This page is damaged: its part “${id}” is missing.`);
    }
    return element.textContent ?? '';
  }
}

/** "How the world grew older" becomes how-the-world-grew-older.html. */
export function fileNameFor(title: string): string {
  const words = title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ['notebook'];
  return `${words.join('-').slice(0, 80)}.html`;
}

export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = make('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
