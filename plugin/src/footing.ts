// Frames at the foot of a stack that can be suspended, below Python's.
//
// Chromium takes a stack trace at some of a page's allocations: of one in every
// few million bytes (its heap profiler) or of one in thousands (GWP-ASan), in
// those of its processes that chance has chosen. What traces follows frame
// pointers, and where they end it looks for more in the next 8 KiB. It knows
// the bounds of the thread's own stack only. On a stack made by
// WebAssembly.promising it reads past the end, and the page has crashed: a
// print from a cell is enough (seen with Chromium 156).
//
// A trace has at most 255 frames, so one that begins above that many never
// comes to the end. They are a function of WebAssembly that calls itself and
// then Python; no JavaScript may stand there. Firefox takes about a microsecond
// a frame to suspend a stack, and has no need of them.

/** What an export gives back, in WebAssembly's binary form. */
export const resultType = { none: [], i32: [0x7f], f64: [0x7c] } as const;
export type ResultType = (typeof resultType)[keyof typeof resultType];

const frameCount = 256;

/** Engines inline short functions, into themselves too, and several calls
 * would share a frame; V8 does so up to 500 bytes. */
const fillerSize = 1024;

const i32 = 0x7f;
const typeOfFunction = 0x60;
const noLocals = 0;
const blockOfNothing = 0x40;
const op = {
  nop: 0x01,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  call: 0x10,
  localGet: 0x20,
  i32Const: 0x41,
  i32Subtract: 0x6b,
} as const;

type Bytes = readonly number[];

/** An unsigned number in LEB128. */
function numberBytes(value: number): number[] {
  const low = value & 0x7f;
  return value < 0x80 ? [low] : [low | 0x80, ...numberBytes(value >>> 7)];
}

/** A signed one, which is not negative. */
function constantBytes(value: number): number[] {
  const low = value & 0x7f;
  return value < 0x40 ? [low] : [low | 0x80, ...constantBytes(value >>> 7)];
}

function sized(bytes: Bytes): number[] {
  return [...numberBytes(bytes.length), ...bytes];
}

function list(items: readonly Bytes[]): number[] {
  return [...numberBytes(items.length), ...items.flat()];
}

function section(id: number, items: readonly Bytes[]): number[] {
  return [id, ...sized(list(items))];
}

function nameBytes(text: string): number[] {
  return sized([...new TextEncoder().encode(text)]);
}

/** A module with one import, a.run(value), and one export, run(value), which
 * calls it on top of the frames. */
function moduleBytes(result: ResultType): Uint8Array<ArrayBuffer> {
  const [run, climb] = [0, 1];
  const calls = [typeOfFunction, ...sized([i32]), ...sized(result)];
  const climbs = [typeOfFunction, ...sized([i32, i32]), ...sized(result)];
  const climbBody = [
    ...Array.from({ length: fillerSize }, () => op.nop),
    ...[op.localGet, 0, op.if, result[0] ?? blockOfNothing],
    ...[op.localGet, 0, op.i32Const, 1, op.i32Subtract],
    ...[op.localGet, 1, op.call, climb],
    ...[op.else, op.localGet, 1, op.call, run, op.end],
  ];
  const runBody = [
    ...[op.i32Const, ...constantBytes(frameCount)],
    ...[op.localGet, 0, op.call, climb],
  ];
  const code = [climbBody, runBody].map((body) =>
    sized([noLocals, ...body, op.end]),
  );
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [calls, climbs]),
    ...section(2, [[...nameBytes('a'), ...nameBytes('run'), 0, 0]]),
    ...section(3, [[1], [0]]),
    ...section(7, [[...nameBytes('run'), 0, 2]]),
    ...section(10, code),
  ]);
}

/** Whether stacks need them: in Chromium and what is made from it. */
export function needsFooting(): boolean {
  return /Chrome\//.test(globalThis.navigator?.userAgent ?? '');
}

/** The export, on top of the frames, for WebAssembly.promising. */
export function withFooting<R>(
  run: (value: number) => R,
  result: ResultType,
): (value: number) => R {
  const module = new WebAssembly.Module(moduleBytes(result));
  const { exports } = new WebAssembly.Instance(module, { a: { run } });
  return exports['run'] as (value: number) => R;
}
