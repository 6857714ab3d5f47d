// JavaScript values as a console shows them: the result of a js cell.

import { fragmentOf, make } from './dom.ts';
import type { OutputRenderers } from './output_renderers.ts';

/** Members shown of one object, rows shown of one table. */
const MEMBER_LIMIT = 100;
const TEXT_LIMIT = 1000;

interface Rendered {
  iodideRender(): unknown;
}

function hasRenderer(value: unknown): value is Rendered {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    typeof (value as Partial<Rendered>).iodideRender === 'function'
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (value === null || typeof value !== 'object') {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Two or more plain objects with the same keys are rows of a table. */
function isTable(value: unknown): value is Record<string, unknown>[] {
  if (!Array.isArray(value) || value.length < 2) {
    return false;
  }
  const rows = value.slice(0, MEMBER_LIMIT) as unknown[];
  if (!rows.every(isPlain)) {
    return false;
  }
  const keys = Object.keys(rows[0] as object).join('\0');
  return keys !== '' && rows.every((row) => Object.keys(row).join('\0') === keys);
}

function word(className: string, text: string): HTMLElement {
  return make('span', { class: `tn-value-${className}` }, text);
}

function quote(text: string): string {
  const rest = text.length - TEXT_LIMIT;
  return rest > 0
    ? `${JSON.stringify(text.slice(0, TEXT_LIMIT))} … ${rest} more`
    : JSON.stringify(text);
}

/** A value that has no members to open. */
function leaf(value: unknown): HTMLElement | undefined {
  switch (typeof value) {
    case 'string':
      return word('string', quote(value));
    case 'number':
      return word('number', Object.is(value, -0) ? '-0' : String(value));
    case 'bigint':
      return word('number', `${value}n`);
    case 'boolean':
    case 'undefined':
      return word('word', String(value));
    case 'symbol':
      return word('word', value.toString());
    case 'function':
      return word('note', `ƒ ${value.name || 'anonymous'}()`);
  }
  if (value === null) {
    return word('word', 'null');
  }
  if (value instanceof Date) {
    const time = value.getTime();
    return word('number', Number.isNaN(time) ? 'Invalid Date' : value.toISOString());
  }
  if (value instanceof RegExp) {
    return word('string', String(value));
  }
  if (value instanceof Error) {
    return word('note', `${value.name}: ${value.message}`);
  }
  return undefined;
}

function typeName(value: object): string {
  const maker = (value as { constructor?: { name?: unknown } }).constructor;
  return typeof maker?.name === 'string' && maker.name ? maker.name : 'Object';
}

/** The members of an object, as pairs of label and value. */
function members(value: object): [string, unknown][] {
  if (value instanceof Map) {
    return [...value].map(([key, item]): [string, unknown] => [
      typeof key === 'string' ? quote(key) : String(key),
      item,
    ]);
  }
  if (value instanceof Set) {
    return [...value].map((item, index): [string, unknown] => [
      String(index),
      item,
    ]);
  }
  const names = Object.getOwnPropertyNames(value).filter(
    (name) => name !== 'length' || !Array.isArray(value),
  );
  return names.slice(0, MEMBER_LIMIT + 1).map((name): [string, unknown] => {
    try {
      return [name, (value as Record<string, unknown>)[name]];
    } catch (error) {
      return [name, error];
    }
  });
}

function sizeOf(value: object): string {
  if (value instanceof Map || value instanceof Set) {
    return `(${value.size})`;
  }
  if (value instanceof ArrayBuffer) {
    return `(${value.byteLength})`;
  }
  if (Array.isArray(value)) {
    return `(${value.length})`;
  }
  if (ArrayBuffer.isView(value)) {
    const { length } = value as { length?: number };
    return `(${length ?? value.byteLength})`;
  }
  return '';
}

/** One line that says what is inside: `{a: 1, b: "two"}`, `[1, 2, 3]`. */
function preview(value: object): HTMLElement {
  const line = make('span');
  const isList = Array.isArray(value) || ArrayBuffer.isView(value);
  const name = typeName(value);
  if (name !== 'Object') {
    line.append(word('note', `${name}${sizeOf(value)} `));
  }
  line.append(isList ? '[' : '{');
  const shown = members(value);
  shown.slice(0, isList ? 20 : 6).forEach(([label, item], index) => {
    line.append(index ? ', ' : '');
    if (!isList) {
      line.append(word('key', label), ': ');
    }
    line.append(leaf(item) ?? word('note', `${typeName(item as object)}…`));
  });
  line.append(shown.length > (isList ? 20 : 6) ? ', …' : '', isList ? ']' : '}');
  return line;
}

/** Members are made when they are opened first, so cycles do no harm. */
function tree(value: object): HTMLElement {
  const details = make('details', {}, make('summary', {}, preview(value)));
  const open = () => {
    const list = members(value);
    for (const [label, item] of list.slice(0, MEMBER_LIMIT)) {
      details.append(make('div', {}, word('key', label), ': ', node(item)));
    }
    if (list.length > MEMBER_LIMIT) {
      details.append(make('div', {}, word('note', '…')));
    }
  };
  details.addEventListener('toggle', open, { once: true });
  return details;
}

function node(value: unknown): HTMLElement {
  return leaf(value) ?? tree(value as object);
}

function table(rows: Record<string, unknown>[]): HTMLElement {
  const keys = Object.keys(rows[0]!);
  const head = make('tr', {}, ...keys.map((key) => make('th', {}, key)));
  const body = rows.slice(0, MEMBER_LIMIT).map((row) =>
    make(
      'tr',
      {},
      ...keys.map((key) => {
        const value = row[key];
        const cell = make('td', {});
        cell.append(typeof value === 'string' ? value : node(value));
        if (typeof value === 'number') {
          cell.style.textAlign = 'right';
        }
        return cell;
      }),
    ),
  );
  const result = make(
    'table',
    {},
    make('thead', {}, head),
    make('tbody', {}, ...body),
  );
  if (rows.length > MEMBER_LIMIT) {
    const note = `${MEMBER_LIMIT} of ${rows.length} rows`;
    result.append(make('caption', {}, note));
  }
  return result;
}

/** The element for what a chunk threw, if it brings one. */
export function viewOfThrown(error: unknown): HTMLElement | undefined {
  if (error instanceof Error || !hasRenderer(error)) {
    return undefined;
  }
  const view = viewOf(error);
  view?.setAttribute('data-error', 'Error');
  return view;
}

/** The element for a result; undefined where there is nothing to show. */
export function viewOf(
  value: unknown,
  renderers?: OutputRenderers,
): HTMLElement | undefined {
  const own = renderers?.view(value);
  if (own) {
    return own;
  }
  if (value === undefined) {
    return undefined;
  }
  if (hasRenderer(value)) {
    const html = value.iodideRender();
    if (typeof html === 'string' && html !== '') {
      const box = make('div', { class: 'tn-output', 'data-mime': 'text/html' });
      box.append(fragmentOf(html));
      return box;
    }
  }
  if (value instanceof Element && !value.isConnected) {
    const box = make('div', { class: 'tn-output', 'data-mime': 'text/html' });
    box.append(value);
    return box;
  }
  const box = make('div', { class: 'tn-output tn-value' });
  box.setAttribute('data-mime', 'text/plain');
  box.append(isTable(value) ? table(value) : node(value));
  return box;
}
