// `pyodide.ffi` for JavaScript: the classes by which proxies are told apart.

import { ability } from './py_abilities.ts';
import { PyBufferView } from './py_buffer.ts';
import { PythonError } from './py_error.ts';
import { findState, PyProxy } from './py_proxy.ts';

/** A class whose instances are the proxies with an ability. */
function makeClass(name: string, flag: number): typeof PyProxy {
  const named = {
    [name]: class extends PyProxy {
      static override [Symbol.hasInstance](value: unknown): boolean {
        const state = findState(value);
        return state !== undefined && (state.shared.flags & flag) !== 0;
      }
    },
  };
  return named[name]!;
}

export const ffi = Object.freeze({
  PyProxy,
  PyProxyWithLength: makeClass('PyProxyWithLength', ability.length),
  PyProxyWithGet: makeClass('PyProxyWithGet', ability.get),
  PyProxyWithSet: makeClass('PyProxyWithSet', ability.set),
  PyProxyWithHas: makeClass('PyProxyWithHas', ability.has),
  PyDict: makeClass('PyDict', ability.dict),
  PyIterable: makeClass('PyIterable', ability.iterable),
  PyAsyncIterable: makeClass('PyAsyncIterable', ability.asyncIterable),
  PyIterator: makeClass('PyIterator', ability.iterator),
  PyAsyncIterator: makeClass('PyAsyncIterator', ability.asyncIterator),
  PyGenerator: makeClass('PyGenerator', ability.generator),
  PyAsyncGenerator: makeClass('PyAsyncGenerator', ability.asyncGenerator),
  PyAwaitable: makeClass('PyAwaitable', ability.awaitable),
  PyCallable: makeClass('PyCallable', ability.callable),
  PyBuffer: makeClass('PyBuffer', ability.buffer),
  PyBufferView,
  PythonError,
  PySequence: makeClass('PySequence', ability.sequence),
  PyMutableSequence: makeClass('PyMutableSequence', ability.mutableSequence),
});
