// Editing a cell in place: CodeMirror when it can be had, a plain text area
// when it cannot.

import type { CellView } from './cell_view.ts';
import { make } from './dom.ts';
import type { Completions } from './python_session.ts';

export interface EditorOptions {
  parent: HTMLElement;
  text: string;
  /** The chunk's type, which names the language. */
  type: string;
  /** For a screen reader. */
  label: string;
  onChange: (text: string) => void;
  onRun: () => void;
  onRunNext: () => void;
  onLeave: () => void;
  complete?: (
    code: string,
    position: number,
  ) => Promise<Completions | undefined>;
  inspect?: (code: string, position: number) => Promise<string | undefined>;
}

export interface CellEditor {
  focus(position?: number): void;
  destroy(): void;
}

/** What editor.js offers. */
export interface EditorModule {
  createEditor(options: EditorOptions): CellEditor;
  highlight(text: string, type: string): DocumentFragment;
}

export interface EditingHost {
  loadEditor: () => Promise<EditorModule>;
  run: (cell: CellView) => void;
  runNext: (cell: CellView) => void;
  /** What is known while a cell of this kind is written. */
  help: (cell: CellView) => Pick<EditorOptions, 'complete' | 'inspect'>;
}

/** The fallback: a text area with the same keys. */
function createTextArea(options: EditorOptions): CellEditor {
  const area = make('textarea', {
    'aria-label': options.label,
    spellcheck: 'false',
    rows: String(Math.max(options.text.split('\n').length, 2)),
  });
  area.value = options.text;
  area.addEventListener('input', () => options.onChange(area.value));
  area.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      options.onRun();
    } else if (event.key === 'Enter' && event.shiftKey) {
      event.preventDefault();
      options.onRunNext();
    } else if (event.key === 'Escape') {
      options.onLeave();
    }
  });
  options.parent.append(area);
  return {
    focus(position) {
      area.focus();
      if (position !== undefined) {
        area.setSelectionRange(position, position);
      }
    },
    destroy: () => area.remove(),
  };
}

/** The offset in `element`'s text under a point of the window. */
function offsetAt(
  element: HTMLElement,
  x: number,
  y: number,
): number | undefined {
  const position = document.caretPositionFromPoint?.(x, y);
  if (!position || !element.contains(position.offsetNode)) {
    return undefined;
  }
  const range = document.createRange();
  range.setStart(element, 0);
  range.setEnd(position.offsetNode, position.offset);
  return range.toString().length;
}

interface Open {
  editor: CellEditor;
  box: HTMLElement;
}

export class Editing {
  #open = new Map<CellView, Open>();
  #module: Promise<EditorModule | undefined> | undefined;

  constructor(private readonly host: EditingHost) {}

  isOpen(cell: CellView): boolean {
    return this.#open.has(cell);
  }

  /** The editor's code; undefined when the payload has none that works. */
  module(): Promise<EditorModule | undefined> {
    this.#module ??= this.host.loadEditor().catch((error: unknown) => {
      console.warn('editing without highlighting:', error);
      return undefined;
    });
    return this.#module;
  }

  async open(cell: CellView, position?: number): Promise<void> {
    const opened = this.#open.get(cell);
    if (opened) {
      opened.editor.focus(position);
      return;
    }
    const place = cell.editable;
    if (!place) {
      return;
    }
    if (cell.details) {
      cell.details.open = true;
    }
    const module = await this.module();
    if (this.#open.has(cell)) {
      return;
    }
    const box = make('div', { class: 'tn-editor' });
    place.before(box);
    const options = this.#optionsFor(cell, box);
    const editor = (module?.createEditor ?? createTextArea)(options);
    place.hidden = true;
    cell.section.classList.add('tn-editing');
    this.#open.set(cell, { editor, box });
    editor.focus(position);
  }

  /** Takes the editor away and shows what was written. */
  close(cell: CellView): void {
    const opened = this.#open.get(cell);
    if (!opened) {
      return;
    }
    this.#open.delete(cell);
    opened.editor.destroy();
    opened.box.remove();
    cell.section.classList.remove('tn-editing');
    const place = cell.editable;
    if (place) {
      place.hidden = false;
    }
    void this.highlight(cell);
  }

  closeAll(): void {
    [...this.#open.keys()].forEach((cell) => this.close(cell));
  }

  /** Colours code that is only read. */
  async highlight(cell: CellView): Promise<void> {
    if (this.isOpen(cell) || !cell.code) {
      return;
    }
    const module = await this.module();
    const { code } = cell;
    if (module && code && !this.isOpen(cell)) {
      code.replaceChildren(module.highlight(cell.source, cell.type));
    }
  }

  /** Clicks into code open it where the pointer is; in the report view, and
   * in text, it takes two. */
  listen(cell: CellView): void {
    const place = cell.editable;
    if (!place) {
      return;
    }
    const openAt = (event: MouseEvent) => {
      const position = place.classList.contains('tn-code')
        ? offsetAt(place, event.clientX, event.clientY)
        : undefined;
      void this.open(cell, position);
    };
    place.addEventListener('dblclick', openAt);
    place.addEventListener('click', (event) => {
      const view = document.documentElement.dataset.tinctureView;
      const isSelecting = !document.getSelection()?.isCollapsed;
      if (view === 'explore' && !isSelecting && !cell.isPassive) {
        openAt(event);
      }
    });
  }

  #optionsFor(cell: CellView, parent: HTMLElement): EditorOptions {
    const leave = () => {
      this.close(cell);
      cell.section.focus();
    };
    // The empty lines before the next chunk are not for editing.
    const [tail] = /\n*$/.exec(cell.source)!;
    return {
      parent,
      text: cell.source.slice(0, cell.source.length - tail.length),
      type: cell.type,
      label: `Source of cell ${cell.index + 1}`,
      onChange: (text) => {
        cell.source = text + tail;
      },
      onRun: () => {
        if (cell.isPassive) {
          leave();
        } else {
          this.host.run(cell);
        }
      },
      onRunNext: () => {
        this.close(cell);
        this.host.runNext(cell);
      },
      onLeave: leave,
      ...this.host.help(cell),
    };
  }
}
