// A line at the foot of the page that goes away by itself, with one thing to
// do about what it says.

import { make } from './dom.ts';

/** Long enough to read it and to decide. */
const SHOWN_MS = 8000;

export interface ToastAction {
  label: string;
  onClick: () => void;
}

let shown: HTMLElement | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

export function hideToast(): void {
  clearTimeout(timer);
  shown?.remove();
  shown = undefined;
}

export function showToast(text: string, action?: ToastAction): void {
  hideToast();
  const toast = make('div', { class: 'tn-toast', role: 'status' }, text);
  if (action) {
    const { label, onClick } = action;
    const button = make(
      'button',
      {
        type: 'button',
        class: 'tn-button tn-button-main',
        onclick: () => {
          hideToast();
          onClick();
        },
      },
      label,
    );
    toast.append(button);
  }
  // While the pointer or the focus is on it, it stays.
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(hideToast, SHOWN_MS);
  };
  const hold = () => clearTimeout(timer);
  toast.addEventListener('pointerenter', hold);
  toast.addEventListener('pointerleave', wait);
  toast.addEventListener('focusin', hold);
  toast.addEventListener('focusout', wait);
  document.body.append(toast);
  shown = toast;
  wait();
}
