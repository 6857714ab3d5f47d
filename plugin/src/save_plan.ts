// What a file will contain, counted and in words.  Pure.

import type { Output } from './outputs.ts';

/** The live state is saved unless someone says otherwise while it adds less
 * than this to the file. */
export const STATE_DEFAULT_LIMIT = 20e6;

/** The state of Python, for the file. */
export type StatePlan =
  /** It is there; the bytes it adds. */
  | { kind: 'ready'; size: number }
  /** A cell runs; Save can wait for it. */
  | { kind: 'busy' }
  /** It cannot be had, and why. */
  | { kind: 'none'; reason: string };

export interface SavePlan {
  fileName: string;
  outputCount: number;
  /** Bytes of the text, the outputs and their markup. */
  textSize: number;
  fileCount: number;
  filesSize: number;
  /** Bytes of the file without the state. */
  bareSize: number;
  state: StatePlan;
  /** Files that cannot be in it. */
  skipped: readonly string[];
}

export function formatSize(size: number): string {
  if (size < 1000) {
    return `${size}\u00a0bytes`;
  }
  if (size < 1e5) {
    return `${Math.round(size / 1000)}\u00a0KB`;
  }
  return size < 1e7
    ? `${(size / 1e6).toFixed(1)}\u00a0MB`
    : `${Math.round(size / 1e6)}\u00a0MB`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Whether the state goes along when nobody has said anything. */
export function keepsByDefault(state: StatePlan): boolean {
  return state.kind === 'ready' && state.size < STATE_DEFAULT_LIMIT;
}

export function countOutputs(cells: readonly { outputs: Output[] }[]): number {
  return cells.reduce((sum, { outputs }) => sum + outputs.length, 0);
}

/** The one line. */
export function describePlan(plan: SavePlan, keepsState: boolean): string {
  const things = [
    plan.outputCount > 0
      ? `the text with ${plural(plan.outputCount, 'output')}`
      : 'the text',
  ];
  things[0] += ` (${formatSize(plan.textSize)})`;
  if (plan.fileCount > 0) {
    const files = plural(plan.fileCount, 'file');
    things.push(`${files} (${formatSize(plan.filesSize)})`);
  }
  let total = plan.bareSize;
  if (keepsState && plan.state.kind === 'ready') {
    things.push(`Python’s variables (${formatSize(plan.state.size)})`);
    total += plan.state.size;
  } else if (keepsState && plan.state.kind === 'busy') {
    things.push('Python’s variables');
  }
  things.push('Python itself');
  const last = things.pop()!;
  return (
    `${plan.fileName} will hold ${things.join(', ')} and ${last}: ` +
    `${formatSize(total)} in all.`
  );
}

/** What stands below the choice to keep the variables. */
export function describeState(state: StatePlan): string {
  switch (state.kind) {
    case 'ready':
      return (
        'Whoever opens the file goes on where you are now. ' +
        `Adds ${formatSize(state.size)}.`
      );
    case 'busy':
      return 'A cell is running: Save waits until it has ended.';
    case 'none':
      return `Not possible: ${state.reason}.`;
  }
}

/** What is said of files that are left out; empty for none. */
export function describeSkipped(names: readonly string[]): string {
  if (names.length === 0) {
    return '';
  }
  const shown = names.slice(0, 3).join(', ');
  const rest = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return `Left out, being too large, too many or oddly named: ${shown}${rest}.`;
}
