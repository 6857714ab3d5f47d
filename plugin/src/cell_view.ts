// One chunk in the page: its element, its state, its tools.

import { formatElapsed, make, makeButton } from './dom.ts';
import type { ParsedChunk } from './page_library.ts';
import type { Enliven } from './live.ts';
import type { Output } from './outputs.ts';
import { OutputsView, type RenderOutput } from './outputs_view.ts';

export type CellState =
  | 'idle'
  | 'queued'
  | 'running'
  | 'waiting'
  | 'ok'
  | 'error';

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
  readonly outputs: OutputsView | undefined;
  executionCount: number | null = null;
  /** What Stop calls where Python is not what runs. */
  abort: (() => void) | undefined;
  #source: string;
  #state: CellState = 'idle';
  #isEdited = false;
  #startedAt = 0;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #elapsed: HTMLElement;
  #tools: HTMLElement;

  constructor(
    readonly index: number,
    chunk: ParsedChunk,
    section: HTMLElement,
    saved: readonly Output[],
    private readonly actions: CellActions,
  ) {
    this.section = section;
    this.type = chunk.type;
    this.flags = chunk.flags;
    this.#source = chunk.source;
    // What `tincture pack --run` saw; a restart makes it idle.
    const ran = section.dataset.cellState;
    this.#state = ran === 'ok' || ran === 'error' ? ran : 'idle';
    const container = section.querySelector<HTMLElement>('.tn-outputs');
    this.outputs = container
      ? new OutputsView(container, actions.render, saved, actions.enliven)
      : undefined;
    this.#elapsed = make('span', { class: 'tn-elapsed' });
    this.#tools = this.#makeTools();
    this.#addHiddenSource();
    section.tabIndex = -1;
    section.setAttribute('aria-label', `Cell ${index + 1}, ${this.type}`);
  }

  /** Whether a run of the notebook has anything to do here. */
  get isRunnable(): boolean {
    return !PASSIVE_TYPES.includes(this.type) && this.#source.trim() !== '';
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

  #makeTools(): HTMLElement {
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
    const line = make('div', { class: 'tn-tools-line' }, this.#elapsed, button);
    const tools = make('div', { class: 'tn-tools' }, line);
    this.section.prepend(tools);
    return tools;
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
