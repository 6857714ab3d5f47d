// The dialog behind `?`.

import { make, makeButton } from './dom.ts';

type Keys = readonly [string[], string][];

const KEYS: Keys = [
  [['Enter'], 'edit the cell'],
  [['Esc'], 'leave the editor'],
  [['Ctrl', 'Enter'], 'run the cell'],
  [['Shift', 'Enter'], 'run, and go to the next'],
  [['↑', '↓'], 'move between cells (also K and J)'],
  [['Tab'], 'complete, in the editor'],
  [['Shift', 'Tab'], 'explain the name at the cursor'],
  [['Ctrl', 'S'], 'save the page as a file'],
  [['?'], 'this help'],
];

/** With the focus on a cell, not in its editor. */
const STRUCTURE_KEYS: Keys = [
  [['A'], 'new cell above'],
  [['B'], 'new cell below'],
  [['D', 'D'], 'delete the cell'],
  [['Z'], 'undo; Shift Z does it again'],
  [['Y', 'M', 'R'], 'make it Python, text, raw text'],
  [['C', 'X', 'V'], 'copy, cut, paste below (Shift V: above)'],
  [['Ctrl', 'Shift', '↑'], 'move it up; with ↓ down'],
  [['Alt', 'Enter'], 'run, and add a cell below'],
];

function keyRow([keys, meaning]: readonly [string[], string]): Node[] {
  const combination = make('dt');
  keys.forEach((key, index) => {
    combination.append(index ? ' ' : '', make('kbd', {}, key));
  });
  return [combination, make('dd', {}, meaning)];
}

let dialog: HTMLDialogElement | undefined;

/** What Python takes and where it runs, now. */
const python = make('div', { class: 'tn-help-python' });

/** `about` tells of Python. */
export function showHelp(about: () => Node[]): void {
  python.replaceChildren(...about());
  if (!dialog) {
    const made = make(
      'dialog',
      // The focus is the dialog's own, at its top.
      {
        class: 'tn-help',
        'aria-labelledby': 'tn-help-title',
        autofocus: true,
        tabindex: '-1',
      },
      make('h2', { id: 'tn-help-title' }, 'Reading and running this page'),
      make(
        'p',
        {},
        'The text and the results were saved in this file. Python is in it ' +
          'too: change the code, run it, and save what came of it.',
      ),
      make('dl', {}, ...KEYS.flatMap(keyRow)),
      make('h3', {}, 'Changing the notebook, in the explore view'),
      make('dl', {}, ...STRUCTURE_KEYS.flatMap(keyRow)),
      make('h3', {}, 'Python'),
      python,
      makeButton({
        label: 'Close',
        title: 'Close (Esc)',
        className: 'tn-button-main',
        onClick: () => made.close(),
      }),
    );
    made.addEventListener('click', (event) => {
      if (event.target === made) {
        made.close();
      }
    });
    document.body.append(made);
    dialog = made;
  }
  dialog.showModal();
  dialog.scrollTop = 0;
}
