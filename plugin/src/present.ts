// The notebook as it is now, in the forms that a file of it has: IOMD text,
// the JSON beside it, the cells' HTML, and the files that travel with it.

import type { View } from './bar.ts';
import type { CellView } from './cell_view.ts';
import type { EmbeddedFiles, FileEntry } from './embedded_files.ts';
import { headAfter, joinIomd } from './iomd_text.ts';
import type { JsonObject } from './messages.ts';
import type { CellData, NotebookData } from './notebook_data.ts';
import type { OriginalFile } from './opening.ts';
import type { PageLibrary } from './page_library.ts';

export interface PresentFile {
  entry: FileEntry;
  /** Where the document does not have it yet. */
  bytes?: Uint8Array<ArrayBuffer>;
}

export interface PresentNotebook {
  view: View;
  title: string;
  iomd: string;
  notebook: NotebookData;
  /** HTML of all sections. */
  cells: string;
  files: PresentFile[];
  /** The file that the notebook was read from in this page, for the payload's
   * part `source:NAME`; null where it was made here and there is none, and
   * undefined where it is the document's own. */
  source: OriginalFile | null | undefined;
}

/** What there is to write, beside the cells themselves. */
export interface NotebookState {
  data: NotebookData;
  title: string;
  preamble: string | null;
  views: readonly CellView[];
  files: EmbeddedFiles;
  source: OriginalFile | null | undefined;
}

function cellData(cell: CellView): CellData {
  const ids = cell.outputs?.displayIds ?? [];
  return {
    ...cell.data,
    ...(ids.some((id) => id !== null) && { display_ids: ids }),
    execution_count: cell.executionCount,
    outputs: cell.outputs?.outputs ?? cell.data.outputs,
    escaped: cell.chunk.escaped,
  };
}

function iomdOf({ preamble, views }: NotebookState): string {
  const chunks = views.map((cell, index) => {
    const { head, body } = cell.chunk;
    const before = views[index - 1]?.type;
    return { head: headAfter(head, cell.type, before), body };
  });
  return joinIomd({ preamble, chunks });
}

export function presentNotebook(
  library: PageLibrary,
  state: NotebookState,
): PresentNotebook {
  const isOpen = document.documentElement.dataset.tinctureView === 'explore';
  const view: View = isOpen ? 'explore' : 'report';
  const list = state.views.map(cellData);
  const sections = state.views.map((cell, index) =>
    library.cell({
      index,
      type: cell.type,
      flags: [...cell.flags],
      source: cell.source,
      outputs: list[index]!.outputs,
      attachments: cell.data.attachments,
      state: cell.state,
      open: isOpen,
    } satisfies JsonObject),
  );
  const { entries } = state.files;
  return {
    view,
    title: state.title,
    iomd: iomdOf(state),
    notebook: { ...state.data, view, cells: list, files: [...entries] },
    cells: sections.join(''),
    files: entries.map((entry) => {
      const bytes = state.files.added(entry.name);
      return bytes ? { entry, bytes } : { entry };
    }),
    source: state.source,
  };
}
