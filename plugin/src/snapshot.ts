// A snapshot of a kernel's linear memory, as bytes. Pure: Node and pages.
//
// All numbers are little endian and of 32 bits:
//
//   "TNSN", version, header size, the header as JSON in UTF-8,
//   number of runs, the runs (first page, page count), the pages' bytes.
//
// Pages have 4096 bytes. Left out are pages of zeros and those of images, whose
// bytes travel on their own; but the index at an image's beginning is here, as
// it has to be in memory before the rest is. In a delta the pages are XORed
// with the base's (zeros where that has none), and equal ones are left out too.
// Runs are in order and apart from each other, so that one memory has one
// snapshot.
//
// To restore: memory of the header's size, all zeros; apply the base; apply
// the delta, if there is one; put each image of the last header at its
// address.

/** Bytes of a page. */
export const pageSize = 4096;

const magic = 0x4e534e54;
const version = 1;

/** Bytes before the header: magic, version, header size. */
const prefixSize = 12;

const runRecordSize = 8;

/** WebAssembly's own page, of which memory is a multiple. */
const wasmPageSize = 65536;

const memorySizeLimit = 2 ** 32;
const headerSizeLimit = 1 << 20;

/** Page size in words, by which pages are compared. */
const pageWords = pageSize / 4;

/** A file system image that was mounted, and where it was in memory. */
export interface SnapshotImage {
  /** The directory that it lies over. */
  path: string;
  /** The name of its file or payload part. */
  name: string;
  /** A multiple of the page size; the last page is the image's alone too. */
  address: number;
  size: number;
  /** Bytes at the beginning that the file system needs from the start. */
  index_size: number;
}

export interface SnapshotHeader {
  /** Which linked module this is the memory of: 16 hexadecimal digits. */
  build: string;
  /** In bytes. */
  memory_size: number;
  images: SnapshotImage[];
  kind: 'base' | 'delta';
  /** Of a delta: XXH64 of the base's bytes, 16 hexadecimal digits. */
  base?: string;
}

/** Pages that follow each other. */
export interface PageRun {
  first: number;
  count: number;
}

/** What is not a snapshot, or not a whole one. */
export class SnapshotError extends Error {
  override name = 'SnapshotError';
}

// --- Writing ---

/** The pages that hold nothing but an image's contents, as runs in order. */
function pagesOfImages(images: readonly SnapshotImage[]): PageRun[] {
  return images
    .map(({ address, size, index_size: indexSize }) => {
      const first = Math.ceil((address + indexSize) / pageSize);
      return { first, count: Math.ceil((address + size) / pageSize) - first };
    })
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.first - b.first);
}

/** True where words of `memory` from `at` on differ from the base's, or from
 * zeros where the base has none. */
function differs(memory: Int32Array, base: Int32Array, at: number): boolean {
  const end = at + pageWords;
  if (end > base.length) {
    for (let i = at; i < end; i++) {
      if (memory[i] !== 0) {
        return true;
      }
    }
    return false;
  }
  for (let i = at; i < end; i++) {
    if (memory[i] !== base[i]) {
      return true;
    }
  }
  return false;
}

/** Memory as words; it begins at a multiple of 4 and has whole pages. */
function wordsOf(memory: Uint8Array): Int32Array {
  if (memory.byteOffset % 4 !== 0 || memory.length % pageSize !== 0) {
    throw new SnapshotError('memory has to be whole pages');
  }
  const { buffer, byteOffset, length } = memory;
  return new Int32Array(buffer, byteOffset, length / 4);
}

/** The runs of pages that a snapshot of `memory` holds. */
function findRuns(
  memory: Int32Array,
  base: Int32Array,
  images: readonly SnapshotImage[],
): PageRun[] {
  const runs: PageRun[] = [];
  const skipped = pagesOfImages(images);
  let open: PageRun | undefined;
  const pageCount = memory.length / pageWords;
  for (let page = 0; page < pageCount; page++) {
    while (skipped[0] && page >= skipped[0].first + skipped[0].count) {
      skipped.shift();
    }
    if (skipped[0] && page >= skipped[0].first) {
      page = skipped[0].first + skipped[0].count - 1;
      open = undefined;
    } else if (!differs(memory, base, page * pageWords)) {
      open = undefined;
    } else if (open) {
      open.count++;
    } else {
      open = { first: page, count: 1 };
      runs.push(open);
    }
  }
  return runs;
}

function writeHead(header: SnapshotHeader, runs: PageRun[]): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const tableStart = prefixSize + text.length;
  const head = new Uint8Array(tableStart + 4 + runs.length * runRecordSize);
  const view = new DataView(head.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, version, true);
  view.setUint32(8, text.length, true);
  head.set(text, prefixSize);
  view.setUint32(tableStart, runs.length, true);
  runs.forEach(({ first, count }, i) => {
    view.setUint32(tableStart + 4 + i * runRecordSize, first, true);
    view.setUint32(tableStart + 8 + i * runRecordSize, count, true);
  });
  return head;
}

/** Only the members that belong there, in one order: equal states give equal
 * bytes. */
function orderHeader(header: SnapshotHeader): SnapshotHeader {
  const { build, memory_size, kind, base } = header;
  const images = header.images.map((image) => {
    const { path, name, address, size, index_size } = image;
    return { path, name, address, size, index_size };
  });
  const common = { build, memory_size, images, kind };
  return base === undefined ? common : { ...common, base };
}

function write(
  memory: Uint8Array,
  base: Uint8Array,
  header: SnapshotHeader,
): Uint8Array<ArrayBuffer> {
  checkHeader(header);
  if (memory.length !== header.memory_size) {
    throw new SnapshotError('the header tells another size of memory');
  }
  const words = wordsOf(memory);
  const baseWords = wordsOf(base);
  const runs = findRuns(words, baseWords, header.images);
  const head = writeHead(orderHeader(header), runs);
  const pageCount = runs.reduce((sum, { count }) => sum + count, 0);
  const bytes = new Uint8Array(head.length + pageCount * pageSize);
  bytes.set(head);
  let at = head.length;
  for (const { first, count } of runs) {
    const start = first * pageSize;
    const size = count * pageSize;
    bytes.set(memory.subarray(start, start + size), at);
    xor(bytes.subarray(at, at + size), base.subarray(start, start + size));
    at += size;
  }
  return bytes;
}

/** A snapshot of a whole memory. */
export function writeSnapshot(
  memory: Uint8Array,
  header: Omit<SnapshotHeader, 'kind' | 'base' | 'memory_size'>,
): Uint8Array<ArrayBuffer> {
  return write(memory, new Uint8Array(0), {
    ...header,
    memory_size: memory.length,
    kind: 'base',
  });
}

/** What differs from `base`: the memory that applying the base gives, images
 * not put in. `header.base` names it. */
export function writeDelta(
  memory: Uint8Array,
  base: Uint8Array,
  header: Omit<SnapshotHeader, 'kind' | 'memory_size'> & { base: string },
): Uint8Array<ArrayBuffer> {
  return write(memory, base, {
    ...header,
    memory_size: memory.length,
    kind: 'delta',
  });
}

// --- Reading ---

function isSize(value: unknown, limit: number): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= limit;
}

function checkImages(images: unknown, memorySize: number): void {
  if (!Array.isArray(images)) {
    throw new SnapshotError('its header has no list of images');
  }
  let end = 0;
  const sorted = (images as Partial<SnapshotImage>[]).toSorted(
    (a, b) => Number(a?.address) - Number(b?.address),
  );
  for (const image of sorted) {
    const { path, name, address, size, index_size: indexSize } = image ?? {};
    const isRight =
      typeof path === 'string' &&
      typeof name === 'string' &&
      isSize(address, memorySize) &&
      isSize(size, memorySize - address) &&
      isSize(indexSize, size) &&
      address % pageSize === 0 &&
      address >= end;
    if (!isRight) {
      throw new SnapshotError('its header describes an impossible image');
    }
    end = address + size;
  }
}

function checkHeader(header: Partial<SnapshotHeader>): void {
  const { build, memory_size: size, images, kind, base } = header;
  const isHash = (text: unknown): boolean =>
    typeof text === 'string' && /^[0-9a-f]{16}$/.test(text);
  if (!isHash(build)) {
    throw new SnapshotError('its header does not name a kernel');
  }
  if (!isSize(size, memorySizeLimit) || size % wasmPageSize !== 0) {
    throw new SnapshotError('its header tells an impossible size');
  }
  if (kind === 'delta' ? !isHash(base) : kind !== 'base' || base) {
    throw new SnapshotError('its header does not say what it stands on');
  }
  checkImages(images, size);
}

function parseHeader(text: Uint8Array): SnapshotHeader {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    throw new SnapshotError('its header is not JSON');
  }
  if (typeof header !== 'object' || header === null) {
    throw new SnapshotError('its header is not an object');
  }
  checkHeader(header);
  return header as SnapshotHeader;
}

/** The runs from their table, which has to be in the one form there is. */
function parseRuns(table: DataView, header: SnapshotHeader): PageRun[] {
  const runs: PageRun[] = [];
  const pageLimit = header.memory_size / pageSize;
  let free = 0;
  for (let at = 0; at < table.byteLength; at += runRecordSize) {
    const first = table.getUint32(at, true);
    const count = table.getUint32(at + 4, true);
    if (first < free || count === 0 || first + count > pageLimit) {
      throw new SnapshotError('its table of pages is damaged');
    }
    runs.push({ first, count });
    free = first + count;
  }
  return runs;
}

/** XORs `source` into the beginning of `target`. */
function xor(target: Uint8Array, source: Uint8Array): void {
  const count = source.length;
  const isAligned = (target.byteOffset | source.byteOffset) % 4 === 0;
  const wordCount = isAligned ? Math.floor(count / 4) : 0;
  if (wordCount > 0) {
    const to = new Int32Array(target.buffer, target.byteOffset, wordCount);
    const from = new Int32Array(source.buffer, source.byteOffset, wordCount);
    for (let i = 0; i < wordCount; i++) {
      to[i] = to[i]! ^ from[i]!;
    }
  }
  for (let i = 4 * wordCount; i < count; i++) {
    target[i] = target[i]! ^ source[i]!;
  }
}

/**
 * Applies a snapshot that comes in pieces of any size.
 *
 * When the header is there, `open` is called with it, once, and gives the
 * memory: zeros for a base, the base applied for a delta. Whoever made the
 * bytes must have been checked by then: of a piece that proves damaged, the
 * pages before it are in memory already.
 */
export class SnapshotApplier {
  readonly #open: (header: SnapshotHeader) => Uint8Array;
  #parse: (head: DataView) => void = (head) => this.#parsePrefix(head);
  /** What is read as a whole, before the pages: as many bytes as wanted. */
  #head = new Uint8Array(prefixSize);
  #headFill = 0;
  #header: SnapshotHeader | undefined;
  #memory = new Uint8Array(0);
  #runs: PageRun[] | undefined;
  #runIndex = 0;
  /** Bytes of the present run that have come. */
  #runFill = 0;

  constructor(open: (header: SnapshotHeader) => Uint8Array) {
    this.#open = open;
  }

  /** Takes the next bytes; they may be overwritten afterwards. */
  push(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) {
      const count = this.#runs ? this.#takePages(rest) : this.#takeHead(rest);
      rest = rest.subarray(count);
    }
  }

  /** Says that nothing more comes; throws when something is missing. */
  finish(): SnapshotHeader {
    const isWhole = this.#runs && this.#runIndex === this.#runs.length;
    if (!isWhole || !this.#header) {
      throw new SnapshotError('it ends too early');
    }
    return this.#header;
  }

  #takeHead(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.#head.length - this.#headFill);
    this.#head.set(bytes.subarray(0, count), this.#headFill);
    this.#headFill += count;
    if (this.#headFill === this.#head.length) {
      this.#parse(new DataView(this.#head.buffer));
    }
    return count;
  }

  /** The next thing to read before the pages. */
  #expect(size: number, parse: (head: DataView) => void): void {
    this.#head = new Uint8Array(size);
    this.#headFill = 0;
    this.#parse = parse;
  }

  #parsePrefix(head: DataView): void {
    if (head.getUint32(0, true) !== magic) {
      throw new SnapshotError('it is not a snapshot');
    }
    const found = head.getUint32(4, true);
    if (found !== version) {
      throw new SnapshotError(`it is of version ${found}, not ${version}`);
    }
    const size = head.getUint32(8, true);
    if (size === 0 || size > headerSizeLimit) {
      throw new SnapshotError('its header has an impossible size');
    }
    this.#expect(size + 4, (next) => this.#parseHeader(next));
  }

  #parseHeader(head: DataView): void {
    const size = head.byteLength - 4;
    const header = parseHeader(this.#head.subarray(0, size));
    const runCount = head.getUint32(size, true);
    if (runCount > header.memory_size / pageSize) {
      throw new SnapshotError('its table of pages is damaged');
    }
    this.#header = header;
    if (runCount === 0) {
      this.#parseRuns(new DataView(new ArrayBuffer(0)));
    } else {
      this.#expect(runCount * runRecordSize, (next) => this.#parseRuns(next));
    }
  }

  #parseRuns(table: DataView): void {
    const header = this.#header!;
    this.#runs = parseRuns(table, header);
    this.#memory = this.#open(header) as Uint8Array<ArrayBuffer>;
    if (this.#memory.length < header.memory_size) {
      throw new SnapshotError('there is too little memory for it');
    }
  }

  #takePages(bytes: Uint8Array): number {
    const run = this.#runs![this.#runIndex];
    if (!run) {
      throw new SnapshotError('it is longer than it says');
    }
    const runSize = run.count * pageSize;
    const count = Math.min(bytes.length, runSize - this.#runFill);
    const start = run.first * pageSize + this.#runFill;
    const piece = bytes.subarray(0, count);
    if (this.#header!.kind === 'delta') {
      xor(this.#memory.subarray(start, start + count), piece);
    } else {
      this.#memory.set(piece, start);
    }
    this.#runFill += count;
    if (this.#runFill === runSize) {
      this.#runIndex++;
      this.#runFill = 0;
    }
    return count;
  }
}

/** Applies a whole snapshot at once; `open` as in SnapshotApplier. */
export function applySnapshot(
  bytes: Uint8Array,
  open: (header: SnapshotHeader) => Uint8Array,
): SnapshotHeader {
  const applier = new SnapshotApplier(open);
  applier.push(bytes);
  return applier.finish();
}
