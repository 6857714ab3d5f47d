// What the help says of Python: the memory that going back takes, and the
// choice of where it runs.

import { make } from './dom.ts';
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

export function aboutPython(life: PythonLife, undoing: Undoing): Node[] {
  return [make('p', {}, undoing.describe()), placeChoice(life)];
}
