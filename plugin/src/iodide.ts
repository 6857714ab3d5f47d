// `window.iodide` in a packed page: what js chunks of Iodide notebooks call.
// Now: output.element, output.text, VERSION.

import type { OutputsView } from './outputs_view.ts';

export interface IodideApi {
  readonly VERSION: string;
  readonly output: {
    /** An empty element at the end of the running chunk's outputs. */
    element(nodeType: string): HTMLElement;
    /** A line of text there. */
    text(text: unknown): void;
  };
}

/** The version of Iodide whose behaviour this follows. */
const IODIDE_VERSION = '0.20.3';

/** `target` gives the outputs of the chunk that was started last: as in
 * Iodide, what arrives late from a timer lands there too. */
export function makeIodide(target: () => OutputsView | undefined): IodideApi {
  const append = (element: HTMLElement): HTMLElement => {
    const outputs = target();
    if (!outputs) {
      throw new TypeError('no chunk is running, so there is no output');
    }
    outputs.addElement(element);
    return element;
  };
  return {
    VERSION: IODIDE_VERSION,
    output: {
      element(nodeType) {
        const box = document.createElement('div');
        box.className = 'tn-output';
        box.dataset.mime = 'text/html';
        const element = document.createElement(nodeType);
        box.append(element);
        append(box);
        return element;
      },
      text(text) {
        const line = document.createElement('div');
        line.textContent = String(text);
        line.className = 'tn-output tn-line';
        line.dataset.mime = 'text/plain';
        append(line);
      },
    },
  };
}
