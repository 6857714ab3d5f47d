// A live matplotlib figure: a canvas in the place of its picture, the tools
// below it.  Python draws (kernel/py/tincture/figure_view.py has the
// conversation); this paints what comes and reports what the reader does.

import type { Comm, CommListener } from './comms.ts';
import { make, makeButton, type IconName } from './dom.ts';
import { EventQueue, modifiersOf, stepsOf } from './figure_input.ts';
import type { JsonObject, Message, MimeBundle } from './messages.ts';
import type { Live, LiveSnapshot } from './live.ts';
import { download } from './save.ts';
import { nextTurn } from './turns.ts';

export const FIGURE_MIME = 'application/vnd.tincture.figure+json';
export const FIGURE_TARGET = 'tincture.figure';

/** Two presses within this time and distance are a double one. */
const DOUBLE_MS = 400;
const DOUBLE_PIXELS = 6;

/** How long Python may take before the figure says that it is busy. */
const PATIENCE_MS = 500;

/** A press of an arrow key on the grip, and the smallest figure. */
const GRIP_STEP = 16;
const SMALLEST_SIDE = 96;

/** Combinations that the page keeps for itself: save, run. */
const PAGE_KEYS = ['s', 'enter'];

interface Tool {
  name: string;
  icon: IconName;
  title: string;
}

const TOOLS: readonly Tool[] = [
  { name: 'home', icon: 'home', title: 'Original view (h)' },
  { name: 'back', icon: 'back', title: 'Previous view (←)' },
  { name: 'forward', icon: 'forward', title: 'Next view (→)' },
  { name: 'pan', icon: 'pan', title: 'Pan; right button zooms (p)' },
  { name: 'zoom', icon: 'zoom', title: 'Zoom to a rectangle (o)' },
];

/** Moved between calls of the same place, or not. */
interface Press {
  at: number;
  x: number;
  y: number;
  button: number;
}

export class Figure implements CommListener, Live {
  readonly #canvas = make('canvas', { tabindex: '0', role: 'application' });
  readonly #band = make('div', { class: 'tn-rubberband', hidden: true });
  readonly #grip = make('div', {
    class: 'tn-grip',
    role: 'separator',
    tabindex: '0',
    title: 'Resize (drag, or arrow keys)',
    'aria-label': 'Resize the figure with arrow keys',
  });
  readonly #message = make('output', { class: 'tn-figure-message' });
  readonly #buttons = new Map<string, HTMLButtonElement>();
  readonly #bar: HTMLElement;
  readonly #frame: HTMLElement;
  readonly #box: HTMLElement;
  readonly #queue: EventQueue;
  /** The picture that the document shows where nothing is live. */
  #image: HTMLImageElement | undefined;
  #onOutput: ((message: Message) => void) | undefined;
  #ratio = 1;
  #isPainted = false;
  #isBound = false;
  #scrolls = false;
  #heldKeys = new Set<string>();
  #lastPress: Press | undefined;
  #lastError = '';
  #busyTimer: ReturnType<typeof setTimeout> | undefined;
  #screen: MediaQueryList | undefined;

  constructor(private readonly comm: Comm) {
    this.#queue = new EventQueue({
      send: (batch, events) => {
        this.#awaitAnswer();
        return this.comm.send({ batch, events });
      },
      nextTurn,
    });
    this.#frame = make(
      'div',
      { class: 'tn-figure-frame' },
      this.#canvas,
      this.#band,
      this.#grip,
    );
    this.#bar = this.#makeBar();
    this.#box = make('div', { class: 'tn-figure' }, this.#frame, this.#bar);
    this.#listenToPointer();
    this.#listenToKeys();
    this.#listenToGrip();
  }

  /** Takes the place of the picture in an output's element. */
  bind(element: HTMLElement, onOutput: (message: Message) => void): void {
    if (this.#isBound) {
      this.#leavePicture();
    }
    this.#onOutput = onOutput;
    this.#image = element.querySelector('img') ?? undefined;
    this.#image?.after(this.#box);
    this.#box.hidden = !this.#isPainted;
    if (this.#isPainted && this.#image) {
      this.#image.hidden = true;
    }
    if (!this.#isBound) {
      this.#isBound = true;
      this.#queue.push({ type: 'attach', ratio: devicePixelRatio });
      this.#watchScreen();
    }
  }

  // --- What the output asks ---

  /** True when new data of the output are still this figure's. */
  keeps(data: MimeBundle): boolean {
    const mime = data[FIGURE_MIME] as JsonObject | undefined;
    return this.comm.isOpen && mime?.comm_id === this.comm.id;
  }

  /** The view as it is now. */
  snapshot(): LiveSnapshot | undefined {
    if (!this.#isPainted) {
      return undefined;
    }
    const [, base64 = ''] = this.#canvas.toDataURL('image/png').split(',');
    const { width, height } = this.#size();
    return {
      data: { 'image/png': base64 },
      metadata: { 'image/png': { width, height } },
    };
  }

  /** The cell runs again; Python hears of it before it runs, and may show
   * the figure anew. */
  release(): void {
    this.#queue.sendNow({ type: 'rerun' });
  }

  /** The output is gone. */
  dispose(): void {
    this.#box.remove();
    this.#image = undefined;
    this.comm.close();
  }

  // --- What Python says ---

  onMessage(data: JsonObject, buffers: readonly Uint8Array[]): void {
    if (typeof data.download === 'string' && buffers[0]) {
      const bytes = buffers[0] as Uint8Array<ArrayBuffer>;
      download(new Blob([bytes], { type: String(data.mime) }), data.download);
      return;
    }
    if (data.frame && buffers[0]) {
      this.#paint(data, buffers[0]);
    }
    this.#showState(data);
    if (typeof data.ack === 'number') {
      this.#queue.acknowledge(data.ack);
      clearTimeout(this.#busyTimer);
      delete this.#box.dataset.busy;
    }
  }

  onOutput(message: Message): void {
    // What a movement raises it raises sixty times a second.
    const { msg_type } = message.header;
    const text = msg_type === 'error' ? JSON.stringify(message.content) : '';
    if (text === '' || text !== this.#lastError) {
      this.#lastError = text || this.#lastError;
      this.#onOutput?.(message);
    }
  }

  onReturn(): void {
    clearTimeout(this.#busyTimer);
    delete this.#box.dataset.busy;
    this.#queue.reset();
    this.#queue.push({ type: 'attach', ratio: devicePixelRatio });
  }

  onClose(): void {
    clearTimeout(this.#busyTimer);
    this.#screen = undefined;
    this.#leavePicture();
  }

  /** What the canvas shows becomes the picture, and the canvas goes. */
  #leavePicture(): void {
    const image = this.#image;
    if (image && this.#isPainted) {
      const { width, height } = this.#size();
      image.src = this.#canvas.toDataURL('image/png');
      image.width = Math.round(width);
      image.height = Math.round(height);
    }
    if (image) {
      image.hidden = false;
      this.#box.remove();
    }
  }

  #size(): { width: number; height: number } {
    const { width, height } = this.#canvas;
    return { width: width / this.#ratio, height: height / this.#ratio };
  }

  #paint(data: JsonObject, buffer: Uint8Array): void {
    const canvas = this.#canvas;
    const [width, height] = data.size as [number, number];
    const frame = data.frame as Record<'x' | 'y' | 'width' | 'height', number>;
    this.#ratio = Number(data.ratio);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    canvas.style.width = `${width / this.#ratio}px`;
    canvas.style.height = '';
    const bytes = new Uint8ClampedArray(
      buffer.buffer as ArrayBuffer,
      buffer.byteOffset,
      buffer.byteLength,
    );
    const pixels = new ImageData(bytes, frame.width, frame.height);
    canvas.getContext('2d')?.putImageData(pixels, frame.x, frame.y);
    if (!this.#isPainted && this.#isBound) {
      this.#isPainted = true;
      this.#box.hidden = false;
      if (this.#image) {
        this.#image.hidden = true;
      }
    }
  }

  #showState(data: JsonObject): void {
    if (typeof data.label === 'string') {
      this.#canvas.setAttribute('aria-label', data.label);
      this.#bar.setAttribute('aria-label', `Tools of ${data.label}`);
    }
    if (typeof data.message === 'string') {
      this.#message.value = data.message;
    }
    if (typeof data.cursor === 'string') {
      this.#canvas.style.cursor = data.cursor;
    }
    if (data.rubberband !== undefined) {
      this.#showBand(data.rubberband as number[] | null);
    }
    if (typeof data.mode === 'string') {
      for (const name of ['pan', 'zoom']) {
        const isOn = String(name === data.mode);
        this.#buttons.get(name)?.setAttribute('aria-pressed', isOn);
      }
    }
    for (const name of ['back', 'forward']) {
      const button = this.#buttons.get(name);
      if (button && typeof data[name] === 'boolean') {
        button.disabled = !data[name];
      }
    }
    if (typeof data.grabs === 'boolean') {
      this.#canvas.style.touchAction = data.grabs ? 'none' : 'pan-y';
    }
    if (typeof data.scrolls === 'boolean') {
      this.#scrolls = data.scrolls;
    }
    if (typeof data.tools === 'boolean') {
      this.#bar.hidden = !data.tools;
    }
  }

  #showBand(corners: number[] | null): void {
    const band = this.#band;
    band.hidden = corners === null;
    if (corners) {
      const { width, height } = this.#canvas;
      const [x0, y0, x1, y1] = corners as [number, number, number, number];
      const percent = (part: number, whole: number) =>
        `${(100 * part) / whole}%`;
      band.style.left = percent(Math.min(x0, x1), width);
      band.style.top = percent(Math.min(y0, y1), height);
      band.style.width = percent(Math.abs(x1 - x0), width);
      band.style.height = percent(Math.abs(y1 - y0), height);
    }
  }

  // --- What the reader does ---

  #awaitAnswer(): void {
    clearTimeout(this.#busyTimer);
    this.#busyTimer = setTimeout(() => {
      this.#box.dataset.busy = '';
    }, PATIENCE_MS);
  }

  /** The window went to a screen with other pixels. */
  #watchScreen(): void {
    const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    this.#screen = query;
    query.addEventListener(
      'change',
      () => {
        if (this.#screen === query && this.comm.isOpen) {
          this.#queue.push({ type: 'ratio', ratio: devicePixelRatio });
          this.#watchScreen();
        }
      },
      { once: true },
    );
  }

  #makeBar(): HTMLElement {
    const bar = make('div', { class: 'tn-figure-bar', role: 'toolbar' });
    for (const { name, icon, title } of TOOLS) {
      const onClick = () => this.#queue.push({ type: 'tool', name });
      const button = makeButton({ icon, title, onClick });
      button.dataset.tool = name;
      this.#buttons.set(name, button);
      bar.append(button);
    }
    for (const format of ['png', 'svg']) {
      const button = makeButton({
        icon: 'save',
        label: format.toUpperCase(),
        title: `Download as ${format.toUpperCase()}`,
        onClick: () => this.#queue.push({ type: 'save', format }),
      });
      button.dataset.tool = format;
      bar.append(button);
    }
    bar.append(this.#message);
    bar.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const buttons = [...bar.querySelectorAll('button')].filter(
        (button) => !button.disabled,
      );
      const index = buttons.indexOf(event.target as HTMLButtonElement);
      if (step !== undefined && index >= 0) {
        event.preventDefault();
        buttons.at((index + step) % buttons.length)?.focus();
      }
    });
    return bar;
  }

  #place(event: MouseEvent): { x: number; y: number; modifiers: string[] } {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return {
      // A canvas that is leaving the page has no size any more.
      x: ((event.clientX - left) * this.#canvas.width) / (width || 1),
      y: ((event.clientY - top) * this.#canvas.height) / (height || 1),
      modifiers: modifiersOf(event),
    };
  }

  #listenToPointer(): void {
    const canvas = this.#canvas;
    canvas.addEventListener('pointerdown', (event) => this.#press(event));
    canvas.addEventListener('pointerup', (event) => {
      const { button } = event;
      this.#queue.push({ type: 'release', button, ...this.#place(event) });
    });
    canvas.addEventListener('pointermove', (event) => {
      const { buttons } = event;
      this.#queue.push({ type: 'move', buttons, ...this.#place(event) });
    });
    // A finger that scrolls the page after all has let go of the figure.
    canvas.addEventListener('pointercancel', (event) => {
      this.#queue.push({ type: 'release', button: 0, ...this.#place(event) });
    });
    for (const type of ['enter', 'leave'] as const) {
      canvas.addEventListener(`pointer${type}`, (event) => {
        this.#queue.push({ type, ...this.#place(event) });
      });
    }
    canvas.addEventListener('contextmenu', (event) => {
      if (canvas.style.touchAction === 'none') {
        event.preventDefault();
      }
    });
    canvas.addEventListener(
      'wheel',
      (event) => {
        // Elsewhere the wheel scrolls the page, as over any picture.
        if (event.ctrlKey || this.#scrolls || this.#heldKeys.size > 0) {
          event.preventDefault();
          const step = stepsOf(event.deltaY, event.deltaMode);
          this.#queue.push({ type: 'scroll', step, ...this.#place(event) });
        }
      },
      { passive: false },
    );
  }

  #press(event: PointerEvent): void {
    const { button, clientX: x, clientY: y } = event;
    const now = event.timeStamp;
    const last = this.#lastPress;
    const isDouble =
      last?.button === button &&
      now - last.at < DOUBLE_MS &&
      Math.hypot(x - last.x, y - last.y) < DOUBLE_PIXELS;
    this.#lastPress = isDouble ? undefined : { at: now, x, y, button };
    this.#canvas.setPointerCapture(event.pointerId);
    this.#canvas.focus({ preventScroll: true });
    const type = isDouble ? 'double' : 'press';
    this.#queue.push({ type, button, ...this.#place(event) });
  }

  #listenToKeys(): void {
    const canvas = this.#canvas;
    canvas.addEventListener('keydown', (event) => {
      const isCommand = event.ctrlKey || event.metaKey;
      const isPages = isCommand && PAGE_KEYS.includes(event.key.toLowerCase());
      // Tab goes on to the tools, so that nobody is caught in a figure.
      if (event.key === 'Tab' || isPages || event.isComposing) {
        return;
      }
      event.stopPropagation();
      if (!isCommand && !event.altKey && !/^F\d/.test(event.key)) {
        event.preventDefault();
      }
      this.#heldKeys.add(event.code);
      const modifiers = modifiersOf(event);
      this.#queue.push({ type: 'key_down', key: event.key, modifiers });
    });
    canvas.addEventListener('keyup', (event) => {
      if (this.#heldKeys.delete(event.code)) {
        const modifiers = modifiersOf(event);
        this.#queue.push({ type: 'key_up', key: event.key, modifiers });
      }
    });
    canvas.addEventListener('blur', () => this.#heldKeys.clear());
  }

  #listenToGrip(): void {
    const grip = this.#grip;
    let start: { x: number; y: number } | undefined;
    grip.addEventListener('pointerdown', (event) => {
      const { width, height } = this.#canvas.getBoundingClientRect();
      start = { x: event.clientX - width, y: event.clientY - height };
      grip.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    grip.addEventListener('pointermove', (event) => {
      if (start) {
        this.#resize(event.clientX - start.x, event.clientY - start.y);
      }
    });
    for (const type of ['pointerup', 'pointercancel']) {
      grip.addEventListener(type, () => {
        start = undefined;
      });
    }
    grip.addEventListener('keydown', (event) => {
      const dx = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
      const dy = { ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0;
      if (dx !== 0 || dy !== 0) {
        event.preventDefault();
        event.stopPropagation();
        const { width, height } = this.#canvas.getBoundingClientRect();
        this.#resize(width + dx * GRIP_STEP, height + dy * GRIP_STEP);
      }
    });
  }

  /** The old frame is stretched until Python has drawn a new one. */
  #resize(wantedWidth: number, wantedHeight: number): void {
    const width = Math.max(SMALLEST_SIDE, Math.round(wantedWidth));
    const height = Math.max(SMALLEST_SIDE, Math.round(wantedHeight));
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
    this.#queue.push({ type: 'resize', width, height });
  }
}
