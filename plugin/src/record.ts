// Records which functions of a kernel are used from its snapshot on, for the
// build, which splits the kernel by it (packages/driver/split.py).
//
//   record.mjs REQUEST.json
//   {"wasm", "snapshot", "images": [{"name", "file"}], "env", "home",
//    "cells": [{"kind", "source"}], "record": file}
//
// The module is one that wasm-split made to note what is called, and to write
// the notes into memory by an export of its own. What cells answer is of no
// matter here; others compare that.

import { readFileSync, writeFileSync } from 'node:fs';
import { memoryOfSize } from './instance.ts';
import { Kernel } from './kernel.ts';
import { PythonSession } from './python_session.ts';
import { applySnapshot, type SnapshotImage } from './snapshot.ts';

interface RecordRequest {
  wasm: string;
  snapshot: string;
  images: { name: string; file: string }[];
  env: Record<string, string>;
  home: string;
  cells: { kind: 'run' | 'error' | 'complete' | 'inspect'; source: string }[];
  record: string;
}

/** What a reader's browser says of itself, where the clocks change. */
const PAGE_ENVIRONMENT = {
  TZ: 'CET-1CEST,M3.5.0,M10.5.0/3',
  TINCTURE_PIXEL_RATIO: '2',
};

/** Values of every kind that is copied to JavaScript, and one that is not. */
const VALUES = [
  'None',
  'x = 3',
  'sum(n * n for n in range(10))',
  '[1, -2.5, 1j, True, None, 2**70]',
  '{"text": "a\u00e9", "more": ("b", {1, 2})}',
  'b"bytes"',
  'object()',
  'print(*"abc", 1.5)',
  'import time; time.sleep(0.02)',
];

interface NotingExports {
  __write_profile(address: number, size: number): number;
  tn_web_alloc(size: number): number;
}

/** Catches the exports of every instance: the kernel's own class keeps them
 * to itself. */
function watchInstances(): NotingExports[] {
  const seen: NotingExports[] = [];
  const instantiate = WebAssembly.instantiate as (
    module: WebAssembly.Module,
    imports: WebAssembly.Imports,
  ) => Promise<WebAssembly.Instance>;
  Object.assign(WebAssembly, {
    instantiate: async (
      module: WebAssembly.Module,
      imports: WebAssembly.Imports,
    ) => {
      const instance = await instantiate(module, imports);
      seen.push(instance.exports as unknown as NotingExports);
      return instance;
    },
  });
  return seen;
}

/** Memory without the images, which a page brings when they are read. */
function restore(snapshot: Uint8Array): {
  memory: WebAssembly.Memory;
  images: SnapshotImage[];
} {
  let memory: WebAssembly.Memory | undefined;
  const { images } = applySnapshot(snapshot, ({ memory_size: size }) => {
    memory = memoryOfSize(size);
    return new Uint8Array(memory.buffer);
  });
  return { memory: memory!, images };
}

/** As a page's scripts use it. */
async function useAsScript(kernel: Kernel): Promise<void> {
  const session = new PythonSession(kernel);
  for (const code of VALUES) {
    await session.run(code);
    session.runNow(code);
  }
  await session.run('1 / 0').catch(() => undefined);
  await session.complete('pri', 3);
  await session.inspect('print', 3);
  session.completeNow('"".jo');
  kernel.interrupt();
  kernel.listFiles();
  kernel.readFile('data.csv');
}

async function play(
  kernel: Kernel,
  { kind, source }: RecordRequest['cells'][number],
): Promise<void> {
  const cursor = [...source].length;
  if (kind === 'complete') {
    await kernel.request('complete_request', {
      code: source,
      cursor_pos: cursor,
    });
  } else if (kind === 'inspect') {
    await kernel.request('inspect_request', {
      code: source,
      cursor_pos: cursor,
      detail_level: 0,
    });
  } else {
    await kernel.request('execute_request', {
      code: source,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    });
  }
}

async function main(): Promise<void> {
  const file = process.argv[2]!;
  const request = JSON.parse(readFileSync(file, 'utf8')) as RecordRequest;
  const seen = watchInstances();
  const module = await WebAssembly.compile(readFileSync(request.wasm));
  const { memory, images } = restore(readFileSync(request.snapshot));
  const kernel = await Kernel.load(
    {
      module,
      images: [],
      snapshot: () => ({ memory, kind: 'build', images: [] }),
      loadImage: (index) => {
        const { name } = images[index]!;
        const image = request.images.find((each) => each.name === name);
        return readFileSync(image!.file);
      },
    },
    {
      env: { ...request.env, ...PAGE_ENVIRONMENT },
      home: request.home,
      files: [{ name: 'data.csv', bytes: new TextEncoder().encode('a,b\n') }],
    },
  );
  await useAsScript(kernel);
  for (const cell of request.cells) {
    await play(kernel, cell);
  }
  const [exports] = seen;
  const size = exports!.__write_profile(0, 0);
  const address = exports!.tn_web_alloc(size) >>> 0;
  exports!.__write_profile(address, size);
  writeFileSync(request.record, new Uint8Array(memory.buffer, address, size));
  process.exit();
}

await main();
