// The notebook's title in the bar: to be read in a report, to be changed in
// the explore view.

import { make } from './dom.ts';

export class TitleField {
  readonly element = make('input', {
    class: 'tn-bar-title',
    type: 'text',
    'aria-label': 'Title of the notebook',
    spellcheck: 'false',
    maxlength: '300',
  });
  #title = '';

  /** `onChange` gets what was written; "" means that it has no title of its
   * own any more. */
  constructor(onChange: (title: string) => void) {
    const { element } = this;
    element.addEventListener('change', () => onChange(element.value.trim()));
    element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        element.value = this.#title;
      }
      if (event.key === 'Escape' || event.key === 'Enter') {
        element.blur();
      }
    });
  }

  show(title: string): void {
    this.#title = title;
    this.element.value = title;
    this.element.title = title;
  }

  /** In a report the title is in the text, so this one is not read twice. */
  setEditable(isEditable: boolean): void {
    const { element } = this;
    element.readOnly = !isEditable;
    element.tabIndex = isEditable ? 0 : -1;
    element.toggleAttribute('inert', !isEditable);
  }
}
