// What a JavaScript object is to a deep conversion.

/** SHAPES of kernel/py/tincture/js_types.py has the same numbers. */
export const shapes = {
  other: 0,
  array: 1,
  map: 2,
  set: 3,
  object: 4,
  buffer: 5,
} as const;
export type Shape = (typeof shapes)[keyof typeof shapes];

const byTag: Record<string, Shape> = {
  '[object ArrayBuffer]': shapes.buffer,
  '[object NodeList]': shapes.array,
  '[object HTMLCollection]': shapes.array,
  '[object Map]': shapes.map,
  '[object Set]': shapes.set,
};

export function describeTag(object: unknown): string {
  try {
    return Object.prototype.toString.call(object);
  } catch {
    return '[object that answers nothing]';
  }
}

/** An object that is only a collection of named values, of any realm. */
function isPlain(object: object, prototype: unknown): boolean {
  if (prototype === null) {
    return true;
  }
  const { constructor } = object as { constructor?: { name?: unknown } };
  return constructor?.name === 'Object';
}

export function shapeOf(object: unknown): Shape {
  if (typeof object !== 'object' || object === null) {
    return shapes.other;
  }
  if (Array.isArray(object)) {
    return shapes.array;
  }
  if (ArrayBuffer.isView(object)) {
    return shapes.buffer;
  }
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === Object.prototype) {
    return shapes.object;
  }
  const found = byTag[describeTag(object)];
  if (found !== undefined) {
    return found;
  }
  return isPlain(object, prototype) ? shapes.object : shapes.other;
}
