// The language plugin: Python in an Iodide notebook, or in any page that has
// `<script src=".../tincture.js">`.
//
// build.mjs wraps this in a function whose value is `loaded`, so that the
// promise is the completion value of the script, which is what Iodide awaits.
// Iodide evaluates the script's text: there is no currentScript then, and
// languagePluginUrl is taken away once the promise has settled, so the base
// address is read at once.

import { Kernel, type KernelParts } from './kernel.ts';
import { isMessage, type Message } from './messages.ts';
import { showBundle } from './mime_element.ts';
import { lineSink, makeApi, publishApi } from './page_api.ts';
import { PageLibrary } from './page_library.ts';
import { PythonSession, type EventSink } from './python_session.ts';
import { RestOfCode } from './rest_of_code.ts';
import { restoreMemory } from './restore.ts';

interface Profile {
  name: string;
  /** What a start from a snapshot takes. */
  warm: {
    /** The kernel in two. */
    first: string;
    rest: string;
    snapshot: string;
    /** Sizes are bytes before compression. */
    snapshot_size: number;
    images: { file: string; size: number }[];
  };
}

interface PluginGlobals {
  /** Iodide: the `url` of the plugin's definition, as it was written. */
  languagePluginUrl?: string;
  /** Where core.wasm and the others are, when they are not beside this. */
  tinctureBaseUrl?: string;
  iodide?: {
    output?: {
      text?: (text: string) => void;
      element?: (tag: string) => HTMLElement | null;
    };
  };
}

const page = globalThis as PluginGlobals;

function baseUrl(): URL {
  const script = document.currentScript as HTMLScriptElement | null;
  const named = page.tinctureBaseUrl ?? page.languagePluginUrl ?? script?.src;
  if (!named || /^(data|blob):/.test(named)) {
    return new URL(document.baseURI);
  }
  return new URL(named, document.baseURI);
}

async function get(base: URL, name: string): Promise<Response> {
  const url = new URL(name, base);
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new Error(`${url.href} cannot be loaded: ${String(error)}`);
  }
  if (!response.ok) {
    throw new Error(`${url.href} cannot be loaded: ${response.status}`);
  }
  return response;
}

async function compile(base: URL, name: string): Promise<WebAssembly.Module> {
  const response = await get(base, name);
  const type = response.headers.get('content-type') ?? '';
  return /^application\/wasm\b/.test(type)
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

async function getBytes(
  base: URL,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await get(base, name)).arrayBuffer());
}

/** What a file was before it was compressed, as reports carry it, a third of
 * its size; unpacked by the same code. */
function unpack(
  library: PageLibrary,
  file: string,
  frame: Uint8Array,
  size: number,
): Uint8Array<ArrayBuffer> {
  try {
    return library.unpack(frame, size);
  } catch (error) {
    throw new Error(`${file}.zst is damaged: ${(error as Error).message}`);
  }
}

/** All files at once: a server and a browser's cache give them in parallel,
 * and the engine compiles what is there already. */
async function loadParts(
  base: URL,
  { first, rest, snapshot, snapshot_size: size, images }: Profile['warm'],
): Promise<KernelParts> {
  const [module, code, library, memory, ...packed] = await Promise.all([
    compile(base, first),
    getBytes(base, rest),
    getBytes(base, 'page.wasm').then((bytes) => PageLibrary.load(bytes)),
    getBytes(base, `${snapshot}.zst`),
    ...images.map(({ file }) => getBytes(base, `${file}.zst`)),
  ]);
  const unpacked = new Map(
    images.map((image, i) => [
      image.file,
      unpack(library, image.file, packed[i]!, image.size),
    ]),
  );
  const restore = (): WebAssembly.Memory =>
    restoreMemory(
      module,
      unpack(library, snapshot, memory, size),
      (name) => unpacked.get(name)!,
    );
  return {
    module,
    rest: new RestOfCode({
      size: code.length,
      collect: () => Promise.resolve(code),
      read: () => code,
    }),
    images: [],
    snapshot: () => ({ memory: restore(), kind: 'build' }),
  };
}

/** The profile that the plugin's own URL asks for (`tincture.js?profile=core`),
 * or the largest: nobody knows yet what the notebook will import. */
async function chooseProfile(base: URL): Promise<Profile> {
  const { profiles } = (await (await get(base, 'profiles.json')).json()) as {
    profiles: Profile[];
  };
  const name = base.searchParams.get('profile');
  const profile =
    name === null ? profiles.at(-1) : profiles.find((p) => p.name === name);
  if (!profile) {
    const names = profiles.map((p) => p.name).join(', ');
    throw new Error(`there is no profile ${name}, only ${names}`);
  }
  return profile;
}

async function loadKernel(base: URL): Promise<Kernel> {
  const profile = await chooseProfile(base);
  return Kernel.load(await loadParts(base, profile.warm), {
    onLog: (text) => console.warn(text),
  });
}

/** Text goes to the report where there is one: in Iodide's console input, and
 * on a plain page, there is no place for it. */
function printLine(
  text: string,
  stream: 'stdout' | 'stderr',
  messageCallback?: (text: string) => void,
): void {
  try {
    if (page.iodide?.output?.text) {
      page.iodide.output.text(text);
      return;
    }
  } catch {
    // No chunk is running, so the report has no element to write to.
  }
  if (messageCallback) {
    messageCallback(text);
  } else if (stream === 'stderr') {
    console.warn(text);
  } else {
    console.log(text);
  }
}

/** Figures go to the report.  A result is returned, and shown by whoever
 * called, unless it is a picture, which Iodide's console would strip. */
function display(message: Message): void {
  const isResult = isMessage(message, 'execute_result');
  if (!isResult && !isMessage(message, 'display_data')) {
    return;
  }
  const { data } = message.content;
  const isPicture = Object.keys(data).some((mime) => mime.startsWith('image/'));
  if (isResult && !isPicture) {
    return;
  }
  try {
    const target = page.iodide?.output?.element?.('div');
    if (target && showBundle(target, data)) {
      return;
    }
  } catch {
    // As in printLine.
  }
  console.log(data['text/plain'] ?? data);
}

function sink(messageCallback?: (text: string) => void): EventSink {
  return lineSink(
    (text, stream) => printLine(text, stream, messageCallback),
    display,
  );
}

function start(): Promise<void> {
  let session: PythonSession | undefined;
  const ready = loadKernel(baseUrl()).then((kernel) => {
    session = new PythonSession(kernel);
    session.sink = sink();
  });
  const api = makeApi({
    ready,
    session: () => {
      if (!session) {
        throw new Error('Python is still starting: await tincture.ready');
      }
      return session;
    },
    sink,
  });
  publishApi(api);
  return ready;
}

export const loaded = start();
