// The messages of one life of the kernel: envelopes for those that go in, and
// whoever waits for those that come out.
//
// What the kernel sends is kept until dispatch(), so that no listener runs on
// Python's stack; what a listener throws hurts nobody else.

import {
  KernelError,
  reportLater,
  type RequestOptions,
} from './kernel_types.ts';
import {
  isMessage,
  type Message,
  type MessageType,
  protocolVersion,
} from './messages.ts';

export type Listener = (message: Message) => void;

/** Requests whose later events (of background tasks) still find onEvent. */
const listenerLimit = 256;

/** Bytes of messages that are decoded and parsed together: for each by itself
 * a cell of one line would pay most for that. */
const batchSize = 1 << 16;

/** "[" or "," before a message and "]" behind the last one. */
const bracketSize = 2;

const openBracket = 0x5b;
const comma = 0x2c;
const closeBracket = 0x5d;

/** As JSON text an array of messages; the buffers of each. */
interface Batch {
  json: string;
  buffers: Uint8Array[][];
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

interface Pending {
  resolve: (reply: Message) => void;
  reject: (error: Error) => void;
}

/** What the mailbox asks of the life that it belongs to. */
interface MailboxOwner {
  /** Python's stack is in use. */
  readonly isRunning: boolean;
  /** The request `id` has its reply. */
  replied(id: string): void;
}

function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
}

export class Mailbox {
  /** Where background tasks of earlier cells send what they print. */
  readonly listeners: Map<string, Listener>;
  readonly #name = randomName();
  readonly #owner: MailboxOwner;
  readonly #onMessage: Listener | undefined;
  readonly #pending = new Map<string, Pending>();
  #outbox: Batch[] = [];
  /** Messages that come behind the outbox, still as bytes. */
  readonly #bytes = new Uint8Array(batchSize);
  #size = 0;
  #buffers: Uint8Array[][] = [];
  #count = 0;
  #isDispatching = false;
  #held: (() => void)[] = [];

  constructor(
    owner: MailboxOwner,
    onMessage: Listener | undefined,
    listeners: Map<string, Listener> = new Map(),
  ) {
    this.#owner = owner;
    this.#onMessage = onMessage;
    this.listeners = listeners;
  }

  // --- What goes in ---

  nextId(): string {
    return `${this.#name}-${++this.#count}`;
  }

  /** A whole message as JSON text. */
  compose(
    type: MessageType,
    content: object,
    id: string,
    options: RequestOptions,
    parent: object = {},
  ): string {
    return JSON.stringify({
      header: this.#makeHeader(type, id),
      parent_header: parent,
      metadata: options.metadata ?? {},
      content,
    });
  }

  /** Says who waits for the reply to the request `id`, and for its events. */
  expect(id: string, pending: Pending, onEvent: Listener | undefined): void {
    this.#pending.set(id, pending);
    if (onEvent === undefined) {
      return;
    }
    this.listeners.set(id, onEvent);
    if (this.listeners.size > listenerLimit) {
      const [oldest] = this.listeners.keys();
      this.listeners.delete(oldest!);
    }
  }

  /** Rejects all who wait. */
  reject(error: Error): void {
    this.#pending.forEach((pending) => pending.reject(error));
    this.#pending.clear();
  }

  #makeHeader(type: MessageType, id: string): object {
    return {
      msg_id: id,
      msg_type: type,
      session: this.#name,
      username: '',
      date: new Date().toISOString(),
      version: protocolVersion,
    };
  }

  // --- What comes out ---

  /** There is nothing to dispatch. */
  get isEmpty(): boolean {
    return this.#size === 0 && this.#outbox.length === 0;
  }

  /** Takes a message, whose bytes are the caller's again afterwards. */
  put(bytes: Uint8Array, buffers: Uint8Array[]): void {
    const size = bytes.length + bracketSize;
    if (this.#size + size > batchSize) {
      this.#closeBatch();
    }
    if (size > batchSize) {
      this.#outbox.push({
        json: `[${decoder.decode(bytes)}]`,
        buffers: [buffers],
      });
      return;
    }
    this.#bytes[this.#size] = this.#size === 0 ? openBracket : comma;
    this.#bytes.set(bytes, this.#size + 1);
    this.#size += 1 + bytes.length;
    this.#buffers.push(buffers);
  }

  #closeBatch(): void {
    if (this.#size === 0) {
      return;
    }
    this.#bytes[this.#size] = closeBracket;
    this.#outbox.push({
      json: decoder.decode(this.#bytes.subarray(0, this.#size + 1)),
      buffers: this.#buffers,
    });
    this.#size = 0;
    this.#buffers = [];
  }

  /** The kernel's own message of `content`, which it could not send. */
  putFor(parentId: string, content: object): void {
    const header = this.#makeHeader('stream', `${this.#name}-last`);
    const parent = { msg_id: parentId, msg_type: 'execute_request' };
    const message = { header, parent_header: parent, metadata: {}, content };
    this.put(new TextEncoder().encode(JSON.stringify(message)), []);
  }

  /** Whether there is something to hand on. */
  get isWaiting(): boolean {
    return !this.isEmpty;
  }

  /** Hands on what was sent. A listener that posts does not disturb it. */
  dispatch(): void {
    if (this.#isDispatching) {
      return;
    }
    this.#isDispatching = true;
    while (!this.isEmpty) {
      this.#closeBatch();
      const batches = this.#outbox;
      this.#outbox = [];
      batches.forEach((batch) => this.#deliverAll(batch));
    }
    this.#isDispatching = false;
  }

  /** Settles what was held back until Python had left its stack. */
  release(): void {
    if (this.#held.length > 0) {
      this.#held.splice(0).forEach((settle) => settle());
    }
  }

  #deliverAll({ json, buffers }: Batch): void {
    const messages = JSON.parse(json) as Message[];
    messages.forEach((message, i) => {
      message.buffers = buffers[i]!;
      this.#deliver(message);
    });
  }

  #deliver(message: Message): void {
    const parent = message.parent_header.msg_id ?? '';
    this.#call(this.#onMessage, message);
    this.#call(this.listeners.get(parent), message);
    if (message.header.msg_type.endsWith('_reply')) {
      this.#settle(parent, message);
    }
  }

  #call(listener: Listener | undefined, message: Message): void {
    try {
      listener?.(message);
    } catch (error) {
      reportLater(error);
    }
  }

  #settle(id: string, message: Message): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    this.#owner.replied(id);
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
    if (this.#owner.isRunning && this.#pending.size === 0) {
      this.#held.push(settle);
    } else {
      settle();
    }
  }
}
