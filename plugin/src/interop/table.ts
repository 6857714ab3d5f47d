// The JavaScript objects that Python holds, each at a place of its own.
//
// A place is given again when Python has let go of its object, with another
// generation, so a name that is too old is found out. One table serves a page
// over all lives of its kernel: what Python held before a cell is still here
// when that cell is undone.

/** Python and the table agree on these without a word. */
export const rootPlaces = { globalThis: 0, roots: 1 } as const;

const firstPlace = 2;

export class ObjectTable {
  readonly objects: unknown[] = [];
  readonly generations: number[] = [];
  /** What the object can do; values.ts finds it out once. */
  readonly abilities: number[] = [];
  readonly #places = new Map<unknown, number>();
  readonly #free: number[] = [];

  /** `roots` are objects that Python's own code asks for by name. */
  constructor(readonly roots: Record<string, unknown> = {}) {
    [globalThis, roots].forEach((object, place) => {
      this.objects[place] = object;
      this.generations[place] = 0;
      this.abilities[place] = 0;
      this.#places.set(object, place);
    });
  }

  /** How many objects Python holds. */
  get size(): number {
    return this.#places.size - firstPlace;
  }

  find(object: unknown): number | undefined {
    return this.#places.get(object);
  }

  add(object: unknown, abilities: number): number {
    const place = this.#free.pop() ?? this.objects.length;
    this.objects[place] = object;
    this.generations[place] = (this.generations[place] ?? 0) + 1;
    this.abilities[place] = abilities;
    this.#places.set(object, place);
    return place;
  }

  release(place: number): void {
    if (place < firstPlace) {
      return;
    }
    this.#places.delete(this.objects[place]);
    this.objects[place] = undefined;
    // Until the place is given again, its name is nobody's.
    this.generations[place]! += 1;
    this.#free.push(place);
  }
}
