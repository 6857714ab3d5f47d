// `window.iodide` in a packed page: what chunks of Iodide notebooks call, of
// version 0.20 and, where it was taken out since, of 2018.

import type { Continuation } from './continuation.ts';
import { makeEnvironment, type EnvironmentHost } from './environment.ts';
import { readDataSync } from './fetch_data.ts';
import { makeIodideFiles, type FilesHost } from './iodide_files.ts';
import type { OutputHandler, OutputRenderers } from './output_renderers.ts';
import type { OutputsView } from './outputs_view.ts';

/** The version of Iodide whose behaviour this follows. */
const IODIDE_VERSION = '0.20.3';

/** What scripts may call before the page is loaded throws there. */
export interface IodideHost {
  /** Of the chunk that was started last: as in Iodide, what arrives late from
   * a timer lands there too. */
  outputs(): OutputsView | undefined;
  notebook(): { renderers: OutputRenderers; continuation: Continuation };
  files(): FilesHost;
  environment: EnvironmentHost;
}

function makeOutput(outputs: () => OutputsView | undefined): object {
  const append = (element: HTMLElement): void => {
    const target = outputs();
    if (!target) {
      throw new TypeError('no chunk is running, so there is no output');
    }
    target.addElement(element);
  };
  return {
    /** An empty element at the end of the running chunk's outputs. */
    element(nodeType: string): HTMLElement {
      const box = document.createElement('div');
      box.className = 'tn-output';
      box.dataset.mime = 'text/html';
      const element = document.createElement(nodeType);
      box.append(element);
      append(box);
      return element;
    },
    /** Text there, each line an element. */
    text(text: unknown): void {
      const box = document.createElement('div');
      box.className = 'tn-output tn-line';
      box.dataset.mime = 'text/plain';
      for (const words of String(text).split('\n')) {
        const line = document.createElement('div');
        line.textContent = words;
        box.append(line);
      }
      append(box);
    },
  };
}

export function makeIodide(host: IodideHost): object {
  const renderers = (): OutputRenderers => host.notebook().renderers;
  const continuation = (): Continuation => host.notebook().continuation;
  return {
    VERSION: IODIDE_VERSION,
    output: makeOutput(() => host.outputs()),
    addOutputRenderer: (renderer: unknown): void => renderers().add(renderer),
    clearOutputRenderers: (): void => renderers().clear(),
    addOutputHandler: ({ shouldHandle, render }: OutputHandler): void =>
      renderers().add({ shouldRender: shouldHandle, render }),
    getDataSync: (url: string): string =>
      readDataSync(String(url), host.files().files),
    file: makeIodideFiles(() => host.files()),
    environment: makeEnvironment(host.environment),
    evalQueue: {
      requireExplicitContinuation: (): void => continuation().require(),
      continue: (): void => continuation().continue(),
      await: (promises: Iterable<unknown>): Promise<unknown[]> =>
        continuation().await(promises),
    },
  };
}
