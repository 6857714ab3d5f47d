// Python objects as JavaScript sees them: Pyodide's documented PyProxy.
//
// A proxy is an ES Proxy around a target that holds its state. Attributes are
// the Python object's; the methods of PyProxy and of what the object can do
// (py_methods.ts) stand before them, and `$name` reaches an attribute that
// has such a name.

import { ability } from './py_abilities.ts';
import type { PythonPort } from './py_port.ts';
import { operation } from './py_port.ts';

const destroyedText = 'Object has already been destroyed';

/** Whose the proxies are, over all lives of a kernel (py_proxies.ts). */
export interface ProxyOwner {
  /** The Python that is there now. */
  readonly port: PythonPort;
  /** Handles of another epoch mean nothing to it. */
  readonly epoch: number;
  /** Why. */
  readonly past: Error;
  /** Lets go of its handle when the collector finds it. */
  watch(shared: Shared): void;
  release(handle: number): void;
  releaseNow(): void;
  /** A handle was given: none given before has a higher index. */
  note(handle: number): void;
}

/** What is to be done when all proxies are collected; it outlives them. */
export interface Rest {
  /** 0: nothing. */
  handle: number;
  readonly epoch: number;
}

/** What all proxies of one handle share: bind() makes more of them. */
export class Shared {
  rest: Rest | null = null;
  /** Attributes that are objects: asking again gives the same proxy. */
  cache: Map<string, PyProxy> | null = null;
  /** What destroy() said. */
  message = destroyedText;
  /** Of an awaitable: what `then` was asked for first. */
  promise: Promise<unknown> | null = null;
  readonly epoch: number;

  constructor(
    readonly owner: ProxyOwner,
    /** 0: destroyed. */
    public handle: number,
    readonly flags: number,
  ) {
    this.epoch = owner.epoch;
    owner.note(handle);
    owner.watch(this);
  }

  get port(): PythonPort {
    return this.owner.port;
  }

  get isGone(): boolean {
    return this.handle === 0 || this.epoch !== this.owner.epoch;
  }

  /** Says why it is gone. */
  fail(): never {
    throw this.handle === 0 ? new Error(this.message) : this.owner.past;
  }
}

export interface ProxyState {
  readonly shared: Shared;
  /** Python gets the proxy itself back, as a JsDoubleProxy. */
  readonly isDouble: boolean;
  /** Items are properties: what asJsJson() gives. */
  readonly isJson: boolean;
  /** `this` is the first argument of a call. */
  readonly capturesThis: boolean;
  readonly bound: { self: unknown; args: readonly unknown[] } | null;
  /** Calls of this proxy need nothing but the handle. */
  readonly isPlain: boolean;
}

/** On the target of each proxy. */
const STATE = Symbol('state');

class Given {
  constructor(object: object) {
    return object;
  }
}

/** Puts the state on a proxy as a private field, which no trap sees. That
 * costs a third of a WeakMap, whose entries the collector has to follow. */
class Marked extends Given {
  readonly #state: ProxyState;

  constructor(proxy: object, state: ProxyState) {
    super(proxy);
    this.#state = state;
  }

  static find(value: object): ProxyState | undefined {
    return #state in value ? value.#state : undefined;
  }
}

interface Target {
  [STATE]: ProxyState;
}

function isObject(value: unknown): value is object {
  return (
    (typeof value === 'object' && value !== null) ||
    typeof value === 'function'
  );
}

/** The state of a proxy, or undefined for any other value. */
export function findState(value: unknown): ProxyState | undefined {
  try {
    return isObject(value) ? Marked.find(value) : undefined;
  } catch {
    // A window of another origin does not even say that it has no mark.
    return undefined;
  }
}

export function isPyProxy(value: unknown): value is PyProxy {
  return findState(value) !== undefined;
}

/** The state behind `this` in a method. */
export function stateOf(self: unknown): ProxyState {
  const state = (self as Partial<Target> | null)?.[STATE];
  if (state === undefined) {
    throw new TypeError('this is not a PyProxy');
  }
  return state;
}

/** What a live proxy's calls need. */
export function liveOf(self: unknown): Shared {
  const { shared } = stateOf(self);
  if (shared.isGone) {
    shared.fail();
  }
  return shared;
}

export interface ToJsOptions {
  depth?: number;
  pyproxies?: PyProxy[];
  create_pyproxies?: boolean;
  dict_converter?: (pairs: Iterable<[key: unknown, value: unknown]>) => unknown;
  default_converter?: Converter;
  eager_converter?: Converter;
}

export type Converter = (
  object: PyProxy,
  convert: (value: unknown) => unknown,
  cacheConversion: (input: PyProxy, output: unknown) => void,
) => unknown;

/** Methods of every proxy. */
export class PyProxy {
  [name: string]: unknown;

  constructor() {
    throw new TypeError('PyProxy is not a constructor');
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return isPyProxy(value);
  }

  get [Symbol.toStringTag](): string {
    return 'PyProxy';
  }

  get type(): string {
    const { port, handle } = liveOf(this);
    return port.operate(operation.type, handle) as string;
  }

  toString(): string {
    const { port, handle } = liveOf(this);
    return port.operate(operation.text, handle) as string;
  }

  destroy(options: { message?: string } = {}): void {
    destroyShared(stateOf(this).shared, options.message);
  }

  [Symbol.dispose](): void {
    destroyShared(stateOf(this).shared);
  }

  copy(): PyProxy {
    const { port, handle } = liveOf(this);
    return port.operate(operation.copy, handle) as PyProxy;
  }

  /** HTML for an Iodide client. */
  iodideRender(): string {
    const { port, handle } = liveOf(this);
    return port.help('render', handle) as string;
  }
}

function destroyShared(shared: Shared, message = destroyedText): void {
  if (shared.handle === 0) {
    return;
  }
  const { owner, handle, cache, isGone } = shared;
  shared.handle = 0;
  if (shared.rest !== null) {
    // Cheaper than to take it out of the registry.
    shared.rest.handle = 0;
  }
  shared.message = message;
  if (!isGone) {
    owner.release(handle);
  }
  shared.cache = null;
  cache?.forEach((proxy) => {
    destroyShared(stateOf(proxy).shared, message);
  });
}

// --- Classes by what an object can do ---------------------------------------

interface Mixin {
  flag: number;
  prototype: object;
}

const mixins: Mixin[] = [];

/** By name of a method: the abilities that bring it. */
const methodFlags = new Map<string, number>();

const prototypes = new Map<number, object>();

function noteMethods(prototype: object, flag: number): void {
  for (const key of Object.getOwnPropertyNames(prototype)) {
    methodFlags.set(key, (methodFlags.get(key) ?? 0) | flag);
  }
}

/** Methods for objects with an ability; later ones go before earlier ones. */
export function addMethods(flag: number, prototype: object): void {
  mixins.push({ flag, prototype });
  Reflect.deleteProperty(prototype, 'constructor');
  noteMethods(prototype, flag);
}

noteMethods(PyProxy.prototype, ability.any);

/** More methods for every proxy. */
export function addCommonMethods(methods: object): void {
  Object.defineProperties(
    PyProxy.prototype,
    Object.getOwnPropertyDescriptors(methods),
  );
  noteMethods(methods, ability.any);
}

for (const name of Object.getOwnPropertyNames(Object.prototype)) {
  // `__proto__` and its like are Python's business.
  if (!name.startsWith('__')) {
    methodFlags.set(name, ability.any);
  }
}

function prototypeFor(flags: number): object {
  let prototype = prototypes.get(flags);
  if (prototype === undefined) {
    prototype = Object.create(PyProxy.prototype) as object;
    for (const mixin of mixins) {
      if ((mixin.flag & flags) !== 0) {
        Object.defineProperties(
          prototype,
          Object.getOwnPropertyDescriptors(mixin.prototype),
        );
      }
    }
    prototypes.set(flags, prototype);
  }
  return prototype;
}

function isMethod(name: string, flags: number): boolean {
  return ((methodFlags.get(name) ?? 0) & flags) !== 0;
}

// --- Traps --------------------------------------------------------------------

/** The number that a property's name stands for; -1 where it does not. */
function indexOf(name: string): number {
  const first = name.charCodeAt(0);
  return first >= 0x30 && first <= 0x39 && /^(0|[1-9]\d{0,14})$/.test(name)
    ? Number(name)
    : -1;
}

/** An attribute's name without the sign that it is one. */
function attributeName(key: string): string {
  return key.charCodeAt(0) === 0x24 && key.length > 1 ? key.slice(1) : key;
}

function getItem(shared: Shared, key: unknown): unknown {
  return shared.port.operate(operation.getItem, shared.handle, [key]);
}

function hasItem(shared: Shared, key: string): boolean {
  const { port, handle } = shared;
  if (port.operate(operation.contains, handle, [key]) === true) {
    return true;
  }
  const index = indexOf(key);
  return (
    index >= 0 && port.operate(operation.contains, handle, [index]) === true
  );
}

/** The item of a dict that a property's name means. */
function getDictItem(shared: Shared, key: string): unknown {
  const item = getItem(shared, key);
  const index = item === undefined ? indexOf(key) : -1;
  return index >= 0 ? getItem(shared, index) : item;
}

function getAttribute(shared: Shared, name: string): unknown {
  const known = shared.cache?.get(name);
  const cached = known === undefined ? 0 : stateOf(known).shared.handle;
  const value = shared.port.getAttribute(shared.handle, name, cached, known);
  if (value !== known && isPyProxy(value)) {
    (shared.cache ??= new Map()).set(name, value);
  }
  return value;
}

/** Items as properties, all the way down, and None as null. */
function getJson(shared: Shared, key: string): unknown {
  const index = indexOf(key);
  const { flags } = shared;
  let value: unknown;
  if ((flags & ability.dict) !== 0) {
    if (!hasItem(shared, key)) {
      return undefined;
    }
    value = getDictItem(shared, key);
  } else if (index >= 0) {
    if (index >= lengthOf(shared)) {
      return undefined;
    }
    value = getItem(shared, index);
  } else {
    value = getAttribute(shared, attributeName(key));
  }
  return asJson(value);
}

export function asJson(value: unknown): unknown {
  if (value === undefined) {
    return null;
  }
  const state = findState(value);
  const isNested =
    state !== undefined && (state.shared.flags & ability.get) !== 0;
  return isNested ? derive(state, { isJson: true }) : value;
}

export function lengthOf(shared: Shared): number {
  return shared.port.operate(operation.length, shared.handle) as number;
}

function getProperty(target: Target, key: string): unknown {
  const state = target[STATE];
  const { shared } = state;
  const { flags } = shared;
  if (isMethod(key, flags)) {
    return Reflect.get(target, key);
  }
  if (shared.isGone) {
    shared.fail();
  }
  if (state.isJson) {
    return getJson(shared, key);
  }
  if ((flags & ability.sequence) !== 0) {
    const index = indexOf(key);
    if (index >= 0) {
      return getItem(shared, index);
    }
  }
  // Whatever has a `then` is waited for, where it is returned from an async
  // function; only what Python can await may have one.
  if (key === 'then') {
    return undefined;
  }
  const value = getAttribute(shared, attributeName(key));
  return value === undefined && (flags & ability.dict) !== 0
    ? getDictItem(shared, key)
    : value;
}

function hasProperty(target: Target, key: string): boolean {
  const state = target[STATE];
  const { shared } = state;
  if (isMethod(key, shared.flags)) {
    return true;
  }
  if (shared.isGone) {
    shared.fail();
  }
  const index = indexOf(key);
  if (index >= 0 && (shared.flags & ability.sequence) !== 0) {
    return index < lengthOf(shared);
  }
  const { port, handle } = shared;
  const name = attributeName(key);
  return (
    (!state.isJson &&
      key !== 'then' &&
      port.operate(operation.hasAttribute, handle, [name]) === true) ||
    ((shared.flags & ability.dict) !== 0 && hasItem(shared, key))
  );
}

function setProperty(target: Target, key: string, value: unknown): boolean {
  const state = target[STATE];
  const { shared } = state;
  const { flags, port } = shared;
  if (shared.isGone) {
    shared.fail();
  }
  const index = indexOf(key);
  if (index >= 0 && (flags & ability.sequence) !== 0) {
    if (index >= lengthOf(shared)) {
      return false;
    }
    port.operate(operation.setItem, shared.handle, [index, value]);
    return true;
  }
  if (isMethod(key, flags)) {
    throw new TypeError(
      `${key} is a method of this PyProxy; Python's attribute is $${key}`,
    );
  }
  const isItem = (flags & ability.dict) !== 0;
  port.operate(
    isItem ? operation.setItem : operation.setAttribute,
    shared.handle,
    [isItem ? key : attributeName(key), value],
  );
  return true;
}

function deleteProperty(target: Target, key: string): boolean {
  const { shared } = target[STATE];
  const { flags, port } = shared;
  if (shared.isGone) {
    shared.fail();
  }
  const index = indexOf(key);
  if (index >= 0 && (flags & ability.sequence) !== 0) {
    port.operate(operation.deleteItem, shared.handle, [index]);
  } else if ((flags & ability.dict) !== 0 && hasItem(shared, key)) {
    const isText =
      port.operate(operation.contains, shared.handle, [key]) === true;
    port.operate(operation.deleteItem, shared.handle, [isText ? key : index]);
  } else {
    const name = attributeName(key);
    port.operate(operation.deleteAttribute, shared.handle, [name]);
    shared.cache?.delete(name);
  }
  return true;
}

function listKeys(target: Target): (string | symbol)[] {
  const { shared, isJson } = target[STATE];
  if (shared.isGone) {
    shared.fail();
  }
  // Of a function's own properties only what it cannot be without.
  const own = Reflect.ownKeys(target).filter((key) =>
    typeof key === 'symbol' ? key !== STATE : key === 'prototype',
  );
  const keys = shared.port.help('list_keys', shared.handle, isJson) as PyProxy;
  const names = [...(keys as unknown as Iterable<string>)];
  keys.destroy();
  return [...new Set([...own, ...names])];
}

/** Only items are properties of their own, as far as Object.keys and JSON are
 * concerned. */
function describeProperty(
  target: Target,
  key: string | symbol,
): PropertyDescriptor | undefined {
  const state = target[STATE];
  const { shared } = state;
  if (typeof key !== 'string' || key === 'prototype' || shared.isGone) {
    return Reflect.getOwnPropertyDescriptor(target, key);
  }
  const index = indexOf(key);
  const isItem =
    (shared.flags & ability.dict) !== 0
      ? hasItem(shared, key)
      : state.isJson && index >= 0 && index < lengthOf(shared);
  if (!isItem) {
    return undefined;
  }
  const value = state.isJson ? getJson(shared, key) : getDictItem(shared, key);
  return { value, writable: true, enumerable: true, configurable: true };
}

/** Calls the object behind a callable proxy. */
export function callState(
  state: ProxyState,
  self: unknown,
  args: readonly unknown[],
  names?: readonly string[],
): unknown {
  const { shared } = state;
  if (shared.isGone) {
    shared.fail();
  }
  return shared.port.call(
    shared.handle,
    state.isPlain ? args : completeArguments(state, self, args),
    names,
  );
}

export function completeArguments(
  state: ProxyState,
  self: unknown,
  args: readonly unknown[],
): readonly unknown[] {
  const { bound, capturesThis } = state;
  const first = capturesThis ? [bound === null ? self : bound.self] : [];
  return [...first, ...(bound?.args ?? []), ...args];
}

const traps: ProxyHandler<Target> = {
  get: (target, key) =>
    typeof key === 'string'
      ? getProperty(target, key)
      : Reflect.get(target, key),
  has: (target, key) =>
    typeof key === 'string'
      ? hasProperty(target, key)
      : Reflect.has(target, key),
  set: (target, key, value) =>
    typeof key === 'string'
      ? setProperty(target, key, value)
      : Reflect.set(target, key, value),
  deleteProperty: (target, key) =>
    typeof key === 'string'
      ? deleteProperty(target, key)
      : Reflect.deleteProperty(target, key),
  ownKeys: listKeys,
  getOwnPropertyDescriptor: describeProperty,
  // A new property would have to be one of the target.
  defineProperty: (target, key, descriptor) =>
    typeof key === 'string' && 'value' in descriptor
      ? setProperty(target, key, descriptor.value)
      : Reflect.defineProperty(target, key, descriptor),
  preventExtensions: () => false,
};

const callTraps: ProxyHandler<Target> = {
  ...traps,
  apply: (target, self, args) => callState(target[STATE], self, args),
  construct: (target, args) => {
    const made = callState(target[STATE], undefined, args);
    if (!isObject(made)) {
      throw new TypeError('the class made a value that is no object');
    }
    return made;
  },
};

// --- Making -------------------------------------------------------------------

/** typeof is 'function' for what can be called; only classes take `new`. */
function makeTarget(flags: number): Target {
  let target: object;
  if ((flags & ability.callable) === 0) {
    target = Object.create(prototypeFor(flags)) as object;
  } else {
    target = (flags & ability.type) !== 0 ? function () {} : () => undefined;
    Object.setPrototypeOf(target, prototypeFor(flags));
  }
  return target as Target;
}

function make(state: ProxyState): PyProxy {
  const { flags } = state.shared;
  const target = makeTarget(flags);
  target[STATE] = state;
  const isCallable = (flags & ability.callable) !== 0;
  const proxy = new Proxy(target, isCallable ? callTraps : traps);
  new Marked(proxy, state);
  return proxy as unknown as PyProxy;
}

/** A proxy with a handle of its own, which it lets go of when it is collected
 * or destroyed. */
export function makeProxy(
  port: PythonPort,
  handle: number,
  flags: number,
): PyProxy {
  return make({
    shared: new Shared(port.owner, handle, flags | ability.any),
    isDouble: false,
    isJson: false,
    capturesThis: false,
    bound: null,
    isPlain: true,
  });
}

/** Another proxy with the same lifetime. */
export function derive(
  state: ProxyState,
  changes: Partial<Omit<ProxyState, 'shared' | 'isPlain'>>,
): PyProxy {
  const next = { ...state, ...changes };
  return make({
    ...next,
    isPlain: !next.capturesThis && next.bound === null,
  });
}

/** The handle by which Python finds its own object again; undefined for what
 * is no live proxy of this port, or stays one in Python. */
export function handleFor(
  value: unknown,
  port: PythonPort,
): number | undefined {
  const state = findState(value);
  if (state === undefined || state.isDouble) {
    return undefined;
  }
  const { shared } = state;
  if (shared.isGone) {
    shared.fail();
  }
  if (shared.port !== port) {
    shared.port.check();
    throw new Error('this object lives in another Python');
  }
  return shared.handle;
}
