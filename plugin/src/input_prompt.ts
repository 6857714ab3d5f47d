// input(): a field below what code has printed.

import { make } from './dom.ts';

let promptCount = 0;

/** A form that answers once.  It is never submitted, because frames that are
 * sandboxed, such as Iodide's, may not do that. */
export function makeInputPrompt(
  { prompt, password }: { prompt: string; password: boolean },
  answer: (text: string) => void,
): HTMLFormElement {
  promptCount += 1;
  const field = make('input', {
    id: `tn-input-${promptCount}`,
    type: password ? 'password' : 'text',
    autocomplete: 'off',
  });
  const label = make('label', { for: field.id }, prompt || 'Input:');
  const form = make('form', { class: 'tn-input' }, label, field);
  let isAnswered = false;
  const send = (event: Event): void => {
    event.preventDefault();
    if (!isAnswered) {
      isAnswered = true;
      answer(field.value);
    }
  };
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.isComposing) {
      send(event);
    }
  });
  form.addEventListener('submit', send);
  return form;
}
