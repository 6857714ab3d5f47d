// What the explore view offers at a cell beside running it: its type, its
// place, and new cells below it.  Made when a cell is pointed at or has the
// focus first, so that a long notebook opens as fast as a short one.

import type { CellList } from './cell_list.ts';
import type { CellView } from './cell_view.ts';
import { make, makeButton } from './dom.ts';
import type { Structure } from './structure.ts';

/** Types that people choose; the names are those of the folded cells. */
const TYPES: readonly [string, string][] = [
  ['py', 'Python'],
  ['md', 'Text'],
  ['js', 'JavaScript'],
  ['html', 'HTML'],
  ['css', 'CSS'],
  ['raw', 'Raw text'],
  ['fetch', 'Fetch'],
  ['plugin', 'Plugin'],
];

function typeSelect(cell: CellView, structure: Structure): HTMLElement {
  const isKnown = TYPES.some(([type]) => type === cell.type);
  const types = isKnown ? TYPES : [...TYPES, [cell.type, cell.type] as const];
  const select = make(
    'select',
    { class: 'tn-type', 'aria-label': 'Type of the cell' },
    ...types.map(([type, name]) =>
      make('option', { value: type, selected: type === cell.type }, name),
    ),
  );
  select.addEventListener('change', () =>
    structure.setType(cell, select.value),
  );
  return select;
}

function structureTools(cell: CellView, structure: Structure): HTMLElement {
  return make(
    'span',
    { class: 'tn-structure' },
    makeButton({
      icon: 'up',
      title: 'Move up (Ctrl+Shift+↑)',
      onClick: () => structure.move(cell, -1),
    }),
    makeButton({
      icon: 'down',
      title: 'Move down (Ctrl+Shift+↓)',
      onClick: () => structure.move(cell, 1),
    }),
    makeButton({
      icon: 'remove',
      title: 'Delete the cell (D D)',
      onClick: () => structure.remove(cell),
    }),
  );
}

/** "+ Code  + Text"; `index` says where the cell goes. */
function makeAdder(
  structure: Structure,
  index: () => number,
): HTMLElement {
  const button = (type: string, label: string, title: string) =>
    makeButton({
      icon: 'add',
      label,
      title,
      onClick: () => structure.addAndEdit(index(), type),
    });
  return make(
    'div',
    { class: 'tn-adder' },
    button('py', 'Code', 'Add a Python cell here'),
    button('md', 'Text', 'Add a text cell here'),
  );
}

/** Gives each cell its tools when they are wanted, and the notebook a place
 * for new cells at both ends. */
export function offerTools(
  root: HTMLElement,
  list: CellList,
  structure: Structure,
  choose: () => void,
): void {
  const equipped = new WeakSet<CellView>();
  const equip = (event: Event) => {
    const section = (event.target as Element).closest('.tn-cell');
    const cell = list.views.find((each) => each.section === section);
    if (!cell || equipped.has(cell) || !structure.isAllowed) {
      return;
    }
    equipped.add(cell);
    const tools = structureTools(cell, structure);
    const type = typeSelect(cell, structure);
    if (cell.details) {
      cell.toolsLine.before(type);
    } else {
      tools.prepend(type);
    }
    // After the time that the cell took.
    cell.toolsLine.firstElementChild!.after(tools);
    cell.section.append(makeAdder(structure, () => cell.index + 1));
  };
  root.addEventListener('pointerover', equip);
  root.addEventListener('focusin', equip);
  const first = makeAdder(structure, () => 0);
  first.classList.add('tn-adder-first');
  root.before(first);
  const last = makeAdder(structure, () => list.views.length);
  last.classList.add('tn-adder-last');
  last.append(
    makeButton({
      icon: 'open',
      label: 'Open',
      title: 'Open a notebook or a data file',
      onClick: choose,
    }),
  );
  root.after(last);
}
