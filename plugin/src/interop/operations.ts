// What Python does to JavaScript objects beside calling them and reading
// attributes; in the order of JS_OPERATIONS in kernel/js/value.h.

import type { PromiseWatch } from './promises.ts';
import { describeTag, shapeOf } from './shapes.ts';
import { StructureReader } from './to_py.ts';
import type { Values } from './values.ts';

/** A generation that no object has. */
const nobody = 0xffffffff;

/** No value at all, in place of a result. */
export const missing = Symbol('missing');

/** An iterator is at its end. */
export class Done {
  constructor(readonly value: unknown) {}
}

/** What operations on more than one object need. */
export interface OperationContext {
  values: Values;
  promises: PromiseWatch;
  /** Conversions to Python that are under way, by number. */
  readers: (StructureReader | undefined)[];
}

type Operation = (values: unknown[], context: OperationContext) => unknown;
type Members = Record<PropertyKey, unknown>;
type Method = (...values: unknown[]) => unknown;
type Constructor = new (...values: unknown[]) => unknown;

/** The last of the values are names and values of one object. */
function gather(values: unknown[], namedCount: number): unknown[] {
  const named = values.splice(values.length - 2 * namedCount);
  const object: Members = {};
  for (let i = 0; i < named.length; i += 2) {
    object[named[i] as string] = named[i + 1];
  }
  return [...values, object];
}

/** A text for any object, however it resists. */
export function describe(object: unknown): string {
  try {
    return String(object);
  } catch {
    return describeTag(object);
  }
}

function callMethod(object: unknown, name: string, ...values: unknown[]) {
  const method = (object as Members)[name];
  if (typeof method !== 'function') {
    throw new TypeError(`this object has no method ${name}`);
  }
  return Reflect.apply(method as Method, object, values);
}

/** Python's index; -1 where there is nothing. */
function indexIn(object: unknown, index: unknown): number {
  const { length } = object as ArrayLike<unknown>;
  const at = Number(index);
  const found = at < 0 ? at + length : at;
  return found >= 0 && found < length ? found : -1;
}

function isTruthy(object: unknown): boolean {
  if (typeof object !== 'object' || object === null) {
    return Boolean(object);
  }
  const { length, size, byteLength } = object as Members;
  return length !== 0 && size !== 0 && byteLength !== 0;
}

/** Every property name, also of the prototypes; for dir(). */
function namesOf(object: unknown): string[] {
  const names = new Set<string>();
  for (
    let each = Object(object) as object | null;
    each !== null;
    each = Object.getPrototypeOf(each) as object | null
  ) {
    Object.getOwnPropertyNames(each).forEach((name) => names.add(name));
  }
  return [...names];
}

/** Keys and values in turn, or the items. */
function flatten(object: unknown): unknown[] {
  if (object instanceof Map) {
    return [...(object as Map<unknown, unknown>)].flat();
  }
  if (Symbol.iterator in (object as object)) {
    return [...(object as Iterable<unknown>)];
  }
  return Object.entries(object as object).flat();
}

function step(result: unknown): unknown {
  const { done, value } = result as IteratorResult<unknown>;
  return done ? new Done(value) : value;
}

/** struct's letters, by the constructor's name. */
const formats: Record<string, string> = {
  Int8Array: 'b',
  Uint8Array: 'B',
  Uint8ClampedArray: 'B',
  Int16Array: 'h',
  Uint16Array: 'H',
  Int32Array: 'i',
  Uint32Array: 'I',
  Float16Array: 'e',
  Float32Array: 'f',
  Float64Array: 'd',
  BigInt64Array: 'q',
  BigUint64Array: 'Q',
};

/** The bytes of whatever has some. */
function bytesOf(object: unknown): Uint8Array {
  if (ArrayBuffer.isView(object)) {
    return new Uint8Array(object.buffer, object.byteOffset, object.byteLength);
  }
  return new Uint8Array(object as ArrayBuffer);
}

function formatOf(object: unknown): string {
  const tag = describeTag(object).slice('[object '.length, -1);
  return formats[tag] ?? 'B';
}

function hasOwn(object: unknown, key: unknown): boolean {
  return Object.hasOwn(object as object, key as PropertyKey);
}

/** Interop does these by itself. */
export const frequent = { set: 0, length: 6, getIndex: 11 } as const;

function inline(): never {
  throw new RangeError('Interop does this one');
}

export const operations: readonly Operation[] = [
  /* set */
  inline,
  /* delete */
  ([object, name]) => {
    if (!((name as string) in (object as object))) {
      return missing;
    }
    if (!Reflect.deleteProperty(object as object, name as string)) {
      throw new TypeError(`'${String(name)}' cannot be deleted`);
    }
    return undefined;
  },
  /* new */
  ([type, ...values]) => Reflect.construct(type as Constructor, values),
  /* callNamed: function, this, count of the named, values, names and values */
  ([callable, self, count, ...values]) =>
    Reflect.apply(callable as Method, self, gather(values, count as number)),
  /* newNamed: the same without this */
  ([type, count, ...values]) =>
    Reflect.construct(type as Constructor, gather(values, count as number)),
  /* method: object, name, values */
  ([object, name, ...values]) => callMethod(object, name as string, ...values),
  /* length */
  inline,
  /* typeof */
  ([object]) => typeof object,
  /* string */
  ([object]) => describe(object),
  /* truth */
  ([object]) => isTruthy(object),
  /* names */
  ([object]) => namesOf(object),
  /* getIndex */
  inline,
  /* setIndex: false where there is no such place */
  ([object, index, value]) => {
    const at = indexIn(object, index);
    if (at >= 0) {
      (object as unknown[])[at] = value;
    }
    return at >= 0;
  },
  /* deleteIndex */
  ([object, index]) => {
    const at = indexIn(object, index);
    if (at >= 0) {
      (object as unknown[]).splice(at, 1);
    }
    return at >= 0;
  },
  /* splice: array, start, count, array of new items */
  ([object, start, count, items]) => {
    (object as unknown[]).splice(
      start as number,
      count as number,
      ...(items as unknown[]),
    );
  },
  /* slice: array, start, stop */
  ([object, start, stop]) =>
    Array.isArray(object) || ArrayBuffer.isView(object)
      ? callMethod(object, 'slice', start, stop)
      : Array.prototype.slice.call(object, start as number, stop as number),
  /* getKey */
  ([object, key]) => {
    const value = callMethod(object, 'get', key);
    if (value !== undefined) {
      return value;
    }
    const { has } = object as Members;
    const isThere = typeof has === 'function' && callMethod(object, 'has', key);
    return isThere ? value : missing;
  },
  /* setKey */
  ([object, key, value]) => {
    callMethod(object, 'set', key, value);
  },
  /* deleteKey: false where there was no such key */
  ([object, key]) => {
    const { has } = object as Members;
    if (typeof has === 'function' && !callMethod(object, 'has', key)) {
      return false;
    }
    return callMethod(object, 'delete', key) !== false;
  },
  /* contains */
  ([object, value]) =>
    typeof (object as Members).has === 'function'
      ? callMethod(object, 'has', value)
      : callMethod(object, 'includes', value),
  /* getOwn */
  ([object, key]) =>
    hasOwn(object, key) ? (object as Members)[key as string] : missing,
  /* setOwn */
  ([object, key, value]) => {
    (object as Members)[key as string] = value;
  },
  /* deleteOwn */
  ([object, key]) =>
    hasOwn(object, key) && Reflect.deleteProperty(object as object, key as string),
  /* hasOwn */
  ([object, key]) => hasOwn(object, key),
  /* ownKeys */
  ([object]) =>
    Reflect.ownKeys(object as object).filter((key) => typeof key === 'string'),
  /* keys */
  ([object]) => Object.keys(object as object),
  /* values */
  ([object]) => Object.values(object as object),
  /* entries */
  ([object]) => Object.entries(object as object),
  /* iterate */
  ([object]) => {
    const method = (object as Members)[Symbol.iterator];
    return Reflect.apply(method as Method, object, []);
  },
  /* next: iterator, perhaps a value */
  ([iterator, ...sent]) => step(callMethod(iterator, 'next', ...sent)),
  /* throw */
  ([iterator, error]) => step(callMethod(iterator, 'throw', error)),
  /* return */
  ([iterator, value]) => step(callMethod(iterator, 'return', value)),
  /* asyncIterate */
  ([object]) => {
    const method = (object as Members)[Symbol.asyncIterator];
    return Reflect.apply(method as Method, object, []);
  },
  /* then: promise, token */
  ([promise, token], { promises }) => promises.watch(promise, token as number),
  /* takeSettled: a token; missing where there is none */
  (_, { promises }) => promises.take() ?? missing,
  /* takeValue: of that token; throws where it was rejected */
  (_, { promises }) => promises.takeValue(),
  /* shape */
  ([object]) => shapeOf(object),
  /* flatten */
  ([object]) => flatten(object),
  /* readBegin: object, depth, whether it is an array; gives a number */
  ([object, depth, isArray], { values, readers }) => {
    const reader = new StructureReader(
      values,
      object,
      depth as number,
      isArray as boolean,
    );
    const number = readers.indexOf(undefined);
    const place = number < 0 ? readers.length : number;
    readers[place] = reader;
    return place;
  },
  /* read: number, address and count of values, address and size of memory
   * for their texts; gives how many values there are now */
  ([number, address, count, texts, size], { values, readers }) => {
    const reader = readers[number as number]!;
    return values.withTexts(texts as number, size as number, () =>
      reader.read(address as number, count as number),
    );
  },
  /* readEnd: number */
  ([number], { readers }) => {
    readers[number as number] = undefined;
  },
  /* bufferFormat */
  ([object]) => formatOf(object),
  /* bufferSize */
  ([object]) => bytesOf(object).length,
  /* copyOut: buffer, address, size */
  ([object, address, size], { values }) => {
    const bytes = bytesOf(object);
    checkSize(bytes, size);
    values.views.u8.set(bytes, address as number);
  },
  /* copyIn: buffer, address, size */
  ([object, address, size], { values }) => {
    const bytes = bytesOf(object);
    checkSize(bytes, size);
    const start = address as number;
    bytes.set(values.views.u8.subarray(start, start + bytes.length));
  },
  /* decode: buffer, encoding */
  ([object, encoding]) => {
    const name = (encoding as string | undefined) ?? 'utf8';
    return new TextDecoder(name, { ignoreBOM: true }).decode(bytesOf(object));
  },
  /* keep: address and count of places with generations that are used; a
   * generation becomes that of nothing where its object is gone */
  ([address, count], { values }) => {
    const start = (address as number) >>> 2;
    const { u32 } = values.views;
    const used = new Map<number, number>();
    for (let i = start; i < start + 2 * (count as number); i += 2) {
      used.set(u32[i]!, u32[i + 1]!);
      if (!values.table.has(u32[i]!, u32[i + 1]!)) {
        u32[i + 1] = nobody;
      }
    }
    values.table.keep(used);
  },
];

function checkSize(bytes: Uint8Array, size: unknown): void {
  if (bytes.length !== size) {
    throw new RangeError(
      `the JavaScript buffer has ${bytes.length} bytes, Python's ${String(size)}`,
    );
  }
}
