// The run queue: one chunk after another, and an error drops all that wait.
// Pure.

export type RunStatus = 'ok' | 'error' | 'aborted';

export interface RunResult {
  status: RunStatus;
}

interface Waiting {
  index: number;
  resolve: (result: RunResult) => void;
}

export interface QueueEvents {
  /** Runs chunk `index`; a rejection counts as an error. */
  run: (index: number) => Promise<RunStatus>;
  /** Chunk `index` now waits (true) or was dropped (false). */
  queued: (index: number, waiting: boolean) => void;
  /** The queue started or ran dry. */
  busy: (busy: boolean) => void;
}

export class RunQueue {
  private waiting: Waiting[] = [];
  private active = false;
  /** The chunk that runs now. */
  running: number | undefined;
  /** How many chunks were taken on since the queue was last dry, and how
   * many of them are done: for a line such as "3 of 8". */
  total = 0;
  done = 0;

  constructor(private readonly events: QueueEvents) {}

  get busy(): boolean {
    return this.active;
  }

  /** Adds a chunk; one that waits already is not added twice. */
  add(index: number): Promise<RunResult> {
    return new Promise((resolve) => {
      const earlier = this.waiting.find((entry) => entry.index === index);
      if (earlier) {
        const first = earlier.resolve;
        earlier.resolve = (result) => {
          first(result);
          resolve(result);
        };
        return;
      }
      this.waiting.push({ index, resolve });
      this.total += 1;
      this.events.queued(index, true);
      if (!this.active) {
        void this.work();
      }
    });
  }

  /** Drops everything that waits; what runs is not touched. */
  drop(): void {
    const dropped = this.waiting;
    this.waiting = [];
    this.total -= dropped.length;
    for (const entry of dropped) {
      this.events.queued(entry.index, false);
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
      this.running = entry.index;
      let status: RunStatus;
      try {
        status = await this.events.run(entry.index);
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
