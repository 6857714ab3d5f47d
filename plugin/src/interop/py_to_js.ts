// Python structures as JavaScript's own: what toJs() and to_js() give.
//
// Python writes a structure as one flat list of nodes (kernel/js/
// proxy_tape.c), which is read here. Collections have the number of their
// object, by which cycles and shared parts find themselves again.

import { ability } from './py_abilities.ts';
import { copyBuffer, FormatError } from './py_buffer.ts';
import { PythonError } from './py_error.ts';
import { operation, type PythonPort } from './py_port.ts';
import {
  type Converter,
  isPyProxy,
  liveOf,
  makeProxy,
  type PyProxy,
  type ToJsOptions,
} from './py_proxy.ts';

/** kernel/js/proxy.h has the same numbers. */
const node = {
  list: 64,
  dict: 65,
  set: 66,
  seen: 67,
  bytes: 68,
  other: 69,
} as const;

/** An object for which there is no conversion. */
export class ConversionError extends PythonError {
  constructor(message: string) {
    super('ConversionError', message);
  }
}

function setMember(
  object: Record<string, unknown>,
  name: string,
  value: unknown,
): void {
  if (name === '__proto__') {
    // Assignment would set the prototype.
    Object.defineProperty(object, name, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  } else {
    object[name] = value;
  }
}

/** Python does not show it as memory, or no typed array has such elements:
 * then it is an object like others. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof FormatError ||
    (error instanceof PythonError && /^(Buffer|Value)Error$/.test(error.type))
  );
}

/** Makes something of a buffer, or throws a FormatError. */
export type BufferConverter = (
  proxy: PyProxy,
  conversion: Conversion,
) => unknown;

export class Conversion {
  /** By number of the object: what it became. */
  readonly #results = new Map<number, unknown>();
  readonly #port: PythonPort;
  readonly #options: ToJsOptions;
  readonly #eager: Converter | undefined;
  readonly #keepsTexts: boolean;
  readonly #convertBuffer: BufferConverter;
  /** Where the next node stands. */
  #at = 0;

  constructor(
    port: PythonPort,
    options: ToJsOptions,
    convertBuffer: BufferConverter = (proxy) => copyBuffer(liveOf(proxy)),
  ) {
    const { dict_converter, default_converter, eager_converter } = options;
    this.#port = port;
    this.#options = options;
    this.#eager = eager_converter;
    this.#convertBuffer = convertBuffer;
    // Converters run Python while the nodes are read.
    this.#keepsTexts =
      (dict_converter ?? default_converter ?? eager_converter) !== undefined;
  }

  /** The object that a caller named, which keeps his proxy. */
  convert(proxy: PyProxy, depth: number): unknown {
    return this.#eager === undefined || depth === 0
      ? this.#readAll(proxy, depth, depth)
      : this.#useConverter(this.#eager, proxy.copy(), depth);
  }

  /** With a converter that is asked about everything, one level at a time. */
  #convertLevel(proxy: PyProxy, depth: number): unknown {
    return this.#readAll(proxy, this.#eager === undefined ? depth : 1, depth);
  }

  /** `limit` is how deep the nodes go, `depth` how deep it is to go. */
  #readAll(proxy: PyProxy, limit: number, depth: number): unknown {
    const { handle } = liveOf(proxy);
    const port = this.#port;
    const size = port.valueSize;
    const [record, address, count] = port.perform(
      operation.toJs,
      handle,
      [limit, this.#keepsTexts],
      (base) => [0, 1, 2].map((i) => port.read(base + i * size) as number),
      3,
    ) as [number, number, number];
    const outer = this.#at;
    this.#at = address;
    try {
      return this.#read(limit, depth);
    } finally {
      this.#releaseRest(address + count * size);
      this.#at = outer;
      port.operate(operation.freeTape, 0, [record]);
    }
  }

  /** Handles that no proxy has taken over, after an error. */
  #releaseRest(end: number): void {
    for (; this.#at < end; this.#at += this.#port.valueSize) {
      const [kind, handle] = this.#words();
      if (kind === node.other) {
        this.#port.release(handle);
      }
    }
  }

  #words(): [kind: number, a: number, b: number, c: number] {
    const { views } = this.#port;
    views.check();
    const { u32 } = views;
    const at = this.#at >>> 2;
    return [u32[at]!, u32[at + 1]!, u32[at + 2]!, u32[at + 3]!];
  }

  #read(limit: number, depth: number): unknown {
    const [kind, a, b, c] = this.#words();
    const here = this.#at;
    this.#at += this.#port.valueSize;
    switch (kind) {
      case node.list:
        return this.#readList(a, b, limit, depth);
      case node.dict:
        return this.#readDict(a, b, limit, depth);
      case node.set:
        return new Set(this.#readList(a, b, limit, depth));
      case node.seen:
        return this.#results.get(b);
      case node.bytes:
        return this.#port.views.u8.slice(a, a + b);
      case node.other:
        return this.#readOther(a, b, c, limit, depth);
      default:
        return this.#port.read(here);
    }
  }

  #readList(
    count: number,
    id: number,
    limit: number,
    depth: number,
  ): unknown[] {
    const list: unknown[] = [];
    this.#results.set(id, list);
    for (let i = 0; i < count; i++) {
      list.push(this.#read(limit - 1, depth - 1));
    }
    return list;
  }

  #readDict(count: number, id: number, limit: number, depth: number): unknown {
    const converter = this.#options.dict_converter;
    const object: Record<string, unknown> = {};
    if (converter === undefined) {
      // What is in it and refers back to it finds it.
      this.#results.set(id, object);
    }
    const pairs: [unknown, unknown][] = [];
    for (let i = 0; i < count; i++) {
      const key = this.#read(0, 0);
      const value = this.#read(limit - 1, depth - 1);
      if (converter === undefined) {
        setMember(object, String(key), value);
      } else {
        pairs.push([key, value]);
      }
    }
    if (converter === undefined) {
      return object;
    }
    const result = converter(pairs);
    this.#results.set(id, result);
    return result;
  }

  /** What has no conversion of its own, or lies deeper than the nodes go. */
  #readOther(
    handle: number,
    flags: number,
    id: number,
    limit: number,
    depth: number,
  ): unknown {
    if (this.#results.has(id)) {
      this.#port.release(handle);
      return this.#results.get(id);
    }
    const proxy = makeProxy(this.#port, handle, flags);
    const result =
      depth !== 0 && limit === 0 && this.#eager !== undefined
        ? this.#useConverter(this.#eager, proxy, depth)
        : this.#convertOther(proxy, depth);
    this.#results.set(id, result);
    return result;
  }

  #convertOther(proxy: PyProxy, depth: number): unknown {
    const { flags } = liveOf(proxy);
    if (depth !== 0 && (flags & ability.buffer) !== 0) {
      try {
        const copy = this.#convertBuffer(proxy, this);
        proxy.destroy();
        return copy;
      } catch (error) {
        if (!isRefusal(error)) {
          throw error;
        }
      }
    }
    const { default_converter: converter } = this.#options;
    if (depth !== 0 && converter !== undefined) {
      return this.#useConverter(converter, proxy, depth);
    }
    if (this.#options.create_pyproxies === false) {
      const text = proxy.toString();
      proxy.destroy();
      throw new ConversionError(`No conversion known for ${text}.`);
    }
    this.#options.pyproxies?.push(proxy);
    return proxy;
  }

  #useConverter(
    converter: Converter,
    proxy: PyProxy,
    depth: number,
  ): unknown {
    const convert = (value: unknown): unknown => {
      if (!isPyProxy(value)) {
        return value;
      }
      return value === proxy || numberOf(value) === numberOf(proxy)
        ? this.#convertLevel(proxy, depth)
        : this.convert(value, depth);
    };
    const cache = (input: PyProxy, output: unknown): void => {
      this.#results.set(numberOf(input), output);
    };
    const result = converter(proxy, convert, cache);
    if (result === proxy) {
      this.#options.pyproxies?.push(proxy);
    }
    return result;
  }
}

/** Python's id() of the object. */
function numberOf(proxy: PyProxy): number {
  const { port, handle } = liveOf(proxy);
  return port.help('number_of', handle) as number;
}

/** Converts the object behind a proxy. */
export function toJs(proxy: PyProxy, options: ToJsOptions = {}): unknown {
  const { port } = liveOf(proxy);
  // From Python, None stands for an option that is not given.
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value != null),
  ) as ToJsOptions;
  return new Conversion(port, given).convert(proxy, given.depth ?? -1);
}

/** The same, with a converter for buffers. */
export function convertDeeply(
  proxy: PyProxy,
  options: ToJsOptions,
  convertBuffer: BufferConverter,
): unknown {
  const { port } = liveOf(proxy);
  return new Conversion(port, options, convertBuffer).convert(proxy, -1);
}
