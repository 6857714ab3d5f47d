// The outputs of one cell: the nbformat list that is saved, and its elements.
// The kernel's events are entered here as they come; the HTML is made by the
// same C code that made the saved document.

import { fragmentOf, make } from './dom.ts';
import {
  isMessage,
  type JsonObject,
  type JsonValue,
  type Message,
  type MimeBundle,
} from './messages.ts';
import type { Enliven, Live } from './live.ts';
import { displayOf, type Output } from './outputs.ts';
import { StreamText } from './stream_text.ts';

/** Characters of one stream that are shown and kept.  The kernel sends more,
 * but a page with tens of megabytes of text is of no use to anyone. */
const STREAM_LIMIT = 1 << 20;

/** How often growing text is drawn, and which share of the time that may take
 * where it takes long. */
const DRAW_INTERVAL_MS = 60;
const DRAW_SHARE = 0.1;

interface Entry {
  /** Missing where a script made the element itself. */
  output?: Output;
  element: HTMLElement;
  displayId?: string | null;
  /** How much of a stream's text is in the page. */
  drawn?: number;
  /** The text in the page, as long as it only grows. */
  grown?: StreamText;
  /** A stream that the renderer has to draw as a whole. */
  isRich?: boolean;
  /** A stream that reached the limit: nothing is added any more. */
  isCut?: boolean;
  /** What the output is while Python runs, beside its element. */
  live?: Live;
}

/** What needs more than putting characters one after another. */
const NEEDS_RENDERER = /[\u001b\r\b]/;

export type RenderOutput = (output: JsonValue) => string;

function joinText(text: JsonValue | undefined): string {
  return Array.isArray(text) ? text.join('') : String(text ?? '');
}

const CUT_NOTE = '… the rest of this text is not shown.\n';

/** Whole lines of the text that fit, and a word on the rest. */
function cutText(text: string): string {
  const cut = text.slice(0, STREAM_LIMIT);
  const lines = cut.slice(0, cut.lastIndexOf('\n') + 1) || `${cut}\n`;
  return lines + CUT_NOTE;
}

/** A stream that nothing was written to. */
function beginText(output: Output): Entry {
  const pre = make('pre');
  const attributes = {
    class: 'tn-output',
    'data-stream': String(output.name),
  };
  const element = make('div', attributes, pre);
  return { output, element, drawn: 0, grown: new StreamText(pre) };
}

/** A canvas is saved as its picture: markup alone would be empty. */
function markupOf(element: HTMLElement): string {
  const copy = element.cloneNode(true) as HTMLElement;
  const pictures = [...element.querySelectorAll('canvas')];
  copy.querySelectorAll('canvas').forEach((canvas, index) => {
    const image = document.createElement('img');
    try {
      image.src = pictures[index]!.toDataURL('image/png');
    } catch {
      image.alt = 'a picture that could not be saved';
    }
    canvas.replaceWith(image);
  });
  return copy.outerHTML;
}

/** A live output is saved as it looks now. */
function withSnapshot(output: Output, live: Live | undefined): Output {
  const now = live?.snapshot();
  return now
    ? {
        ...output,
        data: { ...(output.data as JsonObject), ...now.data },
        metadata: { ...(output.metadata as JsonObject), ...now.metadata },
      }
    : output;
}

/** Lines from which a traceback can be folded to its last one. */
const FOLD_LINES = 8;

function makeFoldable(element: HTMLElement): void {
  const pre = element.querySelector('pre');
  const lines = (pre?.textContent ?? '').trimEnd().split('\n');
  if (pre && lines.length >= FOLD_LINES) {
    const summary = make('summary', {}, lines.at(-1)!);
    const details = make('details', { open: true }, summary);
    pre.replaceWith(details);
    details.append(pre);
  }
}

export class OutputsView {
  #entries: Entry[] = [];
  /** What the document came with; its elements are in the page already. */
  #saved: readonly Output[];
  #clearOnNext = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #intervalMs = DRAW_INTERVAL_MS;

  constructor(
    readonly container: HTMLElement,
    private readonly render: RenderOutput,
    saved: readonly Output[],
    private readonly enliven: Enliven = () => undefined,
  ) {
    this.#saved = saved;
    container
      .querySelectorAll<HTMLElement>(':scope > [data-error]')
      .forEach(makeFoldable);
  }

  /** The outputs as nbformat has them. */
  get outputs(): Output[] {
    const own = this.#entries.map(({ output, element, live }): Output => {
      if (output) {
        return withSnapshot(output, live);
      }
      return {
        output_type: 'display_data',
        data: { 'text/html': markupOf(element) },
        metadata: {},
      };
    });
    return [...this.#saved, ...own];
  }

  /** For each output the id by which updates find it, where it has one. */
  get displayIds(): (string | null)[] {
    const saved = this.#saved.map(() => null);
    return [...saved, ...this.#entries.map((entry) => entry.displayId ?? null)];
  }

  /** Python goes on from when these outputs were saved: what was live of them
   * is so again, and updates find them by these ids. */
  revive(displayIds: readonly (string | null)[] = []): void {
    const elements = this.container.querySelectorAll<HTMLElement>(
      ':scope > .tn-output',
    );
    const saved = this.#saved;
    if (elements.length !== saved.length || this.#entries.length > 0) {
      return;
    }
    this.#saved = [];
    this.#entries = saved.map((output, index) => {
      const displayId = displayIds[index] ?? null;
      return { output, element: elements[index]!, displayId };
    });
    this.#entries.forEach((entry) => this.#enliven(entry));
  }

  /** Makes the page show everything that came so far. */
  flush(): void {
    this.#makeRoom();
    this.#draw();
  }

  /** A new run: the old results stay, dimmed, until there are new ones. */
  startRun(): void {
    this.#entries.forEach((entry) => entry.live?.release());
    this.#clearOnNext = true;
    this.container.classList.add('tn-stale');
  }

  endRun(): void {
    this.flush();
  }

  clear(): void {
    this.#clearOnNext = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#entries.forEach((entry) => entry.live?.dispose());
    this.#entries = [];
    this.#saved = [];
    this.container.replaceChildren();
    this.container.classList.remove('tn-stale');
  }

  /** Enters one event of the kernel; what is no output is ignored. */
  handle(message: Message): void {
    if (isMessage(message, 'stream')) {
      this.addText(message.content.name, message.content.text);
    } else if (isMessage(message, 'clear_output')) {
      if (message.content.wait) {
        this.#clearOnNext = true;
      } else {
        this.clear();
      }
    } else {
      const display = displayOf(message);
      if (display) {
        this.add(display.output, display.displayId);
      }
    }
  }

  addError(error: { ename: string; evalue: string; traceback: string[] }) {
    const { ename, evalue, traceback } = error;
    this.add({ output_type: 'error', ename, evalue, traceback });
  }

  add(output: Output, displayId: string | null = null): void {
    this.#makeRoom();
    const entry: Entry = {
      output,
      element: this.#elementOf(output),
      displayId,
    };
    this.#append(entry);
    this.#enliven(entry);
  }

  /** Text of a stream joins what the same stream wrote just before. */
  addText(name: string, text: string): void {
    this.#makeRoom();
    let entry = this.#entries.at(-1);
    const output = entry?.output;
    if (output?.output_type !== 'stream' || output.name !== name) {
      const fresh: Output = { output_type: 'stream', name, text: '' };
      entry = beginText(fresh);
      this.#append(entry);
    }
    const stream = entry!.output!;
    const before = joinText(stream.text);
    if (entry!.isCut) {
      return;
    }
    stream.text = before + text;
    if (stream.text.length > STREAM_LIMIT) {
      stream.text = cutText(stream.text);
      entry!.isCut = true;
    }
    this.#timer ??= setTimeout(() => this.#draw(), this.#intervalMs);
  }

  /** Shows an element that a script made. */
  addElement(element: HTMLElement): void {
    this.#makeRoom();
    this.#append({ element });
  }

  /** Replaces the displays with this id; false when there is none here. */
  update(displayId: string, data: MimeBundle, metadata: JsonObject): boolean {
    let found = false;
    for (const entry of this.#entries) {
      if (entry.displayId === displayId && entry.output) {
        entry.output = { ...entry.output, data, metadata };
        this.#replace(entry);
        found = true;
      }
    }
    return found;
  }

  /** Makes an entry's element anew, unless it is live and stays what it is. */
  #replace(entry: Entry): void {
    const data = entry.output?.data as MimeBundle;
    if (entry.live?.keeps(data)) {
      return;
    }
    entry.live?.dispose();
    const element = this.#elementOf(entry.output!);
    entry.element.replaceWith(element);
    entry.element = element;
    this.#enliven(entry);
  }

  #enliven(entry: Entry): void {
    const { output, element } = entry;
    entry.live = output?.data
      ? this.enliven(output, element, (message) => this.handle(message))
      : undefined;
  }

  #makeRoom(): void {
    if (this.#clearOnNext) {
      this.clear();
    }
  }

  #append(entry: Entry): void {
    this.#draw();
    this.#entries.push(entry);
    this.container.append(entry.element);
  }

  /** Brings what grew since the last time into the page. */
  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const entry = this.#entries.at(-1);
    if (entry?.output?.output_type !== 'stream') {
      return;
    }
    const text = joinText(entry.output.text);
    const drawn = entry.drawn ?? text.length;
    if (drawn === text.length) {
      return;
    }
    const start = performance.now();
    const follows =
      entry.element.scrollHeight -
        entry.element.scrollTop -
        entry.element.clientHeight <
      4;
    this.#drawText(entry, entry.output, text, drawn);
    entry.drawn = text.length;
    if (follows) {
      entry.element.scrollTop = entry.element.scrollHeight;
    }
    const tookMs = performance.now() - start;
    this.#intervalMs = Math.max(DRAW_INTERVAL_MS, tookMs / DRAW_SHARE);
  }

  #drawText(
    entry: Entry,
    output: Output,
    text: string,
    drawn: number,
  ): void {
    // Colours go on to what follows, so one code makes the stream rich.
    entry.isRich ||= NEEDS_RENDERER.test(text.slice(drawn));
    const end = entry.isCut ? text.length - CUT_NOTE.length : text.length;
    if (entry.grown && !entry.isRich && drawn <= end) {
      entry.grown.add(text.slice(drawn));
      return;
    }
    delete entry.grown;
    const element = this.#elementOf(output);
    entry.element.replaceWith(element);
    entry.element = element;
  }

  #elementOf(output: Output): HTMLElement {
    try {
      const element = fragmentOf(this.render(output)).firstElementChild;
      if (element instanceof HTMLElement) {
        if (output.output_type === 'error') {
          makeFoldable(element);
        }
        return element;
      }
    } catch (error) {
      console.error(error);
    }
    const text = joinText(output.text ?? (output.evalue as JsonValue));
    return make('div', { class: 'tn-output' }, make('pre', {}, text));
  }
}
