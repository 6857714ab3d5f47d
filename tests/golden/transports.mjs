// The transports that Node has: a kernel as a process on stdin and stdout, and
// the WebAssembly kernel in this process.  play.mjs says what a transport is.

import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { decodeBase64, encodeBase64 } from './conversation.mjs';
import { ENVIRONMENT, WasmTransport } from './wasm_transport.mjs';

/** Text of a process's stderr that is kept for a failure. */
const STDERR_LIMIT = 8000;

/** Calls `onLine` with each whole line of a stream of bytes.  (node:readline
 * would also cut at U+2028, which JSON lets stand.) */
function splitLines(stream, onLine) {
  let parts = [];
  stream.on('data', (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      onLine(Buffer.concat([...parts, chunk.subarray(start, end)]).toString('utf8'));
      parts = [];
      start = end + 1;
    }
    parts.push(chunk.subarray(start));
  });
}

/** One message a line, buffers as base64 in a member `buffers`. */
export class StdioTransport {
  canSuspend = true;
  #child;
  #stderr = '';
  #exit;

  constructor(command) {
    this.#child = spawn(command[0], command.slice(1), {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...ENVIRONMENT },
    });
    this.#child.stderr.setEncoding('utf8');
    this.#child.stderr.on('data', (text) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_LIMIT);
    });
    // A kernel that ended early shows in onEnd.
    this.#child.stdin.on('error', () => {});

    splitLines(this.#child.stdout, (line) => this.#takeLine(line));
    // `close` comes when the process has ended and its output was read.
    this.#exit = new Promise((resolve) => {
      this.#child.on('error', (error) => resolve(`cannot start: ${error.message}`));
      this.#child.on('close', (code, signal) => resolve(this.#describeExit(code, signal)));
    });
    this.#exit.then((problem) => this.onEnd?.(problem ?? 'the kernel has ended'));
  }

  #describeExit(code, signal) {
    if (code === 0) {
      return null;
    }
    const how = signal === null ? `status ${code}` : signal;
    return `the kernel ended with ${how}; its stderr:\n${this.#stderr}`;
  }

  #takeLine(line) {
    let message;
    try {
      message = JSON.parse(line);
    } catch {
      // The player says what is wrong with it.
      message = { header: { msg_type: `(not JSON) ${line.slice(0, 200)}` } };
    }
    message.buffers = (message.buffers ?? []).map(decodeBase64);
    this.onMessage?.(message);
  }

  send(message) {
    const line = { ...message, buffers: message.buffers.map(encodeBase64) };
    this.#child.stdin.write(`${JSON.stringify(line)}\n`);
  }

  sendRaw(bytes) {
    this.#child.stdin.write(bytes);
    this.#child.stdin.write('\n');
  }

  async finish(timeout_ms) {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), timeout_ms);
    const problem = await this.#exit;
    clearTimeout(timer);
    return problem;
  }

  /** Ends the process whatever it does. */
  dispose() {
    this.#child.kill('SIGKILL');
  }
}

/** Compiles the smallest kernel of a dist directory once; the result opens
 * transports, each with a kernel in memory of its own: cold, or restored from
 * the profile's snapshot. */
export async function openWasm(dist, isRestored, options) {
  const { Kernel, restoreMemory } = await import(
    pathToFileURL(join(dist, '../plugin/kernel.mjs'))
  );
  const { profiles } = JSON.parse(await readFile(join(dist, 'profiles.json'), 'utf8'));
  const { wasm, images, snapshot } = isRestored ? profiles[0].warm : profiles[0];
  const module = await WebAssembly.compile(await readFile(join(dist, wasm)));
  const contents = await Promise.all(
    images.map(async ({ file, path }) => ({ file, path, bytes: await readFile(join(dist, file)) })),
  );
  if (!isRestored) {
    return () => WasmTransport.open(Kernel, { module, images: contents }, options);
  }
  const memory = await readFile(join(dist, snapshot));
  const find = (name) => contents.find(({ file }) => file === name).bytes;
  const restore = () => ({ memory: restoreMemory(module, memory, find), kind: 'build' });
  return () => WasmTransport.open(Kernel, { module, images: [], snapshot: restore }, options);
}
