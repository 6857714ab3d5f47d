// The notice above a page whose Python is not there any more, or never was.

import { make } from './dom.ts';
import type { PageStatus } from './status.ts';

/** The text stays; a notice above it says why Python does not. */
export function showFailure(
  status: PageStatus,
  error: unknown,
  text = 'Python is not available',
): void {
  status.set('failed', text);
  console.error(error);
  const reason = error instanceof Error ? error.message : String(error);
  showNotice(text, `${reason} The text and the saved results are intact.`);
}

/** In place of the notice that was there. */
export function showNotice(headline: string, text: string): void {
  const notice = make(
    'div',
    { class: 'tn-notice', role: 'alert' },
    make('strong', {}, `${headline}. `),
    text,
  );
  removeNotice();
  document.getElementById('tn-notebook')?.before(notice);
}

export function removeNotice(): void {
  document.querySelector('.tn-notice')?.remove();
}
