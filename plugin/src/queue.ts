// The run queue: one cell after another, and an error drops all that wait.
// Pure; a cell is whatever the caller knows it by, so that cells may move
// while they wait.

export type RunStatus = 'ok' | 'error' | 'aborted';

export interface RunResult {
  status: RunStatus;
}

interface Waiting<T> {
  cell: T;
  resolve: (result: RunResult) => void;
}

export interface QueueEvents<T> {
  /** Runs a cell; a rejection counts as an error. */
  run: (cell: T) => Promise<RunStatus>;
  /** The cell now waits (true) or was dropped (false). */
  queued: (cell: T, waiting: boolean) => void;
  /** The queue started or ran dry. */
  busy: (busy: boolean) => void;
}

export class RunQueue<T> {
  private waiting: Waiting<T>[] = [];
  private active = false;
  /** The cell that runs now. */
  running: T | undefined;
  /** How many cells were taken on since the queue was last dry, and how
   * many of them are done: for a line such as "3 of 8". */
  total = 0;
  done = 0;

  constructor(private readonly events: QueueEvents<T>) {}

  get busy(): boolean {
    return this.active;
  }

  /** Adds a cell; one that waits already is not added twice. */
  add(cell: T): Promise<RunResult> {
    return new Promise((resolve) => {
      const earlier = this.waiting.find((entry) => entry.cell === cell);
      if (earlier) {
        const first = earlier.resolve;
        earlier.resolve = (result) => {
          first(result);
          resolve(result);
        };
        return;
      }
      this.waiting.push({ cell, resolve });
      this.total += 1;
      this.events.queued(cell, true);
      if (!this.active) {
        void this.work();
      }
    });
  }

  /** Drops everything that waits; what runs is not touched. */
  drop(): void {
    this.#abort(this.waiting);
  }

  /** Drops one cell if it waits. */
  remove(cell: T): void {
    this.#abort(this.waiting.filter((entry) => entry.cell === cell));
  }

  #abort(dropped: readonly Waiting<T>[]): void {
    this.waiting = this.waiting.filter((entry) => !dropped.includes(entry));
    this.total -= dropped.length;
    for (const entry of dropped) {
      this.events.queued(entry.cell, false);
      entry.resolve({ status: 'aborted' });
    }
  }

  private async work(): Promise<void> {
    this.active = true;
    this.events.busy(true);
    for (;;) {
      const entry = this.waiting.shift();
      if (!entry) {
        break;
      }
      this.running = entry.cell;
      let status: RunStatus;
      try {
        status = await this.events.run(entry.cell);
      } catch {
        status = 'error';
      }
      this.running = undefined;
      this.done += 1;
      if (status !== 'ok') {
        this.drop();
      }
      entry.resolve({ status });
    }
    this.active = false;
    this.total = 0;
    this.done = 0;
    this.events.busy(false);
  }
}
