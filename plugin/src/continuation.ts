// `iodide.evalQueue` of 2018: a cell that says that more is to come holds the
// queue until it says that it is through.  Pure.

import { defer } from './defer.ts';

export class Continuation {
  #pending = 0;
  #through = defer<void>();

  /** A cell begins: what another one waited for does not hold this one. */
  begin(): void {
    this.#pending = 0;
    this.#through = defer<void>();
  }

  require(): void {
    this.#pending += 1;
  }

  continue(): void {
    if (this.#pending > 0) {
      this.#pending -= 1;
      if (this.#pending === 0) {
        this.#through.resolve();
      }
    }
  }

  /** Holds the queue until all are through; the first that fails fails the
   * cell. */
  await(promises: Iterable<unknown>): Promise<unknown[]> {
    const through = this.#through;
    this.require();
    const all = Promise.all(promises);
    all.then(
      () => this.#through === through && this.continue(),
      (error: unknown) => through.reject(error),
    );
    return all;
  }

  /** Resolves when nothing is pending. */
  async settled(): Promise<void> {
    while (this.#pending > 0) {
      await this.#through.promise;
      this.#through = defer<void>();
    }
  }
}
