// The JavaScript objects that Python holds, each at a place of its own.
//
// A place is given again when Python has let go of its object, with another
// generation, so a name that is too old is found out.
//
// One table serves a page over all lives of its kernel. When a cell is undone
// or Python comes back after a death, memory names what it held before: so an
// object that is older than the last copy of memory is only put aside when
// Python lets go of it, for as many cells as can be undone.

/** Python and the table agree on these without a word. */
export const rootPlaces = { globalThis: 0, roots: 1 } as const;

const firstPlace = 2;

/** Objects that are put aside, and for how many cells; Shadow keeps as many
 * steps. */
const asideLimit = 4096;
const cellLimit = 40;

export class ObjectTable {
  readonly objects: unknown[] = [];
  readonly generations: number[] = [];
  /** What the object can do; values.ts finds it out once. */
  readonly abilities: number[] = [];
  /** The cell in which it came. */
  readonly #cells: number[] = [];
  readonly #places = new Map<unknown, number>();
  readonly #free: number[] = [];
  /** Places that Python let go of, and in which cell; oldest first. */
  readonly #aside = new Map<number, number>();
  #cell = 0;

  /** `roots` are objects that Python's own code asks for by name. */
  constructor(readonly roots: Record<string, unknown> = {}) {
    [globalThis, roots].forEach((object, place) => {
      this.objects[place] = object;
      this.generations[place] = 0;
      this.abilities[place] = 0;
      this.#places.set(object, place);
    });
  }

  /** How many objects Python holds, and how many are put aside. */
  get sizes(): { held: number; aside: number } {
    const aside = this.#aside.size;
    return { held: this.#places.size - firstPlace - aside, aside };
  }

  find(object: unknown): number | undefined {
    const place = this.#places.get(object);
    if (place !== undefined && this.#aside.size > 0) {
      this.#aside.delete(place);
    }
    return place;
  }

  has(place: number, generation: number): boolean {
    return this.generations[place] === generation;
  }

  add(object: unknown, abilities: number): number {
    const place = this.#free.pop() ?? this.objects.length;
    this.objects[place] = object;
    this.generations[place] = (this.generations[place] ?? 0) + 1;
    this.abilities[place] = abilities;
    this.#cells[place] = this.#cell;
    this.#places.set(object, place);
    return place;
  }

  /** Python has let go of it. */
  release(place: number): void {
    if (place < firstPlace || this.objects[place] === undefined) {
      return;
    }
    if (this.#cells[place] === this.#cell) {
      this.#drop(place);
      return;
    }
    this.#aside.set(place, this.#cell);
    if (this.#aside.size > asideLimit) {
      const [oldest] = this.#aside.keys();
      this.#drop(oldest!);
    }
  }

  /** A cell begins: memory may go back to this moment. */
  beginCell(): void {
    this.#cell += 1;
    for (const [place, cell] of this.#aside) {
      if (cell > this.#cell - cellLimit) {
        break;
      }
      this.#drop(place);
    }
  }

  /** Memory was restored: these places, by generation, are what it names. */
  keep(used: ReadonlyMap<number, number>): void {
    for (const [place, generation] of used) {
      if (this.has(place, generation)) {
        this.#aside.delete(place);
      }
    }
    for (const place of [...this.#places.values()]) {
      const isUsed = used.get(place) === this.generations[place];
      if (place >= firstPlace && !isUsed && !this.#aside.has(place)) {
        this.#drop(place);
      }
    }
  }

  /** Nothing is held any more: Python begins anew. */
  clear(): void {
    this.#aside.clear();
    this.keep(new Map());
  }

  #drop(place: number): void {
    this.#aside.delete(place);
    this.#places.delete(this.objects[place]);
    this.objects[place] = undefined;
    // Until the place is given again, its name is nobody's.
    this.generations[place]! += 1;
    this.#free.push(place);
  }
}
