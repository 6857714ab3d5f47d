// The payload's script elements as the parser brings them: the page works on
// the first while the last are still being read.

/** An element of the payload, or what stands for one. */
export type Chunk = Pick<Element, 'textContent' | 'nextSibling'>;

/** Where all of a payload is, other than in a document. */
export interface ChunkStore {
  readonly readyState: 'complete';
  getElementById(id: string): Chunk | null;
}

export class Arrival {
  readonly #root: Document | ChunkStore;
  #waiting: (() => void)[] = [];

  constructor(root: Document | ChunkStore) {
    this.#root = root;
    if (root.readyState !== 'loading' || !('body' in root)) {
      return;
    }
    const observer = new MutationObserver(() => this.#wake());
    observer.observe(root.body, { childList: true });
    root.addEventListener(
      'DOMContentLoaded',
      () => {
        observer.disconnect();
        this.#wake();
      },
      { once: true },
    );
  }

  /** The parser has come to the document's end. */
  get isComplete(): boolean {
    return this.#root.readyState !== 'loading';
  }

  /** An element with all its text, or null when the document has none. */
  async element(id: string): Promise<Chunk | null> {
    for (;;) {
      const element = this.#root.getElementById(id);
      // Something behind it says that the parser is through with it.
      if (this.isComplete || element?.nextSibling) {
        return element;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    waiting.forEach((resolve) => resolve());
  }
}
