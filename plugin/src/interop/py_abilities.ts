// What a Python object can do, as kernel/js/proxy.h numbers it: decides which
// methods its proxy has.

export const ability = {
  length: 1 << 0,
  get: 1 << 1,
  set: 1 << 2,
  has: 1 << 3,
  iterable: 1 << 4,
  iterator: 1 << 5,
  generator: 1 << 6,
  asyncIterable: 1 << 7,
  asyncIterator: 1 << 8,
  asyncGenerator: 1 << 9,
  awaitable: 1 << 10,
  callable: 1 << 11,
  buffer: 1 << 12,
  sequence: 1 << 13,
  mutableSequence: 1 << 14,
  dict: 1 << 15,
  type: 1 << 16,
  /** What every object can do. */
  any: 1 << 30,
} as const;
