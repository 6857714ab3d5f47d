// `window.tincture`, and `window.pyodide` for notebooks that were written for
// it: the one object through which a page's scripts use Python. The names are
// Pyodide's where it has such.

import { ffi } from './interop/py_ffi.ts';
import { isPyProxy, type PyProxy } from './interop/py_proxy.ts';
import type { PythonSession, RunOptions } from './python_session.ts';
import type { EventSink } from './python_session.ts';
import { isMessage } from './messages.ts';
import { makeFileSystem, type PageFileSystem } from './page_files.ts';
import { convertResult } from './results.ts';
import { version } from './version.ts';

/** The second argument of Pyodide 0.15, and of today's. */
export type RunArgument = ((text: string) => void) | RunOptions;

export interface OutputOptions {
  batched?: (line: string) => void;
  raw?: (byte: number) => void;
  write?: (bytes: Uint8Array) => void;
  isatty?: boolean;
}

export interface InputOptions {
  stdin?: () => unknown;
  error?: boolean;
}

export interface ToPyOptions {
  depth?: number;
  defaultConverter?: (
    value: unknown,
    convert: (value: unknown) => unknown,
    cacheConversion: (input: unknown, output: unknown) => void,
  ) => unknown;
}

export interface TincturePage {
  /** Resolves when Python can run, rejects when it cannot start. */
  readonly ready: Promise<void>;
  readonly version: string;
  /** The variables of Python's main module: a proxy of their dict. */
  readonly globals: PyProxy;
  readonly ffi: typeof ffi;
  readonly FS: PageFileSystem;
  /**
   * Runs to the end before it returns: no waiting, no Stop inside; also while
   * a cell runs. Collections and arrays come by value, with `options` as
   * proxies.
   */
  runPython(code: string, options?: RunArgument): unknown;
  /** Rejects with an Error whose name is the Python exception's class and
   * whose message is the traceback. */
  runPythonAsync(code: string, options?: RunArgument): Promise<unknown>;
  /** Bare names that may stand where `code` ends. */
  autocomplete(code: string): string[];
  interrupt(): void;
  toPy(value: unknown, options?: ToPyOptions): unknown;
  isPyProxy(value: unknown): boolean;
  /** A variable by value, or else a module, or what is in one. */
  pyimport(name: string): unknown;
  registerJsModule(name: string, module: object): void;
  unregisterJsModule(name: string): void;
  setStdout(options?: OutputOptions): void;
  setStderr(options?: OutputOptions): void;
  setStdin(options?: InputOptions): void;
  unpackArchive(
    buffer: ArrayBuffer | ArrayBufferView,
    format: string,
    options?: { extractDir?: string },
  ): void;
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

function setOutput(
  session: PythonSession,
  name: 'stdout' | 'stderr',
  options: OutputOptions,
): void {
  const kinds = ['batched', 'raw', 'write'] as const;
  const given = kinds.filter((kind) => options[kind] !== undefined);
  if (given.length > 1) {
    throw new TypeError(`give one of ${kinds.join(', ')}`);
  }
  const [kind] = given;
  const take = kind === undefined ? undefined : options[kind];
  session.help('set_output', name, kind ?? '', take, options.isatty === true);
}

function refuseInterruptBuffer(): never {
  throw new Error(
    'Python runs in this page and gives it its turns, so an interrupt needs ' +
      'no buffer: call interrupt()',
  );
}

/** All bytes, whatever the view. */
function bytesOf(source: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}

export function makeApi(options: ApiOptions): TincturePage {
  const { ready, session, sink } = options;
  return {
    ready,
    version,
    ffi,
    FS: makeFileSystem(session),
    get globals() {
      return session().globals;
    },
    runPython: (code, argument) =>
      typeof argument === 'object'
        ? session().runWith(String(code), argument)
        : session().runNow(String(code), sink(argument)),
    runPythonAsync: async (code, argument) => {
      await ready;
      return typeof argument === 'object'
        ? session().runWithLater(String(code), argument)
        : session().run(String(code), sink(argument));
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
    toPy: (value, { depth = -1, defaultConverter } = {}) =>
      session().help('to_py', value, depth, defaultConverter),
    isPyProxy,
    pyimport: (name) => convertResult(session().help('import_name', name)),
    registerJsModule: (name, module) => {
      session().help('register_module', name, module);
    },
    unregisterJsModule: (name) => {
      session().help('unregister_module', name);
    },
    setStdout: (given = {}) => setOutput(session(), 'stdout', given),
    setStderr: (given = {}) => setOutput(session(), 'stderr', given),
    setStdin: ({ stdin, error } = {}) => {
      const give = error === true ? () => undefined : stdin;
      session().help('set_input', give);
    },
    unpackArchive: (buffer, format, { extractDir } = {}) => {
      const path = `/tmp/archive-${Date.now()}`;
      const { kernel } = session();
      kernel.writeFile(path, bytesOf(buffer));
      try {
        session().help('unpack', path, format, extractDir);
      } finally {
        session().help('change_files', 'unlink', path);
      }
    },
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

/** Names that Pyodide has, or had in 0.15, and that need no more here. */
function addOtherNames(api: TincturePage): void {
  const loadPackage = (
    names: unknown,
    options?: RunArgument & { messageCallback?: (text: string) => void },
  ): Promise<never[]> => {
    const tell =
      typeof options === 'function' ? options : options?.messageCallback;
    const list = ([] as unknown[]).concat(names).join(', ');
    tell?.(`${list}: nothing to load, all packages are here`);
    return api.ready.then(() => []);
  };
  Object.defineProperties(api, {
    loadPackage: { value: loadPackage },
    loadPackagesFromImports: {
      value: () => loadPackage('the imports'),
    },
    loadedPackages: { value: {} },
    repr: { value: (value: unknown) => String(value) },
    checkABI: { value: () => true },
    checkInterrupt: { value: () => undefined },
    setInterruptBuffer: { value: refuseInterruptBuffer },
    setDebug: { value: () => false },
    pyodide_py: { get: () => api.pyimport('pyodide') },
    code: { get: () => api.pyimport('pyodide.code') },
  });
}

export function publishApi(api: TincturePage): void {
  addOtherNames(api);
  defineGlobal('tincture', api);
  if (!('pyodide' in globalThis)) {
    defineGlobal('pyodide', api);
  }
}
