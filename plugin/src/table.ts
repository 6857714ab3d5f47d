// A table that pandas has cut, with all its rows: pages of it come from the
// running Python (kernel/py/tincture/tables.py), as text that pandas made.
// What is saved is the cut table.

import type { Comm, CommListener, Comms } from './comms.ts';
import { make, makeButton, type IconName } from './dom.ts';
import type { Live } from './live.ts';
import type { JsonObject } from './messages.ts';
import {
  describeRange,
  FIRST_PAGE,
  goTo,
  mergeLabels,
  PAGE_SIZES,
  pageCount,
  pageOf,
  resizePage,
  toggleSort,
  type Wanted,
} from './table_pages.ts';

export const TABLE_MIME = 'application/vnd.tincture.table+json';
const TABLE_TARGET = 'tincture.table';

/** Typing goes on: the filter waits that long. */
const FILTER_DELAY_MS = 250;

/** One page as Python sends it. */
interface Page {
  request: number;
  start: number;
  total: number;
  /** Names of the index's levels, and what type each has. */
  names: string[];
  index_types: string[];
  /** For each shown column its label on every level. */
  labels: string[][];
  types: string[];
  numeric: boolean[];
  column_count: number;
  column_limit: number;
  filters: boolean;
  index: string[][];
  cells: string[][];
  error?: string;
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

export class TableView implements CommListener, Live {
  readonly #open: HTMLButtonElement;
  readonly #note = make('span', { class: 'tn-table-note', role: 'status' });
  readonly #box: HTMLElement;
  #body: HTMLElement | undefined;
  #scroller = make('div', {
    class: 'tn-table-scroll',
    tabindex: '0',
    role: 'region',
    'aria-label': 'Rows of the table',
  });
  #range = make('span', { class: 'tn-table-range', 'aria-live': 'polite' });
  #pageField = make('input', {
    type: 'number',
    min: '1',
    'aria-label': 'Page',
  });
  #pageTotal = make('span', {});
  #filter = make('input', {
    type: 'search',
    placeholder: 'Filter rows',
    'aria-label': 'Filter rows',
  });
  #columns = make('span', { class: 'tn-table-columns', hidden: true });
  #moves: Record<'first' | 'previous' | 'next' | 'last', HTMLButtonElement>;
  #comm: Comm | undefined;
  #wanted: Wanted = FIRST_PAGE;
  #page: Page | undefined;
  #request = 0;
  #isAsking = false;
  #filterTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly comms: Comms,
    private readonly description: JsonObject,
    private readonly element: HTMLElement,
  ) {
    const rows = plural(Number(description.rows), 'row');
    this.#open = makeButton({
      icon: 'table',
      title: `Browse all ${rows}: sort, page, filter`,
      className: 'tn-browse',
      onClick: () => this.#toggle(),
    });
    this.#open.append(make('span', {}, `Browse ${rows}`));
    this.#open.setAttribute('aria-expanded', 'false');
    const line = make('div', { class: 'tn-table-line' });
    line.append(this.#open, this.#note);
    this.#box = make('div', { class: 'tn-table' }, line);
    this.#moves = {
      first: this.#moveButton('first', 'First page', () => 0),
      previous: this.#moveButton('back', 'Previous page', (page) => page - 1),
      next: this.#moveButton('forward', 'Next page', (page) => page + 1),
      last: this.#moveButton('last', 'Last page', () => Infinity),
    };
    element.append(this.#box);
  }

  // --- What the output asks ---

  keeps(): boolean {
    return false;
  }

  /** The cut table is what is saved. */
  snapshot(): undefined {
    return undefined;
  }

  release(): void {
    // The rows stay what they were while the cell runs again.
  }

  dispose(): void {
    clearTimeout(this.#filterTimer);
    this.#comm?.close();
    this.#box.remove();
  }

  // --- What Python says ---

  onMessage(data: JsonObject): void {
    const page = data as unknown as Page;
    this.#isAsking = false;
    delete this.#box.dataset.busy;
    if (page.request !== this.#request) {
      this.#ask();
    } else if (page.error !== undefined) {
      this.#note.textContent = page.error;
    } else {
      this.#show(page);
    }
  }

  onReturn(): void {
    if (this.#isAsking) {
      this.#ask();
    }
  }

  onClose(): void {
    this.#comm = undefined;
    this.#isAsking = false;
    delete this.#box.dataset.busy;
    this.#fold();
    this.#note.textContent =
      'Python does not have these rows any more: run the cell again.';
  }

  // --- What the reader does ---

  #toggle(): void {
    if (this.#body) {
      this.#fold();
      return;
    }
    this.#comm ??= this.#connect();
    this.#change(this.#wanted);
  }

  #connect(): Comm {
    const data = { id: this.description.id };
    return this.comms.open(TABLE_TARGET, data, this);
  }

  /** Back to the table as pandas cut it. */
  #fold(): void {
    this.element.classList.remove('tn-browsing');
    this.#body?.remove();
    this.#body = undefined;
    this.#open.setAttribute('aria-expanded', 'false');
    this.#open.lastChild!.textContent = `Browse ${plural(
      Number(this.description.rows),
      'row',
    )}`;
  }

  #change(wanted: Wanted): void {
    this.#wanted = wanted;
    this.#request += 1;
    if (!this.#isAsking) {
      this.#ask();
    }
  }

  /** One question at a time; the newest is asked when it is answered. */
  #ask(): void {
    const { start, count, column, sort, filter } = this.#wanted;
    const question = { request: this.#request, start, count, column };
    this.#note.textContent = '';
    if (!this.#comm?.send({ ...question, sort, filter })) {
      this.#note.textContent = 'Python is not running.';
      return;
    }
    this.#isAsking = true;
    this.#box.dataset.busy = '';
    if (!this.#page) {
      this.#note.textContent = 'Waiting for Python…';
    }
  }

  #moveButton(
    icon: IconName,
    title: string,
    next: (page: number) => number,
  ): HTMLButtonElement {
    return makeButton({
      icon,
      title,
      onClick: () => {
        const total = this.#page?.total ?? 0;
        const page = Math.min(next(pageOf(this.#wanted)), total);
        this.#change(goTo(this.#wanted, page, total));
      },
    });
  }

  #makeBody(): HTMLElement {
    const { first, previous, next, last } = this.#moves;
    const sizes = make('select', { 'aria-label': 'Rows a page' });
    for (const size of PAGE_SIZES) {
      const text = String(size);
      const selected = size === this.#wanted.count;
      sizes.append(make('option', { value: text, selected }, `${text} rows`));
    }
    sizes.addEventListener('change', () =>
      this.#change(resizePage(this.#wanted, Number(sizes.value))),
    );
    this.#pageField.onchange = () => {
      const page = this.#pageField.valueAsNumber - 1;
      this.#change(goTo(this.#wanted, page, this.#page?.total ?? 0));
    };
    this.#filter.oninput = () => {
      clearTimeout(this.#filterTimer);
      this.#filterTimer = setTimeout(() => {
        const filter = this.#filter.value;
        this.#change({ ...this.#wanted, start: 0, filter });
      }, FILTER_DELAY_MS);
    };
    const pages = make('span', { class: 'tn-table-pages' });
    pages.append(first, previous, this.#pageField, this.#pageTotal, next, last);
    const bar = make('div', { class: 'tn-table-bar' });
    bar.append(pages, sizes, this.#range, this.#columns, this.#filter);
    return make('div', { class: 'tn-table-body' }, this.#scroller, bar);
  }

  // --- The page ---

  #show(page: Page): void {
    this.#page = page;
    this.#note.textContent = '';
    const focused = (document.activeElement as HTMLElement | null)?.dataset
      .sortKey;
    const table = make('table', { class: 'dataframe' });
    table.append(this.#makeHead(page), this.#makeRows(page));
    this.#scroller.replaceChildren(table);
    if (!this.#body) {
      this.#body = this.#makeBody();
      this.#box.prepend(this.#body);
      this.element.classList.add('tn-browsing');
      this.#open.setAttribute('aria-expanded', 'true');
      this.#open.lastChild!.textContent = 'Show the summary';
    }
    this.#holdIndex(table, page.names.length);
    this.#showPlace(page);
    if (focused !== undefined) {
      const again = `[data-sort-key="${focused}"]`;
      table.querySelector<HTMLElement>(again)?.focus({ preventScroll: true });
    }
  }

  #makeHead(page: Page): HTMLElement {
    const head = make('thead');
    const levelCount = page.labels[0]?.length ?? 1;
    const breaks = new Set<number>();
    for (let level = 0; level < levelCount; level += 1) {
      const isLast = level === levelCount - 1;
      const row = make('tr');
      page.names.forEach((name, index) => {
        const type = page.index_types[index] ?? '';
        row.append(
          isLast ? this.#heading(name, type, -1 - index) : make('th'),
        );
        row.lastElementChild!.classList.add('tn-table-index');
      });
      const labels = page.labels.map((each) => each[level] ?? '');
      if (isLast) {
        labels.forEach((label, index) => {
          const key = this.#wanted.column + index;
          const cell = this.#heading(label, page.types[index] ?? '', key);
          cell.classList.toggle('tn-number', page.numeric[index]);
          row.append(cell);
        });
      } else {
        let column = 0;
        for (const { label, span } of mergeLabels(labels, breaks)) {
          const attributes = { colspan: String(span), scope: 'colgroup' };
          row.append(make('th', attributes, label));
          breaks.add(column);
          column += span;
        }
      }
      head.append(row);
    }
    return head;
  }

  /** A heading that sorts. */
  #heading(label: string, type: string, key: number): HTMLElement {
    const { sort } = this.#wanted;
    const isSorted = sort?.key === key;
    const order = sort?.descending ? 'descending' : 'ascending';
    const button = make(
      'button',
      {
        type: 'button',
        title: type,
        'data-sort-key': String(key),
        onclick: () => this.#change(toggleSort(this.#wanted, key)),
      },
      label,
    );
    if (label.trim() === '') {
      button.setAttribute('aria-label', 'Index');
    }
    return make(
      'th',
      { scope: 'col', 'aria-sort': isSorted ? order : 'none' },
      button,
    );
  }

  #makeRows(page: Page): HTMLElement {
    const body = make('tbody');
    page.cells.forEach((cells, at) => {
      const row = make('tr');
      for (const text of page.index[at] ?? []) {
        row.append(make('th', { scope: 'row' }, text));
      }
      cells.forEach((text, index) => {
        const cell = make('td', {}, text);
        cell.classList.toggle('tn-number', page.numeric[index]);
        row.append(cell);
      });
      body.append(row);
    });
    if (page.cells.length === 0) {
      const span = page.names.length + page.labels.length;
      const cell = make('td', { colspan: String(span) }, 'No row matches.');
      body.append(make('tr', {}, cell));
    }
    return body;
  }

  /** The index stays in sight; each level stands beside the one before. */
  #holdIndex(table: HTMLTableElement, levelCount: number): void {
    let left = 0;
    const offsets: number[] = [];
    const row = table.tBodies[0]?.rows[0];
    for (let level = 0; level < levelCount; level += 1) {
      offsets.push(left);
      left += row?.cells[level]?.getBoundingClientRect().width ?? 0;
    }
    for (const each of table.rows) {
      const cells = [...each.cells].slice(0, levelCount);
      cells.forEach((cell, level) => {
        if (cell.matches('tbody th, .tn-table-index')) {
          cell.style.left = `${offsets[level]}px`;
        }
      });
    }
  }

  #showPlace(page: Page): void {
    const { first, previous, next, last } = this.#moves;
    const index = pageOf(this.#wanted);
    const count = pageCount(this.#wanted, page.total);
    first.disabled = previous.disabled = index === 0;
    next.disabled = last.disabled = index >= count - 1;
    this.#pageField.value = String(index + 1);
    this.#pageField.max = String(count);
    this.#pageTotal.textContent = `of ${count.toLocaleString('en')}`;
    const shown = page.cells.length;
    this.#range.textContent = describeRange(page.start, shown, page.total);
    this.#filter.hidden = !page.filters;
    this.#showColumns(page);
  }

  /** Very wide tables are paged sideways too. */
  #showColumns(page: Page): void {
    const { column } = this.#wanted;
    this.#columns.hidden = page.column_count <= page.column_limit;
    const move = (icon: IconName, title: string, to: number) => {
      const onClick = () => this.#change({ ...this.#wanted, column: to });
      const button = makeButton({ icon, title, onClick });
      button.disabled = to < 0 || to >= page.column_count;
      return button;
    };
    this.#columns.replaceChildren(
      move('back', 'Columns before', column - page.column_limit),
      `Columns ${describeRange(column, page.labels.length, page.column_count)}`,
      move('forward', 'Columns after', column + page.column_limit),
    );
  }
}
