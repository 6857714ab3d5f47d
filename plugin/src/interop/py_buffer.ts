// The memory behind a Python buffer, as a typed array over the kernel's.

import { operation, type PythonPort } from './py_port.ts';
import type { Shared } from './py_proxy.ts';

type ViewMaker = (
  buffer: ArrayBuffer,
  offset: number,
  count: number,
) => ArrayBufferView;

/** A buffer that no typed array can show. */
export class FormatError extends Error {
  override name = 'FormatError';
}

interface ViewType {
  size: number;
  make: ViewMaker;
}

const viewTypes: Record<string, ViewType> = {
  i8: { size: 1, make: (...where) => new Int8Array(...where) },
  u8: { size: 1, make: (...where) => new Uint8Array(...where) },
  u8clamped: { size: 1, make: (...where) => new Uint8ClampedArray(...where) },
  i16: { size: 2, make: (...where) => new Int16Array(...where) },
  u16: { size: 2, make: (...where) => new Uint16Array(...where) },
  i32: { size: 4, make: (...where) => new Int32Array(...where) },
  u32: { size: 4, make: (...where) => new Uint32Array(...where) },
  i64: { size: 8, make: (...where) => new BigInt64Array(...where) },
  u64: { size: 8, make: (...where) => new BigUint64Array(...where) },
  f32: { size: 4, make: (...where) => new Float32Array(...where) },
  f64: { size: 8, make: (...where) => new Float64Array(...where) },
  dataview: { size: 1, make: (...where) => new DataView(...where) },
};

/** Letters of the module struct, on a machine whose long has 32 bits. */
const formats: Record<string, string> = {
  b: 'i8',
  B: 'u8',
  c: 'u8',
  s: 'u8',
  p: 'u8',
  '?': 'u8',
  h: 'i16',
  H: 'u16',
  i: 'i32',
  I: 'u32',
  l: 'i32',
  L: 'u32',
  n: 'i32',
  N: 'u32',
  q: 'i64',
  Q: 'u64',
  f: 'f32',
  d: 'f64',
};

/** `<l` and `=l` have 4 bytes as well, `<n` does not exist. */
function typeForFormat(format: string): string {
  const [letter = ''] = format.replace(/^[@=<]/, '');
  const type = format.length <= 2 ? formats[letter] : undefined;
  if (type === undefined || /^[>!]/.test(format)) {
    throw new FormatError(
      `a buffer of the format ${JSON.stringify(format)} has no typed array: ` +
        "say which one, 'dataview' for example, or use toJs()",
    );
  }
  return type;
}

interface Description {
  /** What releases it. */
  record: number;
  /** Of the first element, and of the lowest one in memory. */
  address: number;
  lowest: number;
  /** Bytes from the lowest element to the end of the highest. */
  span: number;
  nbytes: number;
  itemsize: number;
  readonly: boolean;
  c_contiguous: boolean;
  f_contiguous: boolean;
  format: string;
  shape: number[];
  /** In bytes. */
  strides: number[];
}

/** Values that kernel/js/proxy_buffer.c writes: 11, then shape and strides. */
const headCount = 11;
const dimensionLimit = 64;

function describe({ port, handle }: Shared): Description {
  const count = headCount + 2 * dimensionLimit;
  return port.perform(
    operation.buffer,
    handle,
    [],
    (base) => {
      const at = (index: number): unknown =>
        port.read(base + index * port.valueSize);
      const number = (index: number): number => at(index) as number;
      const dimensions = number(10);
      const list = (first: number): number[] =>
        Array.from({ length: dimensions }, (_, i) => number(first + i));
      return {
        record: number(0),
        address: number(1),
        lowest: number(2),
        span: number(3),
        nbytes: number(4),
        itemsize: number(5),
        readonly: at(6) === true,
        c_contiguous: at(7) === true,
        f_contiguous: at(8) === true,
        format: String(at(9)),
        shape: list(headCount),
        strides: list(headCount + dimensions),
      };
    },
    count,
  );
}

/** A buffer that Python keeps in its place until release(). */
export class PyBufferView {
  readonly offset: number;
  readonly readonly: boolean;
  readonly format: string;
  readonly itemsize: number;
  readonly ndim: number;
  readonly nbytes: number;
  readonly shape: number[];
  readonly strides: number[];
  readonly c_contiguous: boolean;
  readonly f_contiguous: boolean;
  readonly #port: PythonPort;
  readonly #lowest: number;
  readonly #count: number;
  readonly #make: ViewMaker;
  #record: number;
  #view: ArrayBufferView | null = null;

  constructor(port: PythonPort, found: Description, type: ViewType) {
    const { size, make } = type;
    this.#port = port;
    this.#record = found.record;
    this.#lowest = found.lowest;
    this.#count = found.span / size;
    this.#make = make;
    this.offset = (found.address - found.lowest) / size;
    this.readonly = found.readonly;
    this.format = found.format;
    this.itemsize = found.itemsize;
    this.ndim = found.shape.length;
    this.nbytes = found.nbytes;
    this.shape = found.shape;
    // With another type than the buffer's own, shape and strides are still
    // its items'.
    const unit = size === found.itemsize ? size : found.itemsize;
    this.strides = found.strides.map((stride) => stride / unit);
    this.c_contiguous = found.c_contiguous;
    this.f_contiguous = found.f_contiguous;
    const places = [found.lowest, found.span, found.address - found.lowest];
    if (
      places.some((place) => place % size !== 0) ||
      found.strides.some((stride) => stride % unit !== 0)
    ) {
      throw new FormatError(
        `the elements do not lie at multiples of ${size} bytes, which a ` +
          "typed array would need: use 'dataview' or toJs()",
      );
    }
  }

  /** Ask again after Python has run: when its memory has grown, arrays that
   * were got before have the length 0. */
  get data(): ArrayBufferView {
    if (this.#record === 0) {
      throw new Error('this buffer has been released');
    }
    this.#port.check();
    const { buffer } = this.#port;
    if (this.#view?.buffer !== buffer) {
      this.#view = this.#make(buffer, this.#lowest, this.#count);
    }
    return this.#view;
  }

  release(): void {
    const record = this.#record;
    if (record !== 0) {
      this.#record = 0;
      this.#view = null;
      try {
        this.#port.check();
      } catch {
        // Python is gone, and the buffer with it.
        return;
      }
      this.#port.operate(operation.releaseBuffer, 0, [record]);
    }
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

export function getBuffer(shared: Shared, type?: string): PyBufferView {
  if (type !== undefined && !Object.hasOwn(viewTypes, type)) {
    throw new Error(`Unknown type ${type}`);
  }
  const { port } = shared;
  const found = describe(shared);
  try {
    const name = type ?? typeForFormat(found.format);
    return new PyBufferView(port, found, viewTypes[name]!);
  } catch (error) {
    port.operate(operation.releaseBuffer, 0, [found.record]);
    throw error;
  }
}

/** A copy of a buffer: a typed array, or for several dimensions arrays of
 * them; undefined where no typed array has its elements. */
export function copyBuffer(shared: Shared): unknown {
  const view = getBuffer(shared);
  try {
    const { shape, strides } = view;
    const data = view.data as unknown as Float64Array;
    const copyRow = (start: number, count: number, stride: number): unknown => {
      const make = data.constructor as Float64ArrayConstructor;
      if (stride === 1) {
        // slice() would fill the new memory with zeros first.
        return new make(data.subarray(start, start + count));
      }
      const row = new make(count);
      for (let i = 0; i < count; i++) {
        row[i] = data[start + i * stride]!;
      }
      return row;
    };
    const copy = (start: number, axis: number): unknown => {
      const count = shape[axis] ?? 1;
      const stride = strides[axis] ?? 1;
      return axis + 1 >= shape.length
        ? copyRow(start, count, stride)
        : Array.from({ length: count }, (_, i) =>
            copy(start + i * stride, axis + 1),
          );
    };
    return shape.length === 0 ? data[view.offset] : copy(view.offset, 0);
  } finally {
    view.release();
  }
}
