// From the kernel's messages to a cell's outputs as nbformat has them.

import { isMessage, type JsonObject, type Message } from './messages.ts';

/** stream, display_data, execute_result or error, as nbformat 4.5 has it. */
export type Output = JsonObject & { output_type: string };

export interface Display {
  output: Output;
  /** Later update_display_data messages find it by this. */
  displayId: string | null;
}

function idOf(transient: JsonObject | undefined): string | null {
  const id = transient?.display_id;
  return typeof id === 'string' ? id : null;
}

/** What a message shows; null for one that shows nothing new. */
export function displayOf(message: Message): Display | null {
  if (isMessage(message, 'stream')) {
    const { name, text } = message.content;
    return { output: { output_type: 'stream', name, text }, displayId: null };
  }
  if (isMessage(message, 'display_data')) {
    const { data, metadata, transient } = message.content;
    return {
      output: { output_type: 'display_data', data, metadata },
      displayId: idOf(transient),
    };
  }
  if (isMessage(message, 'execute_result')) {
    const { data, metadata, execution_count, transient } = message.content;
    return {
      output: { output_type: 'execute_result', data, metadata, execution_count },
      displayId: idOf(transient),
    };
  }
  if (isMessage(message, 'error')) {
    const { ename, evalue, traceback } = message.content;
    return {
      output: { output_type: 'error', ename, evalue, traceback },
      displayId: null,
    };
  }
  return null;
}

/** The outputs of one cell, entered message by message. */
export class OutputList {
  #displays: Display[] = [];
  #clearsOnNext = false;

  get outputs(): Output[] {
    return this.#displays.map((display) => display.output);
  }

  /** Updates of displays go to update(), for they may be another cell's. */
  enter(message: Message): void {
    if (isMessage(message, 'clear_output')) {
      this.#clearsOnNext = true;
      if (!message.content.wait) {
        this.#clearIfDue();
      }
      return;
    }
    const display = displayOf(message);
    if (display !== null) {
      this.#clearIfDue();
      this.#append(display);
    }
  }

  /** Exchanges the content of every display with the message's id. */
  update(message: Message<'update_display_data'>): void {
    const { data, metadata, transient } = message.content;
    const id = idOf(transient);
    this.#displays
      .filter((display) => id !== null && display.displayId === id)
      .forEach((display) => {
        display.output = { ...display.output, data, metadata };
      });
  }

  add(output: Output): void {
    this.#append({ output, displayId: null });
  }

  #clearIfDue(): void {
    if (this.#clearsOnNext) {
      this.#displays = [];
      this.#clearsOnNext = false;
    }
  }

  /** Text joins what the same stream wrote just before. */
  #append(display: Display): void {
    const last = this.#displays.at(-1)?.output;
    const { output } = display;
    if (
      output.output_type === 'stream' &&
      last?.output_type === 'stream' &&
      last.name === output.name
    ) {
      last.text = `${String(last.text)}${String(output.text)}`;
    } else {
      this.#displays.push(display);
    }
  }
}
