// Comms: two-way conversations with objects in the kernel, as Jupyter has
// them.  Knows no DOM and no kernel but a function that posts.

import {
  isMessage,
  type JsonObject,
  type Message,
  type NoticeType,
} from './messages.ts';

/** Posts one message; gives its id, which the kernel's answers name as their
 * parent.  Throws where no kernel takes it. */
export type PostComm = (
  type: NoticeType,
  content: object,
  buffers: readonly Uint8Array[],
) => string;

/** What the page's end of a comm does. */
export interface CommListener {
  onMessage(data: JsonObject, buffers: readonly Uint8Array[]): void;
  /** The kernel closed it, or is gone; nothing comes after this. */
  onClose(): void;
  /** Output of the callbacks that the comm's messages ran. */
  onOutput?(message: Message): void;
  /** Python went back to an earlier state, in which it has this comm too:
   * what was asked and not answered will not be. */
  onReturn?(): void;
}

/** Makes the page's end of a comm that the kernel opens. */
export type CommTarget = (comm: Comm, data: JsonObject) => CommListener;

/** Sent messages whose output still finds its comm. */
const PARENT_LIMIT = 64;

const OUTPUT_TYPES = [
  'stream',
  'display_data',
  'execute_result',
  'error',
  'clear_output',
];

export class Comm {
  listener: CommListener | undefined;
  #isOpen = true;

  /** `place` is its number among all that there ever were. */
  constructor(
    readonly id: string,
    readonly place: number,
    private readonly comms: Comms,
  ) {}

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** False where nobody is there to take it. */
  send(data: object, buffers: readonly Uint8Array[] = []): boolean {
    const content = { comm_id: this.id, data };
    return this.#isOpen && this.comms.post(this, 'comm_msg', content, buffers);
  }

  /** Ends it from this side. */
  close(): void {
    if (this.#isOpen) {
      this.comms.post(this, 'comm_close', { comm_id: this.id, data: {} }, []);
      this.end();
    }
  }

  /** It is closed: the kernel said so, or is told. */
  end(): void {
    if (this.#isOpen) {
      this.#isOpen = false;
      this.comms.forget(this);
      this.listener?.onClose();
    }
  }
}

export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
}

export class Comms {
  #targets = new Map<string, CommTarget>();
  #comms = new Map<string, Comm>();
  #parents = new Map<string, Comm>();
  #count = 0;

  constructor(private readonly postMessage: PostComm) {}

  /** Comms that the kernel opens under this name are made by `target`. */
  register(name: string, target: CommTarget): void {
    this.#targets.set(name, target);
  }

  find(id: string): Comm | undefined {
    return this.#comms.get(id);
  }

  /** Opens a comm to a target in the kernel. */
  open(name: string, data: object, listener: CommListener): Comm {
    const comm = new Comm(randomId(), this.#count++, this);
    comm.listener = listener;
    this.#comms.set(comm.id, comm);
    const content = { comm_id: comm.id, target_name: name, data };
    if (!this.post(comm, 'comm_open', content, [])) {
      comm.end();
    }
    return comm;
  }

  /** Takes the page's end of one that the kernel has open, from before this
   * page: nothing for a target that nobody knows. */
  adopt(id: string, name: string): void {
    const target = this.#targets.get(name);
    if (target !== undefined && !this.#comms.has(id)) {
      const comm = new Comm(id, this.#count++, this);
      this.#comms.set(id, comm);
      comm.listener = target(comm, {});
    }
  }

  /** Enters a message of the kernel; those of no comm are not touched. */
  handle(message: Message): void {
    if (isMessage(message, 'comm_open')) {
      this.#accept(message);
    } else if (isMessage(message, 'comm_msg')) {
      const { comm_id, data } = message.content;
      this.#comms
        .get(comm_id)
        ?.listener?.onMessage(data, message.buffers ?? []);
    } else if (isMessage(message, 'comm_close')) {
      this.#comms.get(message.content.comm_id)?.end();
    } else if (OUTPUT_TYPES.includes(message.header.msg_type)) {
      const parent = message.parent_header.msg_id ?? '';
      this.#parents.get(parent)?.listener?.onOutput?.(message);
    }
  }

  /** How many there have been. */
  get count(): number {
    return this.#count;
  }

  /** Python is back in a state in which there had been `count` of them. */
  goBack(count: number): void {
    for (const comm of [...this.#comms.values()]) {
      if (comm.place < count) {
        comm.listener?.onReturn?.();
      } else {
        comm.end();
      }
    }
  }

  /** The kernel is gone, and its ends of all comms with it. */
  endAll(): void {
    [...this.#comms.values()].forEach((comm) => comm.end());
  }

  post(
    comm: Comm,
    type: NoticeType,
    content: object,
    buffers: readonly Uint8Array[],
  ): boolean {
    let id: string;
    try {
      id = this.postMessage(type, content, buffers);
    } catch {
      return false;
    }
    this.#parents.set(id, comm);
    const [oldest] = this.#parents.keys();
    if (this.#parents.size > PARENT_LIMIT && oldest !== undefined) {
      this.#parents.delete(oldest);
    }
    return true;
  }

  forget(comm: Comm): void {
    this.#comms.delete(comm.id);
  }

  #accept(message: Message<'comm_open'>): void {
    const { comm_id, target_name, data } = message.content;
    const target = this.#targets.get(target_name);
    const comm = new Comm(comm_id, this.#count++, this);
    if (target === undefined) {
      // Jupyter's answer to a target that nobody knows.
      comm.close();
      return;
    }
    this.#comms.set(comm_id, comm);
    comm.listener = target(comm, data);
  }
}
