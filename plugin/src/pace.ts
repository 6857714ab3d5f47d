// Long work in the page: it pauses often enough for scrolling and typing.

import { nextTurn } from './turns.ts';

/** Work between two turns of the page: most of a frame. */
const SLICE_MS = 12;

export class Pace {
  #since = performance.now();

  /** Lets the page have its turn when this slice of time is used up. */
  async breathe(): Promise<void> {
    if (performance.now() - this.#since > SLICE_MS) {
      await nextTurn();
      this.#since = performance.now();
    }
  }
}
