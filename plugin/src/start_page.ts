// What an empty notebook shows: what this page is, and how to begin.

import { icon, make, makeButton } from './dom.ts';

export interface StartActions {
  create: () => void;
  choose: () => void;
}

const FACTS: readonly [string, string][] = [
  [
    'It is all here.',
    'Python runs inside this page. Nothing is installed, nothing is ' +
      'uploaded, and no network is needed.',
  ],
  [
    'Save makes one file.',
    'Text, code, data and results go into one HTML file that opens with a ' +
      'double click, on any computer.',
  ],
  [
    'What comes out stays yours.',
    'Notebooks of Jupyter keep their outputs and attachments, and come out ' +
      'of a saved page as they went in.',
  ],
];

function makeStartPage(actions: StartActions): HTMLElement {
  const choose = makeButton({
    icon: 'open',
    label: 'Open a file',
    title: 'Open a notebook or a data file',
    className: 'tn-button-outlined',
    onClick: actions.choose,
  });
  const create = makeButton({
    icon: 'add',
    label: 'New notebook',
    title: 'Begin with an empty notebook',
    className: 'tn-button-filled',
    onClick: actions.create,
  });
  const zone = make(
    'div',
    { class: 'tn-start-zone' },
    icon('open'),
    make('p', {}, 'Drop a notebook or a data file here'),
    make('p', { class: 'tn-start-kinds' }, '.ipynb  .py  .iomd  .csv  …'),
    make('div', { class: 'tn-start-actions' }, create, choose),
  );
  return make(
    'section',
    { class: 'tn-start', 'aria-label': 'Start' },
    make('h1', {}, 'A notebook with Python inside'),
    make(
      'p',
      { class: 'tn-start-lede' },
      'Open what you have, or begin with an empty page. Then save, and it ' +
        'is a report of your own.',
    ),
    zone,
    make(
      'dl',
      {},
      ...FACTS.flatMap(([fact, why]) => [
        make('div', {}, make('dt', {}, fact), make('dd', {}, why)),
      ]),
    ),
  );
}

/** Shows it in a document without cells, which may still be loading; the
 * page's attribute hides it once there are some. */
export function showStartPage(root: Document, actions: StartActions): void {
  const main = root.getElementById('tn-notebook');
  if (main && !main.querySelector('.tn-cell')) {
    root.documentElement.setAttribute('data-tincture-empty', '');
    main.append(makeStartPage(actions));
  }
}
