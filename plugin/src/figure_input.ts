// What goes from a figure in the page to Python: one batch of events at a
// time, movements that nobody has seen yet replaced by the next one.  Pure.

/** kernel/py/tincture/figure_events.py has the same types. */
export type FigureEvent =
  | { type: 'attach' | 'ratio'; ratio: number }
  | { type: 'press' | 'double' | 'release'; button: number } & Place
  | { type: 'move'; buttons: number } & Place
  | { type: 'enter' | 'leave' } & Place
  | { type: 'scroll'; step: number } & Place
  | { type: 'key_down' | 'key_up'; key: string; modifiers: string[] }
  | { type: 'tool'; name: string }
  | { type: 'resize'; width: number; height: number }
  | { type: 'save'; format: string }
  | { type: 'rerun' };

interface Place {
  /** In the canvas's pixels, from the top left. */
  x: number;
  y: number;
  modifiers: string[];
}

/** Events that wait while Python is busy.  Whoever clicks more often than
 * that has given up on them. */
const WAITING_LIMIT = 200;

/** Puts an event behind others; one that only says where something is now
 * takes the place of the one before it. */
export function addEvent(
  waiting: readonly FigureEvent[],
  event: FigureEvent,
): FigureEvent[] {
  const last = waiting.at(-1);
  const rest = waiting.slice(0, -1);
  if (last?.type === 'move' && event.type === 'move') {
    if (last.buttons === event.buttons) {
      return [...rest, event];
    }
  } else if (last?.type === 'resize' && event.type === 'resize') {
    return [...rest, event];
  } else if (last?.type === 'scroll' && event.type === 'scroll') {
    return [...rest, { ...event, step: last.step + event.step }];
  }
  return waiting.length < WAITING_LIMIT ? [...waiting, event] : [...waiting];
}

export interface BatchHost {
  /** False where nobody takes it. */
  send: (batch: number, events: FigureEvent[]) => boolean;
  /** Resolves when the page has had its turn. */
  nextTurn: () => Promise<void>;
}

export class EventQueue {
  #waiting: FigureEvent[] = [];
  #batch = 0;
  #isUnderWay = false;
  #isScheduled = false;

  constructor(private readonly host: BatchHost) {}

  /** True while Python has a batch that it has not answered. */
  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  push(event: FigureEvent): void {
    this.#waiting = addEvent(this.#waiting, event);
    this.#schedule();
  }

  /** Sends one event at once, without an answer; what waits is dropped. */
  sendNow(event: FigureEvent): void {
    this.#waiting = [];
    this.host.send(0, [event]);
  }

  /** Python has answered a batch. */
  acknowledge(batch: number): void {
    if (batch === this.#batch && this.#isUnderWay) {
      this.#isUnderWay = false;
      this.#schedule();
    }
  }

  /** The batch under way will not be answered. */
  reset(): void {
    this.#waiting = [];
    this.#isUnderWay = false;
  }

  #schedule(): void {
    const isDue = this.#waiting.length > 0 && !this.#isUnderWay;
    if (isDue && !this.#isScheduled) {
      this.#isScheduled = true;
      // Events of the same turn go together, and the page may paint.
      void this.host.nextTurn().then(() => this.#send());
    }
  }

  #send(): void {
    this.#isScheduled = false;
    const events = this.#waiting;
    if (events.length === 0) {
      return;
    }
    this.#waiting = [];
    this.#batch += 1;
    this.#isUnderWay = this.host.send(this.#batch, events);
  }
}

/** Modifiers in matplotlib's words. */
export function modifiersOf(event: {
  ctrlKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  metaKey: boolean;
}): string[] {
  const { ctrlKey, altKey, shiftKey, metaKey } = event;
  const names = { ctrl: ctrlKey, alt: altKey, shift: shiftKey, super: metaKey };
  return Object.entries(names)
    .filter(([, isHeld]) => isHeld)
    .map(([name]) => name);
}

/** Pixels, lines or pages of a wheel as matplotlib's steps, up is positive. */
export function stepsOf(deltaY: number, deltaMode: number): number {
  const perStep = [100, 3, 1][deltaMode] ?? 100;
  return Math.max(-3, Math.min(3, -deltaY / perStep));
}
