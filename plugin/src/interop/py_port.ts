// Calls from JavaScript into Python: one place where values are written to
// linear memory, an export is called, and its answer is read.
//
// A port belongs to one life of the kernel. The exports are those of
// kernel/hosts/web_proxy.c; kernel/js/proxy.h numbers the operations.

import type { MemoryViews } from './memory.ts';
import type { ProxyOwner } from './py_proxy.ts';
import { type Values, valueSize } from './values.ts';

/** What a port needs of the life that it belongs to. */
export interface PortHost {
  /** Before Python is called; throws when this life has ended. */
  beginCall(): void;
  /** Python has returned. */
  endCall(): void;
  /** Python trapped: gives the error for the caller. */
  failCall(error: unknown): Error;
}

export interface PortExports {
  tn_web_alloc(size: number): number;
  tn_web_free(address: number): void;
  tn_proxy_call(
    handle: number,
    values: number,
    count: number,
    nameCount: number,
  ): number;
  tn_proxy_get(
    handle: number,
    name: number,
    cached: number,
    values: number,
  ): number;
  tn_proxy_operate(
    operation: number,
    handle: number,
    values: number,
    count: number,
  ): number;
  tn_proxy_name(values: number): number;
  tn_proxy_release(handles: number, count: number): void;
  tn_proxy_renew(firstIndex: number): void;
}

/** kernel/js/proxy.h has the same numbers. */
export const operation = {
  getAttribute: 0,
  setAttribute: 1,
  deleteAttribute: 2,
  hasAttribute: 3,
  getItem: 4,
  setItem: 5,
  deleteItem: 6,
  contains: 7,
  length: 8,
  iterate: 9,
  send: 10,
  text: 11,
  type: 12,
  raise: 13,
  copy: 14,
  buffer: 15,
  releaseBuffer: 16,
  toJs: 17,
  freeTape: 18,
  help: 19,
} as const;

/** Answers that are no errors: there is no such attribute or item, or an
 * iterator is at its end; and an attribute is the one that the caller has. */
export const answer = { absent: 1, same: 2 } as const;

/** Values of one call that find room in the scratch area. */
const areaCount = 256;

/** Names whose Python strings are kept; others are made at each use. */
const nameLimit = 16384;

export class PythonPort {
  readonly #exports: PortExports;
  readonly #values: Values;
  readonly #host: PortHost;
  readonly #memory: WebAssembly.Memory;
  readonly #names = new Map<string, number>();

  constructor(
    readonly owner: ProxyOwner,
    exports: PortExports,
    memory: WebAssembly.Memory,
    values: Values,
    host: PortHost,
  ) {
    this.#exports = exports;
    this.#memory = memory;
    this.#values = values;
    this.#host = host;
  }

  get buffer(): ArrayBuffer {
    return this.#memory.buffer as ArrayBuffer;
  }

  /** Throws when the Python behind this port is gone. */
  check(): void {
    this.#host.beginCall();
    this.#host.endCall();
  }

  /** Calls a Python object. The last `names.length` arguments go by name. */
  call(
    handle: number,
    args: readonly unknown[],
    names: readonly string[] = [],
  ): unknown {
    const { length } = args;
    this.#host.beginCall();
    const { top } = this.#values;
    const base = this.#claim(length + names.length + 1);
    try {
      let at = base;
      for (let i = 0; i < length; i++, at += valueSize) {
        this.#values.push(args[i], at);
      }
      for (let i = 0; i < names.length; i++, at += valueSize) {
        this.#values.push(names[i], at);
      }
      let status;
      try {
        status = this.#exports.tn_proxy_call(
          handle,
          base,
          length,
          names.length,
        );
      } catch (error) {
        throw this.#host.failCall(error);
      }
      this.#values.views.check();
      if (status < 0) {
        throw this.#readThrown(base);
      }
      return this.#values.decodeGiven(base);
    } finally {
      this.#yieldBack(base, top);
      this.#host.endCall();
    }
  }

  /** An attribute; `absent` where there is none, `same` where it is the object
   * of the handle `cached`. */
  getAttribute<T>(
    handle: number,
    name: string,
    cached: number,
    same: T,
  ): unknown {
    const id = this.#names.get(name) ?? this.#addName(name);
    if (id === 0) {
      return this.operate(operation.getAttribute, handle, [name]);
    }
    this.#host.beginCall();
    const { top } = this.#values;
    const base = this.#claim(1);
    try {
      let status;
      try {
        status = this.#exports.tn_proxy_get(handle, id, cached, base);
      } catch (error) {
        throw this.#host.failCall(error);
      }
      this.#values.views.check();
      if (status === 0) {
        return this.#values.decodeGiven(base);
      }
      if (status < 0) {
        throw this.#readThrown(base);
      }
      return status === answer.same ? same : undefined;
    } finally {
      this.#yieldBack(base, top);
      this.#host.endCall();
    }
  }

  /** One of the operations; undefined where what is asked for is absent. */
  operate(
    number: number,
    handle: number,
    args: readonly unknown[] = [],
  ): unknown {
    this.#host.beginCall();
    const { top } = this.#values;
    const base = this.#claim(args.length + 1);
    try {
      const status = this.#run(number, handle, base, args);
      return status === answer.absent
        ? undefined
        : this.#values.decode(base);
    } finally {
      this.#yieldBack(base, top);
      this.#host.endCall();
    }
  }

  /** The same, for who reads the answer himself. */
  perform<R>(
    number: number,
    handle: number,
    args: readonly unknown[],
    read: (base: number, status: number) => R,
    resultCount = 1,
  ): R {
    this.#host.beginCall();
    const { top } = this.#values;
    const base = this.#claim(Math.max(args.length, resultCount));
    try {
      return read(base, this.#run(number, handle, base, args));
    } finally {
      this.#yieldBack(base, top);
      this.#host.endCall();
    }
  }

  #run(
    number: number,
    handle: number,
    base: number,
    args: readonly unknown[],
  ): number {
    for (let i = 0; i < args.length; i++) {
      this.#values.push(args[i], base + i * valueSize);
    }
    let status;
    try {
      status = this.#exports.tn_proxy_operate(
        number,
        handle,
        base,
        args.length,
      );
    } catch (error) {
      throw this.#host.failCall(error);
    }
    this.#values.views.check();
    if (status < 0) {
      throw this.#readThrown(base);
    }
    return status;
  }

  #readThrown(base: number): unknown {
    const thrown = this.#values.decode(base);
    return thrown ?? new Error('Python cannot be called now');
  }

  /** The value at a place in linear memory. */
  read(address: number): unknown {
    return this.#values.decode(address);
  }

  readonly valueSize = valueSize;

  get views(): MemoryViews {
    return this.#values.views;
  }

  /** Calls a function of py/tincture/js_proxies.py with an object. */
  help(name: string, handle: number, ...args: unknown[]): unknown {
    return this.operate(operation.help, handle, [name, ...args]);
  }

  /** Lets go of a handle, soon. */
  release(handle: number): void {
    this.owner.release(handle);
  }

  releaseNow(): void {
    this.owner.releaseNow();
  }

  /** Lets go of handles; false when Python is gone, and its objects with it. */
  releaseAll(handles: readonly number[]): boolean {
    try {
      this.#host.beginCall();
    } catch {
      return false;
    }
    const words = Math.ceil((handles.length * 4) / valueSize);
    const { top } = this.#values;
    const base = this.#claim(words);
    try {
      new Uint32Array(this.buffer, base, handles.length).set(handles);
      this.#exports.tn_proxy_release(base, handles.length);
    } catch (error) {
      throw this.#host.failCall(error);
    } finally {
      this.#yieldBack(base, top);
      this.#host.endCall();
    }
    return true;
  }

  /** Memory is a copy from before: new handles are others than all that were
   * given since. */
  renewHandles(lastIndex: number): void {
    this.#exports.tn_proxy_renew(lastIndex + 1);
  }

  /** The number of a name; 0 when there are too many. */
  #addName(name: string): number {
    if (this.#names.size >= nameLimit) {
      return 0;
    }
    this.#host.beginCall();
    const { top } = this.#values;
    const base = this.#claim(1);
    try {
      this.#values.push(name, base);
      const id = this.#exports.tn_proxy_name(base);
      this.#names.set(name, id);
      return id;
    } finally {
      this.#yieldBack(base, top);
      this.#host.endCall();
    }
  }

  /** Memory for some values: the scratch area is a stack, as calls are. What
   * is pushed for a call lies above its values. */
  #claim(count: number): number {
    const values = this.#values;
    if (count <= areaCount && values.hasRoom(count)) {
      const base = values.top;
      values.top += count * valueSize;
      values.views.check();
      return base;
    }
    const block = this.#exports.tn_web_alloc(count * valueSize) >>> 0;
    if (block === 0) {
      throw new RangeError(`no memory for ${count} values`);
    }
    values.views.check();
    return block;
  }

  /** `top` is where the scratch area stood before the call. */
  #yieldBack(base: number, top: number): void {
    this.#values.top = top;
    if (base !== top) {
      this.#exports.tn_web_free(base);
    }
  }
}
