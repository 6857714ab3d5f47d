// Going back, in the page: which run of which cell is which step of the
// kernel's, the button that undoes a cell, and what the page shows of cells
// whose effects are gone.

import type { CellView } from './cell_view.ts';
import type { Comms } from './comms.ts';
import { tellDeath } from './death.ts';
import { showNotice } from './failure.ts';
import type { KernelApi, KernelDiedError } from './kernel.ts';
import { showToast } from './toast.ts';

/** A cell that was run in this life of the page. */
interface CellRun {
  cell: CellView;
  /** How many comms there had been when it began. */
  comms: number;
}

export interface UndoingHost {
  comms: Comms;
  /** Python's kernel, while it lives. */
  kernel: () => KernelApi | undefined;
  cells: () => readonly CellView[];
  /** The cell that runs now. */
  running: () => CellView | undefined;
  /** Something runs or waits to. */
  isBusy: () => boolean;
}

/** Runs whose labels are remembered: more than the kernel's steps. */
const RUN_LIMIT = 200;

export function formatSize(bytes: number): string {
  const megabytes = bytes / 2 ** 20;
  return megabytes < 10
    ? `${megabytes.toFixed(1)} MB`
    : `${Math.round(megabytes)} MB`;
}

function nameOf(cell: CellView): string {
  return `cell ${cell.index + 1}`;
}

export class Undoing {
  #runs = new Map<string, CellRun>();
  #count = 0;

  constructor(private readonly host: UndoingHost) {}

  /** A cell begins to run: the name of this run for the kernel. */
  begin(cell: CellView): string {
    this.#count += 1;
    const label = `run ${this.#count}`;
    this.#runs.set(label, { cell, comms: this.host.comms.count });
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > RUN_LIMIT && oldest !== undefined) {
      this.#runs.delete(oldest);
    }
    cell.undone = false;
    return label;
  }

  /** Names of the cells whose runs a death undid, beside the one in which it
   * happened. */
  othersOf(error: KernelDiedError, cell: CellView | undefined): string[] {
    return this.#cellsOf(error.undone ?? [])
      .filter((each) => each !== cell)
      .map(nameOf);
  }

  /** Python died and is back. The cell in which it happened tells of it. */
  recovered(error: KernelDiedError): void {
    const labels = error.undone ?? [];
    const running = this.host.running();
    const cells = this.#cellsOf(labels);
    this.host.comms.goBack(error.isFreshStart ? 0 : this.#commsBefore(labels));
    const others = cells.filter((cell) => cell !== running);
    (error.isFreshStart ? this.host.cells() : others).forEach((cell) => {
      cell.undone = cell !== running && cell.hasRun;
    });
    if (!running || !cells.includes(running)) {
      showNotice(
        'Python stopped for a moment',
        tellDeath(error, others.map(nameOf)),
      );
    }
    this.refresh();
  }

  /** Memory is fresh. */
  forget(): void {
    this.#runs.clear();
    this.host.cells().forEach((cell) => {
      cell.undone = false;
    });
    this.refresh();
  }

  /** Goes back to the state before the last run of this cell. */
  async undo(cell: CellView): Promise<void> {
    const kernel = this.host.kernel();
    const index = this.#stepOf(cell);
    if (!kernel || index < 0) {
      throw new RangeError(
        `${nameOf(cell)} cannot be undone: no state before it was kept`,
      );
    }
    if (this.host.isBusy()) {
      throw new Error('a cell cannot be undone while Python runs');
    }
    const labels = await kernel.undo(index);
    this.host.comms.goBack(this.#commsBefore(labels));
    const cells = this.#cellsOf(labels);
    cells.forEach((each) => {
      each.undone = true;
    });
    this.refresh();
    const rest = cells.length - 1;
    const also =
      rest > 0 ? ` ${rest} later ${rest === 1 ? 'cell is' : 'cells are'}` : '';
    showToast(
      `Python is back in the state before ${nameOf(cell)}.` +
        (also ? `${also} undone too.` : ''),
    );
  }

  /** Offers what can be undone now, with what that costs. */
  refresh(): void {
    const steps = this.host.kernel()?.undoSteps ?? [];
    const isBusy = this.host.isBusy();
    for (const cell of this.host.cells()) {
      const index = this.#stepOf(cell);
      if (index < 0) {
        cell.offerUndo(undefined);
        continue;
      }
      const behind = steps.slice(index);
      const size = behind.reduce((sum, step) => sum + step.size, 0);
      const rest = new Set(this.#cellsOf(behind.map(({ label }) => label)));
      rest.delete(cell);
      const also =
        rest.size > 0 ? ` and ${rest.size} that ran after it` : '';
      cell.offerUndo(
        () => void this.#undoAndTell(cell),
        `Undo this cell${also}: Python goes back to before (keeps ` +
          `${formatSize(size)} of memory for that)`,
        isBusy,
      );
    }
  }

  /** What the copies of memory take, in a sentence. */
  describe(): string {
    const kernel = this.host.kernel();
    const { copy = 0, undo = 0 } = kernel?.copySize ?? {};
    const count = kernel?.undoSteps.length ?? 0;
    const cells = count === 1 ? '1 run' : `${count} runs`;
    return copy === 0
      ? 'Python can go back to its start.'
      : `To go back when Python fails, ${formatSize(copy)} of memory are ` +
          `copied; to undo ${cells} of cells, ${formatSize(undo)} more.`;
  }

  async #undoAndTell(cell: CellView): Promise<void> {
    try {
      await this.undo(cell);
    } catch (error) {
      showToast(error instanceof Error ? error.message : String(error));
    }
  }

  /** The kernel's step before the last run of a cell, or -1. */
  #stepOf(cell: CellView): number {
    const steps = this.host.kernel()?.undoSteps ?? [];
    return steps.findLastIndex(
      ({ label }) => this.#runs.get(label)?.cell === cell,
    );
  }

  #cellsOf(labels: readonly string[]): CellView[] {
    const cells = labels.flatMap((label) => this.#runs.get(label)?.cell ?? []);
    return [...new Set(cells)];
  }

  /** Comms that there were when the first of these runs began. */
  #commsBefore(labels: readonly string[]): number {
    const counts = labels.flatMap((label) => this.#runs.get(label)?.comms ?? []);
    return Math.min(...counts, this.host.comms.count);
  }
}
