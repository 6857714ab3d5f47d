// One life of the kernel: an instance of the module, the messages in and out
// of it, and its turns.
//
// Nothing here runs on Python's stack: what the kernel sends is queued and
// handed on when Python yields, waits or returns. So a listener may call
// everything here, and what it throws hurts nobody else.
//
// A life ends by a trap, or because somebody ends it. Whatever of it is still
// suspended then never resumes, and what was open stays open until the next
// life is there (kernel.ts).

import {
  Checkpoint,
  type MemoryOrigin,
  type PageKeeper,
  type ScanFigures,
} from './checkpoint.ts';
import { describeTrap } from './death.ts';
import { nextFairTurn } from './frames.ts';
import {
  Instance,
  InstanceError,
  type InstanceHost,
  type MountedImage,
  runMode,
  type RunMode,
} from './instance.ts';
import type { PortHost } from './interop/py_port.ts';
import type { PyProxies } from './interop/py_proxies.ts';
import { Network } from './interop/network.ts';
import type { ObjectTable } from './interop/table.ts';
import {
  KernelBusyError,
  KernelDiedError,
  type KernelOptions,
  type KernelParts,
  type KernelState,
  reportLater,
  type RequestOptions,
} from './kernel_types.ts';
import { type Listener, Mailbox } from './mailbox.ts';
import {
  isMessage,
  type Message,
  type MessageType,
  type NoticeType,
  type RequestType,
} from './messages.ts';
import { posixTimeZone } from './timezone.ts';
import type { StrandHost } from './strands.ts';
import { Alarm, blockThread, nextTurn, Pace } from './turns.ts';

const defaultHome = '/home/tincture';

/** Characters of log text that the message of a death can quote. */
const lastWordsLimit = 4000;

/** What a life of the kernel is given. */
export interface SessionSetup {
  parts: KernelParts;
  options: KernelOptions;
  suspends: boolean;
  /** The JavaScript objects that Python holds, over all lives. */
  objects: ObjectTable;
  /** The Python objects that JavaScript holds, over the same. */
  pythonObjects: PyProxies;
  /** Takes the copies of memory; null where none are kept. */
  keeper: PageKeeper | null;
  /** In a worker, which may be ended at any time: what Python says leaves at
   * once, and images are copied too, for the keeper has nothing else. */
  isRemote?: boolean;
  /** Called once, when this life ends by itself. */
  died: (session: Session, error: KernelDiedError) => void;
}

/** What the next life takes over of the one that died. */
export interface Legacy {
  memory: WebAssembly.Memory;
  /** Where background tasks of earlier cells send what they print. */
  listeners: Map<string, Listener>;
  images: readonly MountedImage[];
  /** The death was in background tasks, so they do not go on by themselves. */
  diedInTasks: boolean;
}

/** A cell that was posted and has not got its reply. */
interface PostedCell {
  id: string;
  label: string | undefined;
  hasBegun: boolean;
}

/** One life of the kernel, from start to death or restart. */
export class Session implements InstanceHost {
  readonly home: string;
  readonly #setup: SessionSetup;
  readonly #options: KernelOptions;
  readonly #mode: RunMode;
  readonly #alarm = new Alarm();
  readonly #pace = new Pace();
  readonly #mail: Mailbox;
  readonly strands = this.#hostStrands();
  #instance: Instance | null = null;
  #images: readonly MountedImage[] = [];
  #checkpoint: Checkpoint | null = null;
  #cells: PostedCell[] = [];
  /** Messages were posted that no run has seen. */
  #hasNews = false;
  #wasWoken = false;
  #isRunning = false;
  /** Inside yield or wait: Python's frames are not on the stack. */
  #isSuspended = false;
  /** Calls of JavaScript into Python that have not returned. */
  #callDepth = 0;
  /** The pump was started and has not called Python yet. */
  #isEntering = false;
  #isInTasks = false;
  /** wake() was called, and no turn of tasks has begun since. */
  #wasAsked = false;
  #inputRequest: Message | null = null;
  #taskTimer: ReturnType<typeof setTimeout> | undefined;
  #lastWords = '';
  #ending: KernelDiedError | null = null;
  /** Of a life that ended: the next one may use it. */
  #memory: WebAssembly.Memory | null = null;

  private constructor(setup: SessionSetup, legacy?: Legacy) {
    const { options, suspends } = setup;
    this.#setup = setup;
    this.#options = options;
    this.#mail = new Mailbox(
      this,
      (message) => this.#take(message),
      legacy?.listeners,
    );
    this.home = options.home ?? defaultHome;
    setup.objects.roots.network = new Network(() => this.wake(), suspends);
    const canBlock = !suspends && blockThread(0) >= 0;
    this.#mode = suspends
      ? runMode.promising
      : canBlock
        ? runMode.blocking
        : runMode.plain;
  }

  /** A first life, or a fresh one. */
  static async start(setup: SessionSetup): Promise<Session> {
    setup.pythonObjects.renew();
    const session = new Session(setup);
    const { parts, options, suspends } = setup;
    const snapshot = parts.snapshot?.();
    const instance = await (snapshot === undefined
      ? Instance.create(parts.module, session, suspends)
      : Instance.attach(
          parts.module,
          snapshot.memory,
          session,
          suspends,
          parts.rest,
        ));
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
        const { kind, images } = snapshot;
        instance.resume({ kind, env, ...(images && { images }) });
        // A saved state has its own files, perhaps changed.
        if (snapshot.kind === 'build') {
          bring();
        }
      }
      session.#images = instance.images();
    } catch (error) {
      throw session.end(`Python could not start: ${describeTrap(error)}`);
    }
    session.#watch(instance, snapshot?.kind === 'saved' ? 'saved' : 'fresh');
    session.#mail.dispatch();
    return session;
  }

  /** Goes on in memory that `fill` writes once the instance is there. */
  static async revive(
    setup: SessionSetup,
    legacy: Legacy,
    fill: (memory: Uint8Array) => void,
  ): Promise<Session> {
    const session = new Session(setup, legacy);
    const { parts, suspends } = setup;
    const { memory } = legacy;
    const instance = await Instance.attach(
      parts.module,
      memory,
      session,
      suspends,
      parts.rest,
    );
    session.#instance = instance;
    session.#images = legacy.images;
    fill(new Uint8Array(memory.buffer));
    try {
      session.#watch(instance, 'copy');
      session.#checkpoint?.enter(false);
      instance.resume({ kind: 'checkpoint', env: {} });
      setup.pythonObjects.goBack();
      session.#checkpoint?.leave();
    } catch (error) {
      throw session.end(`Python could not go on: ${describeTrap(error)}`);
    }
    if (!legacy.diedInTasks) {
      session.#scheduleTasks(0);
    }
    return session;
  }

  /** Keeps the state before each cell from now on. */
  #watch(instance: Instance, origin: MemoryOrigin): void {
    const { keeper, isRemote = false, suspends } = this.#setup;
    instance.setEager(isRemote);
    instance.setSuspends(suspends);
    if (keeper !== null) {
      const images = this.#setup.isRemote ? [] : this.#images;
      const source = {
        get memory(): ArrayBuffer {
          return instance.memory.buffer as ArrayBuffer;
        },
        images,
        hashPage: instance.hashPage,
        get isAtRest(): boolean {
          return instance.canSnapshot;
        },
      };
      this.#checkpoint = new Checkpoint(source, keeper, origin, !isRemote);
      this.#checkpoint.leave();
    }
  }

  get mail(): Mailbox {
    return this.#mail;
  }

  get objects(): ObjectTable {
    return this.#setup.objects;
  }

  get pythonObjects(): PyProxies {
    return this.#setup.pythonObjects;
  }

  get state(): KernelState {
    if (this.#ending !== null) {
      return 'dead';
    }
    if (!this.#isRunning) {
      return 'idle';
    }
    const isWaiting =
      this.#alarm.isWaiting || this.#instance?.strands.isWaiting === true;
    return isWaiting ? 'waiting' : 'busy';
  }

  /** Python's stack is in use. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  get memorySize(): number {
    return this.#instance?.memorySize ?? 0;
  }

  copyMemory(): Uint8Array {
    const threads = this.threads();
    if (threads.length > 0) {
      throw new KernelBusyError(
        `threads of Python are alive (${threads.join(', ')}), and what they` +
          ' are in the middle of cannot be copied',
      );
    }
    this.#call((instance) => instance.trim());
    return new Uint8Array(this.#live().memory.buffer).slice();
  }

  /** The names of Python's threads, without the main one. */
  threads(): string[] {
    return this.#call((instance) => instance.threads());
  }

  images(): MountedImage[] {
    return this.#call((instance) => instance.images());
  }

  /** Python's objects, as JavaScript sees them. */
  get proxies(): PyProxies {
    return this.#live().proxies;
  }

  /** Figures of the checkpoint, for whoever measures. */
  get figures(): ScanFigures | null {
    return this.#checkpoint?.figures ?? null;
  }

  /** Cells before the one that runs of which there is no copy either. */
  get uncovered(): number {
    return this.#checkpoint?.uncovered ?? 0;
  }

  /** What a life after this one takes over; null before there was one. */
  get legacy(): Legacy | null {
    return this.#memory === null
      ? null
      : {
          memory: this.#memory,
          listeners: this.#mail.listeners,
          images: this.#images,
          diedInTasks: this.#isInTasks,
        };
  }

  /** Brings the copy of memory to its end; false where there is none. */
  completeCheckpoint(): boolean {
    return this.#checkpoint?.complete() ?? false;
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
      const cell = this.#announce(type, options);
      const id = this.#send(type, content, options);
      this.#mail.expect(id, { resolve, reject }, options.onEvent);
      if (cell !== undefined) {
        cell.id = id;
        this.#cells.push(cell);
      }
      this.#mail.dispatch();
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
    const cell = this.#announce(type, options);
    const id = this.#send(type, content, options);
    if (cell !== undefined) {
      this.#cells.push({ ...cell, id });
    }
    const settle = (result: Message | Error): void => {
      outcome = result;
    };
    this.#mail.expect(
      id,
      { resolve: settle, reject: settle },
      options.onEvent,
    );
    this.#isRunning = true;
    this.#isEntering = false;
    this.#hasNews = false;
    try {
      this.#call((instance) => instance.run(runMode.plain));
    } finally {
      this.#isRunning = isEntering;
      this.#isEntering = isEntering;
    }
    this.#mail.dispatch();
    this.#mail.release();
    if (!isEntering) {
      this.#checkpoint?.leave();
      this.#scheduleTasks(0);
    }
    if (outcome instanceof Error || outcome === undefined) {
      throw outcome ?? new KernelBusyError('called while messages are read');
    }
    return outcome;
  }

  /** A message without a reply. */
  notify(type: NoticeType, content: object, options: RequestOptions): string {
    if (!this.#isRunning) {
      this.#checkpoint?.beginCallback();
    }
    const id = this.#send(type, content, options);
    this.#mail.dispatch();
    this.#pumpSoon();
    return id;
  }

  /** A message as it stands, well-formed or not. */
  post(json: string | Uint8Array, buffers: readonly Uint8Array[]): void {
    this.#announce('execute_request', {});
    this.#post(json, buffers);
    this.#mail.dispatch();
    this.#pumpSoon();
  }

  inputReply(text: string): void {
    const request = this.#inputRequest;
    if (request === null) {
      throw new Error('Python does not ask for input');
    }
    this.#inputRequest = null;
    this.#send('input_reply', { value: text }, {}, request.header);
  }

  /** Stops what Python handles now, or the first cell that waits for it: the
   * kernel knows which. What is posted later is not meant. */
  interrupt(): void {
    if (this.#isRunning || this.#hasNews) {
      this.#call((instance) => instance.interrupt(), true);
      this.#wake();
    }
  }

  /** Ends what no Stop ends, as if it had died: the next life goes on in the
   * state before it, and what is suspended never resumes. */
  abandon(): void {
    if (this.#ending === null && this.#isRunning) {
      this.#mail.dispatch();
      this.#deliverUnsent();
      const death = this.#stop('Stopped: it did not end by itself.');
      this.#setup.died(this, death);
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

  /** Ends this life for good: everything open is rejected, nothing runs any
   * more. */
  end(reason: string): KernelDiedError {
    const error = this.#ending ?? this.#stop(reason);
    this.reject(error);
    return error;
  }

  /** Rejects what was open when this life ended. */
  reject(error: KernelDiedError): void {
    this.#mail.reject(error);
  }

  /** Nothing calls into this life any more, and it calls nobody. */
  #stop(reason: string): KernelDiedError {
    const words = this.#lastWords.trim();
    const error = new KernelDiedError(
      words === '' ? reason : `${reason}\n${words}`,
    );
    this.#ending = error;
    clearTimeout(this.#taskTimer);
    this.#checkpoint?.end();
    this.#instance?.interop.end(error);
    this.#memory = this.#instance?.memory ?? null;
    this.#instance = null;
    this.#inputRequest = null;
    this.#mail.dispatch();
    this.#mail.release();
    return error;
  }

  // --- Calls of JavaScript into Python ---

  /** What stands around them; it has to be cheap. */
  readonly gate: PortHost = {
    beginCall: () => {
      if (this.#instance === null) {
        this.#live();
      }
      this.#callDepth += 1;
      if (!this.#isRunning) {
        this.#checkpoint?.enter(false);
      }
    },
    endCall: () => {
      this.#callDepth -= 1;
      if (this.#callDepth > 0) {
        return;
      }
      if (!this.#isRunning) {
        this.#checkpoint?.leave();
      }
      // While Python's frames are on the stack it waits for the next turn.
      if (this.#mail.isWaiting && (!this.#isRunning || this.#isSuspended)) {
        this.#mail.dispatch();
      }
    },
    failCall: (error) => this.#die(error),
  };

  // --- What the instance calls ---

  send(json: Uint8Array, buffers: Uint8Array[]): void {
    this.#mail.put(json, buffers);
    if (this.#setup.isRemote) {
      this.#mail.dispatch();
    }
  }

  async yield(): Promise<void> {
    this.#mail.dispatch();
    this.#isSuspended = true;
    await nextFairTurn();
    this.#mail.dispatch();
    await this.#stayIfAlive();
    this.#isSuspended = false;
  }

  async wait(timeoutMs: number): Promise<number> {
    this.#mail.dispatch();
    this.#isSuspended = true;
    // What came in a turn before may be what Python looked for before that
    // turn: it looks once more.
    if (!this.#wasWoken) {
      await this.#alarm.wait(timeoutMs);
    }
    this.#wasWoken = false;
    await this.#stayIfAlive();
    this.#isSuspended = false;
    return 0;
  }

  loadImage(index: number): Uint8Array | null {
    return this.#setup.parts.loadImage?.(index) ?? null;
  }

  block(timeoutMs: number): number {
    this.#mail.dispatch();
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

  /** Calls into wasm; a trap is the end of this life. Where more calls
   * follow (`goesOn`), memory is not looked at in between. */
  #call<R>(run: (instance: Instance) => R, goesOn = false): R {
    const instance = this.#live();
    let isUnderWay = false;
    this.#checkpoint?.enter(false);
    try {
      const result = run(instance);
      isUnderWay = goesOn;
      return result;
    } catch (error) {
      throw error instanceof InstanceError ? error : this.#die(error);
    } finally {
      if (!this.#isRunning && !isUnderWay) {
        this.#checkpoint?.leave();
      }
    }
  }

  #die(error: unknown): KernelDiedError {
    if (this.#ending !== null) {
      return this.#ending;
    }
    this.#mail.dispatch();
    this.#deliverUnsent();
    const death = this.#stop(`Python died: ${describeTrap(error)}.`);
    this.#setup.died(this, death);
    return death;
  }

  /** What the cell printed just before it died. */
  #deliverUnsent(): void {
    const [cell] = this.#cells;
    let texts: ReturnType<Instance['unsent']> = [];
    try {
      texts = this.#instance?.unsent() ?? [];
    } catch {
      // It cannot even say that much.
    }
    for (const content of texts) {
      this.#mail.putFor(cell?.id ?? '', content);
    }
  }

  /** There is something for the event loop: it ends its wait, or has a turn
   * as soon as it can. */
  wake(): void {
    this.#wasAsked = true;
    if (this.#isRunning) {
      this.#wake();
    } else {
      this.#scheduleTasks(0);
    }
  }

  #wake(): void {
    this.#wasWoken = true;
    this.#alarm.wake();
    this.#instance?.strands.wake();
  }

  /** What Python's threads tell and want. */
  #hostStrands(): StrandHost {
    const isAlive = (): boolean => this.#ending === null;
    return {
      get isAlive() {
        return isAlive();
      },
      strandsWait: () => this.#mail.dispatch(),
      strandEnded: () => {
        this.#mail.dispatch();
        if (!this.#isRunning) {
          this.#checkpoint?.leave();
        }
      },
      strandFailed: (error) => this.#die(error),
    };
  }

  #send(
    type: MessageType,
    content: object,
    options: RequestOptions,
    parent: object = {},
  ): string {
    const id = options.id ?? this.#mail.nextId();
    this.#post(
      this.#mail.compose(type, content, id, options, parent),
      options.buffers ?? [],
    );
    return id;
  }

  /** The run that handles it follows: a copy in between would be of a state
   * that the cell in it has begun in, and would forget its name. */
  #post(json: string | Uint8Array, buffers: readonly Uint8Array[]): void {
    this.#call((instance) => instance.post(json, buffers), true);
    this.#hasNews = true;
    this.#wake();
  }

  /** What a message brings comes after the call that sent it has returned:
   * its sender may note first that it was sent. */
  #pumpSoon(): void {
    queueMicrotask(() => void this.#pump());
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
      if (this.#mustLetPageGoFirst()) {
        this.#isEntering = true;
        await nextTurn();
        this.#isEntering = false;
      }
      do {
        this.#hasNews = false;
        await this.#runQueue();
        delayMs = await this.#runTasks();
      } while (this.#hasNews);
    } catch (error) {
      this.#die(error);
    } finally {
      this.#isEntering = false;
      this.#isRunning = false;
      this.#mail.release();
    }
    this.#checkpoint?.leave();
    this.#scheduleTasks(this.#wasAsked ? 0 : delayMs);
  }

  /** The page shows that something runs at Python's first yield. Where Python
   * never yields, and where one quick cell came after the other, it must have
   * its turn before. */
  #mustLetPageGoFirst(): boolean {
    this.#pace.begin();
    return this.#mode !== runMode.promising || this.#pace.isTurnDue;
  }

  /** Handles what is queued, with a checkpoint before each cell. */
  async #runQueue(): Promise<void> {
    let isFurther = false;
    for (let hasMore = true; hasMore; isFurther = true) {
      const [cell] = this.#cells;
      if (cell?.hasBegun === false) {
        this.#begin(cell);
      } else if (isFurther) {
        this.#checkpoint?.begin(undefined);
      }
      this.#checkpoint?.enter(isFurther || cell !== undefined);
      const status = await this.#live().run(this.#mode);
      hasMore = status !== 0;
      if (status < 0) {
        // Python called the JavaScript that wants this: when that returns.
        await nextTurn();
      }
      this.#mail.dispatch();
    }
  }

  async #runTasks(): Promise<number> {
    this.#wasAsked = false;
    const waitMs = this.#live().nextTask();
    if (waitMs !== 0) {
      return waitMs;
    }
    this.#checkpoint?.enter(false);
    this.#isInTasks = true;
    const delayMs = await this.#live().runTasks(this.#mode);
    this.#isInTasks = false;
    this.#mail.dispatch();
    return delayMs;
  }

  /** A cell comes. Where nothing runs and nothing waits, the state before it
   * is that before its message. */
  #announce(type: RequestType, options: RequestOptions): PostedCell | undefined {
    if (type !== 'execute_request') {
      return undefined;
    }
    const cell = { id: '', label: options.label, hasBegun: false };
    if ((!this.#isRunning || this.#isEntering) && !this.#cells.length) {
      this.#begin(cell);
    }
    return cell;
  }

  #begin(cell: PostedCell): void {
    cell.hasBegun = true;
    this.#setup.objects.beginCell();
    this.#checkpoint?.begin(cell.label);
  }

  /** Background tasks of asyncio want to run again after a while. */
  #scheduleTasks(delayMs: number): void {
    clearTimeout(this.#taskTimer);
    if (delayMs >= 0 && this.#ending === null) {
      this.#taskTimer = setTimeout(() => void this.#pump(), delayMs);
    }
  }

  // --- Messages of the kernel ---

  #take(message: Message): void {
    if (isMessage(message, 'input_request')) {
      this.#inputRequest = message;
    }
    this.#options.onMessage?.(message);
  }

  replied(id: string): void {
    this.#cells = this.#cells.filter((cell) => cell.id !== id);
  }
}
