// Values on their way between Python and JavaScript: kernel/js/value.h has
// the same layout and numbers.

import { abilities, findAbilities } from './abilities.ts';
import { MemoryViews } from './memory.ts';
import type { ObjectTable } from './table.ts';

export const kinds = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  int: 4,
  number: 5,
  text: 6,
  bigint: 7,
  object: 8,
  proxy: 9,
  exception: 10,
  name: 11,
  missing: 12,
} as const;

/** Bytes of a struct js_value. */
export const valueSize = 16;

/** Flags beside the size of a text's unit. */
const textUtf8 = 0x10;
const textOwned = 0x20;

/** Texts up to this length are read and written unit by unit. */
const shortText = 48; // even, because its units may be two bytes

/** Bytes at tn_web_js_scratch. */
const scratchSize = 65536;

/** Python objects that JavaScript holds. */
export interface ProxyMaker {
  make(handle: number, flags: number): unknown;
  /** What JavaScript is given for an object; `make` where this is missing. */
  give?(handle: number, flags: number): unknown;
  /** Of a live proxy; undefined for everything else. */
  handleOf(value: object): number | undefined;
  /** Whether Python has asked for the proxy itself. */
  isDouble(value: unknown): boolean;
  /** Of such a proxy, where Python wants its object when it comes back. */
  handleBehind(value: object): number | undefined;
  /** What JavaScript throws for a Python exception. */
  makeError(handle: number): unknown;
  /** Of what makeError made. */
  handleOfError(error: unknown): number | undefined;
}

/** What of the kernel's exports values need. */
export interface ValueExports {
  tn_web_alloc(size: number): number;
  tn_web_free(block: number): void;
  tn_web_js_scratch(): number;
}

/** The traps of a proxy would ask Python. */
function doubleAbilities(proxy: unknown): number {
  return (
    abilities.doubleProxy |
    (typeof proxy === 'function' ? abilities.callable : 0)
  );
}

/** An object that Python still names, but that is gone. */
export class DeadObjectError extends Error {
  override name = 'DeadObjectError';
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const utf8Encoder = new TextEncoder();

export class Values {
  readonly views: MemoryViews;
  readonly names: string[] = [];
  /** Where the next value for a call may stand; who takes of it gives it
   * back before he returns. */
  top: number;
  #end: number;

  constructor(
    memory: WebAssembly.Memory,
    readonly exports: ValueExports,
    readonly table: ObjectTable,
    readonly proxies: ProxyMaker,
  ) {
    this.views = new MemoryViews(memory);
    this.top = exports.tn_web_js_scratch() >>> 0;
    this.#end = this.top + scratchSize;
  }

  // --- From Python ---

  /** The value at an address; text that is owned is freed. */
  decode(address: number): unknown {
    const { views } = this;
    const at = address >>> 2;
    switch (views.u32[at]) {
      case kinds.undefined:
      case kinds.missing:
        return undefined;
      case kinds.null:
        return null;
      case kinds.false:
        return false;
      case kinds.true:
        return true;
      case kinds.int:
        return views.i32[at + 1];
      case kinds.number:
        return views.f64[(address + 8) >>> 3];
      case kinds.text:
        return this.#readText(at);
      case kinds.bigint:
        return this.#readBigint(at);
      case kinds.object:
        return this.object(views.u32[at + 1]!, views.u32[at + 2]!);
      case kinds.proxy:
        return this.proxies.make(views.u32[at + 1]!, views.u32[at + 2]!);
      case kinds.exception:
        return this.proxies.makeError(views.u32[at + 1]!);
      case kinds.name:
        return this.names[views.u32[at + 1]!];
      default:
        throw new RangeError(`a value of kind ${views.u32[at]}`);
    }
  }

  /** The same for the page's own code, which may want copies. */
  decodeGiven(address: number): unknown {
    const { views, proxies } = this;
    const at = address >>> 2;
    return proxies.give !== undefined && views.u32[at] === kinds.proxy
      ? proxies.give(views.u32[at + 1]!, views.u32[at + 2]!)
      : this.decode(address);
  }

  decodeAll(address: number, count: number): unknown[] {
    const values: unknown[] = [];
    for (let i = 0; i < count; i++) {
      values.push(this.decodeGiven(address + valueSize * i));
    }
    return values;
  }

  /** The object at a place, if it is still the one that Python means. */
  object(place: number, generation: number): unknown {
    const { table } = this;
    if (table.generations[place] !== generation) {
      throw new DeadObjectError();
    }
    return table.objects[place];
  }

  #readText(at: number): string {
    const { views } = this;
    const start = views.u32[at + 1]!;
    const count = views.u32[at + 2]!;
    const flags = views.u32[at + 3]!;
    const text = this.readUnits(start, count, flags & 0xf);
    if ((flags & textOwned) !== 0) {
      this.exports.tn_web_free(start);
      views.check();
    }
    return text;
  }

  readUnits(start: number, count: number, unit: number): string {
    const { u8, u16, u32 } = this.views;
    if (unit === 1) {
      if (count <= shortText) {
        let text = '';
        for (let i = start; i < start + count; i++) {
          text += String.fromCharCode(u8[i]!);
        }
        return text;
      }
      return decodeLatin1(u8.subarray(start, start + count));
    }
    return unit === 2
      ? fromUnits(u16.subarray(start >>> 1, (start >>> 1) + count))
      : fromPoints(u32.subarray(start >>> 2, (start >>> 2) + count));
  }

  #readBigint(at: number): bigint {
    const digits = this.#readText(at);
    return digits.startsWith('-')
      ? -BigInt(digits.slice(1))
      : BigInt(digits);
  }

  // --- To Python ---

  /** Writes a number, where memory has not grown since views were checked. */
  putNumber(value: number, address: number): void {
    const { views } = this;
    const at = address >>> 2;
    if ((value | 0) === value) {
      views.u32[at] = kinds.int;
      views.i32[at + 1] = value;
    } else {
      views.u32[at] = kinds.number;
      views.f64[(address + 8) >>> 3] = value;
    }
  }

  /** Writes a value; long text gets a block of memory, which Python frees. */
  encode(value: unknown, address: number): void {
    const { views } = this;
    const at = address >>> 2;
    switch (typeof value) {
      case 'number':
        this.putNumber(value, address);
        return;
      case 'string':
        this.#writeText(value, at);
        return;
      case 'boolean':
        views.u32[at] = value ? kinds.true : kinds.false;
        return;
      case 'bigint':
        this.#writeText(value.toString(16), at);
        this.views.u32[at] = kinds.bigint;
        return;
      default:
        if (value === undefined) {
          views.u32[at] = kinds.undefined;
        } else if (value === null) {
          views.u32[at] = kinds.null;
        } else {
          this.#writeObject(value, at);
        }
    }
  }

  /** Whether so many values find room in the scratch area. */
  hasRoom(count: number): boolean {
    return this.top + count * valueSize <= this.#end;
  }

  /** Short texts that `run` writes stand in this memory. */
  withTexts<R>(start: number, size: number, run: () => R): R {
    const { top } = this;
    const end = this.#end;
    this.top = start;
    this.#end = start + size;
    try {
      return run();
    } finally {
      this.top = top;
      this.#end = end;
    }
  }

  /** Writes one of several values: short text stays where it is. */
  push(value: unknown, address: number): void {
    const { top } = this;
    this.encode(value, address);
    const isText = typeof value === 'string' || typeof value === 'bigint';
    if (isText && this.views.u32[(address >>> 2) + 1] === top) {
      this.top = top + 2 * shortText;
    }
  }

  /** Writes what was thrown. */
  encodeError(error: unknown, address: number): void {
    const at = address >>> 2;
    this.views.check();
    if (error instanceof DeadObjectError) {
      this.views.u32[at] = kinds.missing;
      return;
    }
    const handle = this.proxies.handleOfError(error);
    if (handle !== undefined) {
      this.views.u32[at] = kinds.exception;
      this.views.u32[at + 1] = handle;
      return;
    }
    this.encode(asError(error), address);
  }

  #writeObject(value: unknown, at: number): void {
    const { table, proxies, views } = this;
    let place = table.find(value);
    if (place === undefined) {
      const isDouble = proxies.isDouble(value);
      if (typeof value !== 'symbol' && !isDouble) {
        const handle = proxies.handleOf(value as object);
        if (handle !== undefined) {
          views.u32[at] = kinds.proxy;
          views.u32[at + 1] = handle;
          return;
        }
      }
      place = table.add(
        value,
        isDouble ? doubleAbilities(value) : findAbilities(value),
      );
      // Traps of a Proxy may have run Python.
      views.check();
    } else if ((table.abilities[place]! & abilities.doubleProxy) !== 0) {
      const handle = proxies.handleBehind(value as object);
      if (handle !== undefined) {
        views.u32[at] = kinds.proxy;
        views.u32[at + 1] = handle;
        return;
      }
    }
    views.u32[at] = kinds.object;
    views.u32[at + 1] = place;
    views.u32[at + 2] = table.generations[place]!;
    views.u32[at + 3] = table.abilities[place]!;
  }

  #writeText(text: string, at: number): void {
    const { length } = text;
    if (length <= shortText && this.top + 2 * shortText <= this.#end) {
      this.#writeShort(text, at);
    } else {
      this.#writeLong(text, at);
    }
  }

  #writeShort(text: string, at: number): void {
    const { views, top } = this;
    const { u8, u16, u32 } = views;
    const { length } = text;
    let unit = 1;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0xff) {
        unit = 2;
        break;
      }
      u8[top + i] = code;
    }
    if (unit === 2) {
      for (let i = 0; i < length; i++) {
        u16[(top >>> 1) + i] = text.charCodeAt(i);
      }
    }
    u32[at] = kinds.text;
    u32[at + 1] = top;
    u32[at + 2] = length;
    u32[at + 3] = unit;
  }

  #writeLong(text: string, at: number): void {
    const isWhole = text.isWellFormed();
    const limit = isWhole ? sizeInUtf8(text) : 2 * text.length;
    const block = this.exports.tn_web_alloc(limit) >>> 0;
    if (block === 0) {
      throw new RangeError(`no memory for ${text.length} characters`);
    }
    this.views.check();
    const { u8, u16, u32 } = this.views;
    if (isWhole) {
      utf8Encoder.encodeInto(text, u8.subarray(block, block + limit));
    } else {
      for (let i = 0; i < text.length; i++) {
        u16[(block >>> 1) + i] = text.charCodeAt(i);
      }
    }
    u32[at] = kinds.text;
    u32[at + 1] = block;
    u32[at + 2] = isWhole ? limit : text.length;
    u32[at + 3] = (isWhole ? textUtf8 : 2) | textOwned;
  }
}

function sizeInUtf8(text: string): number {
  let size = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) {
      // A surrogate is half of four bytes.
      size += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
    }
  }
  return size;
}

/** String.fromCharCode takes so many at once. */
const unitsAtOnce = 8192;

function fromUnits(units: Uint16Array | Uint8Array): string {
  let text = '';
  for (let i = 0; i < units.length; i += unitsAtOnce) {
    text += String.fromCharCode(...units.subarray(i, i + unitsAtOnce));
  }
  return text;
}

function decodeLatin1(bytes: Uint8Array<ArrayBuffer>): string {
  // ASCII is the same in UTF-8, and TextDecoder's latin1 is another code.
  return bytes.every((byte) => byte < 0x80) ? utf8.decode(bytes) : fromUnits(bytes);
}

/** Code points, of which surrogates may be alone, or in pairs that Python
 * takes for two. */
function fromPoints(points: Uint32Array): string {
  let text = '';
  for (let i = 0; i < points.length; i += unitsAtOnce) {
    text += String.fromCodePoint(...points.subarray(i, i + unitsAtOnce));
  }
  return text;
}

/** Python can only raise errors. */
function asError(thrown: unknown): unknown {
  if (thrown instanceof Error || isErrorOfOtherRealm(thrown)) {
    return thrown;
  }
  if (typeof thrown === 'string') {
    return new Error(thrown, { cause: thrown });
  }
  let text = 'something without a name';
  try {
    text = String(thrown);
  } catch {
    // It cannot even be a text.
  }
  return new Error(`JavaScript threw ${text}`, { cause: thrown });
}

function isErrorOfOtherRealm(thrown: unknown): boolean {
  return Object.prototype.toString.call(thrown) === '[object Error]';
}
