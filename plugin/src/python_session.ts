// Python for the page's JavaScript: code in, values out, exceptions as
// Errors.  Shared by the player and the Iodide plugin; knows no DOM.

import type { KernelApi } from './kernel.ts';
import type { ExecuteReplyContent, Message } from './messages.ts';
import { fromTagged } from './values.ts';

/** Takes the events of an execution: text, displays. */
export type EventSink = (message: Message) => void;

/** Iodide shows an Error by its stack and cuts that at the first frame of its
 * own; a stack that begins there leaves the message alone. */
const QUIET_STACK = 'Error\n    at x (http://h/iodide.eval-frame.js:1:1)';

const ANSI = /\u001b\[[0-9;]*m/g;

export interface PythonFailure {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** An Error named after the Python exception; its message is the traceback. */
export function pythonError(failure: PythonFailure): Error {
  const text = failure.traceback.join('\n').replace(ANSI, '').trimEnd();
  const error = new Error(text || `${failure.ename}: ${failure.evalue}`);
  error.name = failure.ename;
  error.stack = QUIET_STACK;
  return error;
}

/** Python counts code points, JavaScript UTF-16 units. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) {
    count += 1;
  }
  return count;
}

/** The UTF-16 offset of a number of code points. */
export function unitsOf(text: string, points: number): number {
  let units = 0;
  for (const character of text) {
    if (points-- <= 0) {
      break;
    }
    units += character.length;
  }
  return units;
}

export interface Completions {
  matches: string[];
  /** UTF-16 offsets of what a match replaces. */
  start: number;
  end: number;
}

export class PythonSession {
  /** Takes what no cell and no caller asked for. */
  sink: EventSink = () => undefined;

  constructor(readonly kernel: KernelApi) {}

  async run(code: string, sink: EventSink = this.sink): Promise<unknown> {
    const reply = await this.kernel.request(
      'execute_request',
      this.#request(code, this.kernel.canSuspend),
      { onEvent: sink },
    );
    return this.#valueOf(reply.content, reply.buffers);
  }

  runNow(code: string, sink: EventSink = this.sink): unknown {
    const reply = this.kernel.requestNow(
      'execute_request',
      this.#request(code, false),
      { onEvent: sink },
    );
    return this.#valueOf(reply.content, reply.buffers);
  }

  /** Evaluates without output, history or a change of `_`. */
  evaluate(expression: string): unknown {
    const reply = this.kernel.requestNow('execute_request', {
      ...this.#request(expression, false),
      silent: true,
      store_history: false,
    });
    return this.#valueOf(reply.content, reply.buffers);
  }

  async complete(code: string, position: number): Promise<Completions> {
    const reply = await this.kernel.request('complete_request', {
      code,
      cursor_pos: codePoints(code.slice(0, position)),
    });
    return this.#completions(code, reply.content);
  }

  completeNow(code: string): Completions {
    const reply = this.kernel.requestNow('complete_request', {
      code,
      cursor_pos: codePoints(code),
    });
    return this.#completions(code, reply.content);
  }

  /** What is known about the name at `position`, as text. */
  async inspect(code: string, position: number): Promise<string | undefined> {
    const reply = await this.kernel.request('inspect_request', {
      code,
      cursor_pos: codePoints(code.slice(0, position)),
      detail_level: 0,
    });
    const { content } = reply;
    if (content.status !== 'ok' || !content.found) {
      return undefined;
    }
    return String(content.data['text/plain'] ?? '').replace(ANSI, '');
  }

  #request(code: string, canAsk: boolean) {
    return {
      code,
      silent: false,
      store_history: true,
      allow_stdin: canAsk,
      stop_on_error: true,
      value: true,
    };
  }

  #valueOf(content: ExecuteReplyContent, buffers?: Uint8Array[]): unknown {
    if (content.status === 'ok') {
      return fromTagged(content.value, buffers);
    }
    if (content.status === 'error') {
      throw pythonError(content);
    }
    throw pythonError({
      ename: 'Aborted',
      evalue: 'the execution was aborted',
      traceback: [],
    });
  }

  #completions(
    code: string,
    content: Message<'complete_reply'>['content'],
  ): Completions {
    if (content.status !== 'ok') {
      return { matches: [], start: code.length, end: code.length };
    }
    return {
      matches: content.matches,
      start: unitsOf(code, content.cursor_start),
      end: unitsOf(code, content.cursor_end),
    };
  }
}

/** The variables of Python's main module, by value: what JSON can say goes
 * in, what fromTagged makes comes out. */
export class PythonGlobals {
  constructor(private readonly session: () => PythonSession) {}

  get(name: string): unknown {
    return this.session().evaluate(`globals().get(${JSON.stringify(name)})`);
  }

  has(name: string): boolean {
    const key = JSON.stringify(name);
    return this.session().evaluate(`${key} in globals()`) === true;
  }

  set(name: string, value: unknown): void {
    const json = JSON.stringify(value) as string | undefined;
    if (json === undefined) {
      throw new TypeError(`JSON cannot say the value for ${name}`);
    }
    // A JSON string is a Python string literal too.
    const key = JSON.stringify(name);
    const text = JSON.stringify(json);
    this.session().evaluate(
      `globals().__setitem__(${key}, __import__("json").loads(${text}))`,
    );
  }

  keys(): string[] {
    return this.session().evaluate(
      '[name for name in globals() if not name.startswith("_")]',
    ) as string[];
  }
}
