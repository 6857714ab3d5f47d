// What the help says of Python: the memory that going back takes, what it may
// contact, and the choice of where it runs.

import { make } from './dom.ts';
import { pageReach } from './policy.ts';
import type { PythonLife } from './python_life.ts';
import type { Undoing } from './undoing.ts';

/** The choice is a fresh start, so it says so before. */
function placeChoice(life: PythonLife): HTMLElement {
  const box = make('input', { type: 'checkbox', checked: life.inWorker });
  box.addEventListener('change', () => void life.move(box.checked));
  return make(
    'label',
    { class: 'tn-help-choice' },
    box,
    ' Run Python in a worker: Stop then ends whatever runs, but scripts of ' +
      'the page have to wait for its answers. Choosing restarts Python; its ' +
      'variables are lost.',
  );
}

/** What the page's policy lets its code contact. */
export function describeReach(reach: string[] | undefined): string {
  if (reach === undefined || reach.some((word) => word.endsWith(':'))) {
    return 'Code in this page may contact any server.';
  }
  return reach.length === 0
    ? 'Code in this page can contact no server.'
    : `Code in this page may contact ${reach.join(', ')}, and no other server.`;
}

export function aboutPython(life: PythonLife, undoing: Undoing): Node[] {
  return [
    make('p', {}, undoing.describe()),
    make('p', { class: 'tn-help-reach' }, describeReach(pageReach(document))),
    placeChoice(life),
  ];
}
