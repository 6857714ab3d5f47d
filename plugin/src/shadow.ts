// A copy of the kernel's memory outside of it, and what undoes the latest
// cells. Pure.
//
// The copy consists of pages that are never written twice: a page that changed
// gets a new place, and its old place, whose bytes are the way back, goes to
// the step that is under way. So keeping the way back copies nothing. A step
// begins where a cell does; bringing back the state before a cell puts the old
// places back, latest step first.
//
// What was staged and not yet committed can be dropped as a whole: a scan that
// was cut short, or memory that ran out, leaves the last committed copy.

/** Bytes of a page, as in kernel/hosts/web_pages.c. */
export const pageSize = 4096;

/** Cells that can be undone at most. */
const stepLimit = 40;

/** Bytes that the ways back may take together; the oldest go first. */
const stepBytesLimit = 256 << 20;

/** Pages of one piece of the copy: 1 MiB. */
const segmentPages = 256;

/** The place of a page of zeros, and of one that the copy leaves out. */
const noPlace = -1;

/** Places for pages; a place is a number. */
class PagePool {
  #segments: ({ bytes: Uint8Array; used: number } | null)[] = [];
  #free: number[] = [];
  #count = 0;

  /** Pages that are in use. */
  get count(): number {
    return this.#count;
  }

  /** Throws RangeError where the browser gives no more memory. */
  put(bytes: Uint8Array): number {
    const place = this.#free.pop() ?? this.#grow();
    const segment = this.#segments[Math.floor(place / segmentPages)]!;
    segment.bytes.set(bytes, (place % segmentPages) * pageSize);
    segment.used += 1;
    this.#count += 1;
    return place;
  }

  get(place: number): Uint8Array {
    const segment = this.#segments[Math.floor(place / segmentPages)]!;
    const start = (place % segmentPages) * pageSize;
    return segment.bytes.subarray(start, start + pageSize);
  }

  drop(place: number): void {
    if (place === noPlace) {
      return;
    }
    this.#segments[Math.floor(place / segmentPages)]!.used -= 1;
    this.#count -= 1;
    this.#free.push(place);
  }

  /** Gives pieces without a page back to the browser. */
  trim(): void {
    if (!this.#segments.some((segment) => segment?.used === 0)) {
      return;
    }
    const isGone = (index: number): boolean =>
      this.#segments[index]?.used === 0;
    this.#free = this.#free.filter(
      (place) => !isGone(Math.floor(place / segmentPages)),
    );
    this.#segments = this.#segments.map((segment) =>
      segment?.used === 0 ? null : segment,
    );
  }

  #grow(): number {
    const bytes = new Uint8Array(segmentPages * pageSize);
    let index = this.#segments.indexOf(null);
    index = index < 0 ? this.#segments.length : index;
    this.#segments[index] = { bytes, used: 0 };
    const first = index * segmentPages;
    // Taken from the end, so that pages lie in their order.
    for (let place = first + segmentPages - 1; place > first; place--) {
      this.#free.push(place);
    }
    return first;
  }
}

/** The way back to where a cell began. */
interface Step {
  label: string;
  memorySize: number;
  /** Page to the place of what it was; null: go back by a fresh start. */
  before: Map<number, number> | null;
  /** Pages of `before` that have a place. */
  count: number;
}

function sizeOf(step: Step): number {
  return step.count * pageSize;
}

/** A cell that can be undone. */
export interface UndoStep {
  label: string;
  /** Bytes that its way back takes. */
  size: number;
}

export class Shadow {
  readonly #pool = new PagePool();
  /** By page. */
  #places = new Int32Array(0);
  #memorySize = 0;
  #staged = new Map<number, number>();
  #steps: Step[] = [];
  /** Cells that began since the last commit. */
  #running: string[] = [];
  /** The last step began since then, and so there is nothing in it. */
  #isOpen = false;

  /** False until a first scan was committed: what is before that is the
   * kernel's start. */
  get exists(): boolean {
    return this.#memorySize > 0;
  }

  /** Of the committed state, in bytes. */
  get memorySize(): number {
    return this.#memorySize;
  }

  /** Bytes of the copy alone, without the ways back. */
  get size(): number {
    return this.#pool.count * pageSize - this.undoSize;
  }

  get undoSize(): number {
    return this.#steps.reduce((sum, step) => sum + sizeOf(step), 0);
  }

  /** The cells that can be undone, oldest first. */
  get steps(): UndoStep[] {
    return this.#steps.map((step) => ({
      label: step.label,
      size: sizeOf(step),
    }));
  }

  // --- What changed ---

  /** A page that changed; null says that it is zeros now. */
  stage(page: number, bytes: Uint8Array | null): void {
    this.#reach(page);
    const place = bytes === null ? noPlace : this.#pool.put(bytes);
    const old = this.#places[page]!;
    if (this.#staged.has(page)) {
      this.#pool.drop(old);
    } else {
      this.#staged.set(page, old);
    }
    this.#places[page] = place;
  }

  /** The staged pages and the rest are one state of memory. */
  commit(memorySize: number): void {
    const step = this.#steps.at(-1);
    for (const [page, old] of this.#staged) {
      if (step === undefined || step.before === null || step.before.has(page)) {
        this.#pool.drop(old);
      } else {
        step.before.set(page, old);
        step.count += old === noPlace ? 0 : 1;
      }
    }
    this.#staged.clear();
    this.#memorySize = memorySize;
    this.#running = [];
    this.#isOpen = false;
    this.#limitSteps();
  }

  /** Forgets what was staged since the last commit. */
  rollBack(): void {
    this.#putBack(this.#staged);
    this.#staged = new Map();
  }

  // --- Cells ---

  /** The cell `label` begins; in the committed state (or the kernel's start
   * while there is none) if it is `kept`, else in one that has no copy. */
  mark(label: string, kept: boolean): void {
    this.#running.push(label);
    if (!kept) {
      return;
    }
    this.#isOpen = true;
    this.#steps.push({
      label,
      memorySize: this.#memorySize,
      before: this.exists ? new Map<number, number>() : null,
      count: 0,
    });
    this.#limitSteps();
  }

  /** What ran since the last commit is lost: gives its labels, and leaves the
   * committed state. */
  abandon(): string[] {
    this.rollBack();
    if (this.#isOpen) {
      this.#steps.pop();
      this.#isOpen = false;
    }
    return this.#running.splice(0);
  }

  /**
   * Goes back to the beginning of step `index`. False: that is the kernel's
   * start, of which there is no copy; the shadow is empty then.
   */
  undo(index: number): boolean {
    this.rollBack();
    this.#running = [];
    this.#isOpen = false;
    while (this.#steps.length > index) {
      const step = this.#steps.pop()!;
      if (step.before === null) {
        this.clear();
        return false;
      }
      this.#putBack(step.before);
      this.#memorySize = step.memorySize;
    }
    this.#pool.trim();
    return true;
  }

  /** Without a copy and without a way back, as at first. */
  clear(): void {
    this.#places.forEach((place) => this.#pool.drop(place));
    [this.#staged, ...this.#steps.map(({ before }) => before)].forEach((map) =>
      map?.forEach((place) => this.#pool.drop(place)),
    );
    this.#places = new Int32Array(0);
    this.#staged = new Map();
    this.#steps = [];
    this.#running = [];
    this.#isOpen = false;
    this.#memorySize = 0;
    this.#pool.trim();
  }

  // --- The copy ---

  /** Writes the committed state; pages that `isLeftOut` are not touched, what
   * is beyond it is zeroed. `memory` has room for it. */
  writeTo(memory: Uint8Array, isLeftOut: (page: number) => boolean): void {
    this.rollBack();
    const count = memory.length / pageSize;
    for (let page = 0; page < count; page++) {
      if (isLeftOut(page)) {
        continue;
      }
      const place = this.#places[page] ?? noPlace;
      const start = page * pageSize;
      if (place === noPlace) {
        memory.fill(0, start, start + pageSize);
      } else {
        memory.set(this.#pool.get(place), start);
      }
    }
  }

  #putBack(before: Map<number, number>): void {
    before.forEach((old, page) => {
      this.#pool.drop(this.#places[page]!);
      this.#places[page] = old;
    });
  }

  #reach(page: number): void {
    const { length } = this.#places;
    if (page >= length) {
      const places = new Int32Array(Math.max(page + 1, 2 * length));
      places.fill(noPlace, length);
      places.set(this.#places);
      this.#places = places;
    }
  }

  #limitSteps(): void {
    let size = this.undoSize;
    let extra = this.#steps.length - stepLimit;
    while (this.#steps.length > 0 && (extra > 0 || size > stepBytesLimit)) {
      const step = this.#steps.shift()!;
      size -= sizeOf(step);
      step.before?.forEach((place) => this.#pool.drop(place));
      extra -= 1;
    }
    this.#pool.trim();
  }
}
