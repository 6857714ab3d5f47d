// What was written and run since the last Save, for the case that the tab
// hangs or dies: kept in the browser in idle time, offered when the report is
// opened again, and never put in its place unasked.

import { AutosaveStore, RECORD_SIZE_LIMIT } from './autosave_store.ts';
import type { AutosaveRecord } from './autosave_store.ts';
import { make, makeButton } from './dom.ts';
import type { NotebookData } from './notebook_data.ts';
import type { PresentNotebook } from './present.ts';
import type { ReportIdentity } from './save_target.ts';
import { whenIdle } from './turns.ts';

export interface AutosaveHost {
  /** Which report the page holds now. */
  identity: () => ReportIdentity | undefined;
  present: () => PresentNotebook;
  /** Shows a notebook in place of what the page shows. */
  restore: (iomd: string, notebook: NotebookData) => void;
}

/** Typing goes on: what is written waits that long for more. */
const DELAY_MS = 400;

/** Idle time comes, or does not. */
const IDLE_LIMIT_MS = 2000;

/** Characters of a notebook that a run can wait for: a millisecond or two. */
const FLUSH_SIZE_LIMIT = 1 << 18;

function keyOf({ id, revision, saved }: ReportIdentity): string {
  return `${id}/${revision}/${saved ?? ''}`;
}

/** Beside an offer that nobody has answered yet. */
const LATER = '+';

function describeTime(at: number): string {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday
    ? date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
    : date.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
}

export class Autosave {
  #store: AutosaveStore | undefined;
  /** What the document says that it is: what a reload looks for. */
  readonly #opened: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isDue = false;
  #isTextDue = false;
  #isOffering = false;
  #lastSize = 0;

  constructor(private readonly host: AutosaveHost) {
    const identity = host.identity();
    this.#opened = identity && keyOf(identity);
  }

  /** Offers what was not saved the last time. */
  async start(): Promise<void> {
    if (this.#opened === undefined) {
      return;
    }
    try {
      this.#store = await AutosaveStore.open();
    } catch (error) {
      // Private windows and some settings keep nothing.
      console.info('Nothing is kept of what is not saved.', error);
      return;
    }
    for (const key of [this.#opened + LATER, this.#opened]) {
      const record = await this.#store.find(key);
      if (record) {
        this.#isOffering = true;
        await this.#offer(record);
        this.#store.remove([key]);
      }
    }
    this.#isOffering = false;
    if (this.#isDue) {
      this.touch();
    }
  }

  /** Something was written: it is kept soon. */
  touch(): void {
    this.#isTextDue = true;
    this.touchOutputs();
  }

  /** Only outputs changed. */
  touchOutputs(): void {
    this.#isDue = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      whenIdle(() => this.#writeIfDue(), IDLE_LIMIT_MS);
    }, DELAY_MS);
  }

  /** Code is about to run, perhaps for ever: what was just typed is kept. */
  flush(): void {
    if (this.#isTextDue && this.#lastSize < FLUSH_SIZE_LIMIT) {
      this.#writeIfDue();
    }
  }

  /** Everything is in a file now, but for what is still on offer. */
  saved(): void {
    clearTimeout(this.#timer);
    this.#isDue = this.#isTextDue = false;
    const keys = this.#keys();
    const later = keys.map((key) => key + LATER);
    this.#store?.remove(this.#isOffering ? later : [...keys, ...later]);
  }

  /** Under what the document says, and under what the page has become by
   * saving: a reload may see either. */
  #keys(): string[] {
    const identity = this.host.identity();
    const keys = new Set(identity ? [keyOf(identity)] : []);
    if (this.#opened !== undefined) {
      keys.add(this.#opened);
    }
    return [...keys];
  }

  #writeIfDue(): void {
    if (!this.#isDue || !this.#store) {
      return;
    }
    this.#isDue = this.#isTextDue = false;
    try {
      const { iomd, notebook } = this.host.present();
      const record = { iomd, at: Date.now(), notebook: textOf(notebook) };
      this.#lastSize = record.iomd.length + record.notebook.length;
      const suffix = this.#isOffering ? LATER : '';
      for (const key of this.#keys()) {
        this.#store.put({ ...record, key: key + suffix });
      }
    } catch (error) {
      console.warn(error);
    }
  }

  /** Resolves when the person has answered. */
  #offer(record: AutosaveRecord): Promise<void> {
    return new Promise((resolve) => {
      const answer = (restores: boolean) => {
        notice.remove();
        if (restores) {
          const notebook = JSON.parse(record.notebook) as NotebookData;
          this.host.restore(record.iomd, notebook);
        }
        resolve();
      };
      const notice = make(
        'div',
        { class: 'tn-unsaved', role: 'region', 'aria-label': 'Not saved' },
        make(
          'p',
          { role: 'status' },
          `Changes of ${describeTime(record.at)} were not saved: ` +
            'text and outputs, without Python’s variables.',
        ),
        makeButton({
          label: 'Restore',
          title: 'Show them in this page',
          className: 'tn-button-main',
          onClick: () => answer(true),
        }),
        makeButton({
          label: 'Discard',
          title: 'Forget them',
          onClick: () => answer(false),
        }),
      );
      document.getElementById('tn-notebook')?.before(notice);
    });
  }
}

/** JSON, without outputs where they are too many to be kept. */
function textOf(notebook: NotebookData): string {
  const text = JSON.stringify(notebook);
  if (text.length <= RECORD_SIZE_LIMIT) {
    return text;
  }
  const cells = notebook.cells.map((cell) => ({ ...cell, outputs: [] }));
  return JSON.stringify({ ...notebook, cells });
}
