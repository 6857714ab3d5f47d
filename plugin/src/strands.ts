// Strands: what of Python runs on suspended stacks of its own, the main one
// and one for each Python thread (kernel/hosts/web_thread.h).
//
// Who is next is decided in C, which says so by next(); here each strand has
// the promise that its stack is suspended on. From one strand to the other is
// a microtask, no turn of the page: those are given by the strand that runs.

import { Alarm } from './turns.ts';

export interface StrandHost {
  /** False: this life has ended, and nothing resumes. */
  readonly isAlive: boolean;
  /** All strands wait. */
  strandsWait(): void;
  /** One has ended. */
  strandEnded(): void;
  /** One trapped. */
  strandFailed(error: unknown): void;
}

export interface StrandCalls {
  /** The whole life of a strand. */
  run(strand: number): unknown;
  /** Who is next? C answers by next(). */
  pick(): void;
  /** Those that wait for the page are told: it has done something. */
  wake(): void;
}

export class Strands {
  readonly #host: StrandHost | null;
  readonly #alarm = new Alarm();
  readonly #parked = new Map<number, () => void>();
  #calls: StrandCalls | null = null;
  /** Of the last time that all waited: an older timer is nobody's. */
  #serial = 0;

  constructor(host: StrandHost | null) {
    this.#host = host;
  }

  connect(calls: StrandCalls): void {
    this.#calls = calls;
  }

  get isWaiting(): boolean {
    return this.#alarm.isWaiting;
  }

  /** The alarm alone would not do: C asks who is next, and who waits for the
   * page is not until C hears of it; nor does it ring while a strand runs. */
  wake(): void {
    void this.#guard(() => this.#calls?.wake());
    this.#alarm.wake();
  }

  /** The main strand runs: it looks after the others. */
  rest(): void {
    this.#serial += 1;
    this.#alarm.wake();
  }

  /** The import strand_next. */
  next(strand: number, delayMs: number): void {
    this.rest();
    if (strand === 0) {
      void this.#waitAndPick(delayMs, this.#serial);
      return;
    }
    const resume = this.#parked.get(strand);
    this.#parked.delete(strand);
    if (resume !== undefined) {
      resume();
    } else {
      void this.#start(strand);
    }
  }

  /** The import strand_park. */
  park(strand: number): Promise<void> {
    return new Promise((resolve) => {
      this.#parked.set(strand, () => {
        if (this.#host?.isAlive) {
          resolve();
        }
      });
    });
  }

  async #start(strand: number): Promise<void> {
    // Not on top of the strand that made it.
    await null;
    await this.#guard(() => this.#calls?.run(strand));
    if (this.#host?.isAlive) {
      this.#host?.strandEnded();
    }
  }

  async #waitAndPick(delayMs: number, serial: number): Promise<void> {
    // What is said now may lead to calls into the kernel, which is still
    // about to suspend the strand that waits last.
    await null;
    this.#host?.strandsWait();
    if (serial === this.#serial) {
      await this.#alarm.wait(delayMs);
    }
    if (serial === this.#serial) {
      await this.#guard(() => this.#calls?.pick());
    }
  }

  async #guard(call: () => unknown): Promise<void> {
    try {
      if (this.#host?.isAlive) {
        await call();
      }
    } catch (error) {
      this.#host?.strandFailed(error);
    }
  }
}
