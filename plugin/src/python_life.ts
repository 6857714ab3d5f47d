// Python's life in a page: its start, its restarts, its end, and whether it
// has something to do.

import { bootKernel, type Beginning } from './boot.ts';
import { Comms } from './comms.ts';
import { defer } from './defer.ts';
import type { EmbeddedFiles } from './embedded_files.ts';
import { removeNotice, showFailure, showNotice } from './failure.ts';
import {
  Kernel,
  type KernelApi,
  type KernelDiedError,
  type KernelOptions,
} from './kernel.ts';
import { isMessage, type CommMsgContent, type Message } from './messages.ts';
import type { Payload } from './payload.ts';
import { pageReach } from './policy.ts';
import { PythonSession, type EventSink } from './python_session.ts';
import type { CellView } from './cell_view.ts';
import type { RunQueue } from './queue.ts';
import type { PageStatus } from './status.ts';
import { workerCode } from './worker_code.ts';
import { WorkerKernel } from './worker_kernel.ts';

/** Code that is over sooner is no reason for the page to say that it runs. */
const STATUS_DELAY_MS = 20;

/** After a second Stop the page says what else can be done, if what runs goes
 * on for so long. */
const STOP_PATIENCE_MS = 2000;

/** A callback of a figure that takes longer can be stopped like a cell. */
const CALLBACK_PATIENCE_MS = 700;

export interface LifeHost {
  /** The notebook wants its Python in a worker. */
  startsInWorker: boolean;
  /** Takes what no cell and no caller asked for. */
  sink: EventSink;
  /** What waits and runs in the notebook. */
  queue: () => RunQueue<CellView>;
  updateDisplay: (message: Message<'update_display_data'>) => void;
  /** This browser cannot suspend Python. */
  cannotStop: () => void;
  /** What runs went on after a second Stop. */
  doesNotStop: () => void;
  /** Memory is fresh: no cell has run in it. */
  restarted: () => void;
  /** Python died and is back in an earlier state. */
  recovered: (error: KernelDiedError) => void;
}

export class PythonLife {
  readonly comms = new Comms((type, content, buffers) =>
    this.session.kernel.notify(type, content as CommMsgContent, { buffers }),
  );
  /** What Python's memory was when it began to run; set before `running`
   * resolves. */
  startedFrom: Beginning | undefined;
  /** Python runs in a worker, or will when it starts. */
  inWorker: boolean;
  #python = defer<PythonSession>();
  #session: PythonSession | undefined;
  /** Code runs, of a cell or of whoever called the page's interface. */
  #isExecuting = false;
  /** Stops that came while it ran. */
  #stopCount = 0;
  #stopTimer: ReturnType<typeof setTimeout> | undefined;
  #statusTimer: ReturnType<typeof setTimeout> | undefined;
  #callbackTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly payload: Payload,
    private readonly files: EmbeddedFiles,
    private readonly status: PageStatus,
    private readonly host: LifeHost,
  ) {
    this.inWorker = host.startsInWorker;
  }

  /** Resolves with the running Python, rejects when it did not start. */
  get running(): Promise<PythonSession> {
    return this.#python.promise;
  }

  /** The running Python; throws while there is none. */
  get session(): PythonSession {
    if (!this.#session) {
      throw new Error('Python is not running: await tincture.ready');
    }
    return this.#session;
  }

  /** Python's kernel, while it lives. */
  get kernel(): KernelApi | undefined {
    const kernel = this.#session?.kernel;
    const isGone = kernel?.state === 'dead' || kernel?.state === 'disposed';
    return isGone ? undefined : kernel;
  }

  /** Python, when it has nothing to do: completion does not wait in line. */
  get idle(): PythonSession | undefined {
    const session = this.#session;
    return session?.kernel.state === 'idle' ? session : undefined;
  }

  /** Starts Python; rejects when that fails. */
  async boot(): Promise<void> {
    const reach = pageReach(document);
    const options: KernelOptions = {
      // What figures are drawn for.
      env: {
        TINCTURE_PIXEL_RATIO: String(devicePixelRatio),
        // What http.client may reach, for its words when it may not.
        ...(reach && { TINCTURE_CONNECT: reach.join(' ') }),
      },
      onLog: (text) => console.warn(text),
      onMessage: (message) => this.#takeAny(message),
      onRecover: (error) => this.#takeRecovery(error),
      onDeath: (error) => this.#takeDeath(error),
    };
    try {
      const { kernel, from } = await bootKernel(
        this.payload,
        this.files,
        options,
        {
          load: (parts, settings) =>
            this.inWorker
              ? WorkerKernel.load(parts, settings, workerCode)
              : Kernel.load(parts, settings),
          progress: (share) => this.status.progress(share),
          stateLost: ({ message }) =>
            showNotice(
              'The saved variables could not be brought back',
              `${message} Python started anew.`,
            ),
        },
      );
      this.startedFrom = from;
      this.#session = new PythonSession(kernel);
      this.#session.sink = this.host.sink;
      if (!kernel.canStop) {
        this.host.cannotStop();
      }
      this.#python.resolve(this.#session);
    } catch (error) {
      this.#python.reject(error);
      throw error;
    }
    this.settle();
  }

  /** Fresh memory; the cells keep their text and their outputs. */
  async restart(): Promise<void> {
    if (!this.#session) {
      return;
    }
    const { kernel } = this.#session;
    this.host.queue().drop();
    this.#isExecuting = false;
    this.status.set('booting', 'Restarting Python…');
    this.#python = defer();
    this.comms.endAll();
    try {
      await kernel.restart();
      removeNotice();
      this.#python.resolve(this.#session);
      this.host.restarted();
      this.settle();
    } catch (error) {
      this.#python.reject(error);
      showFailure(this.status, error);
    }
  }

  /** Moves Python into a worker or back into the page: a fresh start. */
  async move(inWorker: boolean): Promise<void> {
    if (!this.#session || inWorker === this.inWorker) {
      return;
    }
    this.inWorker = inWorker;
    this.host.queue().drop();
    this.#isExecuting = false;
    this.#python = defer();
    this.comms.endAll();
    this.status.set('booting', 'Restarting Python…');
    this.#session.kernel.dispose();
    removeNotice();
    try {
      await this.boot();
      this.host.restarted();
    } catch (error) {
      showFailure(this.status, error);
    }
  }

  interrupt(): void {
    this.#session?.kernel.interrupt();
    this.countStop();
  }

  /** What runs was told to stop, here or by the notebook. */
  countStop(): void {
    this.#stopCount += this.#isExecuting ? 1 : 0;
    if (this.#stopCount > 1) {
      clearTimeout(this.#stopTimer);
      this.#stopTimer = setTimeout(() => {
        if (this.#stopCount > 0) {
          this.host.doesNotStop();
        }
      }, STOP_PATIENCE_MS);
    }
  }

  /** Takes Python back to before what runs, which then never goes on. */
  abandon(): void {
    this.#session?.kernel.abandon();
  }

  showProgress(queue: RunQueue<CellView>): void {
    if (!queue.busy) {
      this.settle();
      return;
    }
    const count =
      queue.total > 1
        ? `Running ${queue.done + 1} of ${queue.total}…`
        : 'Running…';
    const waits = this.status.state === 'booting' && !this.#session;
    if (!waits) {
      this.status.set('running', count);
    }
  }

  /** Back to what the page is when nothing runs. */
  settle(): void {
    if (this.#session?.kernel.state === 'dead') {
      return;
    }
    if (this.host.queue().busy || this.#isExecuting) {
      this.status.set('running');
    } else if (this.#session) {
      this.status.set('ready');
    }
  }

  #takeAny(message: Message): void {
    this.comms.handle(message);
    if (isMessage(message, 'update_display_data')) {
      this.host.updateDisplay(message);
    } else if (
      isMessage(message, 'status') &&
      message.parent_header.msg_type === 'execute_request'
    ) {
      this.#setExecuting(message.content.execution_state === 'busy');
    } else if (
      isMessage(message, 'status') &&
      message.parent_header.msg_type === 'comm_msg'
    ) {
      this.#watchCallback(message.content.execution_state === 'busy');
    }
  }

  #setExecuting(isExecuting: boolean): void {
    this.#isExecuting = isExecuting;
    this.#stopCount = 0;
    if (this.host.queue().busy) {
      return;
    }
    if (!isExecuting) {
      if (this.status.state === 'running') {
        this.settle();
      }
    } else {
      // One timer for a row of quick calls.
      this.#statusTimer ??= setTimeout(() => {
        this.#statusTimer = undefined;
        if (this.#isExecuting) {
          this.settle();
        }
      }, STATUS_DELAY_MS);
    }
  }

  /** Moving a figure is no reason for the page to say that it runs, unless
   * it does not end. */
  #watchCallback(isBusy: boolean): void {
    clearTimeout(this.#callbackTimer);
    if (isBusy) {
      this.#callbackTimer = setTimeout(
        () => this.#setExecuting(true),
        CALLBACK_PATIENCE_MS,
      );
    } else if (this.#isExecuting) {
      this.#setExecuting(false);
    }
  }

  #takeRecovery(error: KernelDiedError): void {
    console.warn(error.message);
    clearTimeout(this.#callbackTimer);
    this.#isExecuting = false;
    this.#stopCount = 0;
    this.host.recovered(error);
    this.settle();
  }

  #takeDeath(error: KernelDiedError): void {
    this.comms.endAll();
    this.#python = defer();
    this.#python.reject(error);
    showFailure(this.status, error, 'Python stopped working');
  }
}
