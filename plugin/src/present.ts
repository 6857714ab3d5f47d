// The notebook as it is now, in the forms that a file of it has: IOMD text,
// the JSON beside it, and the cells' HTML.

import type { View } from './bar.ts';
import type { CellView } from './cell_view.ts';
import { escapeChunk, replaceChunks } from './iomd_text.ts';
import type { JsonObject } from './messages.ts';
import type { CellData, NotebookData } from './notebook_data.ts';
import type { PageLibrary } from './page_library.ts';

export interface PresentNotebook {
  view: View;
  iomd: string;
  notebook: NotebookData;
  /** HTML of all sections. */
  cells: string;
}

/** What the document came with. */
export interface OpenedNotebook {
  iomd: string;
  data: NotebookData;
}

export function presentNotebook(
  library: PageLibrary,
  opened: OpenedNotebook,
  views: readonly CellView[],
): PresentNotebook {
  const edits = new Map<number, string>();
  const isOpen = document.documentElement.dataset.tinctureView === 'explore';
  let cells = '';
  const list = views.map((cell, index): CellData => {
    const before = opened.data.cells[index]!;
    const { text, escaped } = escapeChunk(cell.source);
    if (cell.isEdited) {
      edits.set(index, text);
    }
    const data: CellData = {
      ...before,
      execution_count: cell.executionCount,
      outputs: cell.outputs?.outputs ?? before.outputs,
      escaped: cell.isEdited ? escaped : before.escaped,
    };
    cells += library.cell({
      index,
      type: cell.type,
      flags: [...cell.flags],
      source: cell.source,
      outputs: data.outputs,
      attachments: data.attachments,
      open: isOpen,
    } satisfies JsonObject);
    return data;
  });
  const view: View = isOpen ? 'explore' : 'report';
  return {
    view,
    iomd: replaceChunks(opened.iomd, edits),
    notebook: { ...opened.data, view, cells: list },
    cells,
  };
}
