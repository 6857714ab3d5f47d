// Python's way to JavaScript: the imports behind `import js`
// (kernel/hosts/web_js.c). Whatever JavaScript throws becomes a status and a
// value; nothing is thrown through Python's frames.

import {
  Done,
  frequent,
  missing,
  type OperationContext,
  operations,
} from './operations.ts';
import { PromiseWatch } from './promises.ts';
import { ObjectTable } from './table.ts';
import {
  kinds,
  type ProxyMaker,
  type ValueExports,
  Values,
  valueSize,
} from './values.ts';

/** What an import answers; the result or what was thrown stands in memory. */
const statusDone = 0;
const statusThrown = -1;
/** An iterator is at its end. */
const statusIterated = 1;

/** kernel/js/value.h has the same in place of a name's number. */
const lengthName = 0x7fffffff;
const indexMask = 0x7fffffff;

/** Messages of the kernel on their way out. */
export interface Mail {
  readonly isEmpty: boolean;
  dispatch(): void;
}

interface Sized {
  length?: unknown;
  size?: unknown;
}

type Callable = (...values: unknown[]) => unknown;

function lengthOf(object: unknown): unknown {
  const { length, size } = object as Sized;
  return typeof size === 'number' ? size : length;
}

export class Interop {
  #values: Values | null = null;
  #context: OperationContext | null = null;
  #end: Error | null = null;
  readonly #promises: PromiseWatch;

  constructor(
    readonly memory: WebAssembly.Memory,
    readonly table: ObjectTable,
    wake: () => void,
    private readonly mail: Mail | undefined,
    readonly proxies: ProxyMaker,
  ) {
    this.#promises = new PromiseWatch(wake);
  }

  /** The instance is there. */
  connect(exports: ValueExports): void {
    const { memory, table, proxies } = this;
    const values = new Values(memory, exports, table, proxies);
    this.#values = values;
    this.#context = { values, promises: this.#promises, readers: [] };
  }

  /** This life of Python is over: what of it still stands on the engine's
   * stack goes no further. */
  end(reason: Error): void {
    this.#end = reason;
  }

  get values(): Values {
    return this.#values!;
  }

  get imports(): Record<string, (...values: number[]) => unknown> {
    return {
      js_get: (place, generation, name, out) =>
        this.#get(place! >>> 0, generation! >>> 0, name!, out! >>> 0),
      js_call: (place, generation, self, values, count, out) =>
        this.#call(place! >>> 0, generation! >>> 0, self! >>> 0, values! >>> 0, count!, out! >>> 0),
      js_operate: (operation, values, count, out) =>
        this.#operate(operation!, values! >>> 0, count!, out! >>> 0),
      js_name: (name, text) => {
        this.values.views.check();
        this.values.names[name!] = this.values.decode(text! >>> 0) as string;
      },
      js_release: (places, count) => this.#release(places! >>> 2, count!),
    };
  }

  #get(place: number, generation: number, name: number, out: number): number {
    const values = this.#values!;
    try {
      const found = values.object(place, generation);
      if (name === lengthName) {
        return this.#answer(lengthOf(found), out);
      }
      if (name < 0) {
        return this.#getItem(found, name & indexMask, out);
      }
      const object = found as Record<string, unknown>;
      const key = values.names[name]!;
      const value = object[key];
      this.#stayAlive();
      values.views.check();
      if (value === undefined && !(key in Object(object))) {
        values.views.u32[out >>> 2] = kinds.missing;
      } else {
        values.encode(value, out);
      }
      return statusDone;
    } catch (error) {
      return this.#fail(error, out);
    }
  }

  /** An item of what has a length. */
  #getItem(object: unknown, index: number, out: number): number {
    const array = object as ArrayLike<unknown>;
    return this.#answer(index < array.length ? array[index] : missing, out);
  }

  /** A positive small number is the answer itself. */
  #answer(value: unknown, out: number): number {
    if (typeof value === 'number' && value > 0 && (value | 0) === value) {
      this.#stayAlive();
      return value;
    }
    this.#write(value, out);
    return statusDone;
  }

  /** Leaves a result where Python finds it, if it is the same Python. */
  #write(value: unknown, out: number): void {
    this.#stayAlive();
    const values = this.#values!;
    values.views.check();
    if (value === missing) {
      values.views.u32[out >>> 2] = kinds.missing;
    } else {
      values.encode(value, out);
    }
  }

  #call(
    place: number,
    generation: number,
    self: number,
    first: number,
    count: number,
    out: number,
  ): number {
    const values = this.#values!;
    this.#deliver();
    values.views.check();
    try {
      const receiver = values.decode(self);
      const list = values.decodeAll(first, count);
      const callable = values.object(place, generation) as Callable;
      this.#write(Reflect.apply(callable, receiver, list), out);
      return statusDone;
    } catch (error) {
      return this.#fail(error, out);
    }
  }

  #operate(
    operation: number,
    first: number,
    count: number,
    out: number,
  ): number {
    const values = this.#values!;
    this.#deliver();
    values.views.check();
    try {
      const result = this.#compute(operation, first, count);
      const isAtEnd = result instanceof Done;
      this.#write(isAtEnd ? result.value : result, out);
      return isAtEnd ? statusIterated : statusDone;
    } catch (error) {
      return this.#fail(error, out);
    }
  }

  /** What is frequent and simple without a list of arguments. */
  #compute(operation: number, first: number, count: number): unknown {
    const values = this.#values!;
    if (operation === frequent.length) {
      return lengthOf(values.decode(first));
    }
    if (operation === frequent.set) {
      const object = values.decode(first) as Record<string, unknown>;
      const name = values.decode(first + valueSize) as string;
      object[name] = values.decode(first + 2 * valueSize);
      return undefined;
    }
    if (operation === frequent.getIndex) {
      const array = values.decode(first) as ArrayLike<unknown>;
      const index = values.decode(first + valueSize) as number;
      const at = index < 0 ? index + array.length : index;
      return at >= 0 && at < array.length ? array[at] : missing;
    }
    return operations[operation]!(
      values.decodeAll(first, count),
      this.#context!,
    );
  }

  #release(first: number, count: number): void {
    const { views } = this.values;
    views.check();
    for (let i = first; i < first + count; i++) {
      this.table.release(views.u32[i]!);
    }
  }

  #deliver(): void {
    if (this.mail !== undefined && !this.mail.isEmpty) {
      this.mail.dispatch();
    }
  }

  /** Python died inside of this call; its memory is another life's. */
  #stayAlive(): void {
    if (this.#end !== null) {
      throw this.#end;
    }
  }

  #fail(error: unknown, out: number): number {
    this.#stayAlive();
    try {
      this.values.encodeError(error, out);
    } catch (worse) {
      this.values.encodeError(new Error(String(worse)), out);
    }
    return statusThrown;
  }
}

export { ObjectTable, valueSize };
