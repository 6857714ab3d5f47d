// Python values as the kernel sends them (execute_reply's `value`), made into
// JavaScript values.  Pure: no page, no kernel.

import type { JsonValue } from './messages.ts';

/** A Python object that has no JavaScript counterpart: only its text. */
export interface PythonObject {
  (): never;
  /** The name of its class. */
  readonly type: string;
  /** What repr() gave. */
  readonly repr: string;
  /** HTML to show, also what an Iodide client asks for. */
  iodideRender(): string;
  toString(): string;
}

export function escapeHtml(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

/** A function, because Iodide shows plain objects member by member, and with
 * no `then`, because every result is awaited. */
function pythonObject(type: string, repr: string, html?: string): PythonObject {
  const object = function (): never {
    throw new TypeError(
      `this ${type} lives in Python; call it from Python code`,
    );
  };
  return Object.defineProperties(object, {
    type: { value: type },
    repr: { value: repr },
    toString: { value: () => repr },
    iodideRender: {
      value: () => html ?? `<pre>${escapeHtml(repr)}</pre>`,
    },
  }) as unknown as PythonObject;
}

const SPECIAL_FLOATS: Record<string, number> = {
  nan: NaN,
  inf: Infinity,
  '-inf': -Infinity,
  '-0': -0,
};

/** A dict with string keys only is an object, any other one a Map. */
function dictionary(
  pairs: JsonValue[],
  buffers: readonly Uint8Array[],
): unknown {
  const entries = pairs.map((pair): [unknown, unknown] => {
    const [key, value] = pair as [JsonValue, JsonValue];
    return [fromTagged(key, buffers), fromTagged(value, buffers)];
  });
  if (!entries.every(([key]) => typeof key === 'string')) {
    return new Map(entries);
  }
  const result: Record<string, unknown> = {};
  for (const [key, value] of entries as [string, unknown][]) {
    // Plain assignment would set the prototype for the key "__proto__".
    Object.defineProperty(result, key, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return result;
}

/** The JavaScript value of a tagged one; Python's None is undefined. */
export function fromTagged(
  value: JsonValue | undefined,
  buffers: readonly Uint8Array[] = [],
  makeProxy?: (handle: number, abilities: number) => unknown,
): unknown {
  if (value === null || value === undefined) {
    return undefined;
  }
  if (typeof value !== 'object') {
    return value;
  }
  if (Array.isArray(value)) {
    throw new TypeError('a tagged value has no bare arrays');
  }
  switch (value.t) {
    case 'list':
      return (value.v as JsonValue[]).map((item) => fromTagged(item, buffers));
    case 'dict':
      return dictionary(value.v as JsonValue[], buffers);
    case 'bytes': {
      const bytes = buffers[value.buffer as number];
      if (!bytes) {
        throw new RangeError('a bytes value names a buffer that is not there');
      }
      return bytes;
    }
    case 'handle':
      if (makeProxy === undefined) {
        throw new TypeError('an object of another Python');
      }
      return makeProxy(value.v as number, value.abilities as number);
    case 'int':
      return BigInt(value.v as string);
    case 'float':
      return SPECIAL_FLOATS[value.v as string];
    case 'object':
      return pythonObject(
        String(value.type ?? 'object'),
        String(value.repr ?? ''),
        typeof value.html === 'string' ? value.html : undefined,
      );
    default:
      throw new TypeError(`unknown tag ${JSON.stringify(value.t)}`);
  }
}
