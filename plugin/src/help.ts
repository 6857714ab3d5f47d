// The dialog behind `?`.

import { make, makeButton } from './dom.ts';

const KEYS: readonly [string[], string][] = [
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

function keyRow([keys, meaning]: readonly [string[], string]): Node[] {
  const combination = make('dt');
  keys.forEach((key, index) => {
    combination.append(index ? ' ' : '', make('kbd', {}, key));
  });
  return [combination, make('dd', {}, meaning)];
}

let dialog: HTMLDialogElement | undefined;

export function showHelp(): void {
  if (!dialog) {
    const made = make(
      'dialog',
      { class: 'tn-help', 'aria-labelledby': 'tn-help-title' },
      make('h2', { id: 'tn-help-title' }, 'Reading and running this page'),
      make(
        'p',
        {},
        'The text and the results were saved in this file. Python is in it ' +
          'too: change the code, run it, and save what came of it.',
      ),
      make('dl', {}, ...KEYS.flatMap(keyRow)),
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
}
