// Makes a profile's snapshot, for the build: Python is started, warmed, put
// back as if new, and its memory written down.
//
// Lines of JSON, on standard input and output in turn:
//
//   > {"wasm", "images": [{"name", "path", "file"}], "env", "home",
//      "cells": [{"kind", "source"}], "finish": source, "snapshot": file}
//   < {"imported": [paths of files whose modules are in memory]}
//   > {"images": [{"name", "file"}]}   in the same order, without those files
//   < {"size"}                         bytes of the snapshot, which is written
//
// The same inputs give the same bytes: time and chance are not the machine's.
// What of them is in memory is made fresh by each start (tn_web_resume).

import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import {
  describeModule,
  Instance,
  type InstanceHost,
  runMode,
} from './instance.ts';
import {
  isMessage,
  type JsonObject,
  type Message,
  protocolVersion,
  type RequestType,
} from './messages.ts';
import { writeSnapshot } from './snapshot.ts';

interface FreezeRequest {
  wasm: string;
  images: { name: string; path: string; file: string }[];
  env: Record<string, string>;
  home: string;
  cells: { kind: CellKind; source: string }[];
  finish: string;
  snapshot: string;
}

type CellKind = 'run' | 'error' | 'complete' | 'inspect';

/** What clocks show while a snapshot is made. */
const startTime = Date.UTC(2026, 0, 1);

/** How far the monotonic clock goes each time that it is read. */
const clockStepMs = 0.001;

/** tn_web_run's answer when there is more to handle. */
const moreToRun = 1;

/** Time goes on by being looked at, and random bytes are a known sequence. */
function fixClocks(): void {
  let nowMs = 0;
  let state = 1;
  performance.now = () => (nowMs += clockStepMs);
  Date.now = () => startTime;
  crypto.getRandomValues = <T extends ArrayBufferView | null>(array: T): T => {
    const { buffer, byteOffset, byteLength } = array!;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    for (let i = 0; i < bytes.length; i++) {
      // The generator of MINSTD.
      state = (state * 48271) % 0x7fffffff;
      bytes[i] = state >> 8;
    }
    return array;
  };
}

/** A kernel that does one thing after the other, without a page. */
class Builder implements InstanceHost {
  #instance!: Instance;
  #messages: Message[] = [];
  #count = 0;

  private constructor(readonly build: string) {}

  static async create(module: WebAssembly.Module): Promise<Builder> {
    const builder = new Builder(describeModule(module).build);
    builder.#instance = await Instance.create(module, builder, false);
    return builder;
  }

  get instance(): Instance {
    return this.#instance;
  }

  /** What comes of a request, its reply last. */
  request(type: RequestType, content: JsonObject): Message[] {
    const header = {
      msg_id: `warm-${++this.#count}`,
      msg_type: type,
      session: 'warm',
      username: '',
      date: new Date(startTime).toISOString(),
      version: protocolVersion,
    };
    const message = { header, parent_header: {}, metadata: {}, content };
    this.#messages = [];
    this.#instance.post(JSON.stringify(message), []);
    while (this.#instance.run(runMode.plain) === moreToRun) {
      // Nothing to do between two cells.
    }
    this.#instance.runTasks(runMode.plain);
    return this.#messages;
  }

  /** Runs code that is no part of the notebook, and gives what it prints. */
  runAside(source: string): string {
    const code = `exec(${JSON.stringify(source)}, {"__name__": "warm"})`;
    const messages = this.#execute(code);
    checkReply(messages, 'ok', source);
    return messages
      .filter((message) => isMessage(message, 'stream'))
      .map((message) => message.content.text)
      .join('');
  }

  runCell(kind: CellKind, source: string): void {
    if (kind === 'complete' || kind === 'inspect') {
      const cursor = [...source].length;
      const content: JsonObject = { code: source, cursor_pos: cursor };
      if (kind === 'inspect') {
        content.detail_level = 0;
      }
      checkReply(this.request(`${kind}_request`, content), 'ok', source);
    } else {
      const messages = this.#execute(source);
      checkReply(messages, kind === 'error' ? 'error' : 'ok', source);
    }
  }

  #execute(code: string): Message[] {
    return this.request('execute_request', {
      code,
      silent: false,
      store_history: false,
      allow_stdin: false,
    });
  }

  // --- InstanceHost ---

  send(json: Uint8Array): void {
    const text = new TextDecoder().decode(json);
    this.#messages.push(JSON.parse(text) as Message);
  }

  yield(): Promise<void> {
    return Promise.resolve();
  }

  wait(): Promise<number> {
    return Promise.resolve(-1);
  }

  wake(): void {
    // What is due runs after each cell.
  }

  block(): number {
    return -1;
  }

  log(text: string): void {
    process.stderr.write(text);
  }
}

/** The last reply must be of this status; else says which code failed how. */
function checkReply(messages: Message[], status: string, code: string): void {
  const reply = messages.findLast(({ header }) =>
    header.msg_type.endsWith('_reply'),
  );
  const content = (reply?.content ?? {}) as JsonObject;
  if (content.status !== status) {
    const error = messages.find((message) => isMessage(message, 'error'));
    const words = error?.content.traceback.join('\n');
    throw new Error(
      `this ended as ${String(content.status)}, not ${status}:\n` +
        `${code}\n${words ?? JSON.stringify(content)}`,
    );
  }
}

/** Starts Python and does what readers would have to wait for. */
async function warm(request: FreezeRequest): Promise<Builder> {
  const module = await WebAssembly.compile(readFileSync(request.wasm));
  const builder = await Builder.create(module);
  const { instance } = builder;
  for (const { path, name, file } of request.images) {
    instance.mount(path, readFileSync(file), name);
  }
  instance.start({ home: request.home, env: request.env });
  builder.runAside(
    'import sys, __main__\n' +
      'sys._tincture_first_names = set(vars(__main__))\n',
  );
  request.cells.forEach(({ kind, source }) => builder.runCell(kind, source));
  return builder;
}

async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin })[
    Symbol.asyncIterator
  ]();
  const read = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) {
      throw new Error('the build said nothing');
    }
    return JSON.parse(value as string);
  };
  const answer = (value: object): void => {
    process.stdout.write(`${JSON.stringify(value)}\n`);
  };
  const request = (await read()) as FreezeRequest;
  fixClocks();
  const builder = await warm(request);
  const { instance } = builder;
  const imported = JSON.parse(builder.runAside(request.finish)) as string[];
  answer({ imported });
  const { images } = (await read()) as {
    images: { name: string; file: string }[];
  };
  images.forEach(({ name, file }, i) => {
    instance.replaceImage(i, readFileSync(file), name);
  });
  instance.trim();
  const bytes = writeSnapshot(new Uint8Array(instance.memory.buffer), {
    build: builder.build,
    images: instance.images(),
  });
  writeFileSync(request.snapshot, bytes);
  answer({ size: bytes.length });
  // Nothing more is asked, and an open input would keep this running.
  process.stdin.destroy();
}

await main();
