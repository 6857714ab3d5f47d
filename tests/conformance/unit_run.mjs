// Runs units, files of tests, on a lane.  What hangs or crashes is run once more
// alone, then named and left out, and the rest runs in a fresh kernel, so that
// one test never hides the others and a busy machine is not taken for a hang.

import { readFileSync } from 'node:fs';

/** Times that the rest of some units runs in another kernel. */
const RESTARTS_LIMIT = 12;
const WATCH_MS = 1000;
/** Of the text of one failure; the log of the unit has all of it. */
const MESSAGE_LENGTH_LIMIT = 6000;

/** From the best to the worst: a test with several outcomes has the worst,
 * one that passes and whose teardown fails for example. */
const RANKS = [
  'passed', 'xfailed', 'xpassed', 'skipped', 'failed', 'timeout', 'crashed',
];

/** Where the image of a test lies; ids and units begin behind it. */
const PLACES = /^(\/usr\/lib\/python3\.13\/)?site-packages\/|^test\./;

/** The unit of what tincture_tests lists. */
export function unitName(target) {
  return target.replace(PLACES, '');
}

/** An id as expectations have it: UNIT::TEST, the same in each run. */
export function idOf(unit, id) {
  const name = unitName(id);
  const rest = [`${unit}::`, `${unit}.`].find((head) => name.startsWith(head));
  const plain = rest === undefined ? name : name.slice(rest.length);
  return name === unit ? unit
    : `${unit}::${plain.replace(/0x[0-9a-f]{4,}/g, '0x…')}`;
}

/* What the kernel runs.  JSON's text of a text is a literal of Python's, and
 * how a suite is run is what tincture_tests says. */
function programOf(job) {
  return `import json as _json
import tincture_tests as _tests
from js import tinctureReport as _tell

_job = _json.loads(${JSON.stringify(JSON.stringify(job))})
_settings = _tests.settings(_job["suite"])
_options = {"deselect": _job["deselect"], **_settings["options"]}
_options["arguments"] = [*_job["arguments"], *_options.get("arguments", ())]
_tests.run(_settings["kind"], _job["targets"], _options,
           lambda result: _tell(_json.dumps(result)))
`;
}

function listProgramOf(suite) {
  return `import json
import tincture_tests
from js import tinctureReport

suite = ${JSON.stringify(suite)}
kind = tincture_tests.settings(suite)["kind"]
tinctureReport(json.dumps({
    "kind": kind,
    "targets": tincture_tests.listed(kind, suite),
    "versions": tincture_tests.versions(suite),
}))
`;
}

/** A suite as the image of its tests has it: its kind, its version and its
 * targets by unit. */
export async function listUnits(lane, suite) {
  let found = null;
  let text = '';
  const end = await lane.run(listProgramOf(suite.name), {
    onBegin() {},
    onEvent: (event) => {
      found = event;
    },
    onText: (more) => {
      text += more;
    },
  });
  if (found === null) {
    throw new Error(`no list of ${suite.name}'s tests: `
                    + `${end.died ?? end.error}\n${text}`);
  }
  const { kind, targets, versions } = found;
  const [, version] = versions.find(
    ([name]) => name.toLowerCase() === suite.name) ?? [null, ''];
  const units = new Map(targets.map((target) => [unitName(target), target]));
  return { kind, version, units };
}

/* Memory of a process and of those that it started, what they share counted
 * once: pages of no file. */
function memoryOf(pid) {
  let sum_bytes = 0;
  const pids = [pid];
  for (let i = 0; i < pids.length; i++) {
    try {
      const place = `/proc/${pids[i]}`;
      const status = readFileSync(`${place}/status`, 'utf8');
      sum_bytes += 1024 * Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0);
      const threads = `${place}/task/${pids[i]}/children`;
      pids.push(...readFileSync(threads, 'utf8').split(' ').filter(Boolean));
    } catch {
      // It has ended, or this machine has no /proc.
    }
  }
  return sum_bytes;
}

/** Ends a lane's process when it passes a limit; why, is in `stopped`. */
class Watch {
  stopped = null;
  #lane;
  #suite;
  #limit_s;
  #begin_ms;
  #last_ms;
  #timer;

  constructor(lane, suite, unitCount) {
    this.#lane = lane;
    this.#suite = suite;
    this.#limit_s = suite.unitLimit_s * unitCount;
  }

  /** The kernel is there and runs: its start is no test's fault. */
  begin() {
    this.#begin_ms = Date.now();
    this.#last_ms = this.#begin_ms;
    this.#timer = setInterval(() => this.#look(), WATCH_MS);
  }

  touch() {
    this.#last_ms = Date.now();
  }

  end() {
    clearInterval(this.#timer);
  }

  #look() {
    const { testLimit_s, memoryLimit_bytes } = this.#suite;
    const now_ms = Date.now();
    if (now_ms - this.#begin_ms > this.#limit_s * 1000) {
      this.#stop('timeout', `it took longer than ${this.#limit_s} s`);
    } else if (now_ms - this.#last_ms > testLimit_s * 1000) {
      this.#stop('timeout', `no result for ${testLimit_s} s`);
    } else if (this.#lane.pid !== null
               && memoryOf(this.#lane.pid) > memoryLimit_bytes) {
      const limit_gb = memoryLimit_bytes / 2 ** 30;
      this.#stop('crashed', `more than ${limit_gb} GB of memory`);
    }
  }

  #stop(outcome, message) {
    this.stopped = { outcome, message };
    this.end();
    this.#lane.kill();
  }
}

/** What became of one unit. */
class UnitResult {
  tests = new Map();
  restarts = 0;
  /** Times that its rest ran alone, because its kernel had ended. */
  repeats = 0;
  /** Nothing of it is left to run. */
  isOver = false;
  /** Ids as tincture_tests gives them: what another kernel leaves out. */
  done;

  constructor({ unit, target, deselect = [] }) {
    this.unit = unit;
    this.target = target;
    this.done = new Set(deselect);
  }

  note(rawId, outcome, { seconds, message } = {}) {
    const id = idOf(this.unit, rawId);
    const known = outcome === 'error' ? 'failed' : outcome;
    const before = this.tests.get(id);
    this.done.add(rawId);
    if (before !== undefined
        && RANKS.indexOf(before.outcome) >= RANKS.indexOf(known)) {
      return;
    }
    const test = { id, outcome: known };
    if (seconds !== undefined) {
      test.seconds = Math.round(seconds * 1000) / 1000;
    }
    if (message) {
      test.message = message.slice(0, MESSAGE_LENGTH_LIMIT);
    }
    this.tests.set(id, test);
  }

  /** The end of its kernel, in a test or between two. */
  noteEnd(rawId, outcome, message) {
    this.note(rawId ?? this.target, outcome, { message });
    this.restarts += 1;
    if (this.restarts > RESTARTS_LIMIT) {
      this.note(this.target, outcome, {
        message: `${this.restarts} tests ended their kernel; the rest was not run`,
      });
    }
  }

  finish() {
    const tests = [...this.tests.values()];
    const seconds = tests.reduce((sum, test) => sum + (test.seconds ?? 0), 0);
    return {
      unit: this.unit,
      outcome: outcomeOf(tests),
      seconds: Math.round(seconds * 1000) / 1000,
      restarts: this.restarts,
      repeats: this.repeats,
      tests,
    };
  }
}

/** Units that share a kernel, and what became of them. */
class UnitsRun {
  #suite;
  #units;
  #options;
  /** Of this kernel: its units, the one whose tests run, the id that has begun
   * and not ended, and how many tests have. */
  #together = [];
  #running = null;
  #current = null;
  #testCount = 0;
  /** The unit that seems to have ended the last kernel.  It runs alone, and
   * tells everything at once, so that the test is known that ends it again:
   * only that counts. */
  #suspect = null;

  constructor(suite, units, options) {
    this.#suite = suite;
    this.#options = options;
    this.#units = units.map((one) => new UnitResult(one));
  }

  get #waiting() {
    return this.#units.filter(({ isOver }) => !isOver);
  }

  /* An id begins with its file; what names none of these is of the one that
   * runs. */
  #unitOf(rawId) {
    const name = unitName(rawId);
    return this.#units.find(({ unit }) => name === unit
      || name.startsWith(`${unit}::`) || name.startsWith(`${unit}.`))
      ?? this.#running ?? this.#together[0];
  }

  #take(event) {
    const unit = this.#unitOf(event.id);
    // pytest imports all files before it runs the first one's tests, so the
    // name of a file alone says nothing of those before it.
    if (unitName(event.id) !== unit.unit) {
      this.#leaveOthers(unit);
      this.#testCount += 1;
    }
    if (event.outcome === 'started') {
      this.#current = event.id;
      this.#options.onTest?.(event.id);
      return;
    }
    unit.note(event.id, event.outcome, event);
    if (event.id === this.#current) {
      this.#current = null;
    }
  }

  /* The tests of a unit have begun, so those of the units before are over. */
  #leaveOthers(unit) {
    if (unit !== this.#running) {
      const place = this.#together.indexOf(unit);
      this.#leave(this.#together.slice(0, place));
      this.#running = unit;
    }
  }

  #leave(units) {
    for (const unit of units.filter(({ isOver }) => !isOver)) {
      unit.isOver = true;
      this.#options.onResult?.(unit.finish());
    }
  }

  #jobOf(units) {
    return {
      suite: this.#suite.name,
      targets: units.map(({ target }) => target),
      arguments: this.#suite.arguments,
      deselect: units.flatMap(({ done }) => [...done]),
    };
  }

  /** One kernel; true when there is a rest to run in another. */
  async runOnce(lane) {
    const suspect = this.#suspect;
    const units = suspect === null ? this.#waiting : [suspect];
    const watch = new Watch(lane, this.#suite, units.length);
    this.#together = units;
    this.#running = null;
    this.#current = null;
    this.#testCount = 0;
    const end = await lane.run(programOf(this.#jobOf(units)), {
      onBegin: () => watch.begin(),
      onEvent: (event) => {
        watch.touch();
        this.#take(event);
      },
      onText: (text) => this.#options.log(text),
      isCareful: suspect !== null,
    });
    watch.end();
    this.#suspect = null;
    const ended = end.died === undefined ? null
      : watch.stopped ?? { outcome: 'crashed', message: end.died };
    if (ended !== null && suspect === null) {
      this.#repeat(ended);
    } else if (ended !== null) {
      this.#noteEnd(ended);
    } else if (end.error !== undefined) {
      this.#noteEnd({ outcome: 'failed', message: end.error });
    } else {
      this.#leave(units);
    }
    return this.#waiting.length > 0;
  }

  /* The unit whose tests ran when the kernel ended, as far as that is known:
   * what was told last may be lost. */
  get #ended() {
    return this.#current === null ? this.#running ?? this.#together[0]
      : this.#unitOf(this.#current);
  }

  #repeat({ outcome, message }) {
    const unit = this.#ended;
    unit.repeats += 1;
    this.#suspect = unit;
    this.#options.log(`\n[${this.#current ?? unit.unit}: ${outcome}: ${message}`
                      + '; what is left of its file runs once more, alone]\n');
  }

  #noteEnd({ outcome, message }) {
    const id = this.#current;
    const unit = this.#ended;
    this.#options.log(`\n[${id ?? unit.unit}: ${outcome}: ${message}]\n`);
    // What ends before its first test will do so again.
    const hasMore = id === null ? this.#testCount > 0
      : unitName(id) !== unit.unit;
    unit.noteEnd(id, outcome, message);
    if (!hasMore || unit.restarts > RESTARTS_LIMIT) {
      this.#leave([unit]);
    }
  }

  finish() {
    return this.#units.map((unit) => unit.finish());
  }
}

/** A unit's outcome by those of its tests. */
export function outcomeOf(tests) {
  const outcomes = new Set(tests.map(({ outcome }) => outcome));
  for (const bad of ['crashed', 'timeout', 'failed']) {
    if (outcomes.has(bad)) {
      return bad;
    }
  }
  if (outcomes.size === 0) {
    return 'empty';
  }
  return outcomes.size === 1 && outcomes.has('skipped') ? 'skipped' : 'passed';
}

/**
 * Runs units ({unit, target, deselect}) one after the other in one kernel,
 * and in more where one ends; gives a result for each.  `deselect` are ids
 * that are left out, `log` takes what is printed, `onTest` each test's id as
 * it begins, `onResult` a unit's result as soon as it is over.
 */
export async function runUnits(lane, suite, units, options) {
  const run = new UnitsRun(suite, units, options);
  while (await run.runOnce(lane)) {
    // The rest, in a fresh kernel.
  }
  return run.finish();
}
