// A mime bundle as an element, for hosts that bring no renderer of their own
// (the Iodide plugin, a plain page): the richest form that a page can show.

import { fragmentOf, make } from './dom.ts';
import type { MimeBundle } from './messages.ts';

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join('') : String(value);
}

/** Puts the bundle into `target`; false when it has nothing but plain text
 * and `richOnly` asks for more. */
export function showBundle(
  target: HTMLElement,
  data: MimeBundle,
  richOnly = false,
): boolean {
  for (const mime of ['text/html', 'image/svg+xml']) {
    if (data[mime] !== undefined) {
      target.append(fragmentOf(textOf(data[mime])));
      return true;
    }
  }
  for (const mime of ['image/png', 'image/jpeg', 'image/gif', 'image/webp']) {
    if (data[mime] !== undefined) {
      const base64 = textOf(data[mime]).replace(/\s+/g, '');
      const image = make('img', {
        src: `data:${mime};base64,${base64}`,
        alt: textOf(data['text/plain'] ?? ''),
        style: 'max-width: 100%',
      });
      target.append(image);
      return true;
    }
  }
  if (richOnly) {
    return false;
  }
  const text = data['text/markdown'] ?? data['text/plain'];
  if (text === undefined) {
    return false;
  }
  target.append(make('pre', {}, textOf(text)));
  return true;
}
