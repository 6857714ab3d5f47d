// The ids that Iodide gives to chunks: a hash of the text, and how many equal
// ones stand before it.  Pure.

/** As Java hashes strings. */
export function hashText(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  }
  return hash;
}

export class ChunkIds {
  #counts = new Map<number, number>();

  /** The id of the next chunk of a notebook. */
  next(text: string): string {
    const hash = hashText(text);
    const count = this.#counts.get(hash) ?? 0;
    this.#counts.set(hash, count + 1);
    return `${hash}_${count}`;
  }
}
