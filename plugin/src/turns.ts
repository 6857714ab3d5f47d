// Giving the page its turn, and waiting: the promises that Python's stack is
// suspended on.
//
// Measured with 10 ms slices: postTask at 'user-visible' keeps 60 frames a
// second and quick clicks in Chromium and Firefox; scheduler.yield starves
// rendering in one or clicks in the other, setTimeout costs half the time.

interface TaskScheduler {
  postTask(task: () => void, options: { priority: string }): Promise<void>;
}

declare function setImmediate(task: () => void): unknown;

/** The wait is shorter than what timers can do: give turns instead. */
const shortWaitMs = 4;

/** Timers take a signed 32-bit number of milliseconds. */
const longestTimerMs = 0x7fffffff;

function makeNextTurn(): () => Promise<void> {
  const scheduler = (globalThis as { scheduler?: TaskScheduler }).scheduler;
  if (scheduler !== undefined && typeof scheduler.postTask === 'function') {
    const options = { priority: 'user-visible' };
    return () => scheduler.postTask(() => undefined, options);
  }
  if (typeof setImmediate === 'function') {
    return () => new Promise((resolve) => setImmediate(resolve));
  }
  if (typeof MessageChannel === 'function') {
    const waiting: (() => void)[] = [];
    const channel = new MessageChannel();
    channel.port1.onmessage = () => waiting.shift()?.();
    return () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        channel.port2.postMessage(null);
      });
  }
  return () => new Promise((resolve) => setTimeout(resolve, 0));
}

/** Resolves when the page has handled what was due: events, timers, a frame. */
export const nextTurn = makeNextTurn();

/** The page gets a turn when it has had none for so long. */
const turnIntervalMs = 10;

/** Whether the page has gone without a turn for long. */
export class Pace {
  /** When the first thing began that the page has seen nothing of. */
  #since: number | null = null;

  /** Something begins that may be over before the page has its turn. */
  begin(): void {
    if (this.#since === null) {
      this.#since = performance.now();
      void nextTurn().then(() => {
        this.#since = null;
      });
    }
  }

  get isTurnDue(): boolean {
    return (
      this.#since !== null && performance.now() - this.#since > turnIntervalMs
    );
  }
}

interface IdleScope {
  requestIdleCallback?: (work: () => void, options: object) => void;
}

/** Calls when the page has nothing else to do, `limitMs` from now at the
 * latest; soon where nobody can tell (Safari, workers, Node). */
export function whenIdle(work: () => void, limitMs: number): void {
  const { requestIdleCallback } = globalThis as IdleScope;
  if (requestIdleCallback !== undefined) {
    requestIdleCallback(work, { timeout: limitMs });
  } else {
    setTimeout(work, 0);
  }
}

/** A wait that ends after a time or by wake(), whichever is first. */
export class Alarm {
  #wake: (() => void) | null = null;

  /** Negative: until wake(). May end early; the caller looks again. */
  wait(timeoutMs: number): Promise<void> {
    if (timeoutMs >= 0 && timeoutMs < shortWaitMs) {
      return nextTurn();
    }
    return new Promise((resolve) => {
      const timer =
        timeoutMs >= 0
          ? setTimeout(() => this.wake(), Math.min(timeoutMs, longestTimerMs))
          : undefined;
      this.#wake = () => {
        this.#wake = null;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  wake(): void {
    this.#wake?.();
  }

  get isWaiting(): boolean {
    return this.#wake !== null;
  }
}

/**
 * Stops this thread, where that is allowed (Node, workers). A negative result
 * says that it is not.
 */
export function blockThread(timeoutMs: number): number {
  try {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    Atomics.wait(cell, 0, 0, timeoutMs);
    return 0;
  } catch {
    return -1;
  }
}
