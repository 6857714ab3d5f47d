// The kernel as JavaScript sees it: messages in, messages out.
//
// Works wherever there is WebAssembly: pages, workers, Node. With JavaScript
// Promise Integration (`canSuspend`) Python yields to the page while it runs,
// can be stopped, and sleep and input() wait. Without it a request runs to its
// end before anything else happens.
//
// A kernel has one life (session.ts) after the other. When one ends by a trap,
// the next goes on in a copy of its memory from before the cell.

import { pagesOfImages, type ScanFigures } from './checkpoint.ts';
import { tellOutcome } from './death.ts';
import {
  hasPromiseIntegration,
  makeMemory,
  type MountedImage,
} from './instance.ts';
import { ffiRoot, PyProxies } from './interop/py_proxies.ts';
import { ObjectTable } from './interop/table.ts';
import {
  KernelBusyError,
  KernelDiedError,
  type KernelOptions,
  type KernelParts,
  type KernelState,
  type Reply,
  reportLater,
  type RequestOptions,
} from './kernel_types.ts';
import type {
  MessageContents,
  NoticeType,
  RequestType,
} from './messages.ts';
import { type Legacy, Session, type SessionSetup } from './session.ts';
import { Shadow, type UndoStep } from './shadow.ts';

export { Instance } from './instance.ts';
export { restoreMemory } from './restore.ts';
export {
  KernelBusyError,
  KernelDiedError,
  KernelError,
  type KernelFile,
  type KernelOptions,
  type KernelParts,
  type KernelState,
  type Reply,
  type RequestOptions,
} from './kernel_types.ts';

type Later<T> = T | Promise<T>;

/** What a kernel in the page and one in a worker have in common. */
export interface KernelApi
  extends Omit<
    Pick<Kernel, keyof Kernel>,
    | 'copyMemory'
    | 'images'
    | 'proxies'
    | 'readFile'
    | 'listFiles'
    | 'restart'
    | 'objectCounts'
  > {
  copyMemory(): Later<Uint8Array>;
  images(): Later<MountedImage[]>;
  readFile(path: string): Later<Uint8Array>;
  listFiles(path?: string): Later<ReturnType<Kernel['listFiles']>>;
  restart(): Promise<KernelApi>;
}

export class Kernel {
  readonly #setup: SessionSetup;
  readonly #shadow: Shadow | null;
  #session!: Session;
  #recovering: Promise<void> | null = null;
  #isDisposed = false;

  private constructor(parts: KernelParts, options: KernelOptions) {
    this.#shadow = options.recovers === false ? null : new Shadow();
    this.#setup = {
      parts,
      options,
      suspends: hasPromiseIntegration && options.suspend !== false,
      keeper: this.#shadow,
      objects: new ObjectTable({ ffi: ffiRoot }),
      pythonObjects: new PyProxies(),
      died: (session, error) => this.#takeDeath(session, error),
    };
  }

  static async load(
    parts: KernelParts,
    options: KernelOptions = {},
  ): Promise<Kernel> {
    const kernel = new Kernel(parts, options);
    kernel.#session = await Session.start(kernel.#setup);
    return kernel;
  }

  /**
   * True where Python can be suspended: the page lives while it runs, Stop
   * and input() work. Without it nothing at all happens during a request.
   */
  get canSuspend(): boolean {
    return this.#setup.suspends;
  }

  /** Whether something that runs can be ended. */
  get canStop(): boolean {
    return this.canSuspend;
  }

  get state(): KernelState {
    if (this.#isDisposed) {
      return 'disposed';
    }
    return this.#recovering === null ? this.#session.state : 'recovering';
  }

  /** Bytes of linear memory, which hold everything but the page. */
  get memorySize(): number {
    return this.#session.memorySize;
  }

  /** All of it, freed memory zeroed: a snapshot, where no request runs. */
  copyMemory(): Uint8Array {
    if (this.state !== 'idle') {
      throw new KernelBusyError('memory cannot be copied while Python runs');
    }
    return this.#session.copyMemory();
  }

  /** Python's objects for JavaScript, at any time. */
  get proxies(): PyProxies {
    return this.#session.proxies;
  }

  /** The mounted images, and where they are in memory. */
  images(): MountedImage[] {
    return this.#session.images();
  }

  /**
   * Sends a request and resolves with its reply, also when that reports a
   * Python error. Requests run in order. Rejects with KernelError when the
   * kernel refuses the message, with KernelDiedError when it is or goes dead,
   * also when it came back: the error says what is undone.
   */
  async request<T extends RequestType>(
    type: T,
    content: MessageContents[T],
    options: RequestOptions = {},
  ): Promise<Reply<T>> {
    if (this.#recovering !== null) {
      await this.#recovering;
    }
    const reply = await this.#session.request(type, content, options);
    return reply as Reply<T>;
  }

  /**
   * The same without waiting; neither sleep nor input() wait inside it.
   * Throws KernelBusyError while something else runs.
   */
  requestNow<T extends RequestType>(
    type: T,
    content: MessageContents[T],
    options: RequestOptions = {},
  ): Reply<T> {
    return this.#session.requestNow(type, content, options) as Reply<T>;
  }

  /** Sends a message that has no reply, such as comm_msg; gives its id, which
   * is the parent of what comes of it. */
  notify<T extends NoticeType>(
    type: T,
    content: MessageContents[T],
    options: RequestOptions = {},
  ): string {
    return this.#session.notify(type, content, options);
  }

  /**
   * Posts a whole message as JSON text, for callers that speak the protocol
   * themselves; what comes of it goes to onMessage.
   */
  post(
    message: string | Uint8Array,
    buffers: readonly Uint8Array[] = [],
  ): void {
    this.#session.post(message, buffers);
  }

  /** Raises KeyboardInterrupt in the running cell; else does nothing. */
  interrupt(): void {
    this.#session.interrupt();
  }

  /** Where no interrupt helps: goes back to the state before the cell that
   * runs, which is rejected as by a death. */
  abandon(): void {
    this.#session.abandon();
  }

  /** Answers the last input_request. */
  inputReply(text: string): void {
    this.#session.inputReply(text);
  }

  /** Paths that do not begin with / are below the home directory. */
  writeFile(path: string, bytes: Uint8Array): void {
    this.#session.writeFile(path, bytes);
  }

  readFile(path: string): Uint8Array {
    return this.#session.readFile(path);
  }

  listFiles(path = '.'): { name: string; type: string; size: number }[] {
    return JSON.parse(this.#session.list(path)) as {
      name: string;
      type: string;
      size: number;
    }[];
  }

  // --- Going back ---

  /** The cells that can be undone, oldest first. */
  get undoSteps(): UndoStep[] {
    return this.#shadow?.steps ?? [];
  }

  /** How many JavaScript objects Python holds, and how many it has let go of
   * that are kept because a cell may be undone. */
  get objectCounts(): { held: number; aside: number } {
    return this.#setup.objects.sizes;
  }

  /** Bytes of the copy of memory, and of what undoing needs beside it. */
  get copySize(): { copy: number; undo: number } {
    const { size = 0, undoSize = 0 } = this.#shadow ?? {};
    return { copy: size, undo: undoSize };
  }

  /** What the checkpoints of this life did, for whoever measures. */
  get figures(): ScanFigures | null {
    return this.#session.figures;
  }

  /**
   * Goes back to the state before the cell of `undoSteps[index]`, and gives
   * the labels of the cells that are undone. Throws KernelBusyError while
   * something runs.
   */
  async undo(index: number): Promise<string[]> {
    const shadow = this.#shadow;
    const labels = this.undoSteps.slice(index).map(({ label }) => label);
    if (shadow === null || !(index >= 0) || labels.length === 0) {
      throw new RangeError('there is no such state to go back to');
    }
    if (this.state !== 'idle') {
      throw new KernelBusyError('a cell cannot be undone while Python runs');
    }
    const session = this.#session;
    session.end('The cell was undone.');
    const { legacy } = session;
    const work = async (): Promise<void> => {
      shadow.undo(index);
      const next = legacy && (await this.#comeBack(legacy));
      if (!next) {
        throw new KernelDiedError('Python could not go back.');
      }
      this.#follow(next);
    };
    await this.#recover(work());
    return labels;
  }

  /** Ends this Python and starts a new one in fresh memory. */
  async restart(): Promise<Kernel> {
    this.#session.end('The kernel was restarted.');
    await this.#recovering;
    this.#session.end('The kernel was restarted.');
    this.#shadow?.clear();
    this.#setup.objects.clear();
    this.#isDisposed = false;
    this.#session = await Session.start(this.#setup);
    return this;
  }

  /** Ends Python for good and lets go of its memory. */
  dispose(): void {
    this.#session.end('The kernel was disposed of.');
    this.#shadow?.clear();
    this.#setup.objects.clear();
    this.#isDisposed = true;
  }

  /** Requests that come meanwhile wait. */
  async #recover(work: Promise<void>): Promise<void> {
    this.#recovering = work.catch(() => undefined);
    try {
      await work;
    } finally {
      this.#recovering = null;
    }
  }

  #takeDeath(session: Session, error: KernelDiedError): void {
    const work = async (): Promise<void> => {
      const next = await this.#nextLife(session, error);
      if (next !== null) {
        this.#follow(next);
      }
      error.message = `${error.message}\n${tellOutcome(error)}`;
      const { onRecover, onDeath } = this.#setup.options;
      try {
        (next === null ? onDeath : onRecover)?.(error);
      } catch (later) {
        reportLater(later);
      }
    };
    // Who was waiting may ask again at once, so Python has to be back.
    void this.#recover(work()).then(() => session.reject(error));
  }

  async #nextLife(
    session: Session,
    error: KernelDiedError,
  ): Promise<Session | null> {
    const { legacy } = session;
    if (this.#shadow === null || legacy === null || this.#isDisposed) {
      return null;
    }
    const undone = this.#shadow.abandon();
    const hadCopy = this.#shadow.exists;
    const next = await this.#comeBack(legacy);
    if (next !== null) {
      error.undone = undone;
      error.callsUndone = session.uncovered;
      error.isFreshStart = hadCopy && !this.#shadow.exists;
    }
    return next;
  }

  /** A new life in the committed state; null where even a fresh start
   * fails. */
  async #comeBack(legacy: Legacy): Promise<Session | null> {
    const shadow = this.#shadow!;
    if (shadow.exists) {
      const memory = chooseMemory(this.#setup.parts.module, legacy, shadow);
      const isLeftOut = pagesOfImages(legacy.images);
      try {
        return await Session.revive(
          this.#setup,
          { ...legacy, memory },
          (bytes) => shadow.writeTo(bytes, isLeftOut),
        );
      } catch (error) {
        reportLater(error);
      }
    }
    shadow.clear();
    return Session.start(this.#setup).catch((error: unknown) => {
      reportLater(error);
      return null;
    });
  }

  #follow(next: Session): void {
    this.#session = next;
    if (this.#isDisposed) {
      this.dispose();
    }
  }
}

/** Memory that is larger than its copy by more than this is let go of. */
const spareSize = 128 << 20;

/** Memory for the copy: that of the last life, or a smaller one with the same
 * images. */
function chooseMemory(
  module: WebAssembly.Module,
  { memory, images }: Legacy,
  { memorySize }: Shadow,
): WebAssembly.Memory {
  const old = new Uint8Array(memory.buffer);
  if (old.length <= memorySize + spareSize) {
    return memory;
  }
  try {
    const smaller = makeMemory(module, memorySize);
    const bytes = new Uint8Array(smaller.buffer);
    images.forEach(({ address, size }) => {
      bytes.set(old.subarray(address, address + size), address);
    });
    return smaller;
  } catch (error) {
    if (error instanceof RangeError) {
      return memory;
    }
    throw error;
  }
}
