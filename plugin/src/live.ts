// Outputs that are more than what is saved of them while Python runs: a
// figure that can be moved, a table that can be browsed.

import type { Comms } from './comms.ts';
import { Figure, FIGURE_MIME, FIGURE_TARGET } from './figure.ts';
import type { JsonObject, Message, MimeBundle } from './messages.ts';
import type { Output } from './outputs.ts';
import { TABLE_MIME, TableView } from './table.ts';

/** What is to be saved in the place of an output's own data. */
export interface LiveSnapshot {
  data: MimeBundle;
  metadata: JsonObject;
}

/** What an output is beside its element. */
export interface Live {
  /** True when these data, an update, change nothing of it. */
  keeps(data: MimeBundle): boolean;
  snapshot(): LiveSnapshot | undefined;
  /** The output's cell is about to run again. */
  release(): void;
  /** The element is gone. */
  dispose(): void;
}

/** Makes an output live that can be; `onOutput` takes what its callbacks in
 * Python print and show. */
export type Enliven = (
  output: Output,
  element: HTMLElement,
  onOutput: (message: Message) => void,
) => Live | undefined;

export function makeEnliven(comms: Comms): Enliven {
  comms.register(FIGURE_TARGET, (comm) => new Figure(comm));
  return (output, element, onOutput) => {
    const data = (output.data ?? {}) as MimeBundle;
    const description = data[FIGURE_MIME] as JsonObject | undefined;
    const figure = comms.find(String(description?.comm_id))?.listener;
    if (figure instanceof Figure) {
      figure.bind(element, onOutput);
      return figure;
    }
    const table = data[TABLE_MIME] as JsonObject | undefined;
    return table ? new TableView(comms, table, element) : undefined;
  };
}
