// The methods that a PyProxy has by what its object can do.

import { ability } from './py_abilities.ts';
import { getBuffer, type PyBufferView } from './py_buffer.ts';
import { answer, operation } from './py_port.ts';
import {
  addCommonMethods,
  addMethods,
  asJson,
  callState,
  completeArguments,
  derive,
  isPyProxy,
  lengthOf,
  liveOf,
  type PyProxy,
  type Shared,
  stateOf,
  type ToJsOptions,
} from './py_proxy.ts';
import { toJs } from './py_to_js.ts';

/** Reads one answer of an iterator. */
function takeStep(
  { port, handle }: Shared,
  sent: readonly unknown[],
): IteratorResult<unknown, unknown> {
  return port.perform(operation.send, handle, sent, (base, status) => ({
    done: status === answer.absent,
    value: port.read(base),
  }));
}

function* iterate(shared: Shared, isJson: boolean): Generator {
  const { port } = shared;
  const iterator = port.operate(operation.iterate, shared.handle) as PyProxy;
  try {
    for (;;) {
      const step = takeStep(liveOf(iterator), []);
      if (step.done) {
        return;
      }
      yield isJson ? asJson(step.value) : step.value;
    }
  } finally {
    iterator.destroy();
  }
}

// --- Everything -----------------------------------------------------------------

class CommonMethods {
  toJs(options: ToJsOptions = {}): unknown {
    return toJs(this as unknown as PyProxy, options);
  }
}

// --- Collections ------------------------------------------------------------------

class LengthMethods {
  get length(): number {
    return lengthOf(liveOf(this));
  }
}

class GetMethods {
  get(key: unknown): unknown {
    const { port, handle } = liveOf(this);
    const value = port.operate(operation.getItem, handle, [key]);
    return stateOf(this).isJson ? asJson(value) : value;
  }

  asJsJson(): PyProxy {
    liveOf(this);
    return derive(stateOf(this), { isJson: true });
  }
}

class SetMethods {
  set(key: unknown, value: unknown): void {
    const { port, handle } = liveOf(this);
    port.operate(operation.setItem, handle, [key, value]);
  }

  delete(key: unknown): void {
    const { port, handle } = liveOf(this);
    port.operate(operation.deleteItem, handle, [key]);
  }
}

class HasMethods {
  has(key: unknown): boolean {
    const { port, handle } = liveOf(this);
    return port.operate(operation.contains, handle, [key]) as boolean;
  }
}

class IterableMethods {
  [Symbol.iterator](): Iterator<unknown> {
    return iterate(liveOf(this), stateOf(this).isJson);
  }
}

class IteratorMethods {
  [Symbol.iterator](): this {
    return this;
  }

  next(...sent: unknown[]): IteratorResult<unknown, unknown> {
    return takeStep(liveOf(this), sent.slice(0, 1));
  }
}

/** `[done, value]` of a helper, as an iterator gives it. */
function resultOf(pair: unknown): IteratorResult<unknown, unknown> {
  const proxy = pair as PyProxy & Record<number, unknown>;
  const result = { done: proxy[0] === true, value: proxy[1] };
  proxy.destroy();
  return result;
}

class GeneratorMethods {
  throw(error: unknown): IteratorResult<unknown, unknown> {
    const { port, handle } = liveOf(this);
    return resultOf(port.help('throw', handle, error));
  }

  return(value?: unknown): IteratorResult<unknown, unknown> {
    const { port, handle } = liveOf(this);
    const ended = resultOf(port.help('close', handle));
    return ended.done && ended.value === undefined
      ? { done: true, value }
      : ended;
  }
}

// --- What is awaited ------------------------------------------------------------

/** A promise that a helper settles: it gets two functions, then `values`. */
function promiseOfHelper(
  { port, handle }: Shared,
  name: string,
  ...values: unknown[]
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (exception: PyProxy): void => {
      try {
        port.operate(operation.raise, liveOf(exception).handle);
      } catch (error) {
        reject(error as Error);
      } finally {
        exception.destroy();
      }
    };
    port.help(name, handle, resolve, fail, ...values);
  });
}

function promiseOf(self: unknown): Promise<unknown> {
  const { shared } = stateOf(self);
  shared.promise ??= promiseOfHelper(liveOf(self), 'start_awaiting');
  return shared.promise;
}

class AwaitableMethods {
  then(
    onFulfilled?: (value: unknown) => unknown,
    onRejected?: (error: unknown) => unknown,
  ): Promise<unknown> {
    return promiseOf(this).then(onFulfilled, onRejected);
  }

  catch(onRejected: (error: unknown) => unknown): Promise<unknown> {
    return promiseOf(this).catch(onRejected);
  }

  finally(onFinally: () => void): Promise<unknown> {
    return promiseOf(this).finally(onFinally);
  }
}

/** What an asynchronous iterator's helper gives, awaited. */
async function awaitStep(
  shared: Shared,
  name: string,
  ...args: unknown[]
): Promise<IteratorResult<unknown, unknown>> {
  const { port, handle } = shared;
  return resultOf(await port.help(name, handle, ...args));
}

async function* iterateLater(shared: Shared): AsyncGenerator {
  const iterator = shared.port.help('aiter', shared.handle) as PyProxy;
  try {
    for (;;) {
      const step = await awaitStep(liveOf(iterator), 'asend');
      if (step.done) {
        return;
      }
      yield step.value;
    }
  } finally {
    iterator.destroy();
  }
}

class AsyncIterableMethods {
  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return iterateLater(liveOf(this));
  }
}

class AsyncIteratorMethods {
  [Symbol.asyncIterator](): this {
    return this;
  }

  next(...sent: unknown[]): Promise<IteratorResult<unknown, unknown>> {
    return awaitStep(liveOf(this), 'asend', ...sent.slice(0, 1));
  }
}

class AsyncGeneratorMethods {
  throw(error: unknown): Promise<IteratorResult<unknown, unknown>> {
    return awaitStep(liveOf(this), 'athrow', error);
  }

  async return(value?: unknown): Promise<IteratorResult<unknown, unknown>> {
    const ended = await awaitStep(liveOf(this), 'aclose');
    return ended.done && ended.value === undefined
      ? { done: true, value }
      : ended;
  }
}

// --- Calls ------------------------------------------------------------------------

export interface CallOptions {
  kwargs?: boolean;
  relaxed?: boolean;
  promising?: boolean;
}

interface SplitArguments {
  args: readonly unknown[];
  names: string[];
}

/** The last argument's members become arguments by name. */
function splitNames(args: readonly unknown[]): SplitArguments {
  const last: unknown = args.at(-1);
  if (typeof last !== 'object' || last === null || isPyProxy(last)) {
    throw new TypeError(
      'the last argument must be an object with the keyword arguments',
    );
  }
  return {
    args: [...args.slice(0, -1), ...Object.values(last as object)],
    names: Object.keys(last),
  };
}

function callBy(
  self: unknown,
  { kwargs, relaxed, promising }: CallOptions,
  args: readonly unknown[],
): unknown {
  const state = stateOf(self);
  const shared = liveOf(self);
  const split = kwargs ? splitNames(args) : { args, names: [] };
  if (!relaxed && !promising) {
    return callState(state, undefined, split.args, split.names);
  }
  const { port, handle } = shared;
  const all = completeArguments(state, undefined, split.args);
  const values = [split.names.length, ...all, ...split.names];
  return promising
    ? promiseOfHelper(shared, 'call_promising', relaxed === true, ...values)
    : port.help('call_relaxed', handle, ...values);
}

class CallableMethods {
  apply(self: unknown, args: ArrayLike<unknown>): unknown {
    return callState(stateOf(this), self, Array.from(args ?? []));
  }

  call(self: unknown, ...args: unknown[]): unknown {
    return callState(stateOf(this), self, args);
  }

  callWithOptions(options: CallOptions, ...args: unknown[]): unknown {
    return callBy(this, options, args);
  }

  callKwargs(...args: unknown[]): unknown {
    return callBy(this, { kwargs: true }, args);
  }

  callRelaxed(...args: unknown[]): unknown {
    return callBy(this, { relaxed: true }, args);
  }

  callKwargsRelaxed(...args: unknown[]): unknown {
    return callBy(this, { kwargs: true, relaxed: true }, args);
  }

  callPromising(...args: unknown[]): unknown {
    return callBy(this, { promising: true }, args);
  }

  callPromisingKwargs(...args: unknown[]): unknown {
    return callBy(this, { kwargs: true, promising: true }, args);
  }

  bind(self: unknown, ...args: unknown[]): PyProxy {
    liveOf(this);
    const state = stateOf(this);
    const { bound } = state;
    return derive(state, {
      bound: {
        self: bound === null ? self : bound.self,
        args: [...(bound?.args ?? []), ...args],
      },
    });
  }

  captureThis(): PyProxy {
    liveOf(this);
    return derive(stateOf(this), { capturesThis: true });
  }
}

// --- Sequences --------------------------------------------------------------------

type ArrayMethod = (this: unknown, ...args: unknown[]) => unknown;

/** Methods of arrays that read `length` and the elements only. */
const readingMethods = [
  'at',
  'concat',
  'entries',
  'every',
  'filter',
  'find',
  'findIndex',
  'findLast',
  'findLastIndex',
  'forEach',
  'includes',
  'indexOf',
  'join',
  'keys',
  'lastIndexOf',
  'map',
  'reduce',
  'reduceRight',
  'slice',
  'some',
  'values',
] as const;

class SequenceMethods {
  get [Symbol.isConcatSpreadable](): boolean {
    return true;
  }

  toJSON(): unknown[] {
    return Array.from(this as unknown as Iterable<unknown>);
  }

  asJsJson(): PyProxy {
    liveOf(this);
    return derive(stateOf(this), { isJson: true });
  }
}

for (const name of readingMethods) {
  const method = Array.prototype[name] as ArrayMethod;
  Object.defineProperty(SequenceMethods.prototype, name, {
    value: {
      [name](this: unknown, ...args: unknown[]): unknown {
        liveOf(this);
        return Reflect.apply(method, this, args);
      },
    }[name],
    configurable: true,
    writable: true,
  });
}

/** Where an index that may be negative or missing points to. */
function place(index: unknown, fallback: number, length: number): number {
  const number = index === undefined ? fallback : Math.trunc(Number(index) || 0);
  return number < 0 ? Math.max(0, length + number) : Math.min(number, length);
}

class MutableSequenceMethods {
  push(...items: unknown[]): number {
    const { port, handle } = liveOf(this);
    return port.help('extend', handle, ...items) as number;
  }

  pop(): unknown {
    const shared = liveOf(this);
    const { port, handle } = shared;
    return lengthOf(shared) === 0 ? undefined : port.help('pop', handle, -1);
  }

  shift(): unknown {
    const shared = liveOf(this);
    const { port, handle } = shared;
    return lengthOf(shared) === 0 ? undefined : port.help('pop', handle, 0);
  }

  unshift(...items: unknown[]): number {
    const shared = liveOf(this);
    shared.port.help('splice', shared.handle, 0, 0, ...items);
    return lengthOf(shared);
  }

  splice(start: number, ...rest: unknown[]): unknown[] {
    const shared = liveOf(this);
    const length = lengthOf(shared);
    const from = place(start, 0, length);
    const left = length - from;
    const count =
      rest.length === 0
        ? left
        : Math.min(Math.max(0, Math.trunc(Number(rest[0]) || 0)), left);
    const removed = shared.port.help(
      'splice',
      shared.handle,
      from,
      from + count,
      ...rest.slice(1),
    ) as PyProxy;
    const items = Array.from(removed as unknown as Iterable<unknown>);
    removed.destroy();
    return items;
  }

  reverse(): this {
    const { port, handle } = liveOf(this);
    port.help('reverse', handle);
    return this;
  }

  sort(compare?: (a: unknown, b: unknown) => number): this {
    const { port, handle } = liveOf(this);
    port.help('sort', handle, ...(compare === undefined ? [] : [compare]));
    return this;
  }

  fill(value: unknown, start?: number, end?: number): this {
    const shared = liveOf(this);
    const length = lengthOf(shared);
    const from = place(start, 0, length);
    const to = Math.max(from, place(end, length, length));
    shared.port.help('fill', shared.handle, value, from, to);
    return this;
  }

  copyWithin(target: number, start?: number, end?: number): this {
    const shared = liveOf(this);
    const length = lengthOf(shared);
    const from = place(start, 0, length);
    const count = Math.max(0, place(end, length, length) - from);
    const to = place(target, 0, length);
    shared.port.help(
      'copy_within',
      shared.handle,
      to,
      from,
      Math.min(count, length - to),
    );
    return this;
  }
}

// --- Memory -----------------------------------------------------------------------

class BufferMethods {
  getBuffer(type?: string): PyBufferView {
    return getBuffer(liveOf(this), type);
  }
}

addCommonMethods(CommonMethods.prototype);
addMethods(ability.length, LengthMethods.prototype);
addMethods(ability.get, GetMethods.prototype);
addMethods(ability.set, SetMethods.prototype);
addMethods(ability.has, HasMethods.prototype);
addMethods(ability.iterable, IterableMethods.prototype);
addMethods(ability.iterator, IteratorMethods.prototype);
addMethods(ability.generator, GeneratorMethods.prototype);
addMethods(ability.asyncIterable, AsyncIterableMethods.prototype);
addMethods(ability.asyncIterator, AsyncIteratorMethods.prototype);
addMethods(ability.asyncGenerator, AsyncGeneratorMethods.prototype);
addMethods(ability.awaitable, AwaitableMethods.prototype);
addMethods(ability.callable, CallableMethods.prototype);
addMethods(ability.sequence, SequenceMethods.prototype);
addMethods(ability.mutableSequence, MutableSequenceMethods.prototype);
addMethods(ability.buffer, BufferMethods.prototype);
