// Keys that work when a cell, and not its editor, has the focus; and Ctrl+S
// everywhere.

import type { CellView } from './cell_view.ts';

export interface KeyboardHost {
  cells: readonly CellView[];
  run: (cell: CellView) => void;
  runNext: (cell: CellView) => void;
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
  } else if (command || event.altKey) {
    return false;
  } else if (event.key === 'Enter') {
    host.edit(cell);
  } else if (event.key === 'ArrowUp' || event.key === 'k') {
    focusCell(host.cells, cell.index - 1);
  } else if (event.key === 'ArrowDown' || event.key === 'j') {
    focusCell(host.cells, cell.index + 1);
  } else {
    return false;
  }
  return true;
}

export function listenToKeys(host: KeyboardHost): void {
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
    const cell = host.cells.find((each) => each.section === section);
    if (cell && cellKey(event, cell, host)) {
      event.preventDefault();
    }
  });
  // The cell that was touched last is the one Tab comes back to.
  document.addEventListener('focusin', (event) => {
    const section = (event.target as Element).closest?.('.tn-cell');
    if (section) {
      for (const each of host.cells) {
        each.section.tabIndex = each.section === section ? 0 : -1;
      }
    }
  });
}
