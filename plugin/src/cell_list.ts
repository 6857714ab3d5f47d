// The cells of the notebook in their order: adding, removing, moving, changing
// their type, and undoing all of it.  A cell keeps its element, its outputs
// and its place in the run queue while it moves; one that is deleted keeps
// them too, until nobody can undo it any more.

import {
  newContent,
  readContents,
  type CellMaker,
  type StoredNotebook,
} from './cell_maker.ts';
import type { CellContent, CellView } from './cell_view.ts';
import { History, moved } from './history.ts';
import { splitIomd } from './iomd_text.ts';
import type { PageLibrary } from './page_library.ts';

export interface CellListHost {
  /** The cell is about to leave the page. */
  removed: (cell: CellView) => void;
  /** There are other cells now, or another order. */
  changed: () => void;
}

/** Where both lists have a cell that the other has not, one took the place of
 * the other: text that was written since goes along. */
function carryText(from: readonly CellView[], to: readonly CellView[]): void {
  to.forEach((cell, index) => {
    const other = from[index];
    if (other && !from.includes(cell) && !to.includes(other)) {
      cell.source = other.source;
    }
  });
}

export class CellList {
  #views: CellView[] = [];
  #preamble: string | null = null;
  #history = new History<CellView>();
  #copied: CellContent | undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly library: PageLibrary,
    private readonly maker: CellMaker,
    private readonly host: CellListHost,
  ) {}

  get views(): readonly CellView[] {
    return this.#views;
  }

  /** The text before the first cell. */
  get preamble(): string | null {
    return this.#preamble;
  }

  get hasCopy(): boolean {
    return this.#copied !== undefined;
  }

  /** Takes the sections of the document as they are. */
  adopt(stored: StoredNotebook): void {
    const contents = readContents(this.library, stored);
    this.#preamble = splitIomd(stored.iomd).preamble;
    this.#views = contents.map((content, index) => {
      const section = document.getElementById(`cell-${index}`);
      if (!section) {
        throw new Error(`Cell ${index} of this page is missing.`);
      }
      return this.maker.adopt(index, content, section);
    });
  }

  /** Shows another notebook in place of this one; that cannot be undone. */
  open(stored: StoredNotebook): void {
    const contents = readContents(this.library, stored);
    this.#preamble = splitIomd(stored.iomd).preamble;
    this.#history.clear();
    this.#place(contents.map((each, index) => this.maker.make(index, each)));
  }

  /** Puts new cells where `index` says; gives them. */
  insert(index: number, contents: readonly CellContent[]): CellView[] {
    const at = Math.max(0, Math.min(index, this.#views.length));
    const made = contents.map((each, i) => this.maker.make(at + i, each));
    const what = made.length === 1 ? 'Cell added' : 'Cells added';
    this.#change(what, this.#views.toSpliced(at, 0, ...made));
    return made;
  }

  /** An empty one, or one with some text. */
  add(index: number, type: string, source = ''): CellView {
    return this.insert(index, [newContent(type, source)])[0]!;
  }

  remove(cell: CellView): void {
    this.#change(
      'Cell deleted',
      this.#views.filter((each) => each !== cell),
    );
  }

  /** False where there is no room to move to. */
  move(cell: CellView, by: number): boolean {
    const order = moved(this.#views, cell, by);
    if (order) {
      this.#change('Cell moved', order);
    }
    return order !== undefined;
  }

  /** Gives the cell that stands in its place; its outputs were another
   * type's and go. */
  setType(cell: CellView, type: string): CellView {
    if (cell.type === type) {
      return cell;
    }
    const { id, metadata, attachments } = cell.data;
    const content = newContent(type, cell.source, cell.flags, {
      id,
      metadata,
      attachments,
    });
    const made = this.maker.make(cell.index, content);
    this.#change('Type changed', this.#views.with(cell.index, made));
    return made;
  }

  copy(cell: CellView): void {
    this.#copied = newContent(cell.type, cell.source, cell.flags, {
      metadata: cell.data.metadata,
      attachments: cell.data.attachments,
      execution_count: cell.executionCount,
      outputs: structuredClone(cell.outputs?.outputs ?? []),
    });
  }

  paste(index: number): CellView | undefined {
    return this.#copied && this.insert(index, [this.#copied])[0];
  }

  /** Takes the last change back and says which; undefined at the start. */
  undo(): string | undefined {
    const step = this.#history.undo();
    if (step) {
      carryText(step.after, step.before);
      this.#place([...step.before]);
    }
    return step?.what;
  }

  redo(): string | undefined {
    const step = this.#history.redo();
    if (step) {
      carryText(step.before, step.after);
      this.#place([...step.after]);
    }
    return step?.what;
  }

  #change(what: string, after: CellView[]): void {
    this.#history.note({ what, before: this.#views, after });
    this.#place(after);
  }

  /** Brings the page to this list: what is in its place is not touched. */
  #place(after: CellView[]): void {
    for (const cell of this.#views) {
      if (!after.includes(cell)) {
        this.host.removed(cell);
        cell.section.remove();
      }
    }
    this.#views = after;
    let next: Element | null = this.root.querySelector(':scope > .tn-cell');
    after.forEach((cell, index) => {
      cell.index = index;
      if (cell.section === next) {
        next = next.nextElementSibling;
      } else {
        this.#put(cell.section, next);
      }
    });
    this.host.changed();
  }

  #put(section: HTMLElement, before: Element | null): void {
    // Moved like this where browsers can, frames in outputs stay loaded.
    if (section.isConnected && 'moveBefore' in this.root) {
      this.root.moveBefore(section, before);
    } else {
      this.root.insertBefore(section, before);
    }
  }
}
