// The state of the page: on <html> for tests and styles, in words for people.

export type PageState = 'saved' | 'booting' | 'ready' | 'running' | 'failed';

type Listener = (state: PageState, text: string) => void;

const TEXTS: Record<PageState, string> = {
  saved: 'Saved results',
  booting: 'Starting Python…',
  ready: 'Python is ready',
  running: 'Running…',
  failed: 'Python is not available',
};

export class PageStatus {
  #state: PageState = 'saved';
  #listeners: Listener[] = [];
  #progress: ((share: number) => void)[] = [];

  get state(): PageState {
    return this.#state;
  }

  set(state: PageState, text = TEXTS[state]): void {
    this.#state = state;
    document.documentElement.dataset.tinctureState = state;
    this.#listeners.forEach((listener) => listener(state, text));
  }

  /** How far the start of Python is, from 0 to 1. */
  progress(share: number): void {
    this.#progress.forEach((listener) => listener(share));
  }

  onChange(listener: Listener): void {
    this.#listeners.push(listener);
  }

  onProgress(listener: (share: number) => void): void {
    this.#progress.push(listener);
  }
}
