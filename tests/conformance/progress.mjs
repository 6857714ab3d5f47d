// What a run says while it goes on, and at its end.

const SHOWN_DIFFERENCES_LIMIT = 200;
const LINE_MS = 2000;
/** Where no terminal is: a line while one kernel's units take long. */
const LOG_LINE_MS = 60_000;

function duration(seconds) {
  const minutes = Math.round(seconds / 60);
  return minutes < 1 ? 'less than a minute'
    : minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}

/** done/total, passed, failed, unexpected, time left; the test that runs. */
export class Progress {
  #title;
  #total;
  #before;
  #counts = { passed: 0, failed: 0, skipped: 0, unexpected: 0 };
  #done = 0;
  #begin_ms = Date.now();
  #running = new Map();
  #timer = null;

  /** `before` of the units have a result already. */
  constructor(title, total, before) {
    this.#title = title;
    this.#total = total;
    this.#before = before;
    const { isTTY } = process.stdout;
    this.#timer = setInterval(() => (isTTY ? this.#show() : this.log()),
                              isTTY ? LINE_MS : LOG_LINE_MS);
  }

  running(lane, id) {
    this.#running.set(lane, id);
  }

  /** A unit's result is there, now or since before. */
  finish(tests, differenceCount) {
    this.#done += 1;
    this.add(tests, differenceCount);
  }

  add(tests, differenceCount) {
    for (const { outcome } of tests) {
      const name = ['passed', 'skipped'].includes(outcome) ? outcome
        : outcome.startsWith('x') ? 'passed' : 'failed';
      this.#counts[name] += 1;
    }
    this.#counts.unexpected += differenceCount;
  }

  line() {
    const { passed, failed, skipped, unexpected } = this.#counts;
    const done = this.#before + this.#done;
    const elapsed_s = (Date.now() - this.#begin_ms) / 1000;
    const left_s = elapsed_s / Math.max(this.#done, 1) * (this.#total - done);
    return `${this.#title}: ${done}/${this.#total} files, ${passed} passed, `
      + `${failed} failed, ${skipped} skipped, ${unexpected} unexpected; `
      + (this.#done > 0 ? `${duration(left_s)} left` : 'starting');
  }

  /* With the tests that run now. */
  #longLine() {
    return [this.line(), ...this.#running.values()].join('; ');
  }

  #show() {
    const width = process.stdout.columns ?? 0;
    process.stdout.write(`\r\x1b[K${this.#longLine().slice(0, width - 1)}`);
  }

  /** A line that stays. */
  log() {
    console.log(process.stdout.isTTY ? `\r\x1b[K${this.line()}`
      : this.#longLine());
  }

  end() {
    clearInterval(this.#timer);
  }
}

/* Skips for a reason that is not known are shown once a reason. */
function* joinSkips(differences) {
  const skips = new Map();
  for (const difference of differences) {
    const { kind, id, text } = difference;
    if (kind !== 'unknown skip') {
      yield difference;
    } else if (skips.has(text)) {
      skips.get(text).count += 1;
    } else {
      skips.set(text, { id, count: 1 });
    }
  }
  for (const [text, { id, count }] of skips) {
    yield { kind: 'unknown skip', id,
            text: count === 1 ? text : `${text} (${count} tests)` };
  }
}

/** Prints what was not the same twice, and which kernels ended for nothing that
 * came again: no differences, but worth a look. */
export function showUnsteady(results) {
  for (const { unit, repeats = 0, restarts, unsteady = [] } of results) {
    for (const { id, outcomes } of unsteady) {
      console.log(`  unsteady: ${id}: ${outcomes.join(', then ')}`);
    }
    if (repeats > restarts) {
      console.log(`  unsteady: ${unit}: its kernel ended and, when it ran alone,`
                  + ' did not');
    }
  }
}

/** Prints differences with the last line of what each test says. */
export function showDifferences(title, differences) {
  const shown = [...joinSkips(differences)];
  for (const { kind, id, text, test } of
    shown.slice(0, SHOWN_DIFFERENCES_LIMIT)) {
    console.log(`  ${kind}: ${id}: ${text}`);
    const last = test?.message?.trimEnd().split('\n').at(-1);
    if (last && last !== text) {
      console.log(`      ${last.slice(0, 200)}`);
    }
  }
  const hidden = shown.length - SHOWN_DIFFERENCES_LIMIT;
  if (hidden > 0) {
    console.log(`  ... and ${hidden} more`);
  }
  console.log(`${title}: ${differences.length === 0 ? 'as expected'
    : `${differences.length} differences from what is expected`}`);
}
