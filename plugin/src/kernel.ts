// The kernel as JavaScript sees it: messages in, messages out.
//
// Works wherever there is WebAssembly: pages, workers, Node. With JavaScript
// Promise Integration (`canSuspend`) Python yields to the page while it runs,
// can be stopped, and sleep and input() wait. Without it a request runs to its
// end before anything else happens.
//
// Nothing here runs on Python's stack: what the kernel sends is queued and
// handed on when Python yields, waits or returns. So a listener may call
// everything here, and what it throws hurts nobody else.

import {
  hasPromiseIntegration,
  Instance,
  InstanceError,
  type InstanceHost,
  type MountedImage,
  type ResumeConfig,
  runMode,
  type RunMode,
} from './instance.ts';
import {
  isMessage,
  type JsonObject,
  type Message,
  type MessageContents,
  type MessageReplies,
  type MessageType,
  type NoticeType,
  protocolVersion,
  type RequestType,
} from './messages.ts';
import { posixTimeZone } from './timezone.ts';
import { Alarm, blockThread, nextTurn } from './turns.ts';

export interface KernelParts {
  module: WebAssembly.Module;
  /** Mounted by a cold start; with a snapshot, those that it has not. */
  images: readonly { path: string; name?: string; bytes: Uint8Array }[];
  /**
   * Memory that a snapshot has filled, images included: instead of a cold
   * start. Called once for each life; the module has no data then.
   */
  snapshot?: () => { memory: WebAssembly.Memory; kind: ResumeConfig['kind'] };
}

export interface KernelFile {
  /** Relative names are below the home directory. */
  name: string;
  bytes: Uint8Array;
}

export interface KernelOptions {
  env?: Record<string, string>;
  home?: string;
  /** Written before Python starts, and again after a restart. */
  files?: readonly KernelFile[];
  /** Every message of the kernel, in order. */
  onMessage?: (message: Message) => void;
  /** Text for the developer: what C code wrote to descriptor 2, last words. */
  onLog?: (text: string) => void;
  /** The kernel died; restart() is the way on. */
  onDeath?: (error: KernelDiedError) => void;
  /** False: never suspend, even where that is possible. */
  suspend?: boolean;
}

export interface RequestOptions {
  metadata?: JsonObject;
  buffers?: readonly Uint8Array[];
  /** What belongs to this request, its reply included, in order. */
  onEvent?: (message: Message) => void;
}

export type KernelState = 'idle' | 'busy' | 'waiting' | 'dead' | 'disposed';

export type Reply<T extends RequestType> = Message<MessageReplies[T]>;

/** The kernel refused a message: an error_reply. */
export class KernelError extends Error {
  constructor(name: string, text: string) {
    super(text);
    this.name = name;
  }
}

/** The kernel is gone, and with it every variable. */
export class KernelDiedError extends Error {
  override name = 'KernelDiedError';
}

/** A request that must be answered at once came while another one ran. */
export class KernelBusyError extends Error {
  override name = 'KernelBusyError';
}

const defaultHome = '/home/tincture';

/** Requests whose later events (of background tasks) still find onEvent. */
const listenerLimit = 256;

/** Characters of log text that the message of a death can quote. */
const lastWordsLimit = 4000;

interface Pending {
  resolve: (reply: Message) => void;
  reject: (error: Error) => void;
}

function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
}

/** An exception out of wasm, in words. */
function describeTrap(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError || /too much recursion/.test(text)) {
    return `the stack overflowed (${text})`;
  }
  return text;
}

/** An error in a listener is its owner's; it must not stop the others. */
function reportLater(error: unknown): void {
  setTimeout(() => {
    throw error;
  });
}

/** One life of the kernel, from start to death or restart. */
class Session implements InstanceHost {
  readonly home: string;
  readonly #options: KernelOptions;
  readonly #mode: RunMode;
  readonly #name = randomName();
  readonly #alarm = new Alarm();
  readonly #pending = new Map<string, Pending>();
  readonly #listeners = new Map<string, (message: Message) => void>();
  readonly #outbox: { json: string; buffers: Uint8Array[] }[] = [];
  #instance: Instance | null = null;
  #messageCount = 0;
  /** Messages were posted that no run has seen. */
  #hasNews = false;
  #wasWoken = false;
  #isRunning = false;
  /** The pump was started and has not called Python yet. */
  #isEntering = false;
  #stopsSoon = false;
  #isDispatching = false;
  #inputRequest: Message | null = null;
  #taskTimer: ReturnType<typeof setTimeout> | undefined;
  #lastWords = '';
  #ending: KernelDiedError | null = null;
  #held: (() => void)[] = [];

  private constructor(options: KernelOptions, suspends: boolean) {
    this.#options = options;
    this.home = options.home ?? defaultHome;
    const canBlock = !suspends && blockThread(0) >= 0;
    this.#mode = suspends
      ? runMode.promising
      : canBlock
        ? runMode.blocking
        : runMode.plain;
  }

  static async start(
    parts: KernelParts,
    options: KernelOptions,
    suspends: boolean,
  ): Promise<Session> {
    const session = new Session(options, suspends);
    const snapshot = parts.snapshot?.();
    const instance = await (snapshot === undefined
      ? Instance.create(parts.module, session, suspends)
      : Instance.attach(parts.module, snapshot.memory, session, suspends));
    session.#instance = instance;
    try {
      const bring = (): void => {
        parts.images.forEach(({ path, bytes, name }) =>
          instance.mount(path, bytes, name),
        );
        options.files?.forEach((file) =>
          instance.writeFile(session.resolve(file.name), file.bytes),
        );
      };
      const env = { LANG: 'C.UTF-8', TZ: posixTimeZone(), ...options.env };
      if (snapshot === undefined) {
        bring();
        instance.start({ home: session.home, env });
      } else {
        instance.resume({ kind: snapshot.kind, env });
        bring();
      }
    } catch (error) {
      throw session.end(`Python could not start: ${describeTrap(error)}`);
    }
    session.#dispatch();
    return session;
  }

  get state(): KernelState {
    if (this.#ending !== null) {
      return 'dead';
    }
    if (!this.#isRunning) {
      return 'idle';
    }
    return this.#alarm.isWaiting ? 'waiting' : 'busy';
  }

  get memorySize(): number {
    return this.#instance?.memorySize ?? 0;
  }

  copyMemory(): Uint8Array {
    return new Uint8Array(this.#live().memory.buffer).slice();
  }

  images(): MountedImage[] {
    return this.#call((instance) => instance.images());
  }

  resolve(name: string): string {
    return name.startsWith('/') ? name : `${this.home}/${name}`;
  }

  // --- Requests ---

  request(
    type: RequestType,
    content: object,
    options: RequestOptions,
  ): Promise<Message> {
    return new Promise((resolve, reject) => {
      const id = this.#send(type, content, options);
      this.#pending.set(id, { resolve, reject });
      if (options.onEvent !== undefined) {
        this.#listen(id, options.onEvent);
      }
      this.#dispatch();
      void this.#pump();
    });
  }

  requestNow(
    type: RequestType,
    content: object,
    options: RequestOptions,
  ): Message {
    const isEntering = this.#isEntering;
    if ((this.#isRunning && !isEntering) || this.#hasNews) {
      throw new KernelBusyError(`${type} cannot wait, and Python is busy`);
    }
    let outcome: Message | Error | undefined;
    const id = this.#send(type, content, options);
    const settle = (result: Message | Error): void => {
      outcome = result;
    };
    this.#pending.set(id, { resolve: settle, reject: settle });
    if (options.onEvent !== undefined) {
      this.#listen(id, options.onEvent);
    }
    this.#isRunning = true;
    this.#isEntering = false;
    this.#hasNews = false;
    try {
      this.#call((instance) => instance.run(runMode.plain));
    } finally {
      this.#isRunning = isEntering;
      this.#isEntering = isEntering;
    }
    this.#dispatch();
    this.#release();
    if (!isEntering) {
      this.#scheduleTasks(0);
    }
    if (outcome instanceof Error || outcome === undefined) {
      throw outcome ?? new KernelBusyError('called while messages are read');
    }
    return outcome;
  }

  /** A message without a reply. */
  notify(type: NoticeType, content: object, options: RequestOptions): string {
    const id = this.#send(type, content, options);
    this.#dispatch();
    void this.#pump();
    return id;
  }

  /** A message as it stands, well-formed or not. */
  post(json: string | Uint8Array, buffers: readonly Uint8Array[]): void {
    this.#post(json, buffers);
    this.#dispatch();
    void this.#pump();
  }

  inputReply(text: string): void {
    const request = this.#inputRequest;
    if (request === null) {
      throw new Error('Python does not ask for input');
    }
    this.#inputRequest = null;
    this.#send('input_reply', { value: text }, {}, request.header);
  }

  interrupt(): void {
    if (this.#isEntering) {
      this.#stopsSoon = true;
    } else if (this.#isRunning) {
      this.#call((instance) => instance.interrupt());
      this.#wake();
    }
  }

  writeFile(name: string, bytes: Uint8Array): void {
    this.#call((instance) => instance.writeFile(this.resolve(name), bytes));
  }

  readFile(name: string): Uint8Array {
    return this.#call((instance) => instance.readFile(this.resolve(name)));
  }

  list(name: string): string {
    return this.#call((instance) => instance.list(this.resolve(name)));
  }

  /** Ends this life: everything open is rejected, nothing runs any more. */
  end(reason: string): KernelDiedError {
    if (this.#ending !== null) {
      return this.#ending;
    }
    const words = this.#lastWords.trim();
    const error = new KernelDiedError(
      words === '' ? reason : `${reason}\n${words}`,
    );
    this.#ending = error;
    clearTimeout(this.#taskTimer);
    this.#instance = null;
    this.#inputRequest = null;
    this.#dispatch();
    this.#release();
    this.#pending.forEach((pending) => pending.reject(error));
    this.#pending.clear();
    this.#listeners.clear();
    return error;
  }

  // --- What the instance calls ---

  send(json: string, buffers: Uint8Array[]): void {
    this.#outbox.push({ json, buffers });
  }

  async yield(): Promise<void> {
    this.#dispatch();
    this.#stopIfAsked();
    await nextTurn();
    this.#dispatch();
    await this.#stayIfAlive();
  }

  async wait(timeoutMs: number): Promise<number> {
    this.#wasWoken = false;
    this.#dispatch();
    this.#stopIfAsked();
    if (!this.#wasWoken) {
      await this.#alarm.wait(timeoutMs);
    }
    await this.#stayIfAlive();
    return 0;
  }

  block(timeoutMs: number): number {
    this.#dispatch();
    return this.#mode === runMode.blocking ? blockThread(timeoutMs) : -1;
  }

  log(text: string): void {
    this.#lastWords = (this.#lastWords + text).slice(-lastWordsLimit);
    try {
      this.#options.onLog?.(text);
    } catch (error) {
      reportLater(error);
    }
  }

  // --- Running ---

  /** Stop was pressed before Python had begun. */
  #stopIfAsked(): void {
    if (this.#stopsSoon) {
      this.#stopsSoon = false;
      this.interrupt();
    }
  }

  /** An old life's stack, when its kernel was restarted, never resumes. */
  #stayIfAlive(): Promise<void> {
    return this.#ending === null ? Promise.resolve() : new Promise(() => {});
  }

  #live(): Instance {
    if (this.#instance === null) {
      throw this.#ending ?? new Error('the kernel has not started');
    }
    return this.#instance;
  }

  /** Calls into wasm; a trap is the end of this life. */
  #call<R>(run: (instance: Instance) => R): R {
    const instance = this.#live();
    try {
      return run(instance);
    } catch (error) {
      throw error instanceof InstanceError ? error : this.#die(error);
    }
  }

  #die(error: unknown): KernelDiedError {
    if (this.#ending !== null) {
      return this.#ending;
    }
    const death = this.end(`Python died: ${describeTrap(error)}`);
    try {
      this.#options.onDeath?.(death);
    } catch (later) {
      reportLater(later);
    }
    return death;
  }

  #wake(): void {
    this.#wasWoken = true;
    this.#alarm.wake();
  }

  #send(
    type: MessageType,
    content: object,
    options: RequestOptions,
    parent: object = {},
  ): string {
    const id = `${this.#name}-${++this.#messageCount}`;
    const header = {
      msg_id: id,
      msg_type: type,
      session: this.#name,
      username: '',
      date: new Date().toISOString(),
      version: protocolVersion,
    };
    const metadata = options.metadata ?? {};
    this.#post(
      JSON.stringify({ header, parent_header: parent, metadata, content }),
      options.buffers ?? [],
    );
    return id;
  }

  #post(json: string | Uint8Array, buffers: readonly Uint8Array[]): void {
    this.#call((instance) => instance.post(json, buffers));
    this.#hasNews = true;
    this.#wake();
  }

  /** Runs until nothing is queued; one at a time, in the background. */
  async #pump(): Promise<void> {
    if (this.#isRunning || this.#ending !== null) {
      return;
    }
    clearTimeout(this.#taskTimer);
    this.#isRunning = true;
    let delayMs = -1;
    try {
      // The page may first show that something runs.
      this.#isEntering = true;
      await nextTurn();
      this.#isEntering = false;
      do {
        this.#hasNews = false;
        await this.#live().run(this.#mode);
        this.#dispatch();
        delayMs = await this.#live().runTasks(this.#mode);
        this.#dispatch();
      } while (this.#hasNews);
    } catch (error) {
      this.#die(error);
    } finally {
      this.#isEntering = false;
      this.#isRunning = false;
      this.#stopsSoon = false;
      this.#release();
    }
    this.#scheduleTasks(delayMs);
  }

  /** Background tasks of asyncio want to run again after a while. */
  #scheduleTasks(delayMs: number): void {
    clearTimeout(this.#taskTimer);
    if (delayMs >= 0 && this.#ending === null) {
      this.#taskTimer = setTimeout(() => void this.#pump(), delayMs);
    }
  }

  // --- Messages of the kernel ---

  #listen(id: string, listener: (message: Message) => void): void {
    this.#listeners.set(id, listener);
    const [oldest] = this.#listeners.keys();
    if (this.#listeners.size > listenerLimit && oldest !== undefined) {
      this.#listeners.delete(oldest);
    }
  }

  /** Hands on what was sent. A listener that posts does not disturb it. */
  #dispatch(): void {
    if (this.#isDispatching) {
      return;
    }
    this.#isDispatching = true;
    for (let next = this.#outbox.shift(); next; next = this.#outbox.shift()) {
      const message = JSON.parse(next.json) as Message;
      message.buffers = next.buffers;
      this.#deliver(message);
    }
    this.#isDispatching = false;
  }

  #deliver(message: Message): void {
    const parent = message.parent_header.msg_id ?? '';
    if (isMessage(message, 'input_request')) {
      this.#inputRequest = message;
    }
    [this.#options.onMessage, this.#listeners.get(parent)].forEach((listen) => {
      try {
        listen?.(message);
      } catch (error) {
        reportLater(error);
      }
    });
    if (message.header.msg_type.endsWith('_reply')) {
      this.#settle(parent, message);
    }
  }

  #settle(id: string, message: Message): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    const settle = (): void => {
      if (isMessage(message, 'error_reply')) {
        const { ename, evalue } = message.content;
        pending?.reject(new KernelError(ename, evalue));
      } else {
        pending?.resolve(message);
      }
    };
    // Who waited for the last reply may call requestNow() next, so Python
    // must have left its stack by then.
    if (this.#isRunning && this.#pending.size === 0) {
      this.#held.push(settle);
    } else {
      settle();
    }
  }

  #release(): void {
    this.#held.splice(0).forEach((settle) => settle());
  }
}

export class Kernel {
  readonly #parts: KernelParts;
  readonly #options: KernelOptions;
  #session: Session;
  #isDisposed = false;

  /**
   * True where Python can be suspended: the page lives while it runs, Stop
   * and input() work. Without it nothing at all happens during a request.
   */
  readonly canSuspend: boolean;

  private constructor(
    parts: KernelParts,
    options: KernelOptions,
    session: Session,
    canSuspend: boolean,
  ) {
    this.#parts = parts;
    this.#options = options;
    this.#session = session;
    this.canSuspend = canSuspend;
  }

  static async load(
    parts: KernelParts,
    options: KernelOptions = {},
  ): Promise<Kernel> {
    const canSuspend = hasPromiseIntegration && options.suspend !== false;
    const session = await Session.start(parts, options, canSuspend);
    return new Kernel(parts, options, session, canSuspend);
  }

  get state(): KernelState {
    return this.#isDisposed ? 'disposed' : this.#session.state;
  }

  /** Bytes of linear memory, which hold everything but the page. */
  get memorySize(): number {
    return this.#session.memorySize;
  }

  /** All of it, as it is: a snapshot, where no request runs. */
  copyMemory(): Uint8Array {
    if (this.state !== 'idle') {
      throw new KernelBusyError('memory cannot be copied while Python runs');
    }
    return this.#session.copyMemory();
  }

  /** The mounted images, and where they are in memory. */
  images(): MountedImage[] {
    return this.#session.images();
  }

  /**
   * Sends a request and resolves with its reply, also when that reports a
   * Python error. Requests run in order. Rejects with KernelError when the
   * kernel refuses the message, with KernelDiedError when it is or goes dead.
   */
  request<T extends RequestType>(
    type: T,
    content: MessageContents[T],
    options: RequestOptions = {},
  ): Promise<Reply<T>> {
    return this.#session.request(type, content, options) as Promise<Reply<T>>;
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

  /** Ends this Python and starts a new one in fresh memory. */
  async restart(): Promise<Kernel> {
    this.#session.end('The kernel was restarted.');
    this.#session = await Session.start(
      this.#parts,
      this.#options,
      this.canSuspend,
    );
    this.#isDisposed = false;
    return this;
  }

  /** Ends Python for good and lets go of its memory. */
  dispose(): void {
    this.#session.end('The kernel was disposed of.');
    this.#isDisposed = true;
  }
}
