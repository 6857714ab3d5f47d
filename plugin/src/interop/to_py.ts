// A structure of JavaScript's as one flat list of values, of which Python
// makes lists and dicts (kernel/js/to_py.c).
//
// A collection is a head with its count, and behind it what is in it: for a
// dict keys and values in turn. What was met before is the number of its
// head. Python asks for as many values as it has room for.

import { type Shape, shapeOf, shapes } from './shapes.ts';
import { type Values, valueSize } from './values.ts';

/** Kinds beside those of single values; enum js_kind has the same numbers. */
const heads = { list: 13, dict: 14, set: 15, seen: 16 } as const;

const headOf: Partial<Record<Shape, number>> = {
  [shapes.array]: heads.list,
  [shapes.map]: heads.dict,
  [shapes.object]: heads.dict,
  [shapes.set]: heads.set,
};

/** A collection that is under way. */
interface Frame {
  items: ArrayLike<unknown>;
  count: number;
  next: number;
  /** How much deeper what is in it may go; negative: as deep as it is. */
  depth: number;
}

/** What short texts of a list of values take at most, in values. */
const textRoom = 6;

function itemsOf(object: unknown, shape: Shape): ArrayLike<unknown> {
  if (shape === shapes.array) {
    return object as ArrayLike<unknown>;
  }
  const items: unknown[] = [];
  if (shape === shapes.object) {
    const members = object as Record<string, unknown>;
    for (const key of Object.keys(members)) {
      items.push(key, members[key]);
    }
  } else if (shape === shapes.map) {
    for (const [key, value] of object as Map<unknown, unknown>) {
      items.push(key, value);
    }
  } else {
    return Array.from(object as Set<unknown>);
  }
  return items;
}

export class StructureReader {
  readonly #values: Values;
  readonly #stack: Frame[];
  readonly #seen = new Map<unknown, number>();

  /** With `isArray`, the root is read as one, whatever it is. */
  constructor(
    values: Values,
    root: unknown,
    depth: number,
    private isArray: boolean,
  ) {
    this.#values = values;
    this.#stack = [{ items: [root], count: 1, next: 0, depth }];
  }

  /** Writes up to `count` values; 0 at the end. */
  read(address: number, count: number): number {
    const values = this.#values;
    let written = 0;
    for (let frame = this.#stack.at(-1); frame !== undefined; ) {
      if (frame.next === frame.count) {
        this.#stack.pop();
        frame = this.#stack.at(-1);
        continue;
      }
      if (written === count || !values.hasRoom(textRoom)) {
        break;
      }
      const value = frame.items[frame.next++];
      const at = address + valueSize * written++;
      if (typeof value === 'number') {
        values.putNumber(value, at);
      } else if (typeof value === 'object' && value !== null && frame.depth !== 0) {
        this.#put(value, frame.depth, at);
        frame = this.#stack.at(-1);
      } else {
        values.push(value, at);
      }
    }
    return written;
  }

  #put(value: object, depth: number, at: number): void {
    const values = this.#values;
    const found = this.#seen.get(value);
    if (found !== undefined) {
      this.#write(heads.seen, found, at);
      return;
    }
    const shape = this.#shapeOf(value);
    const head = headOf[shape];
    if (head === undefined) {
      values.push(value, at);
      return;
    }
    const items = itemsOf(value, shape);
    const count = items.length;
    this.#seen.set(value, this.#seen.size);
    this.#write(head, head === heads.dict ? count / 2 : count, at);
    this.#stack.push({ items, count, next: 0, depth: depth - 1 });
  }

  #shapeOf(value: object): Shape {
    if (this.isArray) {
      this.isArray = false;
      return shapes.array;
    }
    // What is Python's comes back as it was.
    return this.#values.proxies.handleOf(value) === undefined
      ? shapeOf(value)
      : shapes.other;
  }

  #write(kind: number, a: number, address: number): void {
    const { views } = this.#values;
    views.check();
    views.u32[address >>> 2] = kind;
    views.u32[(address >>> 2) + 1] = a;
  }
}
