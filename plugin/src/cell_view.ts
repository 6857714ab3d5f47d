// One chunk in the page: its element, its state, its tools.

import { formatElapsed, make, makeButton } from './dom.ts';
import { escapeChunk, type ChunkText } from './iomd_text.ts';
import type { Enliven } from './live.ts';
import type { CellData } from './notebook_data.ts';
import { OutputsView, type RenderOutput } from './outputs_view.ts';

export type CellState =
  | 'idle'
  | 'queued'
  | 'running'
  | 'waiting'
  | 'ok'
  | 'error';

/** What a cell is made of, in the page and in the file. */
export interface CellContent {
  type: string;
  flags: readonly string[];
  /** As people write it. */
  source: string;
  /** As it stands in the notebook's text. */
  text: ChunkText;
  data: CellData;
}

export interface CellActions {
  render: RenderOutput;
  enliven: Enliven;
  /** The rendered text of a Markdown cell. */
  markdown: (cell: CellView) => DocumentFragment;
  /** Its source is another one now. */
  changed: (cell: CellView) => void;
  run: (cell: CellView) => void;
  edit: (cell: CellView) => void;
}

const STATE_TEXTS: Partial<Record<CellState, string>> = {
  queued: 'queued',
  waiting: 'waits for input',
};

/** Types that are shown as they are and never run. */
const PASSIVE_TYPES = ['md', 'html', 'css', 'raw'];

/** Names of types whose source only the editor shows. */
const SOURCE_LABELS: Record<string, string> = { css: 'CSS', raw: 'Raw text' };

export class CellView {
  readonly section: HTMLElement;
  readonly type: string;
  readonly flags: readonly string[];
  /** What the file says of it, but for outputs and count. */
  readonly data: CellData;
  readonly outputs: OutputsView | undefined;
  executionCount: number | null;
  /** What Stop calls where Python is not what runs. */
  abort: (() => void) | undefined;
  readonly #text: ChunkText;
  #index: number;
  #source: string;
  #state: CellState = 'idle';
  #isEdited = false;
  #startedAt = 0;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #elapsed: HTMLElement;
  #undoButton: HTMLButtonElement | undefined;
  #hasRun = false;
  /** Where the cell's buttons stand. */
  readonly toolsLine: HTMLElement;
  #tools: HTMLElement;

  constructor(
    index: number,
    content: CellContent,
    section: HTMLElement,
    private readonly actions: CellActions,
  ) {
    this.#index = index;
    this.section = section;
    this.type = content.type;
    this.flags = content.flags;
    this.data = content.data;
    this.executionCount = content.data.execution_count;
    this.#text = content.text;
    this.#source = content.source;
    // What `tincture pack --run` saw; a restart makes it idle.
    const ran = section.dataset.cellState;
    this.#state = ran === 'ok' || ran === 'error' ? ran : 'idle';
    const container = section.querySelector<HTMLElement>('.tn-outputs');
    this.outputs = container
      ? new OutputsView(
          container,
          actions.render,
          content.data.outputs,
          actions.enliven,
        )
      : undefined;
    this.#elapsed = make('span', { class: 'tn-elapsed' });
    this.toolsLine = this.#makeToolsLine();
    this.#tools = make('div', { class: 'tn-tools' }, this.toolsLine);
    section.prepend(this.#tools);
    this.#addHiddenSource();
    section.tabIndex = -1;
    this.index = index;
  }

  /** Its place among the cells, from 0. */
  get index(): number {
    return this.#index;
  }

  set index(index: number) {
    this.#index = index;
    this.section.id = `cell-${index}`;
    this.section.dataset.cell = String(index);
    const label = `Cell ${index + 1}, ${this.type}`;
    this.section.setAttribute('aria-label', label);
  }

  /** The chunk as it is written now, and which of its lines are escaped. */
  get chunk(): ChunkText & { escaped: number[] } {
    const { head, body } = this.#text;
    if (!this.#isEdited) {
      return { head, body, escaped: this.data.escaped };
    }
    const { text, escaped } = escapeChunk(this.#source);
    return { head, body: text === '' && body === null ? null : text, escaped };
  }

  /** Whether a run of the notebook has anything to do here. */
  get isRunnable(): boolean {
    return !this.isPassive && this.#source.trim() !== '';
  }

  get isPassive(): boolean {
    return PASSIVE_TYPES.includes(this.type);
  }

  get skipsRunAll(): boolean {
    return this.flags.some((flag) => flag.toLowerCase() === 'skiprunall');
  }

  get state(): CellState {
    return this.#state;
  }

  set state(state: CellState) {
    this.#state = state;
    this.section.dataset.cellState = state;
    const running = state === 'running' || state === 'waiting';
    this.#hasRun ||= running;
    if (running && this.#startedAt === 0) {
      this.#startedAt = performance.now();
      this.#ticker = setInterval(() => this.#showElapsed(), 100);
    } else if (!running) {
      clearInterval(this.#ticker);
    }
    this.#showElapsed();
    if (!running) {
      this.#startedAt = 0;
    }
  }

  /** It ran in this page, not only when the file was made. */
  get hasRun(): boolean {
    return this.#hasRun;
  }

  /** What it did in Python is undone; its outputs are a memory. */
  set undone(isUndone: boolean) {
    this.section.toggleAttribute('data-cell-undone', isUndone);
    this.section.querySelector(':scope > .tn-undone')?.remove();
    if (isUndone) {
      this.#hasRun = false;
      this.state = 'idle';
      const text = 'Undone: Python does not know of these results any more.';
      this.outputs?.container.before(make('p', { class: 'tn-undone' }, text));
    }
  }

  /** Shows a button that undoes the cell, or none. */
  offerUndo(onClick?: () => void, title = '', isDisabled = false): void {
    this.#undoButton?.remove();
    this.#undoButton = undefined;
    if (onClick) {
      const button = makeButton({
        icon: 'undo',
        title,
        className: 'tn-undo',
        onClick,
      });
      button.disabled = isDisabled;
      this.#elapsed.after(button);
      this.#undoButton = button;
    }
  }

  get isEdited(): boolean {
    return this.#isEdited;
  }

  get source(): string {
    return this.#source;
  }

  set source(text: string) {
    if (text === this.#source) {
      return;
    }
    this.#source = text;
    this.#isEdited = true;
    const code = this.code;
    if (code) {
      code.textContent = text;
    }
    const gist = this.section.querySelector('.tn-gist');
    if (gist) {
      gist.textContent = text.trim().split('\n', 1)[0]!.slice(0, 72);
    }
    this.refresh();
    this.actions.changed(this);
  }

  get details(): HTMLDetailsElement | null {
    return this.section.querySelector<HTMLDetailsElement>('.tn-source');
  }

  get code(): HTMLElement | null {
    return this.section.querySelector<HTMLElement>('.tn-code > code');
  }

  /** What the editor takes the place of. */
  get editable(): HTMLElement | null {
    return this.section.querySelector<HTMLElement>('.tn-code, .tn-markdown');
  }

  /** Shows text and styles anew after an edit; code waits for a run. */
  refresh(): void {
    if (this.type === 'md' || this.type === 'html') {
      const box = this.section.querySelector('.tn-markdown');
      box?.replaceChildren(this.actions.markdown(this));
    } else if (this.type === 'css') {
      const style = this.section.querySelector('style');
      if (style) {
        style.textContent = this.#source;
      }
    }
  }

  /** A word beside the tools, until the state changes. */
  note(text: string): void {
    this.#elapsed.textContent = text;
  }

  #showElapsed(): void {
    const fixed = STATE_TEXTS[this.#state];
    const elapsed = this.#startedAt ? performance.now() - this.#startedAt : 0;
    if (fixed !== undefined) {
      this.#elapsed.textContent = fixed;
    } else if (this.#startedAt !== 0) {
      this.#elapsed.textContent = formatElapsed(elapsed);
    } else if (this.#state === 'idle') {
      this.#elapsed.textContent = '';
    }
  }

  #makeToolsLine(): HTMLElement {
    const button = this.isPassive
      ? makeButton({
          icon: 'explore',
          title: 'Edit (Enter)',
          className: 'tn-edit',
          onClick: () => this.actions.edit(this),
        })
      : makeButton({
          icon: 'run',
          title: 'Run this cell (Ctrl+Enter)',
          className: 'tn-run',
          onClick: () => this.actions.run(this),
        });
    return make('div', { class: 'tn-tools-line' }, this.#elapsed, button);
  }

  /** Styles and raw text show nothing of themselves; the explore view shows
   * their source. */
  #addHiddenSource(): void {
    const label = SOURCE_LABELS[this.type];
    if (label === undefined) {
      return;
    }
    const code = make('code', { 'data-language': this.type }, this.#source);
    const summary = make('summary', {}, make('span', {}, label));
    const pre = make('pre', { class: 'tn-code' }, code);
    const details = make('details', { class: 'tn-source' }, summary, pre);
    details.classList.add('tn-explore-only');
    this.#tools.classList.add('tn-explore-only');
    this.section.append(details);
  }
}
