// Runs units in Node: one kernel after the other, each from the snapshot.
// node_lane.mjs starts it and ends it.
//
//     node --experimental-wasm-jspi node_worker.mjs PARTS.json
//
// PARTS.json is what node_parts.mjs makes.  Each line on standard input is
// {code}; answers go to descriptor 3 as they arise, a JSON text a line:
// {event} for what Python reports, {text} for what it prints, {end} when the
// code has ended, with {died} when the kernel did.

import { readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const ANSWERS = 3;

const parts = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { Kernel, KernelDiedError, restoreMemory } = await import(
  pathToFileURL(parts.kernel));

/* At once, so that nothing is lost when the next step is a hang. */
function answer(message) {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let done = 0; done < bytes.length;) {
    done += writeSync(ANSWERS, bytes, done);
  }
}

const module = await WebAssembly.compile(readFileSync(parts.wasm));
const snapshot = readFileSync(parts.snapshot);
const warm = new Map(
  parts.warm.map(({ file, path }) => [file, readFileSync(path)]));
const images = parts.images.map(({ file, path }) => ({
  path, name: file, bytes: readFileSync(file),
}));

globalThis.tinctureReport = (text) => answer({ event: JSON.parse(text) });

/** One kernel's life. */
async function run(code) {
  const kernel = await Kernel.load({
    module,
    images,
    snapshot: () => ({
      memory: restoreMemory(module, snapshot, (file) => warm.get(file)),
      kind: 'build',
    }),
  }, {
    env: { TINCTURE_CONNECT: '' },
    recovers: false,
    onLog: (text) => answer({ text }),
  });
  try {
    const { content } = await kernel.request(
      'execute_request', { code, allow_stdin: false }, {
        onEvent({ header, content: { text } }) {
          if (header.msg_type === 'stream') {
            answer({ text });
          }
        },
      });
    return content.status === 'ok' ? {}
      : { error: `${content.ename}: ${content.evalue}\n`
          + content.traceback.join('\n') };
  } catch (error) {
    const died = error instanceof KernelDiedError;
    return { [died ? 'died' : 'error']: String(error?.message ?? error) };
  } finally {
    kernel.dispose();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  answer({ end: await run(JSON.parse(line).code) });
}
