// Files that come to the page from outside: dropped anywhere on it, or chosen
// with the browser's own dialog.

import { icon, make } from './dom.ts';

/** What the file chooser offers; anything can be chosen. */
const ACCEPTED = '.ipynb,.iomd,.jsmd,.py,.csv,.tsv,.json,.txt,*/*';

export type TakeFiles = (files: readonly File[]) => void;

/** Text or a link may be dragged over the page too; that is not for us. */
function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

export function listenToDrops(take: TakeFiles): void {
  const veil = make(
    'div',
    { class: 'tn-veil', 'aria-hidden': 'true' },
    make('div', {}, icon('open'), 'Drop a notebook or a data file'),
  );
  const hide = () => veil.remove();
  addEventListener('dragenter', (event) => {
    if (hasFiles(event)) {
      event.preventDefault();
      document.body.append(veil);
    }
  });
  addEventListener('dragover', (event) => {
    if (hasFiles(event) && !event.defaultPrevented) {
      event.preventDefault();
      event.dataTransfer!.dropEffect = 'copy';
    }
  });
  addEventListener('dragleave', (event) => {
    // Out of the window, rather than from one element to the next.
    if (event.relatedTarget === null) {
      hide();
    }
  });
  const takeDrop = (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
    take([...event.dataTransfer!.files]);
  };
  addEventListener(
    'drop',
    (event) => {
      hide();
      // An editor would type the file's text; what a notebook shows may have
      // use for files of its own.
      if (hasFiles(event) && (event.target as Element).closest('.tn-editor')) {
        takeDrop(event);
      }
    },
    { capture: true },
  );
  addEventListener('drop', (event) => {
    if (hasFiles(event) && !event.defaultPrevented) {
      takeDrop(event);
    }
  });
}

export function chooseFiles(take: TakeFiles): void {
  const input = make('input', {
    type: 'file',
    accept: ACCEPTED,
    multiple: true,
    hidden: true,
  });
  input.addEventListener('change', () => {
    take([...(input.files ?? [])]);
    input.remove();
  });
  input.addEventListener('cancel', () => input.remove());
  document.body.append(input);
  input.click();
}
