// Opening what was dropped on the page or chosen: a notebook takes the place
// of the present one or is added to it, any other file goes into the page and
// gets a cell that reads it.

import { base64Size, decodeBase64 } from './base64.ts';
import { readContents, type StoredNotebook } from './cell_maker.ts';
import type { CellList } from './cell_list.ts';
import { ask } from './dialog.ts';
import type { EmbeddedFiles } from './embedded_files.ts';
import { firstCell, isNotebookName } from './first_cell.ts';
import type { NotebookData } from './notebook_data.ts';
import type { ImportedNotebook, PageLibrary } from './page_library.ts';
import type { Structure } from './structure.ts';
import { showToast } from './toast.ts';

/** One file in the page, as for `tincture pack --file`. */
const FILE_LIMIT_BYTES = 512 * 2 ** 20;

/** The file that a notebook was read from. */
export interface OriginalFile {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

export interface OpeningHost {
  library: PageLibrary;
  list: CellList;
  structure: Structure;
  files: EmbeddedFiles;
  profile: string | null;
  /** Whether something would be lost. */
  isUnsaved: () => boolean;
  /** Shows another notebook in place of this one. */
  open: (stored: StoredNotebook, original: OriginalFile) => Promise<void>;
  /** Gives a file to Python, now or when it starts. */
  provide: (name: string, bytes: Uint8Array<ArrayBuffer>) => void;
  /** Something that is to be saved. */
  touched: () => void;
}

type Use = 'open' | 'add' | 'data';

/** What the browser knows of the file's type; else it is just bytes. */
function mimetypeOf(file: File): string {
  return /^[\w.+-]+\/[\w.+-]+$/.test(file.type)
    ? file.type
    : 'application/octet-stream';
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(base64Size(base64));
  return bytes.subarray(0, decodeBase64(base64, bytes));
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export class Opening {
  constructor(private readonly host: OpeningHost) {}

  /** One after the other: notebooks first, so that data dropped with one
   * are found by it. */
  async take(files: readonly File[]): Promise<void> {
    const data = files.filter(({ name }) => !isNotebookName(name));
    const notebooks = files.filter(({ name }) => isNotebookName(name));
    for (const file of [...notebooks, ...data]) {
      try {
        if (notebooks.includes(file)) {
          await this.#takeNotebook(file);
        } else {
          await this.#takeData(file, notebooks.length === 0);
        }
      } catch (error) {
        await ask(`${file.name} cannot be opened`, describe(error), [
          { label: 'Close', value: undefined, isMain: true },
        ]);
      }
    }
  }

  async #takeNotebook(file: File): Promise<void> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const use = await this.#askFor(file.name);
    if (use === 'data') {
      await this.#takeData(file, true);
    } else if (use) {
      const imported = this.host.library.import(file.name, bytes);
      this.#addFiles(imported);
      const { iomd, notebook } = imported;
      const stored = { iomd, data: notebook as unknown as NotebookData };
      if (use === 'open') {
        await this.host.open(stored, { name: file.name, bytes });
      } else {
        this.#append(stored);
      }
      this.#tell(file.name, imported.notes);
    }
  }

  /** Undefined when the person thinks better of it. */
  async #askFor(name: string): Promise<Use | undefined> {
    if (this.host.list.views.length === 0) {
      return 'open';
    }
    const text = this.host.isUnsaved()
      ? 'This notebook has changes that are not saved yet. They are lost ' +
        'when another one takes its place.'
      : 'It can take the place of this notebook, or its cells can be added ' +
        'at the end.';
    const isPython = name.toLowerCase().endsWith('.py');
    return ask<Use>(`Open ${name}?`, text, [
      { label: 'Open it instead', value: 'open' },
      { label: 'Add its cells', value: 'add', isMain: true },
      ...(isPython
        ? [{ label: 'Add it as a file', value: 'data' as const }]
        : []),
    ]);
  }

  #append(stored: StoredNotebook): void {
    const { library, list } = this.host;
    const contents = readContents(library, stored);
    const [first] = list.insert(list.views.length, contents);
    if (first) {
      this.host.structure.select(first);
    }
  }

  /** Files that travelled inside the notebook itself. */
  #addFiles(imported: ImportedNotebook): void {
    for (const { name, mimetype, base64 } of imported.files) {
      this.#embed(name, mimetype, decode(base64));
    }
  }

  async #takeData(file: File, withCell: boolean): Promise<void> {
    const { list, structure, files, profile } = this.host;
    const { name } = file;
    if (file.size > FILE_LIMIT_BYTES) {
      const mib = Math.round(FILE_LIMIT_BYTES / 2 ** 20);
      throw new Error(`It is larger than ${mib} MB, more than a page takes.`);
    }
    if (files.find(name) && !(await this.#mayReplace(name))) {
      return;
    }
    const bytes = new Uint8Array(await file.arrayBuffer());
    this.#embed(name, mimetypeOf(file), bytes);
    if (withCell) {
      const source = firstCell(name, profile);
      structure.select(list.add(list.views.length, 'py', source));
    }
    showToast(`${name} is in the page now, and is saved with it.`);
  }

  async #mayReplace(name: string): Promise<boolean> {
    const answer = await ask(
      `Replace ${name}?`,
      'The page has a file of this name already.',
      [
        { label: 'Keep the old one', value: false },
        { label: 'Replace it', value: true, isMain: true },
      ],
    );
    return answer === true;
  }

  #embed(name: string, type: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.host.provide(name, bytes);
    this.host.files.add(name, type, bytes);
    this.host.touched();
  }

  #tell(name: string, notes: readonly string[]): void {
    // "name: warning: what" to "what"; the first is enough for a line.
    const note = notes[0]?.replace(/^.*?\bwarning: /, '');
    if (note) {
      const more = notes.length > 1 ? ` (and ${notes.length - 1} more)` : '';
      showToast(`${name}: ${note}${more}`);
    }
    notes.forEach((line) => console.warn(line));
  }
}
