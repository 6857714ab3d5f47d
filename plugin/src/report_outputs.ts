// Where output goes in a page that is not ours: into an Iodide notebook's
// report, below the chunk that runs; where there is no such place, to whoever
// called, or to the browser's console.

import type { Comms } from './comms.ts';
import { Figure, FIGURE_MIME, FIGURE_TARGET } from './figure.ts';
import { makeInputPrompt } from './input_prompt.ts';
import type { Enliven } from './live.ts';
import { isMessage, type JsonObject, type Message } from './messages.ts';
import { OutputsView, type RenderOutput } from './outputs_view.ts';
import { lineSink } from './page_api.ts';
import type { EventSink } from './python_session.ts';

declare const TINCTURE_PLUGIN_STYLE: string;

interface IodidePage {
  iodide?: { output?: { element?: (tag: string) => HTMLElement | null } };
}

export interface OutputsHost {
  render: RenderOutput;
  comms: Comms;
  answer: (text: string) => void;
  interrupt: () => void;
}

type TakeLine = (text: string) => void;

/** What Iodide's console takes away from the HTML of a result. */
const STRIPPED =
  /<(img|svg|canvas|video|audio|iframe|object|a|button|input|select)\b/i;

/** A result is returned, and shown by whoever called; what that would lose
 * most of goes to the report. */
function isForReport(message: Message): boolean {
  if (!isMessage(message, 'execute_result')) {
    return isMessage(message, 'display_data');
  }
  const { data } = message.content;
  const html = data['text/html'];
  return (
    Object.keys(data).some((mime) => mime.startsWith('image/')) ||
    (typeof html === 'string' && STRIPPED.test(html))
  );
}

/** Figures go on living in the report. */
function makeEnliven(comms: Comms): Enliven {
  comms.register(FIGURE_TARGET, (comm) => new Figure(comm));
  return (output, element, onOutput) => {
    const data = output.data as JsonObject | undefined;
    const description = data?.[FIGURE_MIME] as JsonObject | undefined;
    const figure = comms.find(String(description?.comm_id))?.listener;
    if (!(figure instanceof Figure)) {
      return undefined;
    }
    figure.bind(element, onOutput);
    return figure;
  };
}

function addStyle(): void {
  const id = 'tincture-style';
  if (!document.getElementById(id)) {
    const style = document.createElement('style');
    style.id = id;
    style.textContent = TINCTURE_PLUGIN_STYLE;
    document.head.append(style);
  }
}

/** An element in the report; undefined where no chunk is running. */
function openPlace(): HTMLElement | undefined {
  try {
    const { iodide } = globalThis as IodidePage;
    const place = iodide?.output?.element?.('div') ?? undefined;
    if (place) {
      addStyle();
      place.classList.add('tn-outputs', 'tn-plugin');
    }
    return place;
  } catch {
    // From Iodide's console there is no chunk to write to.
    return undefined;
  }
}

/** The output of one run. */
class RunOutput {
  /** null: there is no place for it. */
  #view: OutputsView | null | undefined;
  readonly #takeLines: EventSink;

  constructor(
    private readonly host: OutputsHost,
    private readonly enliven: Enliven,
    private readonly opened: (view: OutputsView) => void,
    messageCallback: TakeLine | undefined,
  ) {
    this.#takeLines = lineSink(
      (text, stream) => {
        if (messageCallback) {
          messageCallback(text);
        } else if (stream === 'stderr') {
          console.warn(text);
        } else {
          console.log(text);
        }
      },
      (message) => {
        if (isForReport(message)) {
          const { data } = message.content as { data: JsonObject };
          console.log(data['text/plain'] ?? data);
        }
      },
    );
  }

  readonly take = (message: Message): void => {
    if (isMessage(message, 'input_request')) {
      this.#ask(message);
    } else if (isMessage(message, 'execute_reply')) {
      this.#view?.endRun();
      this.#takeLines(message);
    } else if (isMessage(message, 'stream') || isForReport(message)) {
      const view = this.#open();
      if (view) {
        view.handle(message);
      } else {
        this.#takeLines(message);
      }
    } else if (isMessage(message, 'clear_output')) {
      this.#view?.handle(message);
    }
  };

  #open(): OutputsView | undefined {
    if (this.#view === undefined || this.#isOvertaken()) {
      this.#view?.flush();
      const place = openPlace();
      this.#view = place
        ? new OutputsView(place, this.host.render, [], this.enliven)
        : null;
      if (this.#view) {
        this.opened(this.#view);
      }
    }
    return this.#view ?? undefined;
  }

  /** Something that code put into the report itself stands behind what has
   * been printed: what comes now belongs after that. */
  #isOvertaken(): boolean {
    return this.#view?.container.nextElementSibling != null;
  }

  #ask(message: Message<'input_request'>): void {
    const { prompt, password } = message.content;
    const view = this.#open();
    if (!view) {
      const text = globalThis.prompt(prompt);
      if (text === null) {
        this.host.interrupt();
      } else {
        this.host.answer(text);
      }
      return;
    }
    const form = makeInputPrompt(message.content, (text) => {
      form.remove();
      view.addText('stdout', `${prompt}${password ? '' : text}\n`);
      this.host.answer(text);
    });
    view.flush();
    view.container.append(form);
    form.querySelector('input')?.focus();
  }
}

export class ReportOutputs {
  #views: OutputsView[] = [];
  readonly #enliven: Enliven;

  constructor(private readonly host: OutputsHost) {
    this.#enliven = makeEnliven(host.comms);
  }

  /** Takes the events of one run, and what comes of it later. */
  sink(messageCallback?: TakeLine): EventSink {
    const opened = (view: OutputsView): void => {
      // What the client took out of the report is not updated any more.
      this.#views = this.#views.filter((it) => it.container.isConnected);
      this.#views.push(view);
    };
    return new RunOutput(this.host, this.#enliven, opened, messageCallback)
      .take;
  }

  /** An update finds its displays wherever they are. */
  update(message: Message<'update_display_data'>): void {
    const { data, metadata, transient } = message.content;
    const id = String(transient.display_id ?? '');
    this.#views.forEach((view) => view.update(id, data, metadata));
  }
}
