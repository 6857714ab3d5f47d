// Formulas: TeX stands in the page as text, and becomes MathML where math.js
// came along.  What is saved is the text.

import { fragmentOf, make } from './dom.ts';
import type { Payload } from './payload.ts';

/** What math.js offers. */
export interface MathModule {
  style: string;
  render(tex: string, isDisplay: boolean): string;
}

/** A formula with its delimiters, or an environment without any. */
const FORMULA = new RegExp(
  [
    String.raw`\$\$([\s\S]+?)\$\$`,
    String.raw`\$((?:\\[\s\S]|[^$\\])+?)\$`,
    String.raw`\\\[([\s\S]+?)\\\]`,
    String.raw`\\\(([\s\S]+?)\\\)`,
    String.raw`(\\begin\{(\w+\*?)\}[\s\S]+?\\end\{\6\})`,
  ].join('|'),
  'g',
);

export interface Piece {
  text: string;
  /** Undefined for prose. */
  formula?: 'inline' | 'display';
}

/** Takes text apart into prose and formulas. */
export function splitFormulas(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(FORMULA)) {
    if (match.index > end) {
      pieces.push({ text: text.slice(end, match.index) });
    }
    const inline = match[2] ?? match[4];
    pieces.push({
      text: (inline ?? match[1] ?? match[3] ?? match[5]!).trim(),
      formula: inline === undefined ? 'display' : 'inline',
    });
    end = match.index + match[0].length;
  }
  if (end < text.length) {
    pieces.push({ text: text.slice(end) });
  }
  return pieces;
}

/** Renders every formula below an element, now and whenever one appears. */
export class MathView {
  readonly #observer = new MutationObserver(() => this.#renderAll());

  constructor(
    private readonly root: Element,
    private readonly module: MathModule,
  ) {
    document.head.append(make('style', {}, module.style));
    this.#renderAll();
    this.#observer.observe(root, { childList: true, subtree: true });
  }

  #renderAll(): void {
    for (const element of this.root.querySelectorAll<HTMLElement>(
      '.tn-math:not([data-rendered])',
    )) {
      this.#render(element);
    }
  }

  #render(element: HTMLElement): void {
    element.dataset.rendered = '';
    const pieces = splitFormulas(element.textContent ?? '');
    if (!pieces.some(({ formula }) => formula)) {
      return;
    }
    // A formula that is all of an output stands by itself, as in Jupyter.
    const isAlone = pieces.filter(({ text }) => text.trim()).length === 1;
    const isDisplay = isAlone && 'display' in element.dataset;
    element.replaceChildren(
      ...pieces.map(({ text, formula }) =>
        formula
          ? fragmentOf(
              this.module.render(text, isDisplay || formula === 'display'),
            )
          : text,
      ),
    );
  }
}

/** Shows formulas where the report carries what that takes; where that is
 * damaged they stay text. */
export function showMath(payload: Payload, root: Element): void {
  if (!payload.has('math.js')) {
    return;
  }
  try {
    const code = payload.text('math.js');
    const run = new Function(`${code}\nreturn tinctureMath;`) as () => unknown;
    new MathView(root, run() as MathModule);
  } catch (error) {
    console.error(error);
  }
}
