// What a cell's or a caller's value becomes in the page's scripts: JavaScript's
// own values wherever there are such, as Iodide's notebooks expect; else the
// Python object itself, as a proxy.

import { ability } from './interop/py_abilities.ts';
import { copyBuffer } from './interop/py_buffer.ts';
import { PythonError } from './interop/py_error.ts';
import { isPyProxy, liveOf, type PyProxy } from './interop/py_proxy.ts';
import { type Conversion, convertDeeply } from './interop/py_to_js.ts';

/** Arrays of 64-bit integers, texts and objects become plain arrays, numpy's
 * numbers plain numbers. */
function convertBuffer(proxy: PyProxy, conversion: Conversion): unknown {
  const { port, handle } = liveOf(proxy);
  const plain = port.help('plain_result', handle);
  if (!isPyProxy(plain)) {
    return plain;
  }
  try {
    const shared = liveOf(plain);
    return (shared.flags & ability.buffer) !== 0
      ? copyBuffer(shared)
      : conversion.convert(plain, -1);
  } finally {
    plain.destroy();
  }
}

/** Collections and buffers by value, whatever else is in them as proxies. */
export function convertResult(value: unknown): unknown {
  if (!isPyProxy(value)) {
    return value;
  }
  let result: unknown;
  try {
    result = convertDeeply(value, {}, convertBuffer);
  } catch (error) {
    // A dict with keys that are no names, for example: it stays Python's.
    if (error instanceof PythonError) {
      return value;
    }
    throw error;
  }
  if (isPyProxy(result)) {
    result.destroy();
    return value;
  }
  value.destroy();
  return result;
}
