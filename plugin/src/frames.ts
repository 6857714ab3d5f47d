// Turns between slices of work, in which the page's frames are drawn too.
//
// Chromium draws when it is time, whatever tasks wait. Firefox draws a frame
// before other tasks only where the last one was soon enough, and quick: so it
// stays at 60 a second, or at 15, as chance has it (README.md, "Frames"). There
// a frame is asked for while work goes on, and where it is late the turn lasts
// until it is drawn. The work goes on in a task of its own behind the frame,
// or Firefox would count it among what drawing took.

import { nextTurn } from './turns.ts';

/** A frame is late when the one before was drawn longer ago: 60 a second. */
const lateMs = 17;

/** Work that begins anew has seen no frame before. */
const staleMs = 50;

/** A turn waits no longer for a frame. */
const patienceMs = 8;

/** Where none came (a page that nobody sees) none is waited for, so long. */
const retreatMs = 1000;

class FrameTurns {
  /** When the last frame was drawn, or the first one asked for. */
  #lastAt = -Infinity;
  #isAsked = false;
  #restsUntil = 0;
  #drawn: (() => void) | null = null;

  readonly next = (): Promise<void> => {
    const now = performance.now();
    if (document.hidden || now < this.#restsUntil) {
      return nextTurn();
    }
    if (!this.#isAsked) {
      this.#ask(now);
    }
    return now - this.#lastAt > lateMs ? this.#waitForFrame() : nextTurn();
  };

  #ask(now: number): void {
    this.#isAsked = true;
    if (now - this.#lastAt > staleMs) {
      this.#lastAt = now;
    }
    requestAnimationFrame(() => {
      this.#isAsked = false;
      this.#lastAt = performance.now();
      this.#drawn?.();
    });
  }

  #waitForFrame(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#restsUntil = performance.now() + retreatMs;
        this.#drawn = null;
        resolve();
      }, patienceMs);
      this.#drawn = () => {
        this.#drawn = null;
        clearTimeout(timer);
        void nextTurn().then(resolve);
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
