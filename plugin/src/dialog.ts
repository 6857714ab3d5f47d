// A question with a few answers, in a dialog of the page.

import { make, makeButton } from './dom.ts';

export interface Answer<T> {
  label: string;
  value: T;
  /** What Enter means. */
  isMain?: boolean;
}

/** Resolves to the answer's value; undefined when the dialog is closed. */
export function ask<T>(
  title: string,
  text: string,
  answers: readonly Answer<T>[],
): Promise<T | undefined> {
  return new Promise((resolve) => {
    let chosen: T | undefined;
    const dialog = make(
      'dialog',
      { class: 'tn-help tn-question', 'aria-labelledby': 'tn-question-title' },
      make('h2', { id: 'tn-question-title' }, title),
      make('p', {}, text),
    );
    const buttons = answers.map(({ label, value, isMain }) => {
      const button = makeButton({
        label,
        title: label,
        className: isMain ? 'tn-button-main' : '',
        onClick: () => {
          chosen = value;
          dialog.close();
        },
      });
      button.autofocus = isMain === true;
      return button;
    });
    dialog.append(make('div', { class: 'tn-answers' }, ...buttons));
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(chosen);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
