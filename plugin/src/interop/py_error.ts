// A Python exception that reached JavaScript.

import type { PyProxy } from './py_proxy.ts';

/** The exception object belongs to an error for as long as that lives, so
 * that Python gets the same one back. */
const exceptions = new WeakMap<object, PyProxy>();

export class PythonError extends Error {
  /** The name of the exception's class. */
  readonly type: string;

  constructor(type: string, message: string, exception?: PyProxy) {
    super(message);
    this.name = 'PythonError';
    this.type = type;
    Object.defineProperty(this, 'name', { enumerable: false });
    if (exception !== undefined) {
      exceptions.set(this, exception);
    }
  }
}

/** The Python exception that an error stands for. */
export function exceptionOf(error: unknown): PyProxy | undefined {
  return typeof error === 'object' && error !== null
    ? exceptions.get(error)
    : undefined;
}

/** Lets an error stand for the same exception as another one. */
export function inheritException(error: Error, from: unknown): void {
  const exception = exceptionOf(from);
  if (exception !== undefined) {
    exceptions.set(error, exception);
  }
}
