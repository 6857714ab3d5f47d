// The script of a packed page.  The document stands by itself; this adds the
// controls and Python to it, after the first paint.

import { Autosave } from './autosave.ts';
import { aboutPython } from './about_python.ts';
import { Bar, type View } from './bar.ts';
import { mark } from './boot.ts';
import { CellList } from './cell_list.ts';
import { CellMaker, newContent, type StoredNotebook } from './cell_maker.ts';
import { offerTools } from './cell_tools.ts';
import type { CellView } from './cell_view.ts';
import { defer } from './defer.ts';
import { afterPaint, documentParsed } from './dom.ts';
import { chooseFiles, listenToDrops } from './drop.ts';
import { Editing, type EditorModule, type EditorOptions } from './editing.ts';
import { EmbeddedFiles } from './embedded_files.ts';
import type { Frozen } from './environment.ts';
import { showFailure, showNotice } from './failure.ts';
import { showHelp } from './help.ts';
import { makeIodide } from './iodide.ts';
import { crossing } from './interop/py_proxies.ts';
import type { FilesHost } from './iodide_files.ts';
import { focusCell, listenToKeys } from './keyboard.ts';
import { makeEnliven } from './live.ts';
import { isMessage, type JsonObject } from './messages.ts';
import { showMath } from './math_view.ts';
import { Notebook } from './notebook.ts';
import { makeNotebookApi, type NotebookControl } from './notebook_api.ts';
import { readIomd, readNotebook, type NotebookData } from './notebook_data.ts';
import { Opening, type OriginalFile } from './opening.ts';
import {
  defineGlobal,
  lineSink,
  makeApi,
  publishApi,
  textSink,
} from './page_api.ts';
import { PageLibrary } from './page_library.ts';
import { Payload } from './payload.ts';
import { presentNotebook, type PresentNotebook } from './present.ts';
import { PythonLife } from './python_life.ts';
import { makeProgress } from './progress.ts';
import type { EventSink } from './python_session.ts';
import type { RunResult } from './queue.ts';
import { reattach } from './reattach.ts';
import { ReportMaker } from './report_maker.ts';
import { DocumentTemplate } from './save.ts';
import { Saving, type SaveOptions } from './saving.ts';
import { showStartPage, type StartActions } from './start_page.ts';
import { PageStatus } from './status.ts';
import { Structure } from './structure.ts';
import { restoreTheme } from './theme.ts';
import { headingOf, UNTITLED } from './title.ts';
import { TitleField } from './title_field.ts';
import { showToast } from './toast.ts';
import { whenIdle } from './turns.ts';
import { Undoing } from './undoing.ts';
import { verifyParts } from './verify.ts';

/** A report's name among the saved ones, for a notebook that is new. */
function newReportId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** How long the page has been quiet when its code gets its colours. */
const HIGHLIGHT_DELAY_MS = 800;

/** And then no later than this. */
const HIGHLIGHT_LIMIT_MS = 2000;

/** Everything that exists once page.wasm and the notebook were read. */
class Player implements NotebookControl, StartActions {
  readonly notebook: Notebook;
  readonly list: CellList;
  readonly structure: Structure;
  readonly editing: Editing;
  readonly life: PythonLife;
  readonly saving: Saving;
  readonly #autosave: Autosave;
  readonly #undoing: Undoing;
  readonly #opening: Opening;
  readonly #files: EmbeddedFiles;
  readonly #title = new TitleField((title) => this.#rename(title));
  readonly #bar: Bar;
  readonly #main = document.getElementById('tn-notebook')!;
  #data: NotebookData;
  #source: OriginalFile | null | undefined;
  #highlightTimer: ReturnType<typeof setTimeout> | undefined;
  /** Something ran in this life of Python. */
  #hasRun = false;

  constructor(
    private readonly payload: Payload,
    private readonly library: PageLibrary,
    template: DocumentTemplate,
    private readonly status: PageStatus,
  ) {
    this.#data = readNotebook(document);
    crossing.copiesContainers = ['jsmd', 'iodide-html'].includes(
      this.#data.source.format,
    );
    this.#files = new EmbeddedFiles(this.#data.files, payload, document);
    this.life = this.#makeLife();
    this.#undoing = this.#makeUndoing();
    this.#autosave = this.#makeAutosave();
    this.saving = this.#makeSaving(template);
    this.editing = this.#makeEditing();
    this.list = this.#makeList();
    this.notebook = new Notebook({
      python: () => this.life.running,
      files: this.#files,
      cells: () => this.list.views,
      begin: (cell) => {
        this.#autosave.flush();
        return this.#undoing.begin(cell);
      },
      undoneBeside: (error, cell) => this.#undoing.othersOf(error, cell),
      progress: (queue) => {
        this.#hasRun ||= queue.busy;
        this.life.showProgress(queue);
        this.#undoing.refresh();
        if (!queue.busy) {
          this.#autosave.touchOutputs();
        }
      },
    });
    this.structure = new Structure(this.list, {
      edit: (cell) => void this.editing.open(cell),
      isAllowed: () => this.#view === 'explore',
    });
    this.#opening = this.#makeOpening();
    this.list.adopt({ iomd: readIomd(document), data: this.#data });
    this.#bar = this.#makeBar();
    this.#listen();
    this.#showList();
    void this.#autosave.start();
  }

  get cells(): readonly CellView[] {
    return this.list.views;
  }

  get title(): string {
    return this.#data.title || this.#heading || UNTITLED;
  }

  /** Starts Python; rejects when that fails. */
  async boot(): Promise<void> {
    await this.life.boot();
    const { kernel, comms, startedFrom } = this.life;
    if (kernel && startedFrom === 'saved') {
      await reattach(kernel, comms, this.cells);
    }
    this.#highlightSoon();
  }

  run(index: number): Promise<RunResult> {
    return this.notebook.run(index);
  }

  runAll(): Promise<RunResult[]> {
    return this.notebook.runAll();
  }

  async undo(index: number): Promise<void> {
    const cell = this.list.views[index];
    if (!cell) {
      throw new RangeError(`there is no cell ${index}`);
    }
    await this.#undoing.undo(cell);
  }

  save(options?: SaveOptions): Promise<Blob> {
    return this.saving.save(options);
  }

  setSource(cell: CellView, text: string): void {
    this.editing.close(cell);
    cell.source = text;
  }

  /** The notebook as it is now, for a file of it. */
  present(): PresentNotebook {
    return presentNotebook(this.library, {
      data: this.#data,
      title: this.title,
      preamble: this.list.preamble,
      views: this.list.views,
      files: this.#files,
      source: this.#source,
    });
  }

  /** A notebook of one's own, in an empty page. */
  create(): void {
    this.#become({ ...this.#data, title: null }, null);
    const [, code] = this.list.insert(0, [
      newContent('md', `# ${UNTITLED}`),
      newContent('py'),
    ]);
    this.structure.select(code!);
    void this.editing.open(code!);
  }

  choose(): void {
    chooseFiles((files) => void this.take(files));
  }

  /** Files that were dropped or chosen. */
  async take(files: readonly File[]): Promise<void> {
    if (this.list.views.length === 0 && this.#source === undefined) {
      this.#become({ ...this.#data, title: null }, null);
    }
    await this.#opening.take(files);
  }

  /** Shows another notebook in place of this one, with fresh memory. */
  async open(
    stored: StoredNotebook,
    source: OriginalFile | null | undefined,
  ): Promise<void> {
    this.editing.closeAll();
    this.notebook.stop();
    this.#become(stored.data, source);
    this.list.open(stored);
    focusCell(this.list.views, 0);
    scrollTo(0, 0);
    if (this.#hasRun) {
      await this.life.restart();
    }
  }

  /** The files in this page, for scripts. */
  get filesHost(): FilesHost {
    const files = this.#files;
    return {
      files,
      date: new Date(document.lastModified),
      write: (name, mimetype, bytes) => {
        files.add(name, mimetype, bytes);
        this.#provide(name, bytes);
        this.saving.touch();
      },
      remove: async (name) => {
        files.remove(name);
        this.saving.touch();
        await this.#withdraw(name);
      },
    };
  }

  /** What a notebook of 2018 froze into itself; JSMD's meta chunk has it. */
  get frozen(): Frozen {
    const { savedEnvironment } = (this.#data.metadata.jsmd ?? {}) as JsonObject;
    return (savedEnvironment ?? {}) as unknown as Frozen;
  }

  set frozen(frozen: Frozen) {
    const { metadata } = this.#data;
    const jsmd = { ...(metadata.jsmd as JsonObject), savedEnvironment: frozen };
    this.#data = { ...this.#data, metadata: { ...metadata, jsmd } };
    this.saving.touch();
  }

  setView(view: View): void {
    document.documentElement.dataset.tinctureView = view;
    this.editing.closeAll();
    for (const cell of this.list.views) {
      // What a report does not show at all stays folded in the other view.
      if (cell.details && cell.outputs) {
        cell.details.open = view === 'explore';
      }
    }
    this.#bar.setView(view);
    this.#title.setEditable(view === 'explore');
    this.#highlightSoon();
  }

  /** Where output of code goes that no cell runs: text to whoever asked for
   * it, else to the cell that was started last, else to the console.  Results
   * and errors are the caller's. */
  sink(messageCallback?: (text: string) => void): EventSink {
    // A console is slow, so it gets what came together as one entry.
    const show = messageCallback ? lineSink : textSink;
    const inLines = show(
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

  get #view(): View {
    return document.documentElement.dataset.tinctureView as View;
  }

  get #heading(): string | undefined {
    const texts = this.list.views.filter(({ type }) => type === 'md');
    return headingOf(texts.map(({ source }) => source));
  }

  #makeLife(): PythonLife {
    return new PythonLife(this.payload, this.#files, this.status, {
      startsInWorker: this.#data.worker === true,
      sink: this.sink(),
      queue: () => this.notebook.queue,
      updateDisplay: (message) => this.notebook.updateDisplay(message),
      cannotStop: () => {
        this.#bar.forbidStop('This browser cannot stop a running cell');
        showToast(
          'This browser lacks JavaScript Promise Integration: the page waits ' +
            'while a cell runs, and Stop, input() and threads do not work.',
        );
      },
      doesNotStop: () =>
        showToast(
          'The cell does not stop. Python can go back to before it; all that ' +
            'earlier cells did stays.',
          { label: 'Go back', onClick: () => this.life.abandon() },
        ),
      restarted: () => this.#forgetRuns(),
      recovered: (error) => this.#undoing.recovered(error),
    });
  }

  #showHelp(): void {
    showHelp(() => aboutPython(this.life, this.#undoing));
  }

  #makeUndoing(): Undoing {
    const { life } = this;
    return new Undoing({
      comms: life.comms,
      kernel: () => life.kernel,
      cells: () => this.list.views,
      running: () => this.notebook.queue.running,
      isBusy: () => this.notebook.queue.busy,
    });
  }

  #makeSaving(template: DocumentTemplate): Saving {
    const maker = new ReportMaker({
      template,
      payload: this.payload,
      embedded: this.#files,
      module: this.library.module,
      present: () => this.present(),
      kernel: () => this.life.kernel,
    });
    return new Saving(maker, {
      title: () => this.title,
      report: () => this.#data.report,
      touched: () => this.#autosave.touch(),
      saved: (report) => {
        this.#autosave.saved();
        this.#data = { ...this.#data, report };
      },
    });
  }

  #makeAutosave(): Autosave {
    return new Autosave({
      identity: () => this.#data.report,
      present: () => this.present(),
      restore: (iomd, data) => {
        const { profile, view, report } = this.#data;
        const isOther = data.report?.id !== report?.id;
        this.#data = { ...data, profile, view };
        this.#source = isOther ? null : this.#source;
        this.list.open({ iomd, data });
        this.saving.touch();
      },
    });
  }

  #makeEditing(): Editing {
    const { life } = this;
    return new Editing({
      loadEditor: () => this.#loadEditor(),
      run: (cell) => this.#runCell(cell),
      runNext: (cell) => this.#runNext(cell),
      help: ({ type }) => {
        const { languages } = this.notebook;
        if (type === 'py' && !languages.has('py')) {
          return {
            complete: async (code, position) =>
              life.idle?.complete(code, position),
            inspect: async (code, position) =>
              life.idle?.inspect(code, position),
          };
        }
        return languages.completes(type)
          ? { complete: this.#completeBy(type) }
          : {};
      },
    });
  }

  /** Completion by a plugin, which knows the text up to the cursor only and
   * answers with what takes the place of the word there. */
  #completeBy(type: string): NonNullable<EditorOptions['complete']> {
    return async (code, position) => {
      const before = code.slice(0, position);
      const matches = this.notebook.languages.complete(type, before);
      const [word] = /[\p{L}\p{N}_]*$/u.exec(before)!;
      return { matches, start: position - word.length, end: position };
    };
  }

  #makeList(): CellList {
    const maker = new CellMaker({
      library: this.library,
      enliven: makeEnliven(this.life.comms),
      made: (cell) => this.#watch(cell),
      changed: (cell) => {
        this.saving.touch();
        this.#showTitle();
        void this.editing.highlight(cell);
      },
      run: (cell) => this.#runCell(cell),
      edit: (cell) => void this.editing.open(cell),
    });
    return new CellList(this.#main, this.library, maker, {
      removed: (cell) => {
        this.editing.close(cell);
        this.notebook.queue.remove(cell);
      },
      changed: () => {
        this.saving.touch();
        this.#showList();
      },
    });
  }

  #makeOpening(): Opening {
    return new Opening({
      library: this.library,
      list: this.list,
      structure: this.structure,
      files: this.#files,
      profile: this.#data.profile,
      isUnsaved: () => this.saving.isDirty,
      open: (stored, original) =>
        this.open(
          { ...stored, data: { ...stored.data, files: [] } },
          original,
        ),
      provide: (name, bytes) => this.#provide(name, bytes),
      touched: () => this.saving.touch(),
    });
  }

  #makeBar(): Bar {
    const bar = new Bar(this.#title.element, this.status, {
      runAll: () => void this.notebook.runAll(),
      stop: () => this.#stop(),
      restart: () => void this.life.restart(),
      setView: (view) => this.setView(view),
      save: () => void this.saving.ask(),
      help: () => this.#showHelp(),
    });
    bar.setView(this.#view);
    this.#title.setEditable(this.#view === 'explore');
    bar.element.append(makeProgress(this.status));
    document.body.prepend(bar.element);
    return bar;
  }

  #listen(): void {
    const [first] = this.list.views;
    if (first) {
      first.section.tabIndex = 0;
    }
    listenToKeys({
      cells: () => this.list.views,
      structure: this.structure,
      run: (cell) => this.#runCell(cell),
      runNext: (cell) => this.#runNext(cell),
      runAndAdd: (cell) => this.#runAndAdd(cell),
      edit: (cell) => void this.editing.open(cell),
      save: () => void this.saving.ask(),
      help: () => this.#showHelp(),
    });
    listenToDrops((files) => void this.take(files));
    offerTools(this.#main, this.list, this.structure, () => this.choose());
  }

  #watch(cell: CellView): void {
    this.editing.listen(cell);
    cell.details?.addEventListener('toggle', () => {
      if (cell.details?.open) {
        void this.editing.highlight(cell);
      }
    });
  }

  /** Another notebook, or a new one, is in this page from now on. */
  #become(data: NotebookData, source: OriginalFile | null | undefined): void {
    const { profile, view } = this.#data;
    const report = { ...this.#data.report, id: newReportId(), revision: 0 };
    this.#data = { ...data, profile, view, report };
    this.#source = source;
  }

  #rename(title: string): void {
    this.#data = { ...this.#data, title: title || null };
    this.saving.touch();
    this.#showTitle();
  }

  #showTitle(): void {
    const { title } = this;
    document.title = title;
    this.#title.show(title);
  }

  #showList(): void {
    const isEmpty = this.list.views.length === 0;
    document.documentElement.toggleAttribute('data-tincture-empty', isEmpty);
    this.#showTitle();
    this.#highlightSoon();
  }

  /** Gives a file to Python, which may be starting still. */
  #provide(name: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.life.running
      .then((python) => python.kernel.writeFile(name, bytes))
      .catch((error: unknown) => {
        console.error(error);
        showToast(`Python cannot have ${name}: ${(error as Error).message}`);
      });
  }

  /** Takes a file from Python, where it may be gone already. */
  async #withdraw(name: string): Promise<void> {
    const python = await this.life.running;
    const path = JSON.stringify(name);
    await python.kernel.request('execute_request', {
      code: `__import__("pathlib").Path(${path}).unlink(missing_ok=True)`,
      silent: true,
      store_history: false,
    });
  }

  #forgetRuns(): void {
    this.#hasRun = false;
    this.#undoing.forget();
    for (const cell of this.list.views) {
      if (cell.state === 'ok' || cell.state === 'error') {
        cell.state = 'idle';
      }
    }
    for (const { name } of this.#files.entries) {
      const bytes = this.#files.added(name);
      if (bytes) {
        this.#provide(name, bytes);
      }
    }
  }

  #stop(): void {
    if (this.notebook.queue.busy) {
      this.notebook.stop();
      this.life.countStop();
    } else {
      this.life.interrupt();
    }
  }

  #runCell(cell: CellView): void {
    void this.notebook.runCell(cell);
  }

  /** After the last cell a new one is begun, where cells may be added. */
  #runNext(cell: CellView): void {
    this.#runCell(cell);
    const isLast = cell.index === this.list.views.length - 1;
    if (isLast && this.structure.isAllowed) {
      this.structure.addAndEdit(cell.index + 1, 'py');
    } else {
      focusCell(this.list.views, cell.index + 1);
    }
  }

  #runAndAdd(cell: CellView): void {
    this.#runCell(cell);
    if (this.structure.isAllowed) {
      this.structure.addAndEdit(cell.index + 1, 'py');
    }
  }

  async #loadEditor(): Promise<EditorModule> {
    await this.payload.arrived('editor.js');
    const code = this.payload.text('editor.js');
    const run = new Function(`${code}\nreturn tinctureEditor;`) as () => unknown;
    return run() as EditorModule;
  }

  /** Colours visible code when the page has nothing better to do: what that
   * takes is large, and nobody who runs a cell at once should wait for it. */
  #highlightSoon(): void {
    clearTimeout(this.#highlightTimer);
    this.#highlightTimer = setTimeout(
      () => whenIdle(() => this.#highlight(), HIGHLIGHT_LIMIT_MS),
      HIGHLIGHT_DELAY_MS,
    );
  }

  #highlight(): void {
    const { state } = this.status;
    if (state === 'booting' || state === 'running') {
      this.#highlightSoon();
      return;
    }
    for (const cell of this.list.views) {
      if (cell.details?.open && cell.code) {
        void this.editing.highlight(cell);
      }
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
  const iodide = makeIodide({
    outputs: () => player?.notebook.current?.outputs,
    notebook: () => current().notebook,
    files: () => current().filesHost,
    environment: {
      read: () => current().frozen,
      write: (frozen) => {
        current().frozen = frozen;
      },
    },
  });
  defineGlobal('iodide', iodide);

  showStartPage(document, {
    create: () => void made.promise.then((it) => it.create()),
    choose: () =>
      chooseFiles((files) => void made.promise.then((it) => it.take(files))),
  });
  const start = async (): Promise<void> => {
    // All but the payload stands before this script.
    const payload = new Payload(document);
    const template = new DocumentTemplate(document);
    await afterPaint();
    mark('begin');
    status.set('booting');
    const library = await PageLibrary.load(await payload.pageLibrary());
    mark('library');
    payload.useLibrary(library);
    player = new Player(payload, library, template, status);
    made.resolve(player);
    mark('player');
    await player.boot();
    await documentParsed();
    showMath(payload, document.getElementById('tn-notebook')!);
    ready.resolve();
    await verifyParts(payload, ({ message }) =>
      showNotice('This file is damaged', message),
    );
  };
  start().catch((error: unknown) => {
    showFailure(status, error);
    made.reject(error);
    ready.reject(error);
  });
}

main();
