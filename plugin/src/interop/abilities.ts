// What a JavaScript object can do, which decides its type in Python; enum
// js_ability of kernel/js/value.h has the same numbers.

export const abilities = {
  callable: 1 << 0,
  iterable: 1 << 1,
  iterator: 1 << 2,
  length: 1 << 3,
  get: 1 << 4,
  set: 1 << 5,
  has: 1 << 6,
  includes: 1 << 7,
  awaitable: 1 << 8,
  buffer: 1 << 9,
  typedArray: 1 << 10,
  array: 1 << 11,
  arrayLike: 1 << 12,
  error: 1 << 13,
  asyncIterable: 1 << 14,
  asyncIterator: 1 << 15,
  generator: 1 << 16,
  asyncGenerator: 1 << 17,
  doubleProxy: 1 << 18,
  domElement: 1 << 19,
  once: 1 << 23,
} as const;

/** On functions that can be called once (py_proxies.ts). */
export const ONCE = Symbol('once');

const tagOf = Object.prototype.toString;

/** Tags of Object.prototype.toString that say what an object is. */
const byTag: Record<string, number> = {
  '[object Generator]': abilities.generator,
  '[object AsyncGenerator]': abilities.asyncGenerator,
  '[object NodeList]': abilities.arrayLike,
  '[object HTMLCollection]': abilities.arrayLike,
  '[object HTMLOptionsCollection]': abilities.arrayLike,
  '[object HTMLAllCollection]': abilities.arrayLike,
  '[object Error]': abilities.error,
  '[object DOMException]': abilities.error,
};

const ofDomElement = /^\[object (HTML|SVG|MathML)\w*Element\]$/;

type Members = Record<PropertyKey, unknown>;

/** What the object has methods for, whatever it is. */
function lookAtMethods(object: Members): number {
  let found = 0;
  if (typeof object[Symbol.iterator] === 'function') {
    found |= abilities.iterable;
  }
  if (typeof object[Symbol.asyncIterator] === 'function') {
    found |= abilities.asyncIterable;
  }
  found |= typeof object.get === 'function' ? abilities.get : 0;
  found |= typeof object.set === 'function' ? abilities.set : 0;
  found |= typeof object.has === 'function' ? abilities.has : 0;
  found |= typeof object.includes === 'function' ? abilities.includes : 0;
  found |= typeof object.then === 'function' ? abilities.awaitable : 0;
  if (typeof object.next === 'function') {
    found |=
      (found & abilities.asyncIterable) !== 0
        ? abilities.asyncIterator
        : abilities.iterator;
  }
  return found;
}

function lookAtLength(object: Members): number {
  const hasLength = 'length' in object || typeof object.size === 'number';
  return hasLength ? abilities.length : 0;
}

function lookAtKind(object: object): number {
  if (ArrayBuffer.isView(object)) {
    return object instanceof DataView
      ? abilities.buffer
      : abilities.buffer | abilities.typedArray;
  }
  const tag = tagOf.call(object);
  if (tag === '[object ArrayBuffer]' || tag === '[object SharedArrayBuffer]') {
    return abilities.buffer;
  }
  if (object instanceof Error) {
    return abilities.error;
  }
  return byTag[tag] ?? (ofDomElement.test(tag) ? abilities.domElement : 0);
}

function look(object: object): number {
  const members = object as Members;
  if (typeof object === 'function') {
    // Its length is that of its list of arguments.
    const found = abilities.callable | lookAtMethods(members);
    return ONCE in members ? found | abilities.once : found;
  }
  const found = lookAtMethods(members) | lookAtLength(members);
  if (Array.isArray(object)) {
    return found | abilities.array;
  }
  // A plain object is nothing else.
  return Object.getPrototypeOf(object) === Object.prototype &&
    !(Symbol.toStringTag in object)
    ? found
    : found | lookAtKind(object);
}

/** Objects can refuse every question: revoked Proxies, other origins. */
export function findAbilities(value: unknown): number {
  if (typeof value === 'symbol') {
    return 0;
  }
  try {
    return look(value as object);
  } catch {
    return typeof value === 'function' ? abilities.callable : 0;
  }
}
