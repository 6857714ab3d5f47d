// What Python does to JavaScript objects beside calling them and reading
// attributes. The numbers are those of enum js_operation in kernel/js/value.h.

/** No value at all, in place of a result. */
export const missing = Symbol('missing');

type Operation = (values: unknown[]) => unknown;
type Members = Record<PropertyKey, unknown>;
type Constructor = new (...values: unknown[]) => unknown;

/** The last of the values are names and values of one object. */
function gather(values: unknown[], namedCount: number): unknown[] {
  const named = values.splice(values.length - 2 * namedCount);
  const object: Members = {};
  for (let i = 0; i < named.length; i += 2) {
    object[named[i] as string] = named[i + 1];
  }
  return [...values, object];
}

/** A text for any object, however it resists. */
export function describe(object: unknown): string {
  try {
    return String(object);
  } catch {
    return Object.prototype.toString.call(object);
  }
}

export const operations: readonly Operation[] = [
  /* set */
  ([object, name, value]) => {
    (object as Members)[name as string] = value;
  },
  /* delete */
  ([object, name]) => {
    if (!((name as string) in (object as object))) {
      return missing;
    }
    if (!Reflect.deleteProperty(object as object, name as string)) {
      throw new TypeError(`'${String(name)}' cannot be deleted`);
    }
    return undefined;
  },
  /* new */
  ([type, ...values]) => Reflect.construct(type as Constructor, values),
  /* callNamed */
  ([callable, self, count, ...values]) =>
    Reflect.apply(callable as () => unknown, self, gather(values, count as number)),
  /* newNamed */
  ([type, count, ...values]) =>
    Reflect.construct(type as Constructor, gather(values, count as number)),
  /* length */
  ([object]) => {
    const { length, size } = object as { length?: unknown; size?: unknown };
    return typeof size === 'number' ? size : length;
  },
  /* typeof */
  ([object]) => typeof object,
  /* string */
  ([object]) => describe(object),
];
