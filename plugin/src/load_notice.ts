// A word in the corner of an Iodide notebook's report while Python loads: its
// console tells of it, but in the report view nobody sees that.

export class LoadNotice {
  readonly #element: HTMLElement | undefined;

  constructor() {
    if (!('iodide' in globalThis)) {
      return;
    }
    this.#element = document.createElement('div');
    this.#element.setAttribute('role', 'status');
    this.#element.style.cssText =
      'position:fixed;right:12px;bottom:12px;z-index:1000;padding:6px 12px;' +
      'border-radius:6px;background:#2b2833;color:#fff;opacity:.9;' +
      'font:13px/1.4 system-ui,sans-serif;font-variant-numeric:tabular-nums';
    this.tell('Loading Python…');
    document.body.append(this.#element);
  }

  tell(text: string): void {
    if (this.#element) {
      this.#element.textContent = text;
    }
  }

  remove(): void {
    this.#element?.remove();
  }
}
