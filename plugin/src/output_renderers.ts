// `iodide.addOutputRenderer`: renderers that a notebook brings for values of
// its own, asked before any other way to show a result.

import { fragmentOf, make } from './dom.ts';

export interface OutputRenderer {
  shouldRender(value: unknown): unknown;
  /** HTML, or an element; nothing where it would rather not. */
  render(value: unknown): unknown;
}

/** What addOutputHandler took in 2018. */
export interface OutputHandler {
  shouldHandle(value: unknown): unknown;
  render(value: unknown): unknown;
}

function isRenderer(value: unknown): value is OutputRenderer {
  const { shouldRender, render } = (value ?? {}) as Partial<OutputRenderer>;
  return typeof shouldRender === 'function' && typeof render === 'function';
}

export class OutputRenderers {
  #renderers: OutputRenderer[] = [];

  get isEmpty(): boolean {
    return this.#renderers.length === 0;
  }

  add(renderer: unknown): void {
    if (!isRenderer(renderer)) {
      throw new TypeError(
        'an output renderer has the functions shouldRender and render',
      );
    }
    this.#renderers.push(renderer);
  }

  clear(): void {
    this.#renderers = [];
  }

  /** The element of the first renderer that wants the value and has something
   * to show for it; one that fails does not take the result with it. */
  view(value: unknown): HTMLElement | undefined {
    for (const renderer of this.#renderers) {
      try {
        const content = renderer.shouldRender(value)
          ? renderer.render(value)
          : undefined;
        const isShown =
          content instanceof Node ||
          (typeof content === 'string' && content !== '');
        if (isShown) {
          const box = make('div', {
            class: 'tn-output',
            'data-mime': 'text/html',
          });
          box.append(
            content instanceof Node ? content : fragmentOf(content),
          );
          return box;
        }
      } catch (error) {
        console.error('an output renderer failed:', error);
      }
    }
    return undefined;
  }
}
