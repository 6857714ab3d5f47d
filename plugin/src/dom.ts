// Small helpers for making elements.

type Attributes = Record<string, string | boolean | (() => void)>;

/** Makes an element; `on...` attributes are listeners, a true one is empty. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name.slice(2), value);
    } else if (value === true) {
      element.setAttribute(name, '');
    } else if (value !== false) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children);
  return element;
}

/** 16 x 16 outlines; drawn with the current colour. */
const ICONS = {
  run: 'M5 3.2v9.6L12.5 8z',
  runAll: 'M3 3.2v9.6L9 8zM9 3.2v9.6L15 8z',
  stop: 'M4 4h8v8H4z',
  save: 'M8 2.5v7.2M5 7l3 3 3-3M3 12.8h10',
  themeAuto: 'M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11z',
  themeLight:
    'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.2v1.6M8 13.2v1.6' +
    'M1.2 8h1.6M13.2 8h1.6M3.2 3.2l1.1 1.1M11.7 11.7l1.1 1.1' +
    'M12.8 3.2l-1.1 1.1M4.3 11.7l-1.1 1.1',
  themeDark: 'M13 9.6A5.6 5.6 0 0 1 6.4 3a5.6 5.6 0 1 0 6.6 6.6z',
  report: 'M3 3.5h10M3 6.5h10M3 9.5h10M3 12.5h6',
  explore: 'M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5',
  undo: 'M6.2 2.6 2.8 6l3.4 3.4M3 6h6.4a3.7 3.7 0 0 1 0 7.4H6',
  restart: 'M12.8 5.5A5.3 5.3 0 1 0 13.3 9M13.2 2.4v3.4H9.8',
  home: 'M2.5 7.6 8 2.9l5.5 4.7M4.3 6.6v6.3h7.4V6.6M6.9 12.9V9.3h2.2v3.6',
  back: 'M9.8 3.5 5.3 8l4.5 4.5',
  forward: 'M6.2 3.5 10.7 8l-4.5 4.5',
  first: 'M11.6 3.5 7.1 8l4.5 4.5M4.4 3.5v9',
  last: 'M4.4 3.5 8.9 8l-4.5 4.5M11.6 3.5v9',
  pan:
    'M8 1.8v12.4M1.8 8h12.4M6.3 3.4 8 1.7l1.7 1.7M6.3 12.6 8 14.3l1.7-1.7' +
    'M3.4 6.3 1.7 8l1.7 1.7M12.6 6.3 14.3 8l-1.7 1.7',
  zoom: 'M7 2.6a4.4 4.4 0 1 0 0 8.8 4.4 4.4 0 0 0 0-8.8zM10.2 10.2l3.4 3.4',
  table: 'M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.7h11M6.2 6.3V13',
  up: 'M8 13V3.2M3.8 7.2 8 3l4.2 4.2',
  down: 'M8 3v9.8M3.8 8.8 8 13l4.2-4.2',
  add: 'M8 3.2v9.6M3.2 8h9.6',
  remove:
    'M2.8 4.3h10.4M6.2 4.2V2.6h3.6v1.6M4.2 4.5l.6 8.9h6.4l.6-8.9' +
    'M6.8 7v4M9.2 7v4',
  open: 'M2.5 12.8V3.4h4l1.4 1.8h5.6v7.6zM2.5 7.2h11',
} as const;

export type IconName = keyof typeof ICONS;

const FILLED: readonly IconName[] = ['run', 'runAll', 'stop'];

export function icon(name: IconName): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(namespace, 'path');
  path.setAttribute('d', ICONS[name]);
  const filled = FILLED.includes(name);
  path.setAttribute('fill', filled ? 'currentColor' : 'none');
  path.setAttribute('stroke', filled ? 'none' : 'currentColor');
  path.setAttribute('stroke-width', '1.5');
  path.setAttribute('stroke-linecap', 'round');
  path.setAttribute('stroke-linejoin', 'round');
  svg.append(path);
  return svg;
}

export interface ButtonOptions {
  icon?: IconName;
  /** Shown beside the icon; hidden on narrow screens. */
  label?: string;
  /** What the button does, for a screen reader and as a tooltip. */
  title: string;
  className?: string;
  onClick: () => void;
}

export function makeButton(options: ButtonOptions): HTMLButtonElement {
  const button = make('button', {
    type: 'button',
    class: `tn-button ${options.className ?? ''}`.trim(),
    title: options.title,
    'aria-label': options.title,
    onclick: options.onClick,
  });
  if (options.icon) {
    button.append(icon(options.icon));
  }
  if (options.label) {
    button.append(make('span', { class: 'tn-label' }, options.label));
  }
  return button;
}

/** Elements of HTML text.  Scripts in it run once they are in the document:
 * the parser marks its own as done, so they are made again. */
export function fragmentOf(html: string): DocumentFragment {
  const template = document.createElement('template');
  template.innerHTML = html;
  const fragment = document.importNode(template.content, true);
  for (const script of fragment.querySelectorAll('script')) {
    const copy = document.createElement('script');
    for (const { name, value } of script.attributes) {
      copy.setAttribute(name, value);
    }
    copy.text = script.text;
    script.replaceWith(copy);
  }
  return fragment;
}

/** A page that is not painted, in a hidden tab for example, waits this long. */
const PAINT_LIMIT_MS = 1000;

/** Resolves once the browser has painted the document: by what it says of
 * that, which Chromium says late while it parses, or with the second frame. */
export function afterPaint(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, document.hidden ? 0 : PAINT_LIMIT_MS);
    requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
    if (PerformanceObserver.supportedEntryTypes.includes('paint')) {
      const observer = new PerformanceObserver((list) => {
        if (list.getEntriesByName('first-contentful-paint').length > 0) {
          observer.disconnect();
          resolve();
        }
      });
      observer.observe({ type: 'paint', buffered: true });
    }
  });
}

export function documentParsed(): Promise<void> {
  if (document.readyState !== 'loading') {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    document.addEventListener('DOMContentLoaded', () => resolve(), {
      once: true,
    });
  });
}

/** "0.4 s", "12 s", "3 min 05 s"; nothing below a tenth of a second. */
export function formatElapsed(elapsedMs: number): string {
  const seconds = elapsedMs / 1000;
  if (seconds < 0.1) {
    return '';
  }
  if (seconds < 10) {
    return `${seconds.toFixed(1)} s`;
  }
  if (seconds < 60) {
    return `${Math.round(seconds)} s`;
  }
  const rest = String(Math.floor(seconds % 60)).padStart(2, '0');
  return `${Math.floor(seconds / 60)} min ${rest} s`;
}
