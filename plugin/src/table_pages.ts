// Which part of a table is wanted: sorting, paging, filtering as plain data.
// Pure.

/** Rows a page that the reader can choose from. */
export const PAGE_SIZES = [25, 50, 100] as const;

/** A column by its position; level i of the index is -1 - i. */
export interface Sort {
  key: number;
  descending: boolean;
}

export interface Wanted {
  start: number;
  count: number;
  /** The first of the columns that are shown. */
  column: number;
  sort: Sort | null;
  filter: string;
}

export const FIRST_PAGE: Wanted = {
  start: 0,
  count: PAGE_SIZES[0],
  column: 0,
  sort: null,
  filter: '',
};

/** A click on a heading: ascending, descending, as it was. */
export function toggleSort(wanted: Wanted, key: number): Wanted {
  const { sort } = wanted;
  let next: Sort | null = { key, descending: false };
  if (sort?.key === key) {
    next = sort.descending ? null : { key, descending: true };
  }
  return { ...wanted, start: 0, sort: next };
}

export function pageCount(wanted: Wanted, total: number): number {
  return Math.max(1, Math.ceil(total / wanted.count));
}

/** The page that is shown, counted from 0. */
export function pageOf(wanted: Wanted): number {
  return Math.floor(wanted.start / wanted.count);
}

/** Another page, or the nearest one that there is. */
export function goTo(wanted: Wanted, page: number, total: number): Wanted {
  const last = pageCount(wanted, total) - 1;
  const index = Math.min(Math.max(Math.trunc(page) || 0, 0), last);
  return { ...wanted, start: index * wanted.count };
}

/** Other rows a page; the first row that was shown stays in sight. */
export function resizePage(wanted: Wanted, count: number): Wanted {
  const start = Math.floor(wanted.start / count) * count;
  return { ...wanted, start, count };
}

/** "1–25 of 1,000" */
export function describeRange(
  start: number,
  shown: number,
  total: number,
): string {
  const [from, to, all] = [start + 1, start + shown, total].map((number) =>
    number.toLocaleString('en'),
  );
  return shown === 0 ? `none of ${all}` : `${from}–${to} of ${all}`;
}

/** Runs of equal neighbours, for headings over several columns; a run never
 * goes on where a heading above it ends. */
export function mergeLabels(
  labels: readonly string[],
  breaks: ReadonlySet<number>,
): { label: string; span: number }[] {
  const runs: { label: string; span: number }[] = [];
  labels.forEach((label, index) => {
    const last = runs.at(-1);
    if (last && last.label === label && !breaks.has(index)) {
      last.span += 1;
    } else {
      runs.push({ label, span: 1 });
    }
  });
  return runs;
}
