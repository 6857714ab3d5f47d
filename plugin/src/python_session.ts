// Python for the page's JavaScript: code in, values out, exceptions as
// Errors.  Shared by the player and the Iodide plugin; knows no DOM.

import { PythonError } from './interop/py_error.ts';
import type { PyProxies } from './interop/py_proxies.ts';
import type { PyProxy } from './interop/py_proxy.ts';
import type { KernelApi } from './kernel.ts';
import { KernelBusyError } from './kernel_types.ts';
import type { Message } from './messages.ts';
import { convertResult } from './results.ts';
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
export function pythonError(failure: PythonFailure): PythonError {
  const text = failure.traceback.join('\n').replace(ANSI, '').trimEnd();
  const message = text || `${failure.ename}: ${failure.evalue}`;
  return quieten(new PythonError(failure.ename, message));
}

/** What a caller of runPython gets for an exception that went through. */
export function quieten<E>(error: E): E {
  if (error instanceof PythonError) {
    error.name = error.type;
    error.stack = QUIET_STACK;
  }
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

type Completion = Message<'complete_reply'>['content'];

/** Of runPython and runPythonAsync. */
export interface RunOptions {
  globals?: unknown;
  locals?: unknown;
  filename?: string;
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

  /** Of the Python that is there now. */
  #globals: { port: object; names: PyProxy } | null = null;

  constructor(readonly kernel: KernelApi) {}

  async run(code: string, sink: EventSink = this.sink): Promise<unknown> {
    const reply = await this.kernel.request(
      'execute_request',
      this.#request(code),
      { onEvent: sink },
    );
    return this.valueOf(reply);
  }

  /** Also while a cell runs or waits: then it is no cell of its own, and what
   * it prints is that one's. */
  runNow(code: string, sink: EventSink = this.sink): unknown {
    try {
      const reply = this.kernel.requestNow(
        'execute_request',
        this.#request(code),
        { onEvent: sink },
      );
      return this.valueOf(reply);
    } catch (error) {
      if (!(error instanceof KernelBusyError) || !this.hasObjects) {
        throw error;
      }
    }
    return convertResult(this.runWith(code, {}));
  }

  /** Runs code in namespaces of the caller's; objects come as they are. */
  runWith(code: string, options: RunOptions): unknown {
    const { globals, locals, filename } = options;
    try {
      return this.help('run', code, globals, locals, filename);
    } catch (error) {
      throw quieten(error);
    }
  }

  /** The same for code with a top-level await, beside other tasks. */
  async runWithLater(code: string, options: RunOptions): Promise<unknown> {
    const { globals, locals, filename } = options;
    try {
      return await this.help('run_later', code, globals, locals, filename);
    } catch (error) {
      throw quieten(error);
    }
  }

  /** Whether Python's objects can be used from here: not those of a worker. */
  get hasObjects(): boolean {
    return 'proxies' in this.kernel;
  }

  /** Calls a function of py/tincture/js_api.py. */
  help(name: string, ...values: unknown[]): unknown {
    return this.#proxies.port.help(name, 0, ...values);
  }

  /** The variables of the main module. */
  get globals(): PyProxy {
    const { port } = this.#proxies;
    if (this.#globals === null || this.#globals.port !== port) {
      const names = port.help('main_names', 0) as PyProxy;
      this.#globals = { port, names };
    }
    return this.#globals.names;
  }

  get #proxies(): PyProxies {
    const { proxies } = this.kernel as { proxies?: PyProxies };
    if (proxies === undefined) {
      throw new KernelBusyError(
        'Python runs in a worker, and its objects cannot be used from here. ' +
          'Use runPythonAsync, or a notebook whose Python runs in the page.',
      );
    }
    return proxies;
  }

  async complete(code: string, position: number): Promise<Completions> {
    const reply = await this.kernel.request('complete_request', {
      code,
      cursor_pos: codePoints(code.slice(0, position)),
    });
    return this.#completions(code, reply.content);
  }

  completeNow(code: string): Completions {
    const end = codePoints(code);
    try {
      const reply = this.kernel.requestNow('complete_request', {
        code,
        cursor_pos: end,
      });
      return this.#completions(code, reply.content);
    } catch (error) {
      if (!(error instanceof KernelBusyError) || !this.hasObjects) {
        throw error;
      }
    }
    // A cell runs or waits: Python answers beside it.
    const answer = convertResult(this.help('complete', code, end));
    return this.#completions(code, {
      status: 'ok',
      ...(answer as object),
    } as Completion);
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

  /** Where Python cannot wait for an answer it says so by itself. */
  #request(code: string) {
    return {
      code,
      silent: false,
      store_history: true,
      allow_stdin: true,
      stop_on_error: true,
      value: true,
      expose: this.hasObjects,
    };
  }

  /** What came of a request that asked for its value; throws the exception
   * that ended it. */
  valueOf({ content, buffers }: Message<'execute_reply'>): unknown {
    if (content.status === 'ok') {
      const make = this.hasObjects
        ? (handle: number, abilities: number): unknown =>
            this.#proxies.make(handle, abilities)
        : undefined;
      return convertResult(fromTagged(content.value, buffers, make));
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

  #completions(code: string, content: Completion): Completions {
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
