// The state before a cell, kept up to date while nothing runs.
//
// A scan goes over memory page by page, compares each page's hash with that of
// the last scan, and hands on the pages that changed. It works in slices while
// the page has nothing better to do; before a cell it is brought to its end at
// once, which costs nothing where it has been finished before. A call into the
// kernel in between means that it looks at everything again, and finds what it
// had found before unchanged, so no page is copied twice.
//
// Where the copies go is the business of a PageKeeper: a Shadow in the same
// thread, or the page's when the kernel is in a worker.

import { pageSize, type Shadow } from './shadow.ts';
import { whenIdle } from './turns.ts';

/** The kernel's memory, as a scan sees it. */
export interface PageSource {
  readonly memory: ArrayBuffer;
  /** Images never change, so their pages are left out. */
  readonly images: readonly { address: number; size: number }[];
  hashPage(page: number): number;
  /** False while a stack is suspended, of a thread also between cells: then
   * there is no copy, and the last one stays. */
  readonly isAtRest: boolean;
}

export type PageKeeper = Pick<Shadow, 'stage' | 'commit' | 'rollBack' | 'mark'>;

/** What one slice of a scan takes at most. */
const sliceMs = 4;

/** The scan waits so long after what is no cell: while a figure is dragged
 * one call follows the other. */
const quietMs = 120;

/** Cells without a label that come in a row, as when a program calls Python in
 * a loop, do not each wait for a copy: so many do at once, and then one in
 * each interval. What the others did is lost together, if Python dies. */
const burstCount = 8;
const burstIntervalMs = 100;

/** Pages between two looks at the clock: about 25 microseconds. */
const batchPages = 64;

/** Memory of which there is no copy: looking at it would hold up each cell
 * for more than a tenth of a second. The last copy stays until it is smaller,
 * which only a restart makes it. */
export const memoryLimit = 2 ** 30;

/** A slice comes no later than this, however busy the page is. */
const idleLimitMs = 1000;

/** Where memory comes from: a start that can be had again, a saved state that
 * cannot, or the keeper's copy. */
export type MemoryOrigin = 'fresh' | 'saved' | 'copy';

/** True for the pages that lie wholly inside an image. */
export function pagesOfImages(
  images: PageSource['images'],
): (page: number) => boolean {
  const ranges = images
    .map(({ address, size }) => ({
      first: Math.ceil(address / pageSize),
      end: Math.floor((address + size) / pageSize),
    }))
    .filter(({ first, end }) => end > first);
  return (page) =>
    ranges.some(({ first, end }) => page >= first && page < end);
}

function isZero(words: Int32Array): boolean {
  for (let i = 0; i < words.length; i++) {
    if (words[i] !== 0) {
      return false;
    }
  }
  return true;
}

/** Figures of the scans of one life, for the benchmark. */
export interface ScanFigures {
  /** Whole looks at memory. */
  scans: number;
  pagesHashed: number;
  pagesCopied: number;
  /** Spent in slices, in all, and before the last cell. */
  idleMs: number;
  beforeCellMs: number;
  /** Memory and copy are the same. */
  isComplete: boolean;
}

/** How many copies may still hold up a row of cells. */
class Allowance {
  #left = burstCount;
  #refilledAt = -Infinity;

  take(): boolean {
    const now = performance.now();
    const earned = Math.floor((now - this.#refilledAt) / burstIntervalMs);
    if (earned > 0) {
      this.#left = Math.min(burstCount, this.#left + earned);
      this.#refilledAt = now;
    }
    if (this.#left === 0) {
      return false;
    }
    this.#left -= 1;
    return true;
  }
}

export class Checkpoint {
  readonly #figures = {
    scans: 0,
    pagesHashed: 0,
    pagesCopied: 0,
    idleMs: 0,
    beforeCellMs: 0,
  };
  readonly #source: PageSource;
  readonly #keeper: PageKeeper;
  readonly #isLeftOut: (page: number) => boolean;
  /** By page; NaN, which equals nothing, where it was not seen yet. */
  #hashes = new Float64Array(0);
  #next = 0;
  /** Nothing entered the kernel since the last commit, or since its start,
   * which is a state that can be had again without a copy. */
  #isClean: boolean;
  /** There was a commit. */
  #hasCopy: boolean;
  /** A cell ran since then, and not only callbacks. */
  #hasCell = false;
  #isBusy = false;
  #isEnded = false;
  #isWaiting = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerMs = 0;
  /** Calls into the kernel, and how many there were when the timer was set. */
  #entries = 0;
  #entriesBefore = 0;
  readonly #allowance: Allowance | null;
  #uncovered = 0;

  /** Without `skips` every cell waits for its copy. */
  constructor(
    source: PageSource,
    keeper: PageKeeper,
    origin: MemoryOrigin,
    skips = false,
  ) {
    this.#allowance = skips ? new Allowance() : null;
    this.#source = source;
    this.#keeper = keeper;
    this.#isLeftOut = pagesOfImages(source.images);
    this.#isClean = origin !== 'saved';
    this.#hasCopy = origin === 'copy';
    if (this.#hasCopy) {
      this.#adopt();
    }
  }

  get figures(): ScanFigures {
    return { ...this.#figures, isComplete: this.#isClean && this.#hasCopy };
  }

  /** Cells that began since the last copy without one of their own. */
  get uncovered(): number {
    return this.#uncovered;
  }

  /** Something calls into the kernel, or it goes on. Cheap, for each call of
   * JavaScript's passes here. */
  enter(isCell: boolean): void {
    this.#isBusy = true;
    this.#isClean = false;
    this.#hasCell ||= isCell;
    this.#next = 0;
    this.#entries += 1;
  }

  /** Nothing runs any more. Cheap as well: a timer that runs stays. */
  leave(): void {
    this.#isBusy = false;
    if (this.#timer === undefined || (this.#hasCell && this.#timerMs > 0)) {
      this.#setTimer();
    }
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#isEnded && !(this.#isClean && this.#hasCopy)) {
      this.#timerMs = this.#hasCell ? 0 : quietMs;
      this.#entriesBefore = this.#entries;
      this.#timer = setTimeout(() => this.#takeTimer(), this.#timerMs);
    }
  }

  #takeTimer(): void {
    this.#timer = undefined;
    if (this.#isBusy) {
      return;
    }
    if (this.#hasCell || this.#entries === this.#entriesBefore) {
      this.#waitForIdle();
    } else {
      this.#setTimer();
    }
  }

  /** A cell begins; with a label it can be undone. */
  begin(label: string | undefined): void {
    const mayWait =
      label !== undefined ||
      this.#isClean ||
      this.#allowance === null ||
      this.#allowance.take();
    const isKept = mayWait && this.complete();
    if (label !== undefined) {
      this.#keeper.mark(label, isKept);
    } else if (!isKept) {
      this.#uncovered += 1;
    }
  }

  /** A callback begins: what a cell did must be safe, what callbacks did may
   * be lost together. */
  beginCallback(): void {
    if (this.#hasCell) {
      this.complete();
    }
  }

  /** False where there is no copy of the state that memory is in. */
  complete(): boolean {
    const start = performance.now();
    const isDone = this.#isClean || this.#scan(Infinity);
    this.#figures.beforeCellMs = performance.now() - start;
    return isDone;
  }

  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
  }

  #waitForIdle(): void {
    if (this.#isWaiting) {
      return;
    }
    this.#isWaiting = true;
    whenIdle(() => {
      this.#isWaiting = false;
      if (this.#isBusy || this.#isEnded || (this.#isClean && this.#hasCopy)) {
        return;
      }
      const start = performance.now();
      const isDone = this.#scan(start + sliceMs);
      this.#figures.idleMs += performance.now() - start;
      const canGoOn =
        this.#source.memory.byteLength <= memoryLimit && this.#source.isAtRest;
      if (!isDone && canGoOn) {
        this.#waitForIdle();
      }
    }, idleLimitMs);
  }

  /** Goes on until `deadline`; true when memory and copy are the same. */
  #scan(deadline: number): boolean {
    const { memory } = this.#source;
    if (memory.byteLength > memoryLimit || !this.#source.isAtRest) {
      return false;
    }
    try {
      while (this.#next < memory.byteLength / pageSize) {
        this.#scanBatch(memory);
        if (performance.now() > deadline) {
          return false;
        }
      }
    } catch (error) {
      this.#giveUp(error);
      return false;
    }
    this.#keeper.commit(memory.byteLength);
    this.#next = 0;
    this.#isClean = true;
    this.#hasCopy = true;
    this.#hasCell = false;
    this.#uncovered = 0;
    this.#figures.scans += 1;
    return true;
  }

  #scanBatch(memory: ArrayBuffer): void {
    const count = memory.byteLength / pageSize;
    const hashes = this.#reach(count);
    const end = Math.min(count, this.#next + batchPages);
    for (let page = this.#next; page < end; page++) {
      if (this.#isLeftOut(page)) {
        continue;
      }
      const hash = this.#source.hashPage(page);
      if (hash !== hashes[page]) {
        const words = new Int32Array(memory, page * pageSize, pageSize / 4);
        const bytes = new Uint8Array(memory, page * pageSize, pageSize);
        this.#keeper.stage(page, isZero(words) ? null : bytes);
        hashes[page] = hash;
        this.#figures.pagesCopied += 1;
      }
      this.#figures.pagesHashed += 1;
    }
    this.#next = end;
  }

  /** The browser gives no memory for the copy: the last one stays. */
  #giveUp(error: unknown): void {
    if (!(error instanceof RangeError)) {
      throw error;
    }
    this.#keeper.rollBack();
    this.#hashes.fill(NaN);
    this.#next = 0;
  }

  #reach(count: number): Float64Array {
    if (count > this.#hashes.length) {
      const hashes = new Float64Array(count).fill(NaN);
      hashes.set(this.#hashes);
      this.#hashes = hashes;
    }
    return this.#hashes;
  }

  /** Memory was just written from the copy. */
  #adopt(): void {
    const count = this.#source.memory.byteLength / pageSize;
    const hashes = this.#reach(count);
    for (let page = 0; page < count; page++) {
      hashes[page] = this.#isLeftOut(page) ? NaN : this.#source.hashPage(page);
    }
  }
}
