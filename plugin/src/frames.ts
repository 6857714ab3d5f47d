// Turns between slices of work, in which the page's frames are drawn too.
//
// Chromium draws when it is time, whatever tasks wait. Firefox leaves frames
// behind when one task follows the other at once: 13 a second with slices of
// 10 ms. There a frame is asked for while work goes on, and where it is late
// the turn lasts until it is drawn, which an idle page does at once: 50 to 60 a
// second, for the same cost.

import { nextTurn } from './turns.ts';

/** A frame that was asked for longer ago is late. */
const lateMs = 20;

/** A turn waits no longer for a frame. */
const patienceMs = 8;

/** Where none came (a page that nobody sees) none is waited for, so long. */
const retreatMs = 1000;

class FrameTurns {
  /** When the frame that is awaited was asked for. */
  #askedAt: number | null = null;
  #restsUntil = 0;
  #drawn: (() => void) | null = null;

  readonly next = (): Promise<void> => {
    const now = performance.now();
    if (document.hidden || now < this.#restsUntil) {
      return nextTurn();
    }
    if (this.#askedAt === null) {
      this.#askedAt = now;
      requestAnimationFrame(() => {
        this.#askedAt = null;
        this.#drawn?.();
      });
    }
    return now - this.#askedAt > lateMs ? this.#waitForFrame() : nextTurn();
  };

  #waitForFrame(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#restsUntil = performance.now() + retreatMs;
        this.#drawn?.();
      }, patienceMs);
      this.#drawn = () => {
        this.#drawn = null;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

interface InputScheduling {
  scheduling?: { isInputPending?: unknown };
}

/** Chromium is the one engine that has it, and needs none of this. */
function drawsByItself(): boolean {
  const { scheduling } = navigator as InputScheduling;
  return typeof scheduling?.isInputPending === 'function';
}

/** nextTurn() for who takes many in a row; a worker, which can ask for frames
 * too, draws nothing. */
export const nextFairTurn: () => Promise<void> =
  typeof document === 'undefined' || drawsByItself()
    ? nextTurn
    : new FrameTurns().next;
