// The line below the bar: how much of the start of Python is done.

import { make } from './dom.ts';
import type { PageStatus } from './status.ts';

/** Shown while the page is `booting`; it never goes back within one start. */
export function makeProgress(status: PageStatus): HTMLElement {
  const element = make('div', {
    class: 'tn-progress',
    role: 'progressbar',
    'aria-label': 'Starting Python',
    'aria-valuemin': '0',
    'aria-valuemax': '100',
    hidden: true,
  });
  status.onProgress((share) => {
    element.setAttribute('aria-valuenow', String(Math.floor(share * 100)));
    element.style.transform = `scaleX(${share})`;
    element.hidden = false;
  });
  status.onChange(() => {
    element.hidden = true;
  });
  return element;
}
