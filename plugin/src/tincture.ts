// The language plugin: Python in an Iodide notebook, or in any page that has
// `<script src=".../tincture.js">`.
//
// build.mjs wraps this in a function whose value is `loaded`, so that the
// promise is the completion value of the script, which is what Iodide awaits.
// Iodide evaluates the script's text: there is no currentScript then, and
// languagePluginUrl is taken away once the promise has settled, so the base
// address is read at once.

import { bootKernel } from './boot.ts';
import { Comms } from './comms.ts';
import { EmbeddedFiles } from './embedded_files.ts';
import { inlinePayload } from './inline_payload.ts';
import { crossing } from './interop/py_proxies.ts';
import { Kernel, type KernelOptions } from './kernel.ts';
import { LoadNotice } from './load_notice.ts';
import {
  isMessage,
  type CommMsgContent,
  type Message,
} from './messages.ts';
import { makeApi, publishApi } from './page_api.ts';
import { PageLibrary } from './page_library.ts';
import { Payload } from './payload.ts';
import { PythonSession, type EventSink } from './python_session.ts';
import { ReportOutputs } from './report_outputs.ts';
import { loadServedParts, type Base } from './served_kernel.ts';

interface PluginGlobals {
  /** Iodide: the `url` of the plugin's definition, as it was written. */
  languagePluginUrl?: string;
  /** Where core.wasm and the others are, when they are not beside this. */
  tinctureBaseUrl?: string;
}

function findBase(): Base {
  const { tinctureBaseUrl, languagePluginUrl } = globalThis as PluginGlobals;
  const script = document.currentScript as HTMLScriptElement | null;
  const named = tinctureBaseUrl ?? languagePluginUrl ?? script?.src ?? '';
  // Nothing can be beside what is no file.
  const isFile = named !== '' && !/^(data|blob):/.test(named);
  const url = new URL(isFile ? named : '.', document.baseURI);
  return { url, isBeside: isFile && url.protocol.startsWith('http') };
}

/** What both ways of loading end with. */
interface Loaded {
  kernel: Kernel;
  library: PageLibrary;
}

/** From the files beside the script. */
async function loadServed(
  base: Base,
  options: KernelOptions,
  notice: LoadNotice,
): Promise<Loaded> {
  const { parts, library } = await loadServedParts(base, (size) => {
    notice.tell(`Loading Python… ${(size / 1e6).toFixed(1)} MB`);
  });
  return { kernel: await Kernel.load(parts, options), library };
}

/** From the script itself, as a report starts. */
async function loadInline(
  payload: Payload,
  options: KernelOptions,
  notice: LoadNotice,
): Promise<Loaded> {
  const library = await PageLibrary.load(await payload.pageLibrary());
  payload.useLibrary(library);
  const files = new EmbeddedFiles([], payload, document);
  let kernel!: Kernel;
  await bootKernel(payload, files, options, {
    load: async (parts, settings) => {
      kernel = await Kernel.load(parts, settings);
      return kernel;
    },
    progress: (share) =>
      notice.tell(`Loading Python… ${Math.round(share * 100)} %`),
    stateLost: (error) => console.warn(error.message),
  });
  return { kernel, library };
}

class Plugin {
  #session: PythonSession | undefined;
  #outputs: ReportOutputs | undefined;
  readonly #comms = new Comms((type, content, buffers) =>
    this.session.kernel.notify(type, content as CommMsgContent, { buffers }),
  );

  get session(): PythonSession {
    if (!this.#session) {
      throw new Error('Python is still starting: await tincture.ready');
    }
    return this.#session;
  }

  /** Where output of a caller's code goes; of what comes when nobody called,
   * it goes where the last one's went. */
  sink(messageCallback?: (text: string) => void): EventSink {
    const sink = this.#outputs!.sink(messageCallback);
    this.session.sink = sink;
    return sink;
  }

  async load(base: Base): Promise<void> {
    const notice = new LoadNotice();
    const options: KernelOptions = {
      env: { TINCTURE_PIXEL_RATIO: String(devicePixelRatio) },
      onLog: (text) => console.warn(text),
      onMessage: (message) => this.#take(message),
      // What Python had open in the page belongs to a life that is gone.
      onRecover: () => this.#comms.endAll(),
      onDeath: () => this.#comms.endAll(),
    };
    try {
      const store = inlinePayload();
      const { kernel, library } = store
        ? await loadInline(new Payload(store), options, notice)
        : await loadServed(base, options, notice);
      crossing.copiesContainers = 'iodide' in globalThis;
      const renderer = library.fresh();
      this.#outputs = new ReportOutputs({
        render: (output) => renderer.output(output),
        comms: this.#comms,
        answer: (text) => kernel.inputReply(text),
        interrupt: () => kernel.interrupt(),
      });
      this.#session = new PythonSession(kernel);
      this.sink();
    } finally {
      notice.remove();
    }
  }

  #take(message: Message): void {
    this.#comms.handle(message);
    if (isMessage(message, 'update_display_data')) {
      this.#outputs?.update(message);
    }
  }
}

function start(): Promise<void> {
  const plugin = new Plugin();
  const ready = plugin.load(findBase());
  const api = makeApi({
    ready,
    session: () => plugin.session,
    sink: (messageCallback) => plugin.sink(messageCallback),
  });
  publishApi(api);
  return ready;
}

export const loaded = start();
