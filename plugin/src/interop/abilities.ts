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
} as const;

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

function isMethod(object: object, name: PropertyKey): boolean {
  return typeof (object as Record<PropertyKey, unknown>)[name] === 'function';
}

function look(object: object): number {
  let found = 0;
  if (typeof object === 'function') {
    found |= abilities.callable;
  } else if ('length' in object || typeof (object as Map<never, never>).size === 'number') {
    found |= abilities.length;
  }
  const add = (name: PropertyKey, ability: number): void => {
    if (isMethod(object, name)) {
      found |= ability;
    }
  };
  add(Symbol.iterator, abilities.iterable);
  add(Symbol.asyncIterator, abilities.asyncIterable);
  add('get', abilities.get);
  add('set', abilities.set);
  add('has', abilities.has);
  add('includes', abilities.includes);
  add('then', abilities.awaitable);
  if (isMethod(object, 'next')) {
    found |=
      (found & abilities.asyncIterable) !== 0
        ? abilities.asyncIterator
        : abilities.iterator;
  }
  if (Array.isArray(object)) {
    return found | abilities.array;
  }
  if (ArrayBuffer.isView(object)) {
    return (
      found |
      abilities.buffer |
      (object instanceof DataView ? 0 : abilities.typedArray)
    );
  }
  const tag = tagOf.call(object);
  if (tag === '[object ArrayBuffer]' || tag === '[object SharedArrayBuffer]') {
    return found | abilities.buffer;
  }
  return found | (object instanceof Error ? abilities.error : (byTag[tag] ?? 0));
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
