// `tincture pack --run`: executes a notebook's Python cells in Node.
//
// Reads one JSON text from standard input and writes one to standard output;
// plugin/pack/README.md says what is in them. Cells that need a page (js, css,
// fetch ...) are left for it.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Kernel, KernelDiedError, type KernelParts } from './kernel.ts';
import { isMessage, type Message } from './messages.ts';
import { type Output, OutputList } from './outputs.ts';
import { restoreMemory } from './restore.ts';

interface RunRequest {
  wasm: string;
  /** A file beside this one; without it Python starts cold. */
  snapshot?: string;
  /** Files beside this one, and what was made for this notebook alone. */
  images: { file?: string; base64?: string; path: string }[];
  files: { name: string; base64: string }[];
  cells: { type: string; flags?: string; source: string }[];
  /** Origins that cells may contact; all, without this. */
  connect?: string;
  allow_errors: boolean;
}

interface RunCell {
  /** 'skipped' where nothing was run, 'aborted' behind a failed cell. */
  status: 'ok' | 'error' | 'skipped' | 'aborted';
  execution_count: number | null;
  outputs: Output[];
}

interface RunReply {
  cells?: RunCell[];
  error: { ename: string; evalue: string } | null;
}

const here = dirname(fileURLToPath(import.meta.url));

/** The kernel's module, memory where it starts from a snapshot, and what is
 * to be mounted beside. */
async function readParts(request: RunRequest): Promise<KernelParts> {
  const read = (file: string): Uint8Array => readFileSync(join(here, file));
  const module = await WebAssembly.compile(
    readFileSync(join(here, request.wasm)),
  );
  const own = request.images.flatMap(({ base64, path }) =>
    base64 === undefined
      ? []
      : [{ path, bytes: Buffer.from(base64, 'base64') }],
  );
  const files = request.images.flatMap(({ file, path }) =>
    file === undefined ? [] : [{ path, file }],
  );
  const { snapshot } = request;
  if (snapshot === undefined) {
    const images = files.map(({ path, file }) => {
      return { path, bytes: read(file) };
    });
    return { module, images: [...images, ...own] };
  }
  const bytes = read(snapshot);
  const restore = () => ({
    memory: restoreMemory(module, bytes, read),
    kind: 'build' as const,
  });
  return { module, images: own, snapshot: restore };
}

async function start(
  request: RunRequest,
  onMessage: (message: Message) => void,
): Promise<Kernel> {
  const files = request.files.map(({ name, base64 }) => ({
    name,
    bytes: Buffer.from(base64, 'base64'),
  }));
  // Most readers' screens have more than one pixel a CSS pixel.
  const env = {
    TINCTURE_PIXEL_RATIO: '2',
    ...(request.connect !== undefined && { TINCTURE_CONNECT: request.connect }),
  };
  return Kernel.load(await readParts(request), { env, files, onMessage });
}

function isRunnable(cell: RunRequest['cells'][number]): boolean {
  const flags = (cell.flags ?? '').split(/\s+/);
  return cell.type === 'py' && !flags.includes('skipRunAll');
}

/** Runs one cell; the kernel's death is an error of the cell. */
async function runCell(
  kernel: Kernel,
  code: string,
  list: OutputList,
): Promise<RunCell> {
  const onEvent = (message: Message): void => list.enter(message);
  try {
    const reply = await kernel.request(
      'execute_request',
      { code, allow_stdin: false },
      { onEvent },
    );
    return {
      status: reply.content.status === 'ok' ? 'ok' : 'error',
      execution_count: reply.content.execution_count ?? null,
      outputs: [],
    };
  } catch (error) {
    const { name, message } = error as Error;
    list.add({
      output_type: 'error',
      ename: name,
      evalue: message,
      traceback: message.split('\n'),
    });
    return { status: 'error', execution_count: null, outputs: [] };
  }
}

async function run(request: RunRequest): Promise<RunReply> {
  const lists = request.cells.map(() => new OutputList());
  const kernel = await start(request, (message) => {
    if (isMessage(message, 'update_display_data')) {
      lists.forEach((list) => list.update(message));
    }
  });
  if (kernel.canSuspend) {
    process.on('SIGINT', () => kernel.interrupt());
  }
  const cells: RunCell[] = [];
  let hasFailed = false;
  for (const [i, cell] of request.cells.entries()) {
    const list = lists[i] ?? new OutputList();
    if (!isRunnable(cell) || hasFailed) {
      const status = isRunnable(cell) ? 'aborted' : 'skipped';
      cells.push({ status, execution_count: null, outputs: [] });
      continue;
    }
    const result = await runCell(kernel, cell.source, list);
    cells.push(result);
    hasFailed =
      result.status === 'error' &&
      (!request.allow_errors || kernel.state === 'dead');
  }
  // A display can be updated by a later cell, so this comes last.
  cells.forEach((cell, i) => {
    cell.outputs = lists[i]?.outputs ?? [];
  });
  kernel.dispose();
  return { cells, error: null };
}

async function main(): Promise<void> {
  let reply: RunReply;
  try {
    reply = await run(JSON.parse(readFileSync(0, 'utf8')) as RunRequest);
  } catch (error) {
    const { name, message } =
      error instanceof Error ? error : new KernelDiedError(String(error));
    reply = { error: { ename: name, evalue: message } };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
  process.removeAllListeners('SIGINT');
}

await main();
