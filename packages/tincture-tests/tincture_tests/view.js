// A test suite in the page: what to run, progress, and a table of results that
// is searched, sorted and filtered here, without Python.
//
// The element before this script has what is to be shown as JSON (view.py):
// {suite, state, versions, files, keyword, done, total, seconds, now, packed},
// where `packed` is {units, rows} as JSON, gzip and base64, and a row is
// [unit, id, outcome, milliseconds, message].  While Python runs the suite,
// `tinctureSuites.feed` gets the same with the new rows.
{
  const OUTCOMES = [
    'passed', 'failed', 'error', 'skipped', 'xfailed', 'xpassed',
  ];
  const BAD = [1, 2];
  const BUSY = ['queued', 'running', 'waiting'];
  const ROW_HEIGHT_PX = 26;
  const ROWS_SHOWN = 18;
  // Rows above and below those in sight, so that scrolling finds them there.
  const MARGIN_ROWS = 12;
  const TYPING_MS = 120;

  const NEW = { state: 'new', done: 0, total: 0 };

  /** What stays while the element is replaced, by suite. */
  const suites = window.tinctureSuites?.suites ?? new Map();

  const make = (tag, properties = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name.startsWith('on')) {
        element.addEventListener(name.slice(2), value);
      } else if (value !== false && value !== undefined) {
        element.setAttribute(name, value === true ? '' : value);
      }
    }
    element.append(...children);
    return element;
  };

  const count = (number, noun) =>
    `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;

  const duration = (seconds) => {
    if (seconds < 100) {
      return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
    }
    const minutes = Math.floor(seconds / 60);
    const rest = String(Math.floor(seconds % 60)).padStart(2, '0');
    return `${minutes}:${rest} min`;
  };

  const milliseconds = (ms) => {
    if (ms < 1) {
      return '< 1 ms';
    }
    return ms < 1000 ? `${Math.round(ms)} ms` : duration(ms / 1000);
  };

  async function unpack(packed) {
    const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream()
      .pipeThrough(new DecompressionStream('gzip'));
    return JSON.parse(await new Response(stream).text());
  }

  class Suite {
    constructor(name) {
      this.name = name;
      this.info = NEW;
      this.units = [];
      this.rows = [];
      this.places = new Map();
      this.wanted = new Set();
      this.search = '';
      this.sort = { column: null, isDown: false };
      this.selected = null;
      this.shown = [];
      this.turn = Promise.resolve();
    }

    // --- Data ---

    /** Everything that Python has, or that was saved. */
    async load(info) {
      // What says that it is over comes together with all of the results.
      const packed = info.packed ? await unpack(info.packed) : null;
      this.info = { ...NEW, ...info };
      if (packed !== null) {
        this.units = packed.units;
        this.rows = [];
        this.places.clear();
        packed.rows.forEach((row) => this.enter(row));
      } else if (info.state === 'running') {
        this.units = [];
        this.rows = [];
        this.places.clear();
        this.selected = null;
      }
      this.refresh();
    }

    enter(row) {
      const key = `${row[0]} ${row[1]}`;
      const place = this.places.get(key);
      if (place === undefined) {
        this.places.set(key, this.rows.length);
        this.rows.push(row);
      } else {
        this.rows[place] = row;
      }
    }

    /** One thing after another: unpacking takes a moment. */
    inTurn(work) {
      this.turn = this.turn.then(work).catch((error) => {
        console.error(error);
      });
    }

    feed({ rows, ...info }) {
      this.info = { ...info, packed: this.info.packed };
      rows.forEach((row) => this.enter(row));
      this.refresh();
    }

    counts() {
      const counts = OUTCOMES.map(() => 0);
      this.rows.forEach((row) => {
        counts[row[2]] += 1;
      });
      return counts;
    }

    /** The rows that are asked for, in the order that is asked for. */
    choose() {
      const text = this.search.toLowerCase();
      const { column, isDown } = this.sort;
      const found = this.rows.filter(
        (row) =>
          (this.wanted.size === 0 || this.wanted.has(row[2])) &&
          (text === '' || row[1].toLowerCase().includes(text) ||
            row[4].toLowerCase().includes(text)),
      );
      if (column === null) {
        // What failed comes first; otherwise as it ran.
        const bad = found.filter((row) => BAD.includes(row[2]));
        const others = found.filter((row) => !BAD.includes(row[2]));
        return [...bad, ...others];
      }
      const sign = isDown ? -1 : 1;
      return found.sort((a, b) => {
        const [x, y] = [a[column], b[column]];
        return x === y ? 0 : x < y ? -sign : sign;
      });
    }

    // --- What the buttons do ---

    async run(wish) {
      const index = this.root.closest('[data-cell]')?.dataset.cell;
      const { tincture } = window;
      if (index === undefined || !tincture?.notebook) {
        return;
      }
      this.note('Waiting for Python …');
      try {
        await tincture.ready;
        const text = JSON.stringify(JSON.stringify({
          files: this.files.value, keyword: this.keyword.value, ...wish,
        }));
        await tincture.runPythonAsync(
          'import json, tincture_tests.view\n' +
          `tincture_tests.view.choose(${JSON.stringify(this.name)}, ` +
          `json.loads(${text}))`,
        );
        await tincture.notebook.run(Number(index));
      } catch (error) {
        this.note(`Python does not run: ${error.message}`);
      }
    }

    /** Some tests once more; the other results stay. */
    again(rows) {
      const ids = {};
      for (const [unit, id] of rows) {
        const name = this.unitOf(unit);
        // A file that could not be imported is run as a whole.
        (ids[name] ??= []).push(id);
      }
      for (const [name, wanted] of Object.entries(ids)) {
        if (wanted.includes(name)) {
          ids[name] = null;
        }
      }
      return this.run({ ids, before: this.info.packed });
    }

    unitOf(place) {
      return this.units[place];
    }

    note(text) {
      this.progress.textContent = text;
    }

    // --- The element ---

    mount(root) {
      const hadFocus = this.root?.contains(document.activeElement)
        ? document.activeElement.dataset.focus : undefined;
      const top = this.list?.scrollTop ?? 0;
      this.root = root;
      root.dataset.ready = '';
      root.replaceChildren(
        this.makeControls(), this.makeBar(), this.makeTable(),
        this.makeDetail(),
      );
      this.refresh();
      this.list.scrollTop = top;
      this.draw();
      root.querySelector(`[data-focus="${hadFocus}"]`)?.focus();
      const cell = root.closest('[data-cell]');
      if (cell) {
        this.watch(cell);
      }
    }

    /** A cell that ends without a word from Python has taken it along. */
    watch(cell) {
      this.watcher?.disconnect();
      this.watcher = new MutationObserver(() => this.inTurn(() => {
        const isOver = !BUSY.includes(cell.dataset.cellState);
        if (isOver && this.info.state === 'running') {
          this.info = { ...this.info, state: 'died' };
          this.refresh();
        }
      }));
      this.watcher.observe(cell, { attributeFilter: ['data-cell-state'] });
    }

    field(name, label, hint) {
      const input = make('input', {
        type: 'text', placeholder: hint, 'data-focus': name,
        value: this[name]?.value ?? this.info[name] ?? '',
        autocapitalize: 'off', autocomplete: 'off', spellcheck: 'false',
        onkeydown: (event) => {
          if (event.key === 'Enter') {
            this.run({});
          }
          event.stopPropagation();
        },
      });
      this[name] = input;
      return make('label', {}, make('span', {}, label), input);
    }

    makeControls() {
      const button = (text, name, onclick) =>
        make('button', { type: 'button', 'data-focus': name, onclick }, text);
      this.start = button('Run', 'start', () => this.run({}));
      this.start.className = 'tn-suite-main';
      this.stop = button('Stop', 'stop', () => window.tincture?.interrupt());
      this.repeat = button('', 'repeat', () =>
        this.again(this.rows.filter((row) => BAD.includes(row[2]))));
      const fields = make(
        'div', { class: 'tn-suite-fields' },
        this.field('files', 'Files', 'all, or test_a* core/'),
        this.field('keyword', 'Tests', 'all, or an expression'),
      );
      return make(
        'div', { class: 'tn-suite-controls' },
        this.start, this.stop, this.repeat, fields,
      );
    }

    makeBar() {
      this.meter = make('div', { class: 'tn-suite-meter', role: 'progressbar' },
                        make('span'));
      this.progress = make('p', { class: 'tn-suite-progress', role: 'status' });
      this.about = make('p', { class: 'tn-suite-about' });
      return make('div', {}, this.meter, this.progress, this.about);
    }

    makeTable() {
      this.chips = make('div', {
        class: 'tn-suite-chips', role: 'group', 'aria-label': 'Outcomes',
      });
      let timer;
      this.searchField = make('input', {
        type: 'search', placeholder: 'Search', 'aria-label': 'Search results',
        'data-focus': 'search', value: this.search,
        oninput: () => {
          clearTimeout(timer);
          timer = setTimeout(() => {
            this.search = this.searchField.value;
            this.refresh();
          }, TYPING_MS);
        },
        onkeydown: (event) => event.stopPropagation(),
      });
      this.heads = [[2, 'Outcome'], [1, 'Test'], [3, 'Time']].map(
        ([column, text]) => make('button', {
          type: 'button', 'data-column': String(column),
          'data-focus': `sort-${column}`,
          onclick: () => this.sortBy(column),
        }, text));
      this.sheet = make('div', { class: 'tn-suite-sheet', role: 'presentation' });
      this.list = make('div', {
        class: 'tn-suite-list', tabindex: '0', role: 'listbox',
        'aria-label': 'Results', 'data-focus': 'list',
        onscroll: () => this.draw(),
        onkeydown: (event) => this.press(event),
      }, this.sheet);
      this.empty = make('p', { class: 'tn-suite-empty' });
      this.found = make('span', { class: 'tn-suite-found' });
      const bar = make('div', { class: 'tn-suite-filter' },
                       this.chips, this.searchField, this.found);
      this.head = make('div', { class: 'tn-suite-row tn-suite-head' },
                       ...this.heads);
      return make('div', { class: 'tn-suite-table' },
                  bar, this.head, this.list, this.empty);
    }

    makeDetail() {
      this.detail = make('div', { class: 'tn-suite-detail', hidden: true });
      return this.detail;
    }

    sortBy(column) {
      const { sort } = this;
      if (sort.column !== column) {
        this.sort = { column, isDown: column === 3 };
      } else if (sort.isDown === (column === 3)) {
        this.sort = { column, isDown: !sort.isDown };
      } else {
        this.sort = { column: null, isDown: false };
      }
      this.list.scrollTop = 0;
      this.refresh();
    }

    press(event) {
      const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: ROWS_SHOWN - 2,
                      PageUp: 2 - ROWS_SHOWN, Home: -Infinity, End: Infinity };
      const step = steps[event.key];
      event.stopPropagation();
      if (step === undefined || this.shown.length === 0) {
        return;
      }
      event.preventDefault();
      const at = this.shown.indexOf(this.selected);
      const last = this.shown.length - 1;
      const next = Math.max(0, Math.min(last, at + step));
      this.select(this.shown[next]);
      const top = next * ROW_HEIGHT_PX;
      const { scrollTop, clientHeight } = this.list;
      if (top < scrollTop) {
        this.list.scrollTop = top;
      } else if (top + ROW_HEIGHT_PX > scrollTop + clientHeight) {
        this.list.scrollTop = top + ROW_HEIGHT_PX - clientHeight;
      }
    }

    select(row) {
      this.selected = row;
      this.draw();
      this.showDetail();
    }

    // --- Showing ---

    refresh() {
      if (!this.root) {
        return;
      }
      const counts = this.counts();
      this.showProgress(counts);
      this.showChips(counts);
      this.shown = this.choose();
      this.heads.forEach((head) => {
        const isSorted = Number(head.dataset.column) === this.sort.column;
        head.dataset.sort = isSorted ? (this.sort.isDown ? 'down' : 'up') : '';
      });
      const isFiltered = this.shown.length !== this.rows.length;
      this.found.textContent = isFiltered
        ? `${this.shown.length.toLocaleString('en')} shown` : '';
      this.sheet.style.height = `${this.shown.length * ROW_HEIGHT_PX}px`;
      const height = Math.min(this.shown.length, ROWS_SHOWN) * ROW_HEIGHT_PX;
      // And one for the line below.
      this.list.style.height = `${height + 1}px`;
      this.list.hidden = this.shown.length === 0;
      this.head.hidden = this.rows.length === 0;
      this.searchField.hidden = this.rows.length === 0;
      this.empty.hidden = !(this.rows.length > 0 && this.shown.length === 0);
      this.empty.textContent = 'No result matches.';
      this.draw();
      this.showDetail();
    }

    showProgress(counts) {
      const { state, done, total, seconds = 0, now, versions } = this.info;
      const isRunning = state === 'running';
      const bad = counts[1] + counts[2];
      const canRun = this.root.closest('[data-cell]') !== null;
      this.start.hidden = isRunning || !canRun;
      this.start.textContent = state === 'new' ? 'Run' : 'Run again';
      this.stop.hidden = !isRunning;
      this.repeat.hidden = isRunning || bad === 0 || !canRun;
      this.repeat.textContent = `Run ${count(bad, 'failure')} again`;
      this.meter.hidden = state === 'new';
      this.meter.dataset.state = bad > 0 ? 'bad' : 'good';
      this.meter.setAttribute('aria-valuenow', String(done));
      this.meter.setAttribute('aria-valuemax', String(total));
      const share = total > 0 ? done / total : state === 'done' ? 1 : 0;
      this.meter.firstChild.style.width = `${100 * share}%`;
      const parts = [];
      if (state !== 'new') {
        parts.push(total > 0
          ? `${done.toLocaleString('en')} of ${count(total, 'file')}`
          : 'No test file matches');
        parts.push(count(this.rows.length, 'result'));
        parts.push(duration(seconds));
        const ends = { running: now, stopped: 'stopped',
                       died: `Python died in ${now}` };
        parts.push(ends[state] ?? '');
      }
      this.note(parts.filter((part) => part !== '').join(' · '));
      this.about.textContent = (versions ?? [])
        .map(([name, version]) => `${name} ${version}`).join(', ');
    }

    showChips(counts) {
      const chips = OUTCOMES.map((name, index) => {
        const isOn = this.wanted.has(index);
        return counts[index] === 0 && !isOn ? null : make('button', {
          type: 'button', 'data-outcome': name, 'aria-pressed': String(isOn),
          'data-focus': `chip-${name}`,
          onclick: () => {
            if (isOn) {
              this.wanted.delete(index);
            } else {
              this.wanted.add(index);
            }
            this.list.scrollTop = 0;
            this.refresh();
            this.root.querySelector(`[data-focus="chip-${name}"]`)?.focus();
          },
        }, make('b', {}, counts[index].toLocaleString('en')), ` ${name}`);
      });
      this.chips.replaceChildren(...chips.filter((chip) => chip !== null));
    }

    /** Only the rows in sight are elements. */
    draw() {
      const first = Math.max(
        0, Math.floor(this.list.scrollTop / ROW_HEIGHT_PX) - MARGIN_ROWS);
      const rows = this.shown.slice(
        first, first + ROWS_SHOWN + 2 * MARGIN_ROWS);
      this.sheet.replaceChildren(...rows.map((row, index) => {
        const element = make('div', {
          class: 'tn-suite-row', role: 'option',
          'data-outcome': OUTCOMES[row[2]],
          'aria-selected': String(row === this.selected),
          onclick: () => this.select(row),
        },
        make('span', { class: 'tn-suite-outcome' }, OUTCOMES[row[2]]),
        this.makeId(row[1]),
        make('span', { class: 'tn-suite-time' }, milliseconds(row[3])));
        element.style.top = `${(first + index) * ROW_HEIGHT_PX}px`;
        return element;
      }));
    }

    /** A long path gives way before the test's own name. */
    makeId(id) {
      const at = id.indexOf('::');
      const path = at < 0 ? '' : id.slice(0, at);
      return make('span', { class: 'tn-suite-id', title: id },
                  make('span', {}, path), make('span', {}, id.slice(path.length)));
    }

    showDetail() {
      const { selected, detail } = this;
      // The same test may have run again.
      const place = selected
        && this.places.get(`${selected[0]} ${selected[1]}`);
      const row = place === undefined || place === null
        ? undefined : this.rows[place];
      detail.hidden = row === undefined;
      if (row === undefined || detail.row === row) {
        return;
      }
      detail.row = row;
      this.selected = row;
      const canRun = this.root.closest('[data-cell]') !== null;
      detail.replaceChildren(
        make('p', { class: 'tn-suite-name', 'data-outcome': OUTCOMES[row[2]] },
             make('b', {}, OUTCOMES[row[2]]), ` ${row[1]}`),
        make('pre', { hidden: row[4] === '' }, row[4]),
        make('p', {}, make('button', {
          type: 'button', hidden: !canRun, 'data-focus': 'one',
          onclick: () => this.again([row]),
        }, 'Run this test again')),
      );
    }
  }

  const find = (name) => {
    if (!suites.has(name)) {
      suites.set(name, new Suite(name));
    }
    return suites.get(name);
  };

  window.tinctureSuites = {
    suites,
    feed: (news) => {
      const suite = find(news.suite);
      suite.inTurn(() => suite.feed(news));
    },
  };

  const { parentNode } = document.currentScript;
  for (const root of parentNode.querySelectorAll(
    '.tn-suite:not([data-ready])')) {
    const info = JSON.parse(root.querySelector('script').textContent);
    const suite = find(info.suite);
    suite.mount(root);
    suite.inTurn(() => suite.load(info));
  }
}
