// One instance of core.wasm: its imports, its exports, its memory.
//
// No Emscripten JavaScript is involved; the imports below are all there are
// (kernel/hosts/web.h says what each does). Memory can grow in any call, so no
// view of it outlives one, and a pointer is a number that `>>> 0` makes
// unsigned.

import {
  needsFooting,
  type ResultType,
  resultType,
  withFooting,
} from './footing.ts';
import { Interop, type Mail } from './interop/interop.ts';
import type { PortExports, PortHost } from './interop/py_port.ts';
import { PyProxies } from './interop/py_proxies.ts';
import { ObjectTable } from './interop/table.ts';
import { RestLink, type RestOfCode } from './rest_of_code.ts';
import { type StrandHost, Strands } from './strands.ts';

/** How tn_web_run is called; kernel/hosts/web.h has the same numbers. */
export const runMode = { plain: 0, promising: 1, blocking: 2 } as const;
export type RunMode = (typeof runMode)[keyof typeof runMode];

/** What kernel/hosts answers with when it fails: bridge/status.h. */
const statusTexts: Record<number, string> = {
  [-1]: 'out of memory',
  [-2]: 'malformed or damaged',
  [-3]: 'beyond a limit',
  [-4]: 'cannot be read or written',
  [-5]: 'not found',
  [-6]: 'not possible now',
  [-7]: 'not supported',
};

const statusMissing = -5;

/** A call that failed without harm to anything else. */
export class InstanceError extends Error {
  override name = 'InstanceError';
}

export interface InstanceHost {
  /** Where Python's threads are heard of; without it none can start. */
  strands?: StrandHost;
  /** One whole message as JSON text in UTF-8, which is the kernel's memory:
   * it is there for this call only. The buffers are copies. */
  send(json: Uint8Array, buffers: Uint8Array[]): void;
  /** Python is suspended until the promise resolves. */
  yield(): Promise<void>;
  /** The same; a negative result says that waiting is not possible. */
  wait(timeoutMs: number): Promise<number>;
  /** Ends a wait; where nothing runs, tasks are to be run soon. */
  wake(): void;
  /** Waiting for an instance that does not suspend. */
  block(timeoutMs: number): number;
  log(text: string): void;
  /** The bytes of an image that were left out of memory and are needed now;
   * null: they cannot be had. */
  loadImage?(index: number): Uint8Array | null;
  /** What was sent and not handed on, which JavaScript that Python calls finds
   * done. */
  readonly mail?: Mail;
  /** The JavaScript objects that Python holds, over all lives of a page. */
  readonly objects?: ObjectTable;
  /** The Python objects that JavaScript holds, over the same. */
  readonly pythonObjects?: PyProxies;
  /** Around calls of JavaScript into Python. */
  readonly gate?: PortHost;
}

/** The custom section `tincture` (kernel/hosts/web_bare.py). */
export interface ModuleDescription {
  /** Pages of 64 KiB that a cold start needs. */
  initial_pages: number;
  /** Names the code; a snapshot belongs to one. */
  build: string;
}

/** An image as it was mounted: at `address`, on pages of its own. */
export interface MountedImage {
  path: string;
  name: string;
  address: number;
  size: number;
  /** What must always be in memory: a snapshot may leave out the rest. */
  index_size: number;
}

/** What tn_web_resume wants to know; kernel/hosts/web.h says it. */
export interface ResumeConfig {
  kind: 'build' | 'saved' | 'checkpoint';
  env?: Record<string, string>;
  argv?: readonly string[];
  /** Numbers of the images whose bytes are in their place; without it all. */
  images?: readonly number[];
}

interface CoreExports extends PortExports {
  _initialize(): void;
  tn_web_alloc_pages(size: number): number;
  tn_web_mount(
    image: number,
    size: number,
    path: number,
    pathSize: number,
    name: number,
    nameSize: number,
  ): number;
  tn_web_images(out: number): number;
  tn_web_image_loaded(index: number): number;
  tn_web_replace_image(
    index: number,
    image: number,
    size: number,
    name: number,
    nameSize: number,
  ): number;
  tn_web_can_snapshot(): number;
  tn_web_trim(): number;
  tn_web_hash_page(page: number): number;
  tn_web_set_eager(eager: number): void;
  tn_web_set_suspends(suspends: number): void;
  tn_web_strand_run(strand: number): void;
  tn_web_strand_pick(): void;
  tn_web_wake(): void;
  tn_web_threads(out: number): number;
  tn_web_unsent_text(stream: number): number;
  tn_web_unsent_size(stream: number): number;
  tn_web_start(config: number, size: number): number;
  tn_web_resume(config: number, size: number): number;
  tn_web_post(json: number, size: number, buffers: number, n: number): number;
  tn_web_run(mode: number): number;
  tn_web_next_task(): number;
  tn_web_run_tasks(mode: number): number;
  tn_web_interrupt(): void;
  tn_web_write_file(path: number, n: number, data: number, m: number): number;
  tn_web_read_file(path: number, n: number, out: number): number;
  tn_web_list(path: number, n: number, out: number): number;
  tn_web_js_scratch(): number;
}

/** JavaScript Promise Integration, which lib.dom does not know yet. */
interface PromiseIntegration {
  Suspending?: new (run: (...values: number[]) => unknown) => unknown;
  promising?<R>(run: (value: number) => R): (value: number) => Promise<R>;
}
const integration = WebAssembly as unknown as PromiseIntegration;

/** True where a wasm stack can be suspended. */
export const hasPromiseIntegration =
  typeof integration.Suspending === 'function' &&
  typeof integration.promising === 'function';

/** The export, on a stack of its own that can be suspended, if any can. */
function makePromising<R>(
  run: (value: number) => R,
  result: ResultType,
  suspends: boolean,
): (value: number) => R | Promise<R> {
  return suspends && integration.promising !== undefined
    ? integration.promising(needsFooting() ? withFooting(run, result) : run)
    : run;
}

/** crypto.getRandomValues fills at most this many bytes at once. */
const randomChunkSize = 65536;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Text of so many bytes is encoded in its place, with room to spare. */
const shortTextSize = 4096;

/** A struct tn_bytes: pointer and size. */
const bytesRecordSize = 8;

/** Pages of 64 KiB that 32-bit pointers reach. */
const maximumPages = 65536;

export function describeModule(module: WebAssembly.Module): ModuleDescription {
  const [section] = WebAssembly.Module.customSections(module, 'tincture');
  if (section === undefined) {
    throw new InstanceError('this is not a kernel of Tincture');
  }
  return JSON.parse(new TextDecoder().decode(section)) as ModuleDescription;
}

/** Memory of `size` bytes, for any kernel. */
export function memoryOfSize(size: number): WebAssembly.Memory {
  const initial = Math.ceil(size / 65536);
  return new WebAssembly.Memory({ initial, maximum: maximumPages });
}

/** Memory as a module wants it: of `size` bytes, or for a cold start. */
export function makeMemory(
  module: WebAssembly.Module,
  size?: number,
): WebAssembly.Memory {
  return memoryOfSize(size ?? describeModule(module).initial_pages * 65536);
}

export class Instance {
  readonly #exports: CoreExports;
  readonly memory: WebAssembly.Memory;
  readonly #run: (mode: number) => number | Promise<number>;
  readonly #runTasks: (mode: number) => number | Promise<number>;

  private constructor(
    exports: CoreExports,
    readonly interop: Interop,
    readonly proxies: PyProxies,
    readonly strands: Strands,
    memory: WebAssembly.Memory,
    suspends: boolean,
  ) {
    this.#exports = exports;
    this.memory = memory;
    const { i32, f64 } = resultType;
    this.#run = makePromising(exports.tn_web_run, i32, suspends);
    this.#runTasks = makePromising(exports.tn_web_run_tasks, f64, suspends);
  }

  /** In memory of its own; start() follows. */
  static async create(
    module: WebAssembly.Module,
    host: InstanceHost,
    suspends: boolean,
  ): Promise<Instance> {
    const memory = makeMemory(module);
    const instance = await Instance.attach(module, memory, host, suspends);
    instance.#exports._initialize();
    return instance;
  }

  /** On memory that a snapshot has filled; resume() follows. The module is
   * one without data, which would be written over it. */
  static async attach(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    host: InstanceHost,
    suspends: boolean,
    rest?: RestOfCode,
  ): Promise<Instance> {
    const link = new RestLink(rest);
    const proxies = host.pythonObjects ?? new PyProxies();
    const interop = new Interop(
      memory,
      host.objects ?? new ObjectTable(),
      () => host.wake(),
      host.mail,
      proxies,
    );
    let instance: Instance | null = null;
    const buffer = (): ArrayBuffer => memory.buffer as ArrayBuffer;
    const strands = new Strands(host.strands ?? null);
    const loadImage = (index: number): number => {
      const bytes = host.loadImage?.(index);
      if (!bytes || instance === null) {
        return statusMissing;
      }
      instance.putImage(index, bytes);
      return 0;
    };
    const imports = {
      env: { memory },
      tincture: {
        ...makeImports(host, strands, buffer, suspends),
        ...interop.imports,
        load_image: loadImage,
        load_rest: link.loadNow,
      },
    };
    const { exports } = await WebAssembly.instantiate(
      module,
      imports as unknown as WebAssembly.Imports,
    );
    await link.connect(exports);
    const core = exports as unknown as CoreExports;
    interop.connect(core);
    proxies.connect(core, memory, interop.values, host.gate);
    strands.connect({
      run: makePromising(core.tn_web_strand_run, resultType.none, suspends),
      pick: core.tn_web_strand_pick,
      wake: core.tn_web_wake,
    });
    instance = new Instance(
      core,
      interop,
      proxies,
      strands,
      memory,
      suspends,
    );
    return instance;
  }

  get memorySize(): number {
    return this.memory.buffer.byteLength;
  }

  mount(path: string, image: Uint8Array, name = path): void {
    const pointer = this.#allocateImage(image);
    try {
      const place = this.#allocateText(path);
      const title = this.#allocateText(name);
      const status = this.#exports.tn_web_mount(
        pointer,
        image.length,
        ...place,
        ...title,
      );
      this.#exports.tn_web_free(place[0]);
      this.#exports.tn_web_free(title[0]);
      check(status, `the image for ${path}`);
    } catch (error) {
      this.#exports.tn_web_free(pointer);
      throw error;
    }
  }

  /** The bytes of an image that a snapshot left out, into their place. */
  putImage(index: number, bytes: Uint8Array): void {
    const image = this.images()[index];
    if (image === undefined || image.size !== bytes.length) {
      throw new InstanceError(`image ${index} is another one`);
    }
    new Uint8Array(this.#memory, image.address, image.size).set(bytes);
    check(this.#exports.tn_web_image_loaded(index), image.name);
  }

  /** Another image with all directories and some of the files of this one. */
  replaceImage(index: number, image: Uint8Array, name: string): void {
    const pointer = this.#allocateImage(image);
    const [text, size] = this.#allocateText(name);
    const status = this.#exports.tn_web_replace_image(
      index,
      pointer,
      image.length,
      text,
      size,
    );
    this.#exports.tn_web_free(text);
    if (status < 0) {
      this.#exports.tn_web_free(pointer);
    }
    check(status, name);
  }

  /** Whether memory can be copied for a snapshot now. */
  get canSnapshot(): boolean {
    return this.#exports.tn_web_can_snapshot() === 0;
  }

  /** Overwrites all free memory, before a copy of it leaves the page. */
  trim(): void {
    check(this.#exports.tn_web_trim(), 'trimming memory');
  }

  start(config: { home: string; env: Record<string, string> }): void {
    const [text, size] = this.#allocateText(JSON.stringify(config));
    const status = this.#exports.tn_web_start(text, size);
    this.#exports.tn_web_free(text);
    check(status, 'the start of Python');
  }

  /** In place of start(), on memory that a snapshot has filled. */
  resume(config: ResumeConfig): void {
    const [text, size] = this.#allocateText(JSON.stringify(config));
    const status = this.#exports.tn_web_resume(text, size);
    this.#exports.tn_web_free(text);
    check(status, 'the snapshot');
  }

  /** Whether lines that Python prints are sent without waiting for more. */
  setEager(isEager: boolean): void {
    this.#exports.tn_web_set_eager(Number(isEager));
  }

  /** The names of Python's threads, without the main one. */
  threads(): string[] {
    const record = this.#allocate(new Uint8Array(bytesRecordSize));
    const status = this.#exports.tn_web_threads(record);
    const text = new TextDecoder().decode(this.#take(record));
    check(status, 'the list of threads');
    return JSON.parse(text) as string[];
  }

  /** Whether threads can start. */
  setSuspends(suspends: boolean): void {
    this.#exports.tn_web_set_suspends(Number(suspends));
  }

  /** What was printed and had not left yet when this instance trapped. */
  unsent(): { name: 'stdout' | 'stderr'; text: string }[] {
    return (['stdout', 'stderr'] as const).flatMap((name, stream) => {
      const size = this.#exports.tn_web_unsent_size(stream) >>> 0;
      const pointer = this.#exports.tn_web_unsent_text(stream) >>> 0;
      // Memory that was written over can say anything.
      if (size === 0 || pointer + size > this.memorySize) {
        return [];
      }
      return { name, text: decodeText(this.#memory, pointer, size) };
    });
  }

  /** A hash of the 4096 bytes of a page; callable at any time. */
  get hashPage(): (page: number) => number {
    return this.#exports.tn_web_hash_page;
  }

  images(): MountedImage[] {
    const record = this.#allocate(new Uint8Array(bytesRecordSize));
    const status = this.#exports.tn_web_images(record);
    const text = new TextDecoder().decode(this.#take(record));
    check(status, 'the list of images');
    return JSON.parse(text) as MountedImage[];
  }

  post(json: string | Uint8Array, buffers: readonly Uint8Array[]): void {
    const [text, size] =
      typeof json === 'string'
        ? this.#allocateText(json)
        : [this.#allocate(json), json.length];
    const [table, blocks] = this.#allocateBuffers(buffers);
    const status = this.#exports.tn_web_post(
      text,
      size,
      table,
      buffers.length,
    );
    this.#exports.tn_web_free(text);
    blocks.forEach((block) => this.#exports.tn_web_free(block));
    check(status, 'the message');
  }

  /** Handles what is queued; a promise only for an instance that suspends. */
  run(mode: RunMode): number | Promise<number> {
    this.strands.rest();
    return mode === runMode.promising
      ? this.#run(mode)
      : this.#exports.tn_web_run(mode);
  }

  /** The time until background tasks want to run; negative: never. */
  nextTask(): number {
    return this.#exports.tn_web_next_task();
  }

  /** Background tasks; gives the time until they want to run again. */
  runTasks(mode: RunMode): number | Promise<number> {
    this.strands.rest();
    return mode === runMode.promising
      ? this.#runTasks(mode)
      : this.#exports.tn_web_run_tasks(mode);
  }

  interrupt(): void {
    this.#exports.tn_web_interrupt();
  }

  writeFile(path: string, bytes: Uint8Array): void {
    const [name, size] = this.#allocateText(path);
    const data = this.#allocate(bytes);
    const status = this.#exports.tn_web_write_file(
      name,
      size,
      data,
      bytes.length,
    );
    this.#exports.tn_web_free(data);
    this.#exports.tn_web_free(name);
    check(status, path);
  }

  readFile(path: string): Uint8Array {
    return this.#fetch(path, this.#exports.tn_web_read_file);
  }

  /** JSON text; kernel/hosts/web.h says of what form. */
  list(path: string): string {
    return new TextDecoder().decode(
      this.#fetch(path, this.#exports.tn_web_list),
    );
  }

  #fetch(
    path: string,
    call: (path: number, size: number, out: number) => number,
  ): Uint8Array {
    const [name, size] = this.#allocateText(path);
    const record = this.#allocate(new Uint8Array(bytesRecordSize));
    const status = call(name, size, record);
    const bytes = this.#take(record);
    this.#exports.tn_web_free(name);
    check(status, path);
    return bytes;
  }

  /** Copies what a record in memory points to, and frees both. */
  #take(record: number): Uint8Array {
    const [found] = readRecords(this.#memory, record, 1);
    const bytes =
      found === undefined ? new Uint8Array(0) : copyOut(this.#memory, ...found);
    this.#exports.tn_web_free(found?.[0] ?? 0);
    this.#exports.tn_web_free(record);
    return bytes;
  }

  get #memory(): ArrayBuffer {
    return this.memory.buffer as ArrayBuffer;
  }

  #allocateImage(bytes: Uint8Array): number {
    const pointer = this.#exports.tn_web_alloc_pages(bytes.length) >>> 0;
    if (pointer === 0) {
      throw new InstanceError(`no memory for ${bytes.length} bytes`);
    }
    new Uint8Array(this.#memory, pointer, bytes.length).set(bytes);
    return pointer;
  }

  #allocate(bytes: Uint8Array): number {
    const pointer = this.#exports.tn_web_alloc(bytes.length) >>> 0;
    if (pointer === 0) {
      throw new InstanceError(`no memory for ${bytes.length} bytes`);
    }
    new Uint8Array(this.#memory, pointer, bytes.length).set(bytes);
    return pointer;
  }

  /** Copies of buffers, a table of them, and all that is to be freed. */
  #allocateBuffers(
    buffers: readonly Uint8Array[],
  ): [table: number, blocks: number[]] {
    if (buffers.length === 0) {
      return [0, []];
    }
    const blocks = buffers.map((buffer) => this.#allocate(buffer));
    const records = new Uint32Array(2 * buffers.length);
    buffers.forEach((buffer, i) => {
      records.set([blocks[i] ?? 0, buffer.length], 2 * i);
    });
    const table = this.#allocate(new Uint8Array(records.buffer));
    return [table, [table, ...blocks]];
  }

  #allocateText(text: string): [pointer: number, size: number] {
    // A unit of UTF-16 takes three bytes at most.
    const room = 3 * text.length;
    if (room > shortTextSize) {
      const bytes = encoder.encode(text);
      return [this.#allocate(bytes), bytes.length];
    }
    const pointer = this.#exports.tn_web_alloc(room) >>> 0;
    if (pointer === 0) {
      throw new InstanceError(`no memory for ${room} bytes`);
    }
    const place = new Uint8Array(this.#memory, pointer, room);
    return [pointer, encoder.encodeInto(text, place).written];
  }
}

function check(status: number, what: string): void {
  if (status < 0) {
    const text = statusTexts[status] ?? `status ${status}`;
    throw new InstanceError(`${what}: ${text}`);
  }
}

function copyOut(
  memory: ArrayBuffer,
  pointer: number,
  size: number,
): Uint8Array {
  return new Uint8Array(memory, pointer >>> 0, size >>> 0).slice();
}

function readRecords(
  memory: ArrayBuffer,
  pointer: number,
  count: number,
): [pointer: number, size: number][] {
  if (count === 0) {
    return [];
  }
  const view = new DataView(memory, pointer >>> 0, bytesRecordSize * count);
  return Array.from({ length: count }, (_, i) => [
    view.getUint32(bytesRecordSize * i, true),
    view.getUint32(bytesRecordSize * i + 4, true),
  ]);
}

function decodeText(
  memory: ArrayBuffer,
  pointer: number,
  size: number,
): string {
  const bytes = new Uint8Array(memory, pointer >>> 0, size >>> 0);
  return decoder.decode(bytes);
}

function fillRandom(bytes: Uint8Array<ArrayBuffer>): void {
  for (let at = 0; at < bytes.length; at += randomChunkSize) {
    crypto.getRandomValues(bytes.subarray(at, at + randomChunkSize));
  }
}

function makeImports(
  host: InstanceHost,
  strands: Strands,
  memory: () => ArrayBuffer,
  suspends: boolean,
): Record<string, unknown> {
  const plain = {
    send(json: number, size: number, buffers: number, count: number): void {
      const records = readRecords(memory(), buffers, count);
      host.send(
        new Uint8Array(memory(), json >>> 0, size >>> 0),
        records.map((record) => copyOut(memory(), ...record)),
      );
    },
    wake: () => host.wake(),
    monotonic_ms: () => performance.now(),
    wall_ms: () => Date.now(),
    random(pointer: number, size: number): void {
      fillRandom(new Uint8Array(memory(), pointer >>> 0, size >>> 0));
    },
    log(pointer: number, size: number): void {
      host.log(decodeText(memory(), pointer, size));
    },
  };
  if (suspends && integration.Suspending !== undefined) {
    return {
      ...plain,
      yield: new integration.Suspending(() => host.yield()),
      wait: new integration.Suspending((ms = -1) => host.wait(ms)),
      strand_next: (strand: number, ms: number) => {
        strands.next(strand >>> 0, ms);
      },
      strand_park: new integration.Suspending((strand = 0) =>
        strands.park(strand >>> 0),
      ),
    };
  }
  return {
    ...plain,
    yield: () => undefined,
    wait: (ms: number) => host.block(ms),
    strand_next: () => undefined,
    strand_park: () => undefined,
  };
}
