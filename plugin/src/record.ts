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
import { Kernel } from './kernel.ts';
import { restoreMemory } from './restore.ts';

interface RecordRequest {
  wasm: string;
  snapshot: string;
  images: { name: string; file: string }[];
  env: Record<string, string>;
  home: string;
  cells: { kind: 'run' | 'error' | 'complete' | 'inspect'; source: string }[];
  record: string;
}

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
  const memory = restoreMemory(module, readFileSync(request.snapshot), (name) =>
    readFileSync(request.images.find((image) => image.name === name)!.file),
  );
  const kernel = await Kernel.load(
    { module, images: [], snapshot: () => ({ memory, kind: 'build' }) },
    { env: request.env, home: request.home },
  );
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
