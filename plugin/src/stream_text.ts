// The text of a stream in the page, while it grows.
//
// A browser lays out a <pre> as a whole whenever text is added, which for a
// megabyte takes a tenth of a second each time. So whole lines become blocks of
// some hundred lines of their own: only the last one is laid out again, and
// those that are out of sight are not laid out at all.

import { make } from './dom.ts';

/** Characters that make a block, up to the end of a line. */
const blockSize = 1 << 14;

function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    count += 1;
  }
  return count;
}

/** Lines without their last newline, which stands hidden behind them: the end
 * of a block is a new line already, in the page and in what is copied. */
function makeBlock(lines: string): [HTMLElement, HTMLElement] {
  const block = make('span', { class: 'tn-lines' }, lines);
  block.style.containIntrinsicBlockSize = `auto ${countLines(lines)}lh`;
  return [block, make('span', { hidden: true }, '\n')];
}

export class StreamText {
  /** What stands behind the last block. */
  readonly #rest = new Text();
  readonly #pre: HTMLElement;

  /** For an empty element, which shows text as it is. */
  constructor(pre: HTMLElement) {
    this.#pre = pre;
    pre.append(this.#rest);
  }

  add(text: string): void {
    this.#rest.appendData(text);
    if (this.#rest.length > blockSize) {
      this.#makeBlocks();
    }
  }

  #makeBlocks(): void {
    const text = this.#rest.data;
    const parts: HTMLElement[] = [];
    let start = 0;
    for (;;) {
      const end = text.indexOf('\n', start + blockSize);
      if (end < 0) {
        break;
      }
      parts.push(...makeBlock(text.slice(start, end)));
      start = end + 1;
    }
    if (start > 0) {
      this.#rest.data = text.slice(start);
      this.#pre.append(...parts, this.#rest);
    }
  }
}
