// `window.tincture`, and `window.pyodide` for notebooks that were written for
// it: the one object through which a page's scripts use Python.

import { PythonGlobals, type PythonSession } from './python_session.ts';
import type { EventSink } from './python_session.ts';
import { isMessage } from './messages.ts';
import { version } from './version.ts';

export interface TincturePage {
  /** Resolves when Python can run, rejects when it cannot start. */
  readonly ready: Promise<void>;
  readonly version: string;
  readonly globals: PythonGlobals;
  /** Runs to the end before it returns: no waiting, no Stop inside. */
  runPython(code: string): unknown;
  /** Rejects with an Error whose name is the Python exception's class and
   * whose message is the traceback. */
  runPythonAsync(
    code: string,
    messageCallback?: (text: string) => void,
  ): Promise<unknown>;
  /** Bare names that may stand where `code` ends. */
  autocomplete(code: string): string[];
  interrupt(): void;
}

export interface ApiOptions {
  ready: Promise<void>;
  /** The running Python; throws while there is none. */
  session: () => PythonSession;
  /** Where output of the caller's code goes. */
  sink: (messageCallback?: (text: string) => void) => EventSink;
}

/** What completes `a.b` is `c`, where the kernel may say `a.b.c`. */
export function bareName(match: string): string {
  return match.slice(match.lastIndexOf('.') + 1).replace(/\($/, '');
}

export function makeApi(options: ApiOptions): TincturePage {
  const { ready, session, sink } = options;
  return {
    ready,
    version,
    globals: new PythonGlobals(session),
    runPython: (code) => session().runNow(String(code), sink()),
    runPythonAsync: async (code, messageCallback) => {
      await ready;
      return session().run(String(code), sink(messageCallback));
    },
    autocomplete: (code) => {
      try {
        const { matches } = session().completeNow(String(code));
        return [...new Set(matches.map(bareName))];
      } catch {
        // Python is not there yet, or busy: no names, rather than an error in
        // the middle of typing.
        return [];
      }
    },
    interrupt: () => session().kernel.interrupt(),
  };
}

type TakeText = (text: string, stream: 'stdout' | 'stderr') => void;

/** Sends each line of what is printed to `line`, and what is displayed to
 * `display`; `line` gets the unfinished last line when the cell ends. */
export function lineSink(line: TakeText, display: EventSink): EventSink {
  return textSink((text, stream) => {
    text.split('\n').forEach((each) => line(each, stream));
  }, display);
}

/** The same with all the whole lines that came together as one text. */
export function textSink(take: TakeText, display: EventSink): EventSink {
  const held = { stdout: '', stderr: '' };
  return (message) => {
    if (isMessage(message, 'stream')) {
      const { name, text } = message.content;
      const all = held[name] + text;
      const end = all.lastIndexOf('\n');
      held[name] = all.slice(end + 1);
      if (end >= 0) {
        take(all.slice(0, end), name);
      }
    } else if (isMessage(message, 'execute_reply')) {
      for (const name of ['stdout', 'stderr'] as const) {
        if (held[name] !== '') {
          take(held[name], name);
          held[name] = '';
        }
      }
    } else {
      display(message);
    }
  };
}

/** A global that does not show up among the user's variables. */
export function defineGlobal(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, {
    value,
    configurable: true,
    writable: true,
    enumerable: false,
  });
}

/** The names that Pyodide 0.15 had beside ours. */
function addOldNames(api: TincturePage): void {
  const pyimport = (name: string): unknown => api.globals.get(name);
  const loadPackage = (
    names: string | string[],
    messageCallback?: (text: string) => void,
  ): Promise<void> => {
    const list = ([] as string[]).concat(names).join(', ');
    messageCallback?.(`${list}: nothing to load, all packages are here`);
    return api.ready;
  };
  Object.defineProperties(api, {
    pyimport: { value: pyimport },
    loadPackage: { value: loadPackage },
    loadedPackages: { value: {} },
    repr: { value: (value: unknown) => String(value) },
    checkABI: { value: () => true },
  });
}

export function publishApi(api: TincturePage): void {
  addOldNames(api);
  defineGlobal('tincture', api);
  if (!('pyodide' in globalThis)) {
    defineGlobal('pyodide', api);
  }
}
