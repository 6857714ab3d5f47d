// What keys and tools do to the list of cells, and where the focus goes then.
// The explore view only: a report is for reading.

import type { CellList } from './cell_list.ts';
import type { CellView } from './cell_view.ts';
import { focusCell } from './keyboard.ts';
import { hideToast, showToast } from './toast.ts';

export interface StructureHost {
  edit: (cell: CellView) => void;
  /** Whether the page shows a notebook to be worked on. */
  isAllowed: () => boolean;
}

export class Structure {
  constructor(
    private readonly list: CellList,
    private readonly host: StructureHost,
  ) {}

  /** Whether cells may be added, moved and so on now. */
  get isAllowed(): boolean {
    return this.host.isAllowed();
  }

  /** A new cell with the focus on it. */
  add(index: number, type: string): CellView {
    const cell = this.list.add(index, type);
    this.select(cell);
    return cell;
  }

  /** A new cell that is written at once. */
  addAndEdit(index: number, type: string): void {
    this.host.edit(this.add(index, type));
  }

  remove(cell: CellView): void {
    const { index } = cell;
    this.list.remove(cell);
    focusCell(this.list.views, index);
    showToast('Cell deleted.', {
      label: 'Undo',
      onClick: () => this.undo(),
    });
  }

  move(cell: CellView, by: number): void {
    const focused = document.activeElement;
    if (this.list.move(cell, by)) {
      if (focused instanceof HTMLElement && cell.section.contains(focused)) {
        focused.focus({ preventScroll: true });
      }
      cell.section.scrollIntoView({ block: 'nearest' });
    }
  }

  setType(cell: CellView, type: string): void {
    const next = this.list.setType(cell, type);
    this.select(next);
    if (next !== cell && (cell.outputs?.outputs.length ?? 0) > 0) {
      showToast('The results of the cell went with its type.', {
        label: 'Undo',
        onClick: () => this.undo(),
      });
    }
  }

  copy(cell: CellView): void {
    this.list.copy(cell);
  }

  cut(cell: CellView): void {
    this.list.copy(cell);
    this.remove(cell);
  }

  paste(index: number): void {
    const cell = this.list.paste(index);
    if (cell) {
      this.select(cell);
    }
  }

  undo(): void {
    this.#restore(() => this.list.undo());
  }

  redo(): void {
    this.#restore(() => this.list.redo());
  }

  select(cell: CellView): void {
    focusCell(this.list.views, cell.index);
  }

  /** The focus goes to what came back, or stays where it was. */
  #restore(change: () => string | undefined): void {
    const before = new Set(this.list.views);
    const focused = this.list.views.find((cell) =>
      cell.section.contains(document.activeElement),
    );
    hideToast();
    if (change() === undefined) {
      return;
    }
    const { views } = this.list;
    const back = views.find((cell) => !before.has(cell));
    const place = back?.index ?? (focused ? focused.index : 0);
    focusCell(views, place);
  }
}
