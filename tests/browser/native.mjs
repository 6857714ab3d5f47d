// Runs Python cells on the native kernel and gives their outputs, to compare
// a page's with.  One message a line goes each way, as on every host.

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { BUILD } from './page.mjs';

const OUTPUT_TYPES = new Set(['stream', 'display_data', 'execute_result',
  'error']);

/** The native kernel's command, or null where it is not built.  It runs in
 * the toolchain's root, for which the build writes a command. */
export function nativeKernel() {
  const named = process.env.TINCTURE_NATIVE_KERNEL;
  const usual = join(BUILD, 'native-kernel');
  return named ?? (existsSync(usual) ? usual : null);
}

function message(type, content) {
  return JSON.stringify({
    header: { msg_id: randomUUID(), msg_type: type, session: 'play',
              username: 'play', date: new Date().toISOString(),
              version: '5.4' },
    parent_header: {}, metadata: {}, content, buffers: [],
  });
}

/** Outputs of each of `sources`, run in order in `folder`. */
export async function runNatively(command, folder, sources) {
  const kernel = spawn(command, { cwd: folder,
                                  stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((settle) => {
    kernel.on('close', settle);
  });
  const lines = createInterface({ input: kernel.stdout })[
    Symbol.asyncIterator]();
  const all = [];
  for (const code of sources) {
    kernel.stdin.write(`${message('execute_request', {
      code, silent: false, store_history: true, user_expressions: {},
      allow_stdin: false, stop_on_error: true })}\n`);
    all.push(await readOutputs(lines));
  }
  kernel.stdin.end();
  await ended;
  return all;
}

async function readOutputs(lines) {
  const outputs = [];
  for (;;) {
    const { value, done } = await lines.next();
    if (done) {
      throw new Error('the native kernel ended within a cell');
    }
    const { header, content } = JSON.parse(value);
    if (OUTPUT_TYPES.has(header.msg_type)) {
      outputs.push({ output_type: header.msg_type, ...content });
    } else if (header.msg_type === 'status'
               && content.execution_state === 'idle') {
      return outputs;
    } else if (header.msg_type === 'error_reply') {
      throw new Error(`the native kernel answered ${content.evalue}`);
    }
  }
}
