// The bar at the top: what Python does, and what can be done.

import { icon, make, makeButton, type IconName } from './dom.ts';
import type { PageState, PageStatus } from './status.ts';
import { switchTheme, theme, type Theme } from './theme.ts';

export type View = 'report' | 'explore';

export interface BarActions {
  runAll: () => void;
  stop: () => void;
  restart: () => void;
  setView: (view: View) => void;
  save: () => void;
  help: () => void;
}

const THEME_ICONS: Record<Theme, IconName> = {
  auto: 'themeAuto',
  light: 'themeLight',
  dark: 'themeDark',
};

/** How long after Stop a restart is offered. */
const PATIENCE_MS = 2500;

export class Bar {
  readonly element: HTMLElement;
  #text = make('span', { class: 'tn-status-text' });
  #runAll: HTMLButtonElement;
  #stop: HTMLButtonElement;
  #restart: HTMLButtonElement;
  #views: Record<View, HTMLButtonElement>;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(
    title: HTMLElement,
    status: PageStatus,
    private readonly actions: BarActions,
  ) {
    this.#runAll = makeButton({
      icon: 'runAll',
      label: 'Run all',
      title: 'Run all cells',
      className: 'tn-button-main',
      onClick: actions.runAll,
    });
    this.#stop = makeButton({
      icon: 'stop',
      label: 'Stop',
      title: 'Stop what runs',
      className: 'tn-button-stop',
      onClick: () => this.#stopAndWait(),
    });
    this.#restart = makeButton({
      icon: 'restart',
      label: 'Restart',
      title: 'Restart Python; its variables are lost',
      onClick: actions.restart,
    });
    this.#views = {
      report: this.#viewButton('report', 'Report', 'Code folded'),
      explore: this.#viewButton('explore', 'Explore', 'Code open, to edit'),
    };
    this.element = this.#assemble(title);
    status.onChange((state, text) => this.#show(state, text));
    this.#show(status.state, '');
    const onScroll = () =>
      this.element.toggleAttribute('data-scrolled', scrollY > 40);
    addEventListener('scroll', onScroll, { passive: true });
    onScroll();
  }

  setView(view: View): void {
    for (const [name, button] of Object.entries(this.#views)) {
      button.setAttribute('aria-pressed', String(name === view));
    }
  }

  /** Where Python cannot be suspended nothing can be stopped either. */
  forbidStop(reason: string): void {
    this.#stop.disabled = true;
    this.#stop.title = reason;
  }

  #viewButton(view: View, label: string, title: string): HTMLButtonElement {
    return makeButton({
      icon: view,
      label,
      title: `${label}: ${title.toLowerCase()}`,
      onClick: () => this.actions.setView(view),
    });
  }

  #themeButton(): HTMLButtonElement {
    const button = makeButton({
      icon: THEME_ICONS[theme()],
      title: 'Theme',
      onClick: () => describe(switchTheme()),
    });
    const describe = (name: Theme) => {
      button.replaceChildren(icon(THEME_ICONS[name]));
      const label = name === 'auto' ? 'as the system' : name;
      button.title = `Theme: ${label}`;
      button.setAttribute('aria-label', button.title);
    };
    describe(theme());
    return button;
  }

  #assemble(title: HTMLElement): HTMLElement {
    const status = make(
      'div',
      { class: 'tn-status', role: 'status', 'aria-live': 'polite' },
      make('span', { class: 'tn-dot', 'aria-hidden': 'true' }),
      this.#text,
    );
    const views = make(
      'div',
      { class: 'tn-views', role: 'group', 'aria-label': 'View' },
      this.#views.report,
      this.#views.explore,
    );
    const actions = make(
      'div',
      { class: 'tn-bar-actions' },
      this.#restart,
      this.#stop,
      this.#runAll,
      views,
      this.#themeButton(),
      makeButton({
        icon: 'save',
        title: 'Save as one HTML file (Ctrl+S)',
        onClick: this.actions.save,
      }),
      this.#helpButton(),
    );
    return make(
      'header',
      { class: 'tn-bar' },
      status,
      title,
      actions,
    );
  }

  #helpButton(): HTMLButtonElement {
    const button = makeButton({
      title: 'Keyboard and help (?)',
      className: 'tn-help-button',
      onClick: this.actions.help,
    });
    button.append('?');
    return button;
  }

  #stopAndWait(): void {
    this.actions.stop();
    this.#text.textContent = 'Stopping…';
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => {
      this.#text.textContent = 'Python has not stopped yet';
      this.#restart.hidden = false;
    }, PATIENCE_MS);
  }

  #show(state: PageState, text: string): void {
    if (state !== 'running') {
      clearTimeout(this.#patience);
    }
    this.#text.textContent = text;
    this.#text.title = text;
    this.#runAll.hidden = state === 'running';
    this.#stop.hidden = state !== 'running';
    this.#restart.hidden = state !== 'failed';
  }
}
