// What was done to a list, so that it can be undone and done again.  Pure.

/** More steps than anybody goes back. */
const STEP_LIMIT = 100;

export interface Step<T> {
  /** What was done: "Cell deleted". */
  what: string;
  before: readonly T[];
  after: readonly T[];
}

export class History<T> {
  #done: Step<T>[] = [];
  #undone: Step<T>[] = [];

  get last(): Step<T> | undefined {
    return this.#done.at(-1);
  }

  note(step: Step<T>): void {
    this.#done.push(step);
    this.#done.splice(0, this.#done.length - STEP_LIMIT);
    this.#undone = [];
  }

  /** The step whose `before` is the present again; undefined at the start. */
  undo(): Step<T> | undefined {
    const step = this.#done.pop();
    if (step) {
      this.#undone.push(step);
    }
    return step;
  }

  /** The step whose `after` is the present again. */
  redo(): Step<T> | undefined {
    const step = this.#undone.pop();
    if (step) {
      this.#done.push(step);
    }
    return step;
  }

  clear(): void {
    this.#done = [];
    this.#undone = [];
  }
}

/** A list with items moved by one place; undefined where there is none. */
export function moved<T>(
  list: readonly T[],
  item: T,
  by: number,
): T[] | undefined {
  const from = list.indexOf(item);
  const to = from + by;
  if (from < 0 || to < 0 || to >= list.length || by === 0) {
    return undefined;
  }
  const result = list.filter((each) => each !== item);
  result.splice(to, 0, item);
  return result;
}
