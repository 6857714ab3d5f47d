// Promises that Python awaits. What came of them waits here until Python's
// event loop takes it, so nothing calls into Python when a promise settles;
// the loop is only woken.

interface Outcome {
  token: number;
  isFulfilled: boolean;
  value: unknown;
}

export class PromiseWatch {
  readonly #settled: Outcome[] = [];
  #taken: Outcome | undefined;

  /** `wake` is called when there is something to take. */
  constructor(private readonly wake: () => void) {}

  /** Python knows this promise by its token. */
  watch(promise: unknown, token: number): void {
    const settle =
      (isFulfilled: boolean) =>
      (value: unknown): void => {
        this.#settled.push({ token, isFulfilled, value });
        this.wake();
      };
    // What is thenable and no promise may call back at once, and twice.
    Promise.resolve(promise).then(settle(true), settle(false));
  }

  take(): number | undefined {
    this.#taken = this.#settled.shift();
    return this.#taken?.token;
  }

  takeValue(): unknown {
    const taken = this.#taken;
    this.#taken = undefined;
    if (taken === undefined) {
      throw new RangeError('no promise was taken');
    }
    if (!taken.isFulfilled) {
      throw taken.value;
    }
    return taken.value;
  }
}
