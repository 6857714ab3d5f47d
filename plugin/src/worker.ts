// The script of a worker with a kernel in it: one life. What copies of memory
// hold goes to the page, which outlives this.

import { ffiRoot, PyProxies } from './interop/py_proxies.ts';
import { ObjectTable } from './interop/table.ts';
import { hasPromiseIntegration, memoryOfSize } from './instance.ts';
import { KernelError, type KernelParts } from './kernel_types.ts';
import { RestOfCode } from './rest_of_code.ts';
import { Session, type SessionSetup } from './session.ts';
import { pageSize } from './shadow.ts';
import type {
  FromWorker,
  Question,
  Refusal,
  ToWorker,
  WorkerStart,
} from './worker_messages.ts';

interface WorkerScope {
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;

/** Pages that travel together: 1 MiB. */
const parcelPages = 256;

function tell(message: FromWorker, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer);
}

function refusalOf(error: unknown): Refusal {
  const { name, message } =
    error instanceof Error ? error : new Error(String(error));
  return { name, message };
}

/** Collects pages and sends them to the page's copy. */
class Parcels {
  #bytes = new Uint8Array(parcelPages * pageSize);
  #pages: number[] = [];
  #zeros: number[] = [];

  stage(page: number, bytes: Uint8Array | null): void {
    if (bytes === null) {
      this.#zeros.push(page);
      return;
    }
    this.#bytes.set(bytes, this.#pages.length * pageSize);
    this.#pages.push(page);
    if (this.#pages.length === parcelPages) {
      this.#send();
    }
  }

  commit(memorySize: number): void {
    this.#send();
    tell({ is: 'commit', memorySize });
  }

  rollBack(): void {
    this.#pages = [];
    this.#zeros = [];
    tell({ is: 'rollBack' });
  }

  mark(label: string, kept: boolean): void {
    tell({ is: 'mark', label, kept });
  }

  #send(): void {
    if (this.#pages.length + this.#zeros.length === 0) {
      return;
    }
    const pages = Uint32Array.from(this.#pages);
    const zeros = Uint32Array.from(this.#zeros);
    const bytes = this.#bytes.slice(0, pages.length * pageSize);
    tell({ is: 'stage', pages, zeros, bytes }, [bytes.buffer]);
    this.#pages = [];
    this.#zeros = [];
  }
}

function setupOf(start: WorkerStart): SessionSetup {
  const { module, images, memory } = start;
  const parts: KernelParts = { module, images };
  if (start.rest !== undefined) {
    parts.rest = new RestOfCode(start.rest);
  }
  if (memory !== undefined) {
    parts.snapshot = () => {
      const made = memoryOfSize(memory.bytes.length);
      new Uint8Array(made.buffer).set(memory.bytes);
      return { ...memory, memory: made };
    };
  }
  parts.loadImage = (index) => start.absent.get(index) ?? null;
  return {
    parts,
    options: {
      env: start.env,
      files: start.files,
      ...(start.home === undefined ? {} : { home: start.home }),
      onMessage: (message) => tell({ is: 'message', message }),
      onLog: (text) => tell({ is: 'log', text }),
    },
    suspends: start.suspend && hasPromiseIntegration,
    keeper: new Parcels(),
    objects: new ObjectTable({ ffi: ffiRoot }),
    pythonObjects: new PyProxies(),
    isRemote: true,
    died: (session, error) =>
      tell({
        is: 'died',
        message: error.message,
        inTasks: session.legacy?.diedInTasks ?? false,
      }),
  };
}

function begin(start: WorkerStart): Promise<Session> {
  const setup = setupOf(start);
  const { memory } = start;
  if (memory?.kind !== 'checkpoint') {
    return Session.start(setup);
  }
  const legacy = {
    memory: memoryOfSize(memory.bytes.length),
    listeners: new Map(),
    images: [],
    diedInTasks: start.restsAtFirst,
  };
  return Session.revive(setup, legacy, (place) => place.set(memory.bytes));
}

function answerOf(session: Session, question: Question): unknown {
  switch (question.about) {
    case 'file':
      return session.readFile(question.name);
    case 'list':
      return session.list(question.name);
    case 'memory':
      return session.copyMemory();
    case 'images':
      return session.images();
  }
}

function answer(session: Session, key: number, question: Question): void {
  try {
    tell({ is: 'answer', key, value: answerOf(session, question) });
  } catch (error) {
    tell({ is: 'answer', key, refusal: refusalOf(error) });
  }
}

async function request(
  session: Session,
  message: ToWorker & { do: 'request' },
): Promise<void> {
  const { type, content, options } = message;
  const { id } = options;
  try {
    await session.request(type, content, options);
    tell({ is: 'settled', id });
  } catch (error) {
    // A death is told once, for all requests.
    if (error instanceof KernelError) {
      tell({ is: 'settled', id, refusal: refusalOf(error) });
    }
  }
}

function obey(session: Session, message: ToWorker): void {
  switch (message.do) {
    case 'request':
      void request(session, message);
      break;
    case 'notify':
      session.notify(message.type, message.content, message.options);
      break;
    case 'post':
      session.post(message.json, message.buffers);
      break;
    case 'interrupt':
      session.interrupt();
      break;
    case 'input':
      session.inputReply(message.text);
      break;
    case 'write':
      session.writeFile(message.name, message.bytes);
      break;
    case 'ask':
      answer(session, message.key, message.question);
      break;
    case 'start':
      break;
  }
}

let session: Promise<Session> | undefined;

scope.onmessage = ({ data: message }) => {
  if (message.do === 'start') {
    session = begin(message.start);
    session.then(
      (started) =>
        tell({
          is: 'ready',
          suspends: message.start.suspend && hasPromiseIntegration,
          memorySize: started.memorySize,
        }),
      (error: Error) => tell({ is: 'failed', message: error.message }),
    );
    return;
  }
  void session?.then((started) => {
    try {
      obey(started, message);
    } catch (error) {
      tell({ is: 'log', text: `${(error as Error).message}\n` });
    }
  });
};
