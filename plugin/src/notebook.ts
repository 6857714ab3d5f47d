// The live notebook: cells, the queue, and what running a chunk means for
// each type.

import type { CellView } from './cell_view.ts';
import type { EmbeddedFiles } from './embedded_files.ts';
import { ChunkIds } from './chunk_ids.ts';
import { Continuation } from './continuation.ts';
import { runFetchChunk } from './fetch_cell.ts';
import { Languages } from './languages.ts';
import { tellDeath } from './death.ts';
import { makeInputPrompt } from './input_prompt.ts';
import { KernelDiedError } from './kernel.ts';
import { crossing } from './interop/py_proxies.ts';
import { isMessage, type Message } from './messages.ts';
import { OutputRenderers } from './output_renderers.ts';
import { RunQueue, type RunResult, type RunStatus } from './queue.ts';
import type { PythonSession } from './python_session.ts';
import { viewOf, viewOfThrown } from './value_view.ts';

/** `js.iodide`, `from js import document, iodide`. */
const USES_IODIDE = /\bjs\s*(\.\s*|import\b[^#]*\b)iodide\b/;

export interface NotebookHost {
  /** Resolves with the running Python, rejects when it did not start. */
  python: () => Promise<PythonSession>;
  files: EmbeddedFiles;
  /** In their present order. */
  cells: () => readonly CellView[];
  /** Before a cell's Python runs: the name under which it can be undone. */
  begin: (cell: CellView) => string;
  /** What else a death in this cell undid. */
  undoneBeside: (error: KernelDiedError, cell: CellView) => string[];
  /** The queue started, went on or ran dry. */
  progress: (queue: RunQueue<CellView>) => void;
}

/** Stop, where JavaScript is what runs: the page cannot end it, but it does
 * not wait for it any more. */
class StoppedError extends Error {
  override name = 'Stopped';
}

function describe(error: unknown): {
  ename: string;
  evalue: string;
  traceback: string[];
} {
  if (!(error instanceof Error)) {
    return { ename: 'Error', evalue: String(error), traceback: [] };
  }
  const { name, message } = error;
  const text = message.startsWith('Traceback ')
    ? message
    : `${name}: ${message}`;
  return { ename: name, evalue: message, traceback: [text] };
}

export class Notebook {
  readonly queue: RunQueue<CellView>;
  readonly languages: Languages;
  /** What chunks asked for through `window.iodide`. */
  readonly renderers = new OutputRenderers();
  readonly continuation = new Continuation();
  /** The chunk that was started last; late output goes there. */
  current: CellView | undefined;

  constructor(private readonly host: NotebookHost) {
    this.languages = new Languages(host.files);
    this.queue = new RunQueue<CellView>({
      run: (cell) => this.#run(cell),
      queued: (cell, waiting) => {
        cell.state = waiting ? 'queued' : 'idle';
        host.progress(this.queue);
      },
      busy: () => host.progress(this.queue),
    });
  }

  run(index: number): Promise<RunResult> {
    const cell = this.host.cells()[index];
    return cell
      ? this.runCell(cell)
      : Promise.reject(new RangeError(`there is no cell ${index}`));
  }

  /** Text and styles are shown anew, everything else waits its turn. */
  runCell(cell: CellView): Promise<RunResult> {
    if (!cell.isRunnable) {
      cell.refresh();
      return Promise.resolve({ status: 'ok' });
    }
    return this.queue.add(cell);
  }

  /** Resolves to one result for each cell that has something to run. */
  runAll(): Promise<RunResult[]> {
    const due = this.host.cells().filter(
      (cell) => cell.isRunnable && !cell.skipsRunAll,
    );
    return Promise.all(due.map((cell) => this.queue.add(cell)));
  }

  /** Drops what waits and asks what runs to end. */
  stop(): void {
    this.queue.drop();
    this.queue.running?.abort?.();
  }

  /** An update of a display finds it in whatever cell it is in. */
  updateDisplay(message: Message<'update_display_data'>): void {
    const { data, metadata, transient } = message.content;
    const id = String(transient.display_id ?? '');
    for (const cell of this.host.cells()) {
      cell.outputs?.update(id, data, metadata);
    }
  }

  async #run(cell: CellView): Promise<RunStatus> {
    this.host.progress(this.queue);
    this.current = cell;
    cell.state = 'running';
    cell.outputs?.startRun();
    this.#nameOutputs(cell);
    this.continuation.begin();
    let status: RunStatus = 'ok';
    try {
      await this.#evaluate(cell);
    } catch (error) {
      status = 'error';
      if (error instanceof KernelDiedError) {
        const beside = this.host.undoneBeside(error, cell);
        const text = tellDeath(error, beside);
        const { name: ename, message: evalue } = error;
        cell.outputs?.addError({ ename, evalue, traceback: [text] });
      } else if (!(error instanceof Reported)) {
        this.#showThrown(cell, error);
      }
    }
    cell.abort = undefined;
    cell.outputs?.endRun();
    cell.state = status === 'ok' ? 'ok' : 'error';
    return status;
  }

  #showThrown(cell: CellView, error: unknown): void {
    const view = viewOfThrown(error);
    if (view) {
      cell.outputs?.addElement(view);
    } else {
      cell.outputs?.addError(describe(error));
    }
  }

  /** The id by which Iodide's own scripts find where a chunk writes. */
  #nameOutputs(cell: CellView): void {
    if (cell.outputs) {
      const ids = new ChunkIds();
      const cells = this.host.cells();
      const own = cells.slice(0, cells.indexOf(cell) + 1);
      const [id] = own.map(({ source }) => ids.next(source)).slice(-1);
      cell.outputs.container.id = `side-effect-target-${id}`;
    }
  }

  async #evaluate(cell: CellView): Promise<void> {
    const { type, source } = cell;
    if (type === 'py' && !this.languages.has('py')) {
      await this.#runPython(cell);
    } else {
      await this.#untilStopped(cell, this.#runInPage(cell, type, source));
    }
    await this.#untilStopped(cell, this.continuation.settled());
  }

  /** Stop does not wait for what only the page can end. */
  #untilStopped(cell: CellView, work: Promise<void>): Promise<void> {
    const stopped = new Promise<never>((_, reject) => {
      cell.abort = () =>
        reject(new StoppedError('the page does not wait for it any more'));
    });
    return Promise.race([work, stopped]);
  }

  async #runInPage(
    cell: CellView,
    type: string,
    source: string,
  ): Promise<void> {
    if (type === 'fetch') {
      return runFetchChunk(source, {
        files: this.host.files,
        addPlugin: (json) => this.languages.define(json),
      });
    }
    if (type === 'plugin') {
      return this.languages.define(source);
    }
    // Indirect eval: the chunk runs in the page's own scope.
    const value: unknown =
      type === 'js' && !this.languages.has('js')
        ? await (0, eval)(source)
        : await this.languages.run(type, source, (text) => cell.note(text));
    const view = viewOf(value, this.renderers);
    if (view) {
      cell.outputs?.addElement(view);
    }
  }

  async #runPython(cell: CellView): Promise<void> {
    let isStopped = false;
    cell.abort = () => {
      isStopped = true;
    };
    const python = await this.host.python();
    if (isStopped) {
      const ename = 'KeyboardInterrupt';
      cell.outputs?.addError({ ename, evalue: '', traceback: [ename] });
      throw new Reported();
    }
    // Written for Iodide, and for what its Python gave to JavaScript.
    crossing.copiesContainers ||= USES_IODIDE.test(cell.source);
    cell.abort = () => python.kernel.interrupt();
    const isAsked = !this.renderers.isEmpty && python.hasObjects;
    let result: Message | undefined;
    const reply = await python.kernel.request(
      'execute_request',
      {
        code: cell.source,
        silent: false,
        store_history: true,
        allow_stdin: true,
        stop_on_error: true,
        ...(isAsked && { value: true, expose: true }),
      },
      {
        label: this.host.begin(cell),
        onEvent: (message) => {
          if (isAsked && isMessage(message, 'execute_result')) {
            result = message;
          } else {
            this.#take(cell, python, message);
          }
        },
      },
    );
    cell.executionCount = reply.content.execution_count ?? null;
    if (reply.content.status !== 'ok') {
      throw new Reported();
    }
    if (result) {
      this.#showResult(cell, result, python.valueOf(reply));
    }
  }

  /** As a renderer of the notebook's own wants it, or as Python has it. */
  #showResult(cell: CellView, result: Message, value: unknown): void {
    const view = this.renderers.view(value);
    if (view) {
      cell.outputs?.addElement(view);
    } else {
      cell.outputs?.handle(result);
    }
  }

  #take(cell: CellView, python: PythonSession, message: Message): void {
    if (isMessage(message, 'input_request')) {
      this.#ask(cell, python, message);
    } else {
      cell.outputs?.handle(message);
    }
  }

  /** input(): a field below what the cell has printed. */
  #ask(
    cell: CellView,
    python: PythonSession,
    message: Message<'input_request'>,
  ): void {
    const { prompt, password } = message.content;
    const form = makeInputPrompt(message.content, (text) => {
      finish();
      cell.outputs?.addText('stdout', `${prompt}${password ? '' : text}\n`);
      python.kernel.inputReply(text);
    });
    const finish = () => {
      form.remove();
      cell.abort = () => python.kernel.interrupt();
      cell.state = 'running';
    };
    cell.abort = () => {
      finish();
      python.kernel.interrupt();
    };
    cell.outputs?.flush();
    cell.outputs?.container.append(form);
    cell.state = 'waiting';
    form.querySelector('input')?.focus();
  }
}

/** The outputs show the error already. */
class Reported extends Error {}
