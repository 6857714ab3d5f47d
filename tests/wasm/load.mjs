// The built kernel, for Node's tests: compiled once, started as often as asked.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const build = fileURLToPath(new URL('../../build', import.meta.url));
export const dist = process.env.TINCTURE_DIST ?? join(build, 'dist');
const bundle = join(dist, '../plugin/kernel.mjs');

export const {
  ffi,
  Instance,
  Kernel,
  KernelBusyError,
  KernelDiedError,
  KernelError,
  makeApi,
  PythonSession,
  restoreMemory,
} = await import(pathToFileURL(bundle));

/** What profiles.json says, smallest first. */
export async function readProfiles() {
  const text = await readFile(join(dist, 'profiles.json'), 'utf8');
  return JSON.parse(text).profiles;
}

/** Images by their names, which no profile has and any can take. */
export async function readImages(names) {
  const text = await readFile(join(dist, 'profiles.json'), 'utf8');
  const found = JSON.parse(text).images.filter(
    ({ name }) => names.includes(name));
  return Promise.all(found.map(async ({ file, path }) => ({
    path,
    name: file,
    bytes: await readFile(join(dist, file)),
  })));
}

/** The parts of a profile, by default of the smallest. */
export async function readProfile(wanted) {
  const profiles = await readProfiles();
  const { wasm, images } = wanted
    ? profiles.find(({ name }) => name === wanted)
    : profiles[0];
  const module = await WebAssembly.compile(await readFile(join(dist, wasm)));
  const contents = images.map(async ({ file, path }) => ({
    path,
    name: file,
    bytes: await readFile(join(dist, file)),
  }));
  return { module, images: await Promise.all(contents) };
}

export const parts = await readProfile();

/** The module without data, for memory that a snapshot has filled. */
export async function readBareModule(name = 'core') {
  const file = join(dist, `${name}.bare.wasm`);
  return WebAssembly.compile(await readFile(file));
}

/** True where this Node can suspend WebAssembly (24 with its flag). */
export const hasJspi = typeof WebAssembly.Suspending === 'function';

/** A kernel that is disposed of when the test ends. */
export async function startKernel(test, options = {}) {
  const kernel = await Kernel.load(parts, options);
  test.after(() => kernel.dispose());
  return kernel;
}

/** What a page has as `window.tincture`, over a kernel; `printed` gets lines. */
export function openApi(kernel, printed = []) {
  const session = new PythonSession(kernel);
  return makeApi({
    ready: Promise.resolve(),
    session: () => session,
    sink: () => ({ header, content }) => {
      if (header.msg_type === 'stream') {
        printed.push(content.text);
      }
    },
  });
}

/** Runs code; the reply's content, with all that was printed as `text`. */
export async function run(kernel, code, content = {}) {
  let text = '';
  const reply = await kernel.request(
    'execute_request',
    { code, value: true, ...content },
    {
      onEvent({ header, content: { text: part } }) {
        text += header.msg_type === 'stream' ? part : '';
      },
    },
  );
  return { ...reply.content, text };
}

export function delay(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** A hang guard, never a measure: what is waited for takes a moment. */
const WAIT_LIMIT_MS = 300_000;

/** Waits until something holds, looking at it between turns. */
export async function waitUntil(holds) {
  const end_ms = performance.now() + WAIT_LIMIT_MS;
  while (!await holds()) {
    if (performance.now() > end_ms) {
      throw new Error(`it never came: ${holds}`);
    }
    await delay(5);
  }
}
