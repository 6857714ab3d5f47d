// The payload of the plugin as one script: what a report has in its elements
// stands in an object, by their ids.  `tincture plugin --inline` writes it.

import type { ChunkStore } from './arrival.ts';

declare const tincturePayload: Record<string, string> | undefined;

/** The store, or undefined where the plugin's files are beside it. */
export function inlinePayload(): ChunkStore | undefined {
  if (typeof tincturePayload === 'undefined') {
    return undefined;
  }
  const texts = tincturePayload;
  return {
    readyState: 'complete',
    getElementById: (id) =>
      Object.hasOwn(texts, id)
        ? { textContent: texts[id]!, nextSibling: null }
        : null,
  };
}
