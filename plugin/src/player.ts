// The script of a packed page.  The document stands by itself; this adds the
// controls and Python to it, after the first paint.

import { Bar, type View } from './bar.ts';
import { bootKernel } from './boot.ts';
import { CellView } from './cell_view.ts';
import { Comms } from './comms.ts';
import { afterPaint, documentParsed, fragmentOf, make } from './dom.ts';
import { Editing, type EditorModule } from './editing.ts';
import { EmbeddedFiles } from './embedded_files.ts';
import { showHelp } from './help.ts';
import { makeIodide } from './iodide.ts';
import { escapeChunk, replaceChunks, unescapeChunk } from './iomd_text.ts';
import type { KernelDiedError, KernelOptions } from './kernel.ts';
import { focusCell, listenToKeys } from './keyboard.ts';
import { makeEnliven } from './live.ts';
import {
  isMessage,
  type CommMsgContent,
  type JsonObject,
  type Message,
} from './messages.ts';
import { showMath } from './math_view.ts';
import { Notebook } from './notebook.ts';
import {
  readIomd,
  readNotebook,
  type CellData,
  type NotebookData,
} from './notebook_data.ts';
import { defineGlobal, lineSink, makeApi, publishApi } from './page_api.ts';
import { PageLibrary } from './page_library.ts';
import { Payload } from './payload.ts';
import { PythonSession, type EventSink } from './python_session.ts';
import type { RunQueue, RunResult } from './queue.ts';
import { DocumentTemplate, download, fileNameFor } from './save.ts';
import { PageStatus } from './status.ts';
import { restoreTheme } from './theme.ts';

interface Deferred<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
}

function defer<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Whoever asks gets the rejection; nobody has to ask.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

/** A callback of a figure that takes longer can be stopped like a cell. */
const CALLBACK_PATIENCE_MS = 700;

/** Everything that exists once page.wasm and the notebook were read. */
class Player {
  readonly notebook: Notebook;
  readonly #cells: CellView[];
  readonly editing: Editing;
  readonly #bar: Bar;
  readonly #files: EmbeddedFiles;
  readonly #data: NotebookData;
  readonly #iomd: string;
  readonly #comms = new Comms((type, content, buffers) =>
    this.session.kernel.notify(type, content as CommMsgContent, { buffers }),
  );
  readonly #enliven = makeEnliven(this.#comms);
  #python = defer<PythonSession>();
  #session: PythonSession | undefined;
  /** Code runs, of a cell or of whoever called the page's interface. */
  #isExecuting = false;
  #callbackTimer: ReturnType<typeof setTimeout> | undefined;
  #isDirty = false;

  constructor(
    private readonly payload: Payload,
    private readonly library: PageLibrary,
    private readonly template: DocumentTemplate,
    private readonly status: PageStatus,
  ) {
    this.#iomd = readIomd(document);
    this.#data = readNotebook(document);
    this.#files = new EmbeddedFiles(this.#data.files, payload, document);
    this.editing = new Editing({
      loadEditor: () => this.#loadEditor(),
      run: (cell) => this.run(cell),
      runNext: (cell) => this.#runNext(cell),
      complete: async (code, position) => this.#idle?.complete(code, position),
      inspect: async (code, position) => this.#idle?.inspect(code, position),
    });
    this.#cells = this.#makeCells();
    this.notebook = new Notebook(this.#cells, {
      python: () => this.#python.promise,
      files: this.#files,
      progress: (queue) => this.#showProgress(queue),
    });
    this.#bar = this.#makeBar();
    this.#listen();
  }

  /** The running Python; throws while there is none. */
  get session(): PythonSession {
    if (!this.#session) {
      throw new Error('Python is not running: await tincture.ready');
    }
    return this.#session;
  }

  get cells(): readonly CellView[] {
    return this.#cells;
  }

  /** Starts Python; rejects when that fails. */
  async boot(): Promise<void> {
    const options: KernelOptions = {
      // What figures are drawn for.
      env: { TINCTURE_PIXEL_RATIO: String(devicePixelRatio) },
      onLog: (text) => console.warn(text),
      onMessage: (message) => this.#takeAny(message),
      onDeath: (error) => this.#takeDeath(error),
    };
    try {
      const kernel = await bootKernel(this.payload, this.#files, options);
      this.#session = new PythonSession(kernel);
      this.#session.sink = this.sink();
      if (!kernel.canSuspend) {
        this.#bar.forbidStop('This browser cannot stop a running cell');
      }
      this.#python.resolve(this.#session);
    } catch (error) {
      this.#python.reject(error);
      throw error;
    }
    this.#settle();
    this.#highlightSoon();
  }

  run(cell: CellView): void {
    void this.notebook.run(cell.index);
  }

  setView(view: View): void {
    document.documentElement.dataset.tinctureView = view;
    this.editing.closeAll();
    for (const cell of this.#cells) {
      // What a report does not show at all stays folded in the other view.
      if (cell.details && cell.outputs) {
        cell.details.open = view === 'explore';
      }
    }
    this.#bar.setView(view);
    this.#highlightSoon();
  }

  /** Where output of code goes that no cell runs: text to whoever asked for
   * it, else to the cell that was started last, else to the console.  Results
   * and errors are the caller's. */
  sink(messageCallback?: (text: string) => void): EventSink {
    const inLines = lineSink(
      (text) => (messageCallback ?? console.log)(text),
      () => undefined,
    );
    return (message) => {
      const outputs = this.notebook.current?.outputs;
      const isText =
        isMessage(message, 'stream') || isMessage(message, 'execute_reply');
      const isReturned =
        isMessage(message, 'execute_result') || isMessage(message, 'error');
      if (!outputs || (messageCallback && isText)) {
        inLines(message);
      } else if (!isReturned) {
        outputs.handle(message);
      }
    };
  }

  /** Downloads the page as it is now, and gives its bytes. */
  save(): Blob {
    const { iomd, notebook, cells } = this.#snapshot();
    const view = document.documentElement.dataset.tinctureView as View;
    const blob = this.template.fill({ view, iomd, notebook, cells });
    download(blob, fileNameFor(document.title));
    this.#isDirty = false;
    return blob;
  }

  #makeCells(): CellView[] {
    const chunks = this.library.parse(this.#iomd);
    const cells: CellView[] = [];
    chunks.forEach((chunk, index) => {
      const section = document.getElementById(`cell-${index}`);
      const data: CellData | undefined = this.#data.cells[index];
      if (!section || !data) {
        throw new Error(`Cell ${index} of this page is missing.`);
      }
      const source = unescapeChunk(chunk.source, data.escaped);
      const cell = new CellView(
        index,
        { ...chunk, source },
        section,
        data.outputs,
        {
          render: (output) => this.library.output(output),
          enliven: this.#enliven,
          markdown: (each) => this.#renderText(each),
          changed: (each) => {
            this.#isDirty = true;
            void this.editing.highlight(each);
          },
          run: (each) => this.run(each),
          edit: (each) => void this.editing.open(each),
        },
      );
      cell.executionCount = data.execution_count;
      this.editing.listen(cell);
      cells.push(cell);
    });
    return cells;
  }

  #makeBar(): Bar {
    const bar = new Bar(document.title, this.status, {
      runAll: () => void this.notebook.runAll(),
      stop: () => this.#stop(),
      restart: () => void this.restart(),
      setView: (view) => this.setView(view),
      save: () => this.save(),
      help: showHelp,
    });
    bar.setView(document.documentElement.dataset.tinctureView as View);
    document.body.prepend(bar.element);
    return bar;
  }

  #listen(): void {
    const [first] = this.#cells;
    if (first) {
      first.section.tabIndex = 0;
    }
    listenToKeys({
      cells: this.#cells,
      run: (cell) => this.run(cell),
      runNext: (cell) => this.#runNext(cell),
      edit: (cell) => void this.editing.open(cell),
      save: () => this.save(),
      help: showHelp,
    });
    for (const cell of this.#cells) {
      cell.details?.addEventListener('toggle', () => {
        if (cell.details?.open) {
          void this.editing.highlight(cell);
        }
      });
    }
    addEventListener('beforeunload', (event) => {
      if (this.#isDirty) {
        event.preventDefault();
      }
    });
  }

  /** Fresh memory; the cells keep their text and their outputs. */
  async restart(): Promise<void> {
    if (!this.#session) {
      return;
    }
    const { kernel } = this.#session;
    this.notebook.queue.drop();
    this.#isExecuting = false;
    this.status.set('booting', 'Restarting Python…');
    this.#python = defer();
    this.#comms.endAll();
    try {
      await kernel.restart();
      document.querySelector('.tn-notice')?.remove();
      this.#python.resolve(this.#session);
      for (const cell of this.#cells) {
        if (cell.state === 'ok' || cell.state === 'error') {
          cell.state = 'idle';
        }
      }
      this.#settle();
    } catch (error) {
      this.#python.reject(error);
      showFailure(this.status, error);
    }
  }

  /** Python, when it has nothing to do: completion does not wait in line. */
  get #idle(): PythonSession | undefined {
    const session = this.#session;
    return session?.kernel.state === 'idle' ? session : undefined;
  }

  #stop(): void {
    if (this.notebook.queue.busy) {
      this.notebook.stop();
    } else {
      this.#session?.kernel.interrupt();
    }
  }

  #runNext(cell: CellView): void {
    this.run(cell);
    focusCell(this.#cells, cell.index + 1);
  }

  /** By way of the whole cell, which knows the images attached to it. */
  #renderText(cell: CellView): DocumentFragment {
    const html = this.library.cell({
      index: cell.index,
      type: cell.type,
      source: cell.source,
      attachments: this.#data.cells[cell.index]!.attachments,
    });
    const fragment = fragmentOf(html);
    const content = document.createDocumentFragment();
    content.append(...fragment.querySelector('.tn-markdown')!.childNodes);
    return content;
  }

  #showProgress(queue: RunQueue): void {
    if (!queue.busy) {
      this.#settle();
      return;
    }
    const count =
      queue.total > 1
        ? `Running ${queue.done + 1} of ${queue.total}…`
        : 'Running…';
    const waits = this.status.state === 'booting' && !this.#session;
    if (!waits) {
      this.status.set('running', count);
    }
  }

  /** Back to what the page is when nothing runs. */
  #settle(): void {
    if (this.#session?.kernel.state === 'dead') {
      return;
    }
    if (this.notebook.queue.busy || this.#isExecuting) {
      this.status.set('running');
    } else if (this.#session) {
      this.status.set('ready');
    }
  }

  #takeAny(message: Message): void {
    this.#comms.handle(message);
    if (isMessage(message, 'update_display_data')) {
      this.notebook.updateDisplay(message);
    } else if (
      isMessage(message, 'status') &&
      message.parent_header.msg_type === 'execute_request'
    ) {
      this.#setExecuting(message.content.execution_state === 'busy');
    } else if (
      isMessage(message, 'status') &&
      message.parent_header.msg_type === 'comm_msg'
    ) {
      this.#watchCallback(message.content.execution_state === 'busy');
    }
  }

  #setExecuting(isExecuting: boolean): void {
    this.#isExecuting = isExecuting;
    if (!this.notebook.queue.busy) {
      this.#settle();
    }
  }

  /** Moving a figure is no reason for the page to say that it runs, unless
   * it does not end. */
  #watchCallback(isBusy: boolean): void {
    clearTimeout(this.#callbackTimer);
    if (isBusy) {
      this.#callbackTimer = setTimeout(
        () => this.#setExecuting(true),
        CALLBACK_PATIENCE_MS,
      );
    } else if (this.#isExecuting) {
      this.#setExecuting(false);
    }
  }

  #takeDeath(error: KernelDiedError): void {
    this.#comms.endAll();
    this.#python = defer();
    this.#python.reject(error);
    showFailure(this.status, error, 'Python stopped working');
  }

  async #loadEditor(): Promise<EditorModule> {
    const code = this.payload.text('editor.js');
    const run = new Function(`${code}\nreturn tinctureEditor;`) as () => unknown;
    return run() as EditorModule;
  }

  /** Colours visible code when the page has nothing better to do. */
  #highlightSoon(): void {
    const work = () => {
      for (const cell of this.#cells) {
        if (cell.details?.open && cell.code) {
          void this.editing.highlight(cell);
        }
      }
    };
    if ('requestIdleCallback' in window) {
      requestIdleCallback(work, { timeout: 2000 });
    } else {
      setTimeout(work, 300);
    }
  }

  #snapshot(): { iomd: string; notebook: NotebookData; cells: string } {
    const edits = new Map<number, string>();
    const isOpen = document.documentElement.dataset.tinctureView === 'explore';
    let cells = '';
    const list = this.#cells.map((cell, index): CellData => {
      const before = this.#data.cells[index]!;
      const { text, escaped } = escapeChunk(cell.source);
      if (cell.isEdited) {
        edits.set(index, text);
      }
      const data: CellData = {
        ...before,
        execution_count: cell.executionCount,
        outputs: cell.outputs?.outputs ?? before.outputs,
        escaped: cell.isEdited ? escaped : before.escaped,
      };
      cells += this.library.cell({
        index,
        type: cell.type,
        flags: [...cell.flags],
        source: cell.source,
        outputs: data.outputs,
        attachments: data.attachments,
        open: isOpen,
      } satisfies JsonObject);
      return data;
    });
    const view: View = isOpen ? 'explore' : 'report';
    return {
      iomd: replaceChunks(this.#iomd, edits),
      notebook: { ...this.#data, view, cells: list },
      cells,
    };
  }
}

/** The text stays; a notice above it says why Python does not. */
function showFailure(
  status: PageStatus,
  error: unknown,
  text = 'Python is not available',
): void {
  status.set('failed', text);
  console.error(error);
  const reason = error instanceof Error ? error.message : String(error);
  const notice = make(
    'div',
    { class: 'tn-notice', role: 'alert' },
    make('strong', {}, `${text}. `),
    `${reason} The text and the saved results are intact.`,
  );
  document.querySelector('.tn-notice')?.remove();
  document.getElementById('tn-notebook')?.before(notice);
}

/** One cell as scripts see it. */
function cellHandle(cell: CellView, editing: Editing): object {
  return {
    get index() {
      return cell.index;
    },
    get type() {
      return cell.type;
    },
    get flags() {
      return [...cell.flags];
    },
    get state() {
      return cell.state;
    },
    get element() {
      return cell.section;
    },
    get outputs() {
      return structuredClone(cell.outputs?.outputs ?? []);
    },
    get source() {
      return cell.source;
    },
    set source(text: string) {
      editing.close(cell);
      cell.source = String(text);
    },
  };
}

function main(): void {
  restoreTheme();
  const status = new PageStatus();
  const ready = defer<void>();
  const made = defer<Player>();
  let player: Player | undefined;
  const current = (): Player => {
    if (!player) {
      throw new Error('the page is still loading: await tincture.ready');
    }
    return player;
  };
  const api = makeApi({
    ready: ready.promise,
    session: () => current().session,
    sink: (messageCallback) => current().sink(messageCallback),
  });
  const notebook = {
    get cells(): object[] {
      const { cells, editing } = current();
      return cells.map((cell) => cellHandle(cell, editing));
    },
    runAll: async (): Promise<RunResult[]> =>
      (await made.promise).notebook.runAll(),
    run: async (index: number): Promise<RunResult> =>
      (await made.promise).notebook.run(index),
    save: async (): Promise<Blob> => (await made.promise).save(),
  };
  publishApi(Object.assign(api, { notebook }));
  defineGlobal(
    'iodide',
    makeIodide(() => player?.notebook.current?.outputs),
  );

  const start = async (): Promise<void> => {
    await documentParsed();
    const template = new DocumentTemplate(document);
    await afterPaint();
    status.set('booting');
    const payload = new Payload(document);
    const library = await PageLibrary.load(await payload.pageLibrary());
    payload.useLibrary(library);
    player = new Player(payload, library, template, status);
    made.resolve(player);
    showMath(payload, document.getElementById('tn-notebook')!);
    await player.boot();
    ready.resolve();
  };
  start().catch((error: unknown) => {
    showFailure(status, error);
    made.reject(error);
    ready.reject(error);
  });
}

main();
