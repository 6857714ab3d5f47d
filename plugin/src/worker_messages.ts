// What a page and its kernel in a worker say to each other.

import type { ResumeConfig } from './instance.ts';
import type { Message, NoticeType, RequestType } from './messages.ts';
import type { KernelFile, RequestOptions } from './kernel_types.ts';

/** How the kernel in a worker begins. */
export interface WorkerStart {
  module: WebAssembly.Module;
  /** The rest of the code, where the module is a first part. */
  rest?: WebAssembly.Module;
  images: { path: string; name?: string; bytes: Uint8Array }[];
  /** The whole of memory; without it Python starts cold. */
  memory?: {
    bytes: Uint8Array;
    kind: ResumeConfig['kind'];
    /** Indices of the images that are in it; all, without this. */
    images?: number[];
  };
  /** The images that are not in it, by their indices. */
  absent: Map<number, Uint8Array>;
  files: KernelFile[];
  env: Record<string, string>;
  home?: string;
  suspend: boolean;
  /** Background tasks of a state that came back do not go on by themselves. */
  restsAtFirst: boolean;
}

/** Questions about files and memory, each answered under its key. */
export type Question =
  | { about: 'file'; name: string }
  | { about: 'list'; name: string }
  | { about: 'memory' }
  | { about: 'images' };

export type ToWorker =
  | { do: 'start'; start: WorkerStart }
  | {
      do: 'request';
      type: RequestType;
      content: object;
      options: Omit<RequestOptions, 'onEvent'> & { id: string };
    }
  | {
      do: 'notify';
      type: NoticeType;
      content: object;
      options: Omit<RequestOptions, 'onEvent'> & { id: string };
    }
  | { do: 'post'; json: string | Uint8Array; buffers: readonly Uint8Array[] }
  | { do: 'interrupt' }
  | { do: 'input'; text: string }
  | { do: 'write'; name: string; bytes: Uint8Array }
  | { do: 'ask'; key: number; question: Question };

export interface Refusal {
  name: string;
  message: string;
}

export type FromWorker =
  | { is: 'ready'; suspends: boolean; memorySize: number }
  /** It could not start. */
  | { is: 'failed'; message: string }
  | { is: 'message'; message: Message }
  /** The request has its reply, or was refused. */
  | { is: 'settled'; id: string; refusal?: Refusal }
  | { is: 'answer'; key: number; value?: unknown; refusal?: Refusal }
  /** Pages that changed: `bytes` are those of `pages`, one after the other;
   * `zeros` are pages of zeros now. */
  | { is: 'stage'; pages: Uint32Array; zeros: Uint32Array; bytes: Uint8Array }
  | { is: 'commit'; memorySize: number }
  | { is: 'rollBack' }
  | { is: 'mark'; label: string; kept: boolean }
  | { is: 'log'; text: string }
  | { is: 'died'; message: string; inTasks: boolean };
