// The script of a packed page.  The document stands by itself; this adds the
// controls and Python to it, after the first paint.

import { Bar, type View } from './bar.ts';
import { CellView } from './cell_view.ts';
import { defer } from './defer.ts';
import { afterPaint, documentParsed, fragmentOf } from './dom.ts';
import { Editing, type EditorModule } from './editing.ts';
import { EmbeddedFiles } from './embedded_files.ts';
import { showFailure } from './failure.ts';
import { showHelp } from './help.ts';
import { makeIodide } from './iodide.ts';
import { unescapeChunk } from './iomd_text.ts';
import { focusCell, listenToKeys } from './keyboard.ts';
import { makeEnliven } from './live.ts';
import { isMessage } from './messages.ts';
import { showMath } from './math_view.ts';
import { Notebook } from './notebook.ts';
import { makeNotebookApi, type NotebookControl } from './notebook_api.ts';
import { readIomd, readNotebook, type CellData } from './notebook_data.ts';
import { defineGlobal, lineSink, makeApi, publishApi } from './page_api.ts';
import { PageLibrary } from './page_library.ts';
import { Payload } from './payload.ts';
import { presentNotebook, type OpenedNotebook } from './present.ts';
import { PythonLife } from './python_life.ts';
import type { EventSink } from './python_session.ts';
import type { RunResult } from './queue.ts';
import { DocumentTemplate } from './save.ts';
import { Saving } from './saving.ts';
import { PageStatus } from './status.ts';
import { restoreTheme } from './theme.ts';

/** Everything that exists once page.wasm and the notebook were read. */
class Player implements NotebookControl {
  readonly notebook: Notebook;
  readonly cells: readonly CellView[];
  readonly editing: Editing;
  readonly life: PythonLife;
  readonly saving: Saving;
  readonly #bar: Bar;
  readonly #opened: OpenedNotebook;

  constructor(
    private readonly payload: Payload,
    private readonly library: PageLibrary,
    template: DocumentTemplate,
    private readonly status: PageStatus,
  ) {
    this.#opened = { iomd: readIomd(document), data: readNotebook(document) };
    const files = new EmbeddedFiles(this.#opened.data.files, payload, document);
    this.life = this.#makeLife(files);
    this.saving = new Saving(template, () =>
      presentNotebook(this.library, this.#opened, this.cells),
    );
    this.editing = this.#makeEditing();
    this.cells = this.#makeCells();
    this.notebook = new Notebook(this.cells, {
      python: () => this.life.running,
      files,
      progress: (queue) => this.life.showProgress(queue),
    });
    this.#bar = this.#makeBar();
    this.#listen();
  }

  /** Starts Python; rejects when that fails. */
  async boot(): Promise<void> {
    await this.life.boot();
    this.#highlightSoon();
  }

  run(index: number): Promise<RunResult> {
    return this.notebook.run(index);
  }

  runAll(): Promise<RunResult[]> {
    return this.notebook.runAll();
  }

  save(): Blob {
    return this.saving.save();
  }

  setSource(cell: CellView, text: string): void {
    this.editing.close(cell);
    cell.source = text;
  }

  setView(view: View): void {
    document.documentElement.dataset.tinctureView = view;
    this.editing.closeAll();
    for (const cell of this.cells) {
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

  #makeLife(files: EmbeddedFiles): PythonLife {
    return new PythonLife(this.payload, files, this.status, {
      sink: this.sink(),
      queue: () => this.notebook.queue,
      updateDisplay: (message) => this.notebook.updateDisplay(message),
      cannotStop: () =>
        this.#bar.forbidStop('This browser cannot stop a running cell'),
      restarted: () => {
        for (const cell of this.cells) {
          if (cell.state === 'ok' || cell.state === 'error') {
            cell.state = 'idle';
          }
        }
      },
    });
  }

  #makeEditing(): Editing {
    const { life } = this;
    return new Editing({
      loadEditor: () => this.#loadEditor(),
      run: (cell) => this.#runCell(cell),
      runNext: (cell) => this.#runNext(cell),
      complete: async (code, position) => life.idle?.complete(code, position),
      inspect: async (code, position) => life.idle?.inspect(code, position),
    });
  }

  #makeCells(): CellView[] {
    const chunks = this.library.parse(this.#opened.iomd);
    const cells: CellView[] = [];
    const enliven = makeEnliven(this.life.comms);
    chunks.forEach((chunk, index) => {
      const section = document.getElementById(`cell-${index}`);
      const data: CellData | undefined = this.#opened.data.cells[index];
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
          enliven,
          markdown: (each) => this.#renderText(each),
          changed: (each) => {
            this.saving.touch();
            void this.editing.highlight(each);
          },
          run: (each) => this.#runCell(each),
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
      restart: () => void this.life.restart(),
      setView: (view) => this.setView(view),
      save: () => this.save(),
      help: showHelp,
    });
    bar.setView(document.documentElement.dataset.tinctureView as View);
    document.body.prepend(bar.element);
    return bar;
  }

  #listen(): void {
    const [first] = this.cells;
    if (first) {
      first.section.tabIndex = 0;
    }
    listenToKeys({
      cells: this.cells,
      run: (cell) => this.#runCell(cell),
      runNext: (cell) => this.#runNext(cell),
      edit: (cell) => void this.editing.open(cell),
      save: () => this.save(),
      help: showHelp,
    });
    for (const cell of this.cells) {
      cell.details?.addEventListener('toggle', () => {
        if (cell.details?.open) {
          void this.editing.highlight(cell);
        }
      });
    }
  }

  #stop(): void {
    if (this.notebook.queue.busy) {
      this.notebook.stop();
    } else {
      this.life.interrupt();
    }
  }

  #runCell(cell: CellView): void {
    void this.notebook.run(cell.index);
  }

  #runNext(cell: CellView): void {
    this.#runCell(cell);
    focusCell(this.cells, cell.index + 1);
  }

  /** By way of the whole cell, which knows the images attached to it. */
  #renderText(cell: CellView): DocumentFragment {
    const html = this.library.cell({
      index: cell.index,
      type: cell.type,
      source: cell.source,
      attachments: this.#opened.data.cells[cell.index]!.attachments,
    });
    const fragment = fragmentOf(html);
    const content = document.createDocumentFragment();
    content.append(...fragment.querySelector('.tn-markdown')!.childNodes);
    return content;
  }

  async #loadEditor(): Promise<EditorModule> {
    const code = this.payload.text('editor.js');
    const run = new Function(`${code}\nreturn tinctureEditor;`) as () => unknown;
    return run() as EditorModule;
  }

  /** Colours visible code when the page has nothing better to do. */
  #highlightSoon(): void {
    const work = () => {
      for (const cell of this.cells) {
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
    session: () => current().life.session,
    sink: (messageCallback) => current().sink(messageCallback),
  });
  const notebook = makeNotebookApi(current, made.promise);
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
