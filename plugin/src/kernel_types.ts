// What a kernel is made of, what it can be asked, and how it fails: the types
// that a kernel in the page and one in a worker share.

import type { ResumeConfig } from './instance.ts';
import type {
  JsonObject,
  Message,
  MessageReplies,
  RequestType,
} from './messages.ts';
import type { RestOfCode } from './rest_of_code.ts';

export interface KernelParts {
  module: WebAssembly.Module;
  /** What of the code is not in `module`. */
  rest?: RestOfCode;
  /** Mounted by a cold start; with a snapshot, those that it has not. */
  images: readonly { path: string; name?: string; bytes: Uint8Array }[];
  /**
   * Memory that a snapshot has filled, images included: instead of a cold
   * start. Called once for each life; the module has no data then.
   */
  snapshot?: () => {
    memory: WebAssembly.Memory;
    kind: ResumeConfig['kind'];
    /** Indices of the images whose bytes are there; all, without this. */
    images?: number[];
    /** How many there are in all. */
    imageCount?: number;
  };
  /** The bytes of an image that was not there, when it is first read. */
  loadImage?: (index: number) => Uint8Array | null;
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
  /** Python died and is back in the state before; the error says what was
   * undone. What was open is rejected with it after this. */
  onRecover?: (error: KernelDiedError) => void;
  /** The kernel died for good; restart() is the way on. */
  onDeath?: (error: KernelDiedError) => void;
  /** False: no copies of memory are kept, a death is for good. */
  recovers?: boolean;
  /** False: never suspend, even where that is possible. */
  suspend?: boolean;
}

export interface RequestOptions {
  metadata?: JsonObject;
  buffers?: readonly Uint8Array[];
  /** The message's own name, where the caller has one. */
  id?: string;
  /** Of an execute_request: the name under which it can be undone. */
  label?: string;
  /** What belongs to this request, its reply included, in order. */
  onEvent?: (message: Message) => void;
}

export type KernelState =
  | 'idle'
  | 'busy'
  | 'waiting'
  | 'recovering'
  | 'dead'
  | 'disposed';

export type Reply<T extends RequestType> = Message<MessageReplies[T]>;

/** The kernel refused a message: an error_reply. */
export class KernelError extends Error {
  constructor(name: string, text: string) {
    super(text);
    this.name = name;
  }
}

/** Python ended in the middle of its work. */
export class KernelDiedError extends Error {
  override name = 'KernelDiedError';
  /**
   * Labels of the requests whose effects on Python are undone, oldest first;
   * null: Python is gone, and every variable with it.
   */
  undone: readonly string[] | null = null;
  /** Requests without a label that are undone as well: they came in a row
   * with the one that died. */
  callsUndone = 0;
  /** It came back, but by a fresh start: there was no copy. */
  isFreshStart = false;
}

/** A request that must be answered at once came while another one ran. */
export class KernelBusyError extends Error {
  override name = 'KernelBusyError';
}

/** An error in a listener is its owner's; it must not stop the others. */
export function reportLater(error: unknown): void {
  setTimeout(() => {
    throw error;
  });
}
