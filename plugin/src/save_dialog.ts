// The dialog of Save: one line on what the file will contain, the choice to
// leave the variables out, and where to.

import { make, makeButton } from './dom.ts';

export interface SaveButton {
  /** What answer() gives. */
  name: string;
  label: string;
  title?: string;
  isMain?: boolean;
}

export interface SaveQuestion {
  /** What the file will contain, with the variables or without. */
  line: (keepsState: boolean) => string;
  /** Something to heed: a conflict, a failure. */
  alert?: string;
  note?: string;
  /** The choice, where there is one; without `isPossible` it is shown and
   * cannot be made. */
  state?: { isChecked: boolean; isPossible: boolean; text: string };
  buttons: readonly SaveButton[];
}

export interface SaveAnswer {
  button: string;
  keepsState: boolean;
}

export const CANCEL = 'cancel';

export class SaveDialog {
  readonly #dialog: HTMLDialogElement;
  readonly #line = make('p', { class: 'tn-save-line', 'aria-live': 'polite' });
  readonly #alert = make('p', { class: 'tn-save-alert', role: 'alert' });
  readonly #note = make('p', { class: 'tn-save-note' });
  readonly #check = make('input', {
    type: 'checkbox',
    id: 'tn-save-state',
    'aria-describedby': 'tn-save-state-text',
  });
  readonly #stateText = make('span', {
    id: 'tn-save-state-text',
    class: 'tn-save-hint',
  });
  readonly #state: HTMLElement;
  readonly #buttons = make('div', { class: 'tn-save-buttons' });
  #question: SaveQuestion | undefined;
  #answer: ((answer: SaveAnswer) => void) | undefined;

  constructor() {
    this.#state = make(
      'div',
      { class: 'tn-save-state' },
      this.#check,
      make('label', { for: 'tn-save-state' }, 'Keep Python’s variables'),
      this.#stateText,
    );
    this.#dialog = make(
      'dialog',
      { class: 'tn-help tn-save', 'aria-labelledby': 'tn-save-title' },
      make('h2', { id: 'tn-save-title' }, 'Save this report'),
      this.#alert,
      this.#line,
      this.#state,
      this.#note,
      this.#buttons,
    );
    this.#check.addEventListener('change', () => this.#showLine());
    this.#dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      this.#settle(CANCEL);
    });
    document.body.append(this.#dialog);
  }

  get isOpen(): boolean {
    return this.#dialog.open;
  }

  /** Shows that something is being done; Cancel is all there is to press. */
  wait(text: string): Promise<SaveAnswer> {
    return this.ask({
      line: () => text,
      buttons: [{ name: CANCEL, label: 'Cancel' }],
    });
  }

  /** Resolves when a button is pressed; a question before that stays
   * unanswered. */
  ask(question: SaveQuestion): Promise<SaveAnswer> {
    this.#question = question;
    const { state } = question;
    this.#state.hidden = !state;
    if (state) {
      this.#check.checked = state.isChecked;
      this.#check.disabled = !state.isPossible;
      this.#stateText.textContent = state.text;
    }
    this.#alert.textContent = question.alert ?? '';
    this.#alert.hidden = !question.alert;
    this.#note.textContent = question.note ?? '';
    this.#note.hidden = !question.note;
    this.#showLine();
    this.#showButtons(question.buttons);
    if (!this.#dialog.open) {
      this.#dialog.showModal();
    }
    this.#buttons.querySelector<HTMLElement>('.tn-button-main')?.focus();
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  close(): void {
    this.#dialog.close();
  }

  #showLine(): void {
    const line = this.#question?.line(this.#check.checked) ?? '';
    if (this.#line.textContent !== line) {
      this.#line.textContent = line;
    }
  }

  #showButtons(buttons: readonly SaveButton[]): void {
    this.#buttons.replaceChildren(
      ...buttons.map(({ name, label, title, isMain }) => {
        const button = makeButton({
          label,
          title: title ?? label,
          className: isMain ? 'tn-button-main' : '',
          onClick: () => this.#settle(name),
        });
        button.dataset.save = name;
        return button;
      }),
    );
  }

  #settle(button: string): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.({ button, keepsState: this.#check.checked });
  }
}
