// Keys that work when a cell, and not its editor, has the focus; and Ctrl+S
// everywhere.

import type { CellView } from './cell_view.ts';
import type { Structure } from './structure.ts';

export interface KeyboardHost {
  cells: () => readonly CellView[];
  structure: Structure;
  run: (cell: CellView) => void;
  runNext: (cell: CellView) => void;
  runAndAdd: (cell: CellView) => void;
  edit: (cell: CellView) => void;
  save: () => void;
  help: () => void;
}

/** Fields, buttons and the like keep their own keys. */
function hasOwnKeys(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest(
      'input, textarea, select, button, a, summary, [contenteditable], dialog',
    ) !== null
  );
}

export function focusCell(cells: readonly CellView[], index: number): void {
  const cell = cells[Math.max(0, Math.min(index, cells.length - 1))];
  if (cell) {
    cells.forEach((other) => {
      other.section.tabIndex = other === cell ? 0 : -1;
    });
    cell.section.focus({ preventScroll: true });
    cell.section.scrollIntoView({ block: 'nearest' });
  }
}

/** How soon the second D of a deletion follows the first. */
const TWICE_MS = 1000;

/** Keys that change the notebook's structure, as in Jupyter's command mode. */
const STRUCTURE_KEYS: Record<string, (at: CellView, host: Structure) => void> =
  {
    a: (cell, structure) => structure.add(cell.index, 'py'),
    b: (cell, structure) => structure.add(cell.index + 1, 'py'),
    m: (cell, structure) => structure.setType(cell, 'md'),
    y: (cell, structure) => structure.setType(cell, 'py'),
    r: (cell, structure) => structure.setType(cell, 'raw'),
    c: (cell, structure) => structure.copy(cell),
    x: (cell, structure) => structure.cut(cell),
    v: (cell, structure) => structure.paste(cell.index + 1),
    V: (cell, structure) => structure.paste(cell.index),
    z: (_, structure) => structure.undo(),
    Z: (_, structure) => structure.redo(),
  };

/** Keys that run, open or choose a cell. */
function cellKey(
  event: KeyboardEvent,
  cell: CellView,
  host: KeyboardHost,
): boolean {
  const command = event.ctrlKey || event.metaKey;
  if (event.key === 'Enter' && command) {
    host.run(cell);
  } else if (event.key === 'Enter' && event.shiftKey) {
    host.runNext(cell);
  } else if (event.key === 'Enter' && event.altKey) {
    host.runAndAdd(cell);
  } else if (command || event.altKey) {
    return false;
  } else if (event.key === 'Enter') {
    host.edit(cell);
  } else if (event.key === 'ArrowUp' || event.key === 'k') {
    focusCell(host.cells(), cell.index - 1);
  } else if (event.key === 'ArrowDown' || event.key === 'j') {
    focusCell(host.cells(), cell.index + 1);
  } else {
    return false;
  }
  return true;
}

/** Keys of the explore view: false for those that mean nothing here. */
class StructureKeys {
  #deletes: CellView | undefined;
  #deletesUntil = 0;

  constructor(private readonly structure: Structure) {}

  /** Only where the cell itself has the focus, and nothing inside it. */
  take(event: KeyboardEvent, cell: CellView | undefined): boolean {
    if (!this.structure.isAllowed) {
      return false;
    }
    if (!cell) {
      return event.key.toLowerCase() === 'z' && this.#takeUndo(event);
    }
    if (event.target !== cell.section) {
      return false;
    }
    const command = event.ctrlKey || event.metaKey;
    if (command || event.altKey) {
      return event.shiftKey && this.#move(event.key, cell);
    }
    if (event.key === 'd') {
      this.#takeDelete(cell, event.timeStamp);
      return true;
    }
    this.#deletes = undefined;
    STRUCTURE_KEYS[event.key]?.(cell, this.structure);
    return event.key in STRUCTURE_KEYS;
  }

  /** All cells may be gone. */
  #takeUndo(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return false;
    }
    if (event.shiftKey) {
      this.structure.redo();
    } else {
      this.structure.undo();
    }
    return true;
  }

  #move(key: string, cell: CellView): boolean {
    if (key !== 'ArrowUp' && key !== 'ArrowDown') {
      return false;
    }
    this.structure.move(cell, key === 'ArrowUp' ? -1 : 1);
    return true;
  }

  #takeDelete(cell: CellView, at: number): void {
    if (this.#deletes === cell && at < this.#deletesUntil) {
      this.#deletes = undefined;
      this.structure.remove(cell);
    } else {
      this.#deletes = cell;
      this.#deletesUntil = at + TWICE_MS;
    }
  }
}

export function listenToKeys(host: KeyboardHost): void {
  const structureKeys = new StructureKeys(host.structure);
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented) {
      return;
    }
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === 's' && !event.shiftKey) {
      event.preventDefault();
      host.save();
      return;
    }
    if (hasOwnKeys(event.target)) {
      return;
    }
    if (event.key === '?') {
      event.preventDefault();
      host.help();
      return;
    }
    const section = (event.target as Element).closest?.('.tn-cell');
    const cell = host.cells().find((each) => each.section === section);
    // Structure first: Ctrl+Shift+Up is no Up.
    if (
      structureKeys.take(event, cell) ||
      (cell && cellKey(event, cell, host))
    ) {
      event.preventDefault();
    }
  });
  // The cell that was touched last is the one Tab comes back to.
  document.addEventListener('focusin', (event) => {
    const section = (event.target as Element).closest?.('.tn-cell');
    if (section) {
      for (const each of host.cells()) {
        each.section.tabIndex = each.section === section ? 0 : -1;
      }
    }
  });
}
