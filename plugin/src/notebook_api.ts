// `window.tincture.notebook`: the cells as scripts see and run them.

import type { CellView } from './cell_view.ts';
import type { RunResult } from './queue.ts';
import type { SaveOptions } from './saving.ts';

/** What the page does for scripts. */
export interface NotebookControl {
  readonly cells: readonly CellView[];
  /** Changes a cell's text from outside its editor. */
  setSource(cell: CellView, text: string): void;
  runAll(): Promise<RunResult[]>;
  run(index: number): Promise<RunResult>;
  undo(index: number): Promise<void>;
  save(options?: SaveOptions): Promise<Blob>;
}

/** One cell as scripts see it. */
function cellHandle(cell: CellView, control: NotebookControl): object {
  return {
    get index() {
      return cell.index;
    },
    get type() {
      return cell.type;
    },
    get flags() {
      return [...cell.flags];
    },
    get state() {
      return cell.state;
    },
    get element() {
      return cell.section;
    },
    get outputs() {
      return structuredClone(cell.outputs?.outputs ?? []);
    },
    get source() {
      return cell.source;
    },
    set source(text: string) {
      control.setSource(cell, String(text));
    },
  };
}

/** `current` throws while the page is still loading, `made` waits. */
export function makeNotebookApi(
  current: () => NotebookControl,
  made: Promise<NotebookControl>,
): object {
  return {
    get cells(): object[] {
      const control = current();
      return control.cells.map((cell) => cellHandle(cell, control));
    },
    runAll: async (): Promise<RunResult[]> => (await made).runAll(),
    run: async (index: number): Promise<RunResult> =>
      (await made).run(index),
    undo: async (index: number): Promise<void> => (await made).undo(index),
    save: async (options?: SaveOptions): Promise<Blob> =>
      (await made).save(options),
  };
}
