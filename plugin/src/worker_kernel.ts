// A kernel in a worker, with the interface of one in the page.
//
// The page stays alive whatever Python does, and what does not stop by itself
// is ended with its worker; the copy of memory, which is kept here, goes on in
// a new one. What has to be answered at once cannot be: Python is elsewhere.

import type { ScanFigures } from './checkpoint.ts';
import { tellOutcome } from './death.ts';
import type { MountedImage } from './instance.ts';
import type { KernelApi } from './kernel.ts';
import {
  isMessage,
  type Message,
  type MessageContents,
  type NoticeType,
  type RequestType,
} from './messages.ts';
import {
  KernelBusyError,
  KernelDiedError,
  KernelError,
  type KernelOptions,
  type KernelParts,
  type KernelState,
  type Reply,
  reportLater,
  type RequestOptions,
} from './kernel_types.ts';
import { pageSize, Shadow, type UndoStep } from './shadow.ts';
import { posixTimeZone } from './timezone.ts';
import type {
  FromWorker,
  Question,
  Refusal,
  ToWorker,
  WorkerStart,
} from './worker_messages.ts';

/** How long after Stop what runs may go on before its worker is ended. */
export const stopPatienceMs = 2000;

/** Requests whose later events still find onEvent, as in mailbox.ts. */
const listenerLimit = 256;

interface Pending {
  resolve: (reply: Message) => void;
  reject: (error: Error) => void;
  reply?: Message;
}

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

function errorOf({ name, message }: Refusal): Error {
  return new KernelError(name, message);
}

function cannotAnswerNow(what: string): KernelBusyError {
  return new KernelBusyError(
    `${what} cannot be answered at once: Python runs in a worker. Use ` +
      'runPythonAsync, or a notebook whose Python runs in the page.',
  );
}

/** One worker, from its start to its end. */
class WorkerLife {
  readonly ready: Promise<boolean>;
  readonly #worker: Worker;
  readonly #take: (message: FromWorker) => void;
  #isEnded = false;

  constructor(
    url: string,
    start: WorkerStart,
    take: (message: FromWorker) => void,
  ) {
    this.#take = take;
    this.#worker = new Worker(url);
    this.ready = new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        if (this.#isEnded) {
          return;
        }
        if (data.is === 'ready') {
          resolve(data.suspends);
        } else if (data.is === 'failed') {
          reject(new KernelDiedError(data.message));
        }
        this.#take(data);
      };
      this.#worker.onerror = (event) => {
        event.preventDefault();
        const text = event.message || 'the worker cannot run';
        reject(new KernelDiedError(text));
        if (!this.#isEnded) {
          this.#take({ is: 'died', message: text, inTasks: false });
        }
      };
    });
    const { memory } = start;
    const transfer = memory ? [memory.bytes.buffer as ArrayBuffer] : [];
    this.tell({ do: 'start', start }, transfer);
  }

  tell(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  end(): void {
    this.#isEnded = true;
    this.#worker.terminate();
  }
}

export class WorkerKernel implements KernelApi {
  readonly #parts: KernelParts;
  readonly #options: KernelOptions;
  readonly #url: string;
  readonly #shadow = new Shadow();
  readonly #pending = new Map<string, Pending>();
  readonly #listeners = new Map<string, (message: Message) => void>();
  readonly #questions = new Map<number, Waiting>();
  /** No other kernel's messages have it. */
  readonly #name = Math.random().toString(36).slice(2);
  /** Messages without a reply that Python has not handled to their end. */
  readonly #told = new Set<string>();
  #life!: WorkerLife;
  /** Images that the start's memory does not have. */
  #absent: number[] = [];
  #canSuspend = false;
  #memorySize = 0;
  #count = 0;
  /** Messages that Python handles now, by their names. */
  #busy = new Set<string>();
  #asksInput = false;
  #isDead = false;
  #isDisposed = false;
  #recovering: Promise<void> | null = null;
  #patience: ReturnType<typeof setTimeout> | undefined;

  private constructor(parts: KernelParts, options: KernelOptions, url: string) {
    this.#parts = parts;
    this.#options = options;
    this.#url = url;
  }

  /** `code` is the worker's script. */
  static async load(
    parts: KernelParts,
    options: KernelOptions,
    code: string,
  ): Promise<WorkerKernel> {
    const blob = new Blob([code], { type: 'text/javascript' });
    const kernel = new WorkerKernel(parts, options, URL.createObjectURL(blob));
    await kernel.#begin(await kernel.#freshStart());
    return kernel;
  }

  get state(): KernelState {
    if (this.#isDisposed) {
      return 'disposed';
    }
    if (this.#isDead) {
      return 'dead';
    }
    if (this.#recovering !== null) {
      return 'recovering';
    }
    if (this.#pending.size === 0 && this.#busy.size === 0) {
      return 'idle';
    }
    return this.#asksInput ? 'waiting' : 'busy';
  }

  get canSuspend(): boolean {
    return this.#canSuspend;
  }

  /** Whatever runs: its worker can be ended. */
  get canStop(): boolean {
    return true;
  }

  get memorySize(): number {
    return this.#memorySize;
  }

  // --- Requests ---

  async request<T extends RequestType>(
    type: T,
    content: MessageContents[T],
    options: RequestOptions = {},
  ): Promise<Reply<T>> {
    await this.#recovering;
    this.#checkAlive();
    const id = this.#listen(options);
    const reply = new Promise<Message>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
    });
    this.#life.tell({
      do: 'request',
      type,
      content,
      options: { ...plain(options), id },
    });
    return (await reply) as Reply<T>;
  }

  requestNow<T extends RequestType>(type: T): Reply<T> {
    throw cannotAnswerNow(type);
  }

  notify<T extends NoticeType>(
    type: T,
    content: MessageContents[T],
    options: RequestOptions = {},
  ): string {
    this.#checkAlive();
    const id = this.#listen(options);
    this.#told.add(id);
    this.#life.tell({
      do: 'notify',
      type,
      content,
      options: { ...plain(options), id },
    });
    return id;
  }

  post(
    message: string | Uint8Array,
    buffers: readonly Uint8Array[] = [],
  ): void {
    this.#checkAlive();
    this.#life.tell({ do: 'post', json: message, buffers });
  }

  /** KeyboardInterrupt; and where that is not heard, the worker's end. */
  interrupt(): void {
    if (this.#open().length === 0 || this.#recovering !== null) {
      return;
    }
    // What waits behind a cell that ends in time may run on.
    const [first] = this.#pending.keys();
    const meant = [...this.#busy, ...this.#told, ...(first ? [first] : [])];
    this.#life.tell({ do: 'interrupt' });
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => {
      const open = new Set(this.#open());
      if (meant.some((id) => open.has(id))) {
        this.abandon();
      }
    }, stopPatienceMs);
  }

  abandon(): void {
    if (this.#open().length > 0 && this.#recovering === null) {
      this.#takeDeath('Stopped: it did not end by itself.', false);
    }
  }

  inputReply(text: string): void {
    this.#asksInput = false;
    this.#life.tell({ do: 'input', text });
  }

  // --- Files and memory ---

  writeFile(path: string, bytes: Uint8Array): void {
    this.#checkAlive();
    this.#life.tell({ do: 'write', name: path, bytes });
  }

  readFile(path: string): Promise<Uint8Array> {
    return this.#ask({ about: 'file', name: path }) as Promise<Uint8Array>;
  }

  async listFiles(
    path = '.',
  ): Promise<{ name: string; type: string; size: number }[]> {
    const text = (await this.#ask({ about: 'list', name: path })) as string;
    return JSON.parse(text) as { name: string; type: string; size: number }[];
  }

  async copyMemory(): Promise<Uint8Array> {
    if (this.state !== 'idle') {
      throw new KernelBusyError('memory cannot be copied while Python runs');
    }
    return (await this.#ask({ about: 'memory' })) as Uint8Array;
  }

  async images(): Promise<MountedImage[]> {
    return (await this.#ask({ about: 'images' })) as MountedImage[];
  }

  // --- Going back ---

  get undoSteps(): UndoStep[] {
    return this.#shadow.steps;
  }

  get copySize(): { copy: number; undo: number } {
    const { size, undoSize } = this.#shadow;
    return { copy: size, undo: undoSize };
  }

  get figures(): ScanFigures | null {
    return null;
  }

  async undo(index: number): Promise<string[]> {
    const labels = this.undoSteps.slice(index).map(({ label }) => label);
    if (!(index >= 0) || labels.length === 0) {
      throw new RangeError('there is no such state to go back to');
    }
    if (this.state !== 'idle') {
      throw new KernelBusyError('a cell cannot be undone while Python runs');
    }
    this.#life.end();
    this.#shadow.undo(index);
    await this.#recover(this.#comeBack(false));
    return labels;
  }

  async restart(): Promise<this> {
    await this.#recovering;
    this.#end('The kernel was restarted.');
    this.#isDead = false;
    this.#isDisposed = false;
    await this.#recover(
      this.#freshStart().then((start) => this.#begin(start)),
    );
    return this;
  }

  dispose(): void {
    this.#end('The kernel was disposed of.');
    this.#isDisposed = true;
  }

  // --- Lives ---

  /** The messages that Python has to do with. */
  #open(): string[] {
    return [...this.#pending.keys(), ...this.#busy, ...this.#told];
  }

  #checkAlive(): void {
    if (this.#isDead || this.#isDisposed || this.#recovering !== null) {
      throw new KernelDiedError('Python does not run.');
    }
  }

  #end(reason: string): void {
    this.#life.end();
    this.#shadow.clear();
    this.#rejectAll(new KernelDiedError(reason));
  }

  #rejectAll(error: KernelDiedError): void {
    clearTimeout(this.#patience);
    const open = [...this.#pending.values(), ...this.#questions.values()];
    this.#pending.clear();
    this.#questions.clear();
    this.#busy.clear();
    this.#told.clear();
    this.#asksInput = false;
    open.forEach(({ reject }) => reject(error));
  }

  /** As at first; everything is copied, because it may be needed again. */
  async #freshStart(): Promise<WorkerStart> {
    const { module, images, snapshot, rest } = this.#parts;
    const { files = [], env, home, suspend } = this.#options;
    const made = snapshot?.();
    this.#absent = this.#indicesOfAbsent(made?.images, made?.imageCount);
    return {
      module,
      absent: this.#loadImages(),
      ...(rest === undefined ? {} : { rest: await rest.compile() }),
      images: [...images],
      ...(made === undefined
        ? {}
        : {
            memory: {
              bytes: new Uint8Array(made.memory.buffer).slice(),
              kind: made.kind,
              ...(made.images && { images: made.images }),
            },
          }),
      files: [...files],
      env: { TZ: posixTimeZone(), ...env },
      ...(home === undefined ? {} : { home }),
      suspend: suspend !== false,
      restsAtFirst: false,
    };
  }

  #indicesOfAbsent(present: number[] | undefined, count = 0): number[] {
    return present === undefined
      ? []
      : Array.from({ length: count }, (_, index) => index).filter(
          (index) => !present.includes(index),
        );
  }

  /** A worker cannot ask for an image when Python reads it: it has no turn
   * then. */
  #loadImages(): Map<number, Uint8Array> {
    const loaded = new Map<number, Uint8Array>();
    for (const index of this.#absent) {
      const bytes = this.#parts.loadImage?.(index);
      if (bytes) {
        loaded.set(index, bytes);
      }
    }
    return loaded;
  }

  async #restart(restsAtFirst: boolean): Promise<WorkerStart> {
    const bytes = new Uint8Array(this.#shadow.memorySize);
    this.#shadow.writeTo(bytes, () => false);
    const { module, rest } = this.#parts;
    return {
      module,
      absent: this.#loadImages(),
      ...(rest === undefined ? {} : { rest: await rest.compile() }),
      images: [],
      memory: { bytes, kind: 'checkpoint' },
      files: [],
      env: {},
      suspend: this.#options.suspend !== false,
      restsAtFirst,
    };
  }

  async #begin(start: WorkerStart): Promise<void> {
    const life = new WorkerLife(this.#url, start, (message) => {
      if (life === this.#life) {
        this.#takeMessage(message);
      }
    });
    this.#life = life;
    this.#canSuspend = await life.ready;
  }

  /** True by the copy, false by a fresh start; throws where both fail. */
  async #comeBack(restsAtFirst: boolean): Promise<boolean> {
    if (this.#shadow.exists) {
      try {
        await this.#begin(await this.#restart(restsAtFirst));
        return true;
      } catch (error) {
        reportLater(error);
        this.#life.end();
      }
    }
    this.#shadow.clear();
    await this.#begin(await this.#freshStart());
    return false;
  }

  async #recover<R>(work: Promise<R>): Promise<R> {
    this.#recovering = work.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await work;
    } catch (error) {
      this.#isDead = true;
      throw error;
    } finally {
      this.#recovering = null;
    }
  }

  #takeDeath(reason: string, inTasks: boolean): void {
    this.#life.end();
    const error = new KernelDiedError(reason);
    const undone = this.#shadow.abandon();
    const hadCopy = this.#shadow.exists;
    const { onRecover, onDeath } = this.#options;
    const settle = (tell?: (error: KernelDiedError) => void): void => {
      error.message = `${reason}\n${tellOutcome(error)}`;
      try {
        tell?.(error);
      } catch (later) {
        reportLater(later);
      }
      this.#rejectAll(error);
    };
    void this.#recover(this.#comeBack(inTasks)).then(
      (isCopy) => {
        error.undone = undone;
        error.isFreshStart = hadCopy && !isCopy;
        settle(onRecover);
      },
      () => settle(onDeath),
    );
  }

  // --- What the worker says ---

  #takeMessage(message: FromWorker): void {
    switch (message.is) {
      case 'ready':
        this.#memorySize = message.memorySize;
        break;
      case 'message':
        this.#deliver(message.message);
        break;
      case 'settled':
        this.#settle(message.id, message.refusal);
        break;
      case 'answer':
        this.#answer(message.key, message.value, message.refusal);
        break;
      case 'log':
        this.#options.onLog?.(message.text);
        break;
      case 'died':
        this.#takeDeath(message.message, message.inTasks);
        break;
      case 'failed':
        break;
      default:
        this.#keep(message);
    }
  }

  #keep(message: FromWorker): void {
    const shadow = this.#shadow;
    if (message.is === 'stage') {
      const { pages, zeros, bytes } = message;
      zeros.forEach((page) => shadow.stage(page, null));
      pages.forEach((page, i) => {
        const start = i * pageSize;
        shadow.stage(page, bytes.subarray(start, start + pageSize));
      });
    } else if (message.is === 'commit') {
      this.#memorySize = message.memorySize;
      shadow.commit(message.memorySize);
    } else if (message.is === 'mark') {
      shadow.mark(message.label, message.kept);
    } else if (message.is === 'rollBack') {
      shadow.rollBack();
    }
  }

  #deliver(message: Message): void {
    const parent = message.parent_header.msg_id ?? '';
    if (isMessage(message, 'status')) {
      const isBusy = message.content.execution_state === 'busy';
      this.#busy[isBusy ? 'add' : 'delete'](parent);
      this.#told.delete(parent);
    } else if (isMessage(message, 'input_request')) {
      this.#asksInput = true;
    }
    [this.#options.onMessage, this.#listeners.get(parent)].forEach((listen) => {
      try {
        listen?.(message);
      } catch (error) {
        reportLater(error);
      }
    });
    const pending = this.#pending.get(parent);
    if (pending && message.header.msg_type.endsWith('_reply')) {
      pending.reply = message;
    }
  }

  #settle(id: string, refusal?: Refusal): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (refusal) {
      pending?.reject(errorOf(refusal));
    } else if (pending?.reply) {
      pending.resolve(pending.reply);
    }
  }

  async #ask(question: Question): Promise<unknown> {
    await this.#recovering;
    this.#checkAlive();
    const key = ++this.#count;
    const answer = new Promise((resolve, reject) => {
      this.#questions.set(key, { resolve, reject });
    });
    this.#life.tell({ do: 'ask', key, question });
    return answer;
  }

  #answer(key: number, value: unknown, refusal?: Refusal): void {
    const waiting = this.#questions.get(key);
    this.#questions.delete(key);
    if (refusal) {
      waiting?.reject(errorOf(refusal));
    } else {
      waiting?.resolve(value);
    }
  }

  #listen({ onEvent }: RequestOptions): string {
    const id = `${this.#name}-${++this.#count}`;
    if (onEvent !== undefined) {
      this.#listeners.set(id, onEvent);
      const [oldest] = this.#listeners.keys();
      if (this.#listeners.size > listenerLimit && oldest !== undefined) {
        this.#listeners.delete(oldest);
      }
    }
    return id;
  }
}

/** What of the options can cross. */
function plain({ onEvent: _, ...rest }: RequestOptions): RequestOptions {
  return rest;
}
