// Saving: the document as it was when it was opened, with the text, the cells
// and the outputs as they are now.  What a notebook's own scripts did to the
// page is not saved, except for what they showed in outputs.

import { make } from './dom.ts';
import { escapeIomd, type NotebookData } from './notebook_data.ts';

/** A piece of the document: text that is known, or a place that is filled
 * when it is saved. */
type Piece =
  | { text: string }
  | { element: Element }
  | { place: 'main' | 'iomd' | 'notebook' };

const PLACES: Record<string, 'main' | 'iomd' | 'notebook'> = {
  'tn-notebook': 'main',
  iomd: 'iomd',
  'tincture-notebook': 'notebook',
};

/** The payload and the files are large and never change: they are taken from
 * the page when it is saved. */
function isLarge(element: Element): boolean {
  return (
    element instanceof HTMLScriptElement && /^(part|file)-/.test(element.id)
  );
}

export interface SavedState {
  view: 'report' | 'explore';
  /** HTML of all sections. */
  cells: string;
  iomd: string;
  notebook: NotebookData;
}

export class DocumentTemplate {
  readonly #pieces: Piece[] = [];
  readonly #head: string;
  readonly #language: string;

  /** To be called before any script of the notebook ran. */
  constructor(root: Document) {
    this.#head = root.head.outerHTML;
    // The packer writes letters, digits and "-"; the page may have changed it.
    this.#language = root.documentElement.lang.replace(/[^\w-]/g, '') || 'en';
    for (const node of root.body.childNodes) {
      if (!(node instanceof Element)) {
        this.#pieces.push({ text: node.textContent ?? '' });
      } else if (PLACES[node.id]) {
        this.#pieces.push({ place: PLACES[node.id]! });
      } else if (isLarge(node)) {
        this.#pieces.push({ element: node });
      } else {
        this.#pieces.push({ text: node.outerHTML });
      }
    }
  }

  /** The whole file. */
  fill(state: SavedState): Blob {
    const parts = [
      `<!DOCTYPE html>\n<html lang="${this.#language}" ` +
        'data-tincture-state="saved" ' +
        `data-tincture-view="${state.view}">\n`,
      this.#head,
      '\n<body>',
      ...this.#pieces.map((piece) => this.#write(piece, state)),
      '</body>\n</html>\n',
    ];
    return new Blob(parts, { type: 'text/html' });
  }

  #write(piece: Piece, state: SavedState): string {
    if ('text' in piece) {
      return piece.text;
    }
    if ('element' in piece) {
      return piece.element.outerHTML;
    }
    switch (piece.place) {
      case 'main':
        return `<main id="tn-notebook">\n${state.cells}</main>`;
      case 'iomd':
        return (
          '<script type="text/iomd" id="iomd">' +
          `${escapeIomd(state.iomd)}</script>`
        );
      case 'notebook': {
        // "</script" must not appear; JSON may write "<" like this.
        const json = JSON.stringify(state.notebook).replace(/</g, '\\u003c');
        return (
          '<script type="application/json" id="tincture-notebook">' +
          `${json}</script>`
        );
      }
    }
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
