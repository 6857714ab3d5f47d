// What the two directions need of each other: Python objects that cross
// become proxies here, and proxies find their way back; and what py/pyodide/
// ffi asks of JavaScript.

import './py_methods.ts';

import { ONCE } from './abilities.ts';
import { exceptionOf, PythonError } from './py_error.ts';
import { PythonPort, type PortExports, type PortHost } from './py_port.ts';
import {
  derive,
  findState,
  handleFor,
  isPyProxy,
  makeProxy,
  type ProxyOwner,
  type PyProxy,
  type Rest,
  type Shared,
  stateOf,
  type ToJsOptions,
} from './py_proxy.ts';
import { toJs } from './py_to_js.ts';
import type { ProxyMaker, Values } from './values.ts';

/** Of an exception whose class and traceback cannot be had. */
const notDescribed = 'Exception\nPython had no room left to say more';

type Callable = (...args: unknown[]) => unknown;

/** Of an instance that nobody watches. */
const plainHost: PortHost = {
  beginCall: () => undefined,
  endCall: () => undefined,
  failCall: (error) => error as Error,
};

/** How the page's JavaScript is given lists, tuples and dicts.  Copies are what
 * Iodide's Pyodide gave, and what its notebooks count on; otherwise they are
 * proxies, as Pyodide has had it since. */
export const crossing = { copiesContainers: false };

const CONTAINERS: readonly unknown[] = ['list', 'tuple', 'dict'];

/** Handles that wait to be released, at most so many of them. */
const releaseLimit = 256;
const releaseDelayMs = 100;

/** So many new proxies are not known to the collector yet: most are destroyed
 * before they have to be, and making them known is the dearest part. */
const newLimit = 128;

/** The bits of a handle that are its place in Python's table. */
const indexMask = 0xffffff;

export class PyProxies implements ProxyMaker, ProxyOwner {
  #port: PythonPort | null = null;
  #epoch = 0;
  #past = new Error('there is no Python yet');
  #lastIndex = 0;
  #released: number[] = [];
  #releaseTimer: ReturnType<typeof setTimeout> | undefined;
  #isDescribing = false;

  /** The collector does not know them yet, and they are not collected. */
  #new: Shared[] = [];

  readonly #registry = new FinalizationRegistry<Rest>(({ handle, epoch }) => {
    if (handle !== 0 && epoch === this.#epoch) {
      this.release(handle);
    }
  });

  /** A life begins. */
  connect(
    exports: PortExports,
    memory: WebAssembly.Memory,
    values: Values,
    host: PortHost = plainHost,
  ): void {
    this.#port = new PythonPort(this, exports, memory, values, host);
  }

  /** A fresh Python comes: what the proxies meant is gone. */
  renew(): void {
    try {
      this.#port?.check();
    } catch (error) {
      this.#past = error as Error;
    }
    this.#epoch += 1;
    this.#released = [];
  }

  /** Python is back in an earlier state of itself: what there was then is
   * there, and handles that were given since are nobody's. */
  goBack(): void {
    if (this.#lastIndex > 0) {
      this.port.renewHandles(this.#lastIndex);
    }
  }

  get port(): PythonPort {
    return this.#port!;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get past(): Error {
    return this.#past;
  }

  note(handle: number): void {
    const index = handle & indexMask;
    if (index > this.#lastIndex) {
      this.#lastIndex = index;
    }
  }

  /** Lets go of a handle, soon: a collection of garbage brings many. */
  release(handle: number): void {
    this.#released.push(handle);
    if (this.#released.length >= releaseLimit) {
      this.releaseNow();
    } else {
      this.#releaseSoon();
    }
  }

  watch(shared: Shared): void {
    this.#new.push(shared);
    if (this.#new.length >= newLimit) {
      this.#register();
    } else {
      this.#releaseSoon();
    }
  }

  #register(): void {
    for (const shared of this.#new) {
      const { handle, epoch } = shared;
      if (handle !== 0) {
        shared.rest = { handle, epoch };
        this.#registry.register(shared, shared.rest);
      }
    }
    this.#new = [];
  }

  #releaseSoon(): void {
    this.#releaseTimer ??= setTimeout(() => this.releaseNow(), releaseDelayMs);
  }

  releaseNow(): void {
    clearTimeout(this.#releaseTimer);
    this.#releaseTimer = undefined;
    this.#register();
    const handles = this.#released;
    if (handles.length > 0) {
      this.#released = [];
      this.port.releaseAll(handles);
    }
  }

  make(handle: number, flags: number): PyProxy {
    return makeProxy(this.#port!, handle, flags);
  }

  /** Lists, tuples and dicts as `crossing` says. */
  give(handle: number, flags: number): unknown {
    const proxy = this.make(handle, flags);
    if (!crossing.copiesContainers || !CONTAINERS.includes(proxy.type)) {
      return proxy;
    }
    try {
      return toJs(proxy, { dict_converter: Object.fromEntries });
    } finally {
      proxy.destroy();
    }
  }

  handleOf(value: object): number | undefined {
    return handleFor(value, this.#port!);
  }

  /** Whether Python has asked for the proxy itself. */
  isDouble(value: unknown): boolean {
    return findState(value)?.isDouble === true;
  }

  /** Of one that Python has asked for: the object itself, where JavaScript
   * gives it back. */
  handleBehind(value: object): number | undefined {
    return unwrapping.has(value)
      ? handleFor(ffiRoot.unwrap(value), this.#port!)
      : undefined;
  }

  makeError(handle: number): PythonError {
    const exception = this.make(handle, 0);
    const text = this.#describe(handle);
    const end = text.indexOf('\n');
    return new PythonError(text.slice(0, end), text.slice(end + 1), exception);
  }

  /** An exception of an earlier Python is an error like any other. */
  /** Where Python has no room left to describe an exception, the attempt
   * fails with another one, which nobody asks for a description. */
  #describe(handle: number): string {
    if (this.#isDescribing) {
      return notDescribed;
    }
    this.#isDescribing = true;
    try {
      return this.#port!.help('describe_exception', handle) as string;
    } catch {
      return notDescribed;
    } finally {
      this.#isDescribing = false;
    }
  }

  handleOfError(error: unknown): number | undefined {
    const exception = exceptionOf(error);
    if (exception === undefined) {
      return undefined;
    }
    const { shared } = stateOf(exception);
    const isHere = !shared.isGone && shared.port === this.#port;
    return isHere ? shared.handle : undefined;
  }
}

/** Those of create_proxy(roundtrip=False). */
const unwrapping = new WeakSet<object>();

/** A proxy that stays one in Python: a JsDoubleProxy. */
function double(value: unknown, changes: { capturesThis?: boolean } = {}) {
  return isPyProxy(value)
    ? derive(stateOf(value), { ...changes, isDouble: true })
    : value;
}

/** A function that can be called once. */
function makeOnce(callable: unknown): Callable {
  const once = (...args: unknown[]): unknown => {
    const target = callable as (PyProxy & Callable) | null;
    if (target === null) {
      throw new Error('this callable was for one call, and has been called');
    }
    callable = null;
    try {
      return target(...args);
    } finally {
      target.destroy();
    }
  };
  return Object.assign(once, {
    [ONCE]: true,
    destroy(): void {
      (callable as PyProxy | null)?.destroy();
      callable = null;
    },
  });
}

/** What Python reaches as `_tincture_js.root('ffi')`. */
export const ffiRoot = {
  create_proxy(
    value: unknown,
    capturesThis: boolean,
    isDouble: boolean,
  ): unknown {
    const proxy = double(value, { capturesThis });
    if (!isDouble && isPyProxy(proxy)) {
      unwrapping.add(proxy);
    }
    return proxy;
  },
  create_once_callable: makeOnce,
  to_js(
    value: unknown,
    depth: number,
    pyproxies: PyProxy[] | undefined,
    create_pyproxies: boolean,
    dict_converter: ToJsOptions['dict_converter'],
    default_converter: ToJsOptions['default_converter'],
    eager_converter: ToJsOptions['eager_converter'],
  ): unknown {
    if (!isPyProxy(value)) {
      return value;
    }
    const options = {
      depth,
      pyproxies,
      create_pyproxies,
      dict_converter,
      default_converter,
      eager_converter,
    };
    return double(toJs(value, options as ToJsOptions));
  },
  unwrap(proxy: unknown): unknown {
    return isPyProxy(proxy)
      ? derive(stateOf(proxy), { isDouble: false })
      : proxy;
  },
  destroy_proxies(proxies: Iterable<unknown>): void {
    for (const proxy of Array.from(proxies)) {
      if (isPyProxy(proxy)) {
        proxy.destroy();
      }
    }
  },
};
