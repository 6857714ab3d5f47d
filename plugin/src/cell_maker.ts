// Makes cells: from sections that are in the document, or with new ones.  The
// markup is the packer's own.

import {
  CellView,
  type CellActions,
  type CellContent,
} from './cell_view.ts';
import { fragmentOf } from './dom.ts';
import {
  escapeChunk,
  headOf,
  splitIomd,
  unescapeChunk,
} from './iomd_text.ts';
import type { Enliven } from './live.ts';
import type { JsonObject } from './messages.ts';
import type { CellData, NotebookData } from './notebook_data.ts';
import type { PageLibrary } from './page_library.ts';

/** A notebook as it stands in a file. */
export interface StoredNotebook {
  iomd: string;
  data: NotebookData;
}

export interface CellMakerHost {
  library: PageLibrary;
  enliven: Enliven;
  /** A cell came into being. */
  made: (cell: CellView) => void;
  /** The source of a cell is another one now. */
  changed: (cell: CellView) => void;
  run: (cell: CellView) => void;
  edit: (cell: CellView) => void;
}

/** The cells of a notebook, as content that is not in the page yet. */
export function readContents(
  library: PageLibrary,
  { iomd, data }: StoredNotebook,
): CellContent[] {
  const { chunks } = splitIomd(iomd);
  return library.parse(iomd).map(({ type, flags, source }, index) => {
    const text = chunks[index];
    const cell = data.cells[index];
    if (!text || !cell) {
      throw new Error(`Cell ${index} of this notebook is missing.`);
    }
    const written = unescapeChunk(source, cell.escaped);
    return { type, flags, source: written, text, data: cell };
  });
}

/** A cell that was not there before. */
export function newContent(
  type: string,
  source = '',
  flags: readonly string[] = [],
  data: Partial<CellData> = {},
): CellContent {
  // An empty line stands before the next chunk.
  const spaced = source.endsWith('\n') ? source : `${source}\n`;
  const { text, escaped } = escapeChunk(spaced);
  return {
    type,
    flags,
    source: spaced,
    text: { head: headOf(type, flags), body: text },
    data: {
      id: null,
      metadata: {},
      execution_count: null,
      outputs: [],
      attachments: {},
      ...data,
      escaped,
    },
  };
}

export class CellMaker {
  readonly #actions: CellActions;

  constructor(private readonly host: CellMakerHost) {
    this.#actions = {
      render: (output) => host.library.output(output),
      enliven: host.enliven,
      markdown: (cell) => this.#renderText(cell),
      changed: host.changed,
      run: host.run,
      edit: host.edit,
    };
  }

  /** A cell with a section that is in the document already. */
  adopt(index: number, content: CellContent, section: HTMLElement): CellView {
    const cell = new CellView(index, content, section, this.#actions);
    this.host.made(cell);
    return cell;
  }

  make(index: number, content: CellContent): CellView {
    const view = document.documentElement.dataset.tinctureView;
    const html = this.host.library.cell({
      index,
      type: content.type,
      flags: [...content.flags],
      source: content.source,
      outputs: content.data.outputs,
      attachments: content.data.attachments,
      open: view === 'explore',
    } satisfies JsonObject);
    const section = fragmentOf(html).querySelector<HTMLElement>('.tn-cell')!;
    return this.adopt(index, content, section);
  }

  /** By way of the whole cell, which knows the images attached to it. */
  #renderText(cell: CellView): DocumentFragment {
    const html = this.host.library.cell({
      index: cell.index,
      type: cell.type,
      source: cell.source,
      attachments: cell.data.attachments,
    });
    const content = document.createDocumentFragment();
    const text = fragmentOf(html).querySelector('.tn-markdown')!;
    content.append(...text.childNodes);
    return content;
  }
}
