// Runs upstream's tests and compares what comes of them with what is expected.
//
//     node run.mjs [SUITE...] [options]
//
//     --browser NAMES   chromium, firefox, node; by default both browsers, or
//                       TINCTURE_BROWSER
//     --pattern TEXT    only units whose name this regular expression finds,
//                       or TINCTURE_PATTERN
//     --ci              only the part that ci.json names
//     --jobs N          lanes side by side, by default 2
//     --fresh           run again what this kernel has a result for
//     --accept          write what came of it into SUITE.json
//     --format          only write the files of expectations as they should be
//     --report FILE     a packed report instead of packing SUITE's
//     --profile NAME, --image FILE
//                       for Node: another kernel, other images of tests
//     --out DIRECTORY   instead of build/conformance
//
// SUITE defaults to TINCTURE_SUITE, or to all.  README.md says the rest.

import { readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { BUILD } from '../browser/paths.mjs';
import {
  acceptResults, compareUnit, dropMissingUnits, Expected, findMissingUnits,
  joinRuns, STEADY_KINDS,
} from './compare.mjs';
import {
  HERE, HOSTS, readSuite, renderSuite, SUITES,
} from './expectations.mjs';
import { openHost } from './hosts.mjs';
import { Progress, showDifferences, showUnsteady } from './progress.mjs';
import {
  ResultStore, totalsOf, wholeResult, writeWhole,
} from './results.mjs';
import { suiteOf } from './suites.mjs';
import { putTable } from './table.mjs';
import { listUnits, runUnits } from './unit_run.mjs';

const OPTIONS = {
  browser: { type: 'string' },
  pattern: { type: 'string' },
  ci: { type: 'boolean' },
  jobs: { type: 'string' },
  fresh: { type: 'boolean' },
  accept: { type: 'boolean' },
  format: { type: 'boolean' },
  report: { type: 'string' },
  profile: { type: 'string' },
  image: { type: 'string', multiple: true },
  out: { type: 'string' },
};

/** What was asked for is not there; nothing was run. */
class UsageError extends Error {}

/* Words of a variable or an option, each one of those that are known. */
function chooseNames(text, known, standard, what) {
  const names = (text ?? '').split(/[ ,]+/).filter((name) => name !== '');
  for (const name of names) {
    if (!known.includes(name)) {
      throw new UsageError(`there is no ${what} ${name}; there are `
                           + known.join(', '));
    }
  }
  return names.length === 0 ? standard : names;
}

function readOptions(words) {
  const { values, positionals } = parseArgs({
    args: words, options: OPTIONS, allowPositionals: true,
  });
  const jobs = Number(values.jobs ?? 2);
  if (!Number.isInteger(jobs) || jobs < 1) {
    throw new UsageError('--jobs is a whole number from 1');
  }
  // In CI that variable names suites of all tests, of which this is one.
  const named = positionals.join(' ')
    || (values.ci ? '' : process.env.TINCTURE_SUITE);
  return {
    ...values,
    jobs,
    suites: chooseNames(named, SUITES, SUITES, 'suite'),
    hosts: chooseNames(values.browser ?? process.env.TINCTURE_BROWSER, HOSTS,
                       ['chromium', 'firefox'], 'browser'),
    pattern: RegExp(values.pattern ?? process.env.TINCTURE_PATTERN ?? ''),
    images: values.image,
    out: resolve(values.out ?? join(BUILD, 'conformance')),
  };
}

function writeExpectations(data) {
  for (const [name, text] of Object.entries(renderSuite(data))) {
    writeFileSync(join(HERE, name), text);
  }
}

function writeTable() {
  const path = join(HERE, 'README.md');
  writeFileSync(path, putTable(readFileSync(path, 'utf8')));
}

/* The part of a suite for CI: regular expressions of units. */
function ciPatterns(suite) {
  const { [suite]: patterns } = JSON.parse(
    readFileSync(join(HERE, 'ci.json'), 'utf8'));
  return patterns.map((pattern) => RegExp(pattern));
}

/** One suite on one host. */
class Run {
  #options;
  #suite;
  #hostName;
  #data;
  #expected;
  #folder;
  #results = new Map();
  #leftOutCount = 0;
  #differences = [];

  constructor(suiteName, hostName, options) {
    this.#options = options;
    this.#suite = suiteOf(suiteName);
    this.#hostName = hostName;
    this.#data = readSuite(suiteName);
    this.#expected = new Expected(this.#data, hostName);
    this.#folder = join(options.out, `${suiteName}-${hostName}`);
  }

  get #title() {
    return `${this.#suite.name}, ${this.#hostName}`;
  }

  /** How many differences there are. */
  async go() {
    const host = await openHost(this.#hostName, this.#suite, this.#folder,
                                this.#options);
    const store = new ResultStore(this.#folder, host.key);
    const lanes = Array.from({ length: this.#options.jobs }, host.lane);
    try {
      const list = await listUnits(lanes[0], this.#suite);
      const units = this.#choose(list.units);
      const isWhole = units.length === list.units.size;
      if (isWhole) {
        this.#differences.push(...findMissingUnits(this.#data, list.units));
      }
      await this.#runAll(units, list.kind, lanes, store);
      this.#finish(isWhole, list);
    } finally {
      await Promise.all(lanes.map((lane) => lane.close()));
    }
    return this.#differences.length;
  }

  #choose(all) {
    const { pattern, ci } = this.#options;
    const parts = ci ? ciPatterns(this.#suite.name) : [/^/];
    const units = [...all].filter(([unit]) => pattern.test(unit))
      .filter(([unit]) => parts.some((part) => part.test(unit)))
      .map(([unit, target]) => ({ unit, target }));
    if (units.length === 0) {
      throw new UsageError(`no file of ${this.#suite.name} is called like that`);
    }
    return units;
  }

  async #runAll(units, kind, lanes, store) {
    const waiting = [];
    for (const one of units) {
      const known = this.#options.fresh ? null : store.read(one.unit);
      const leftOut = this.#leftOut(one.unit, kind);
      if (known !== null) {
        this.#take(known);
      } else if (leftOut.includes(one.unit)) {
        this.#leftOutCount += 1;
      } else {
        waiting.push({ ...one, deselect: leftOut });
      }
    }
    const progress = new Progress(this.#title, units.length,
                                  units.length - waiting.length);
    for (const known of this.#results.values()) {
      progress.add(known.tests, known.differences.length);
    }
    const work = async (lane, number) => {
      while (waiting.length > 0) {
        const share = Math.ceil(waiting.length / lanes.length);
        const some = waiting.splice(0, Math.min(share,
                                                this.#suite.unitsPerKernel));
        await this.#runSome(lane, some, store, progress, number);
      }
    };
    await Promise.all(lanes.map(work));
    progress.end();
  }

  async #runSome(lane, units, store, progress, number) {
    const onTest = (id) => progress.running(number, id);
    const end = (result) => {
      store.write(result);
      this.#take(result);
      progress.finish(result.tests,
                      this.#results.get(result.unit).differences.length);
    };
    const doubted = [];
    await runUnits(lane, this.#suite, units, {
      log: store.openLog(units[0].unit),
      onTest,
      onResult: (result) => {
        if (this.#isDoubted(result)) {
          doubted.push(result);
        } else {
          end(result);
        }
      },
    });
    for (const first of doubted) {
      const [again] = await runUnits(
        lane, this.#suite, units.filter(({ unit }) => unit === first.unit),
        { log: store.openLog(`${first.unit}.again`), onTest });
      end(joinRuns(first, again, (result) => this.#compare(result)));
    }
    progress.log();
  }

  /* Another run tells what is so from what was so once, on a busy machine. */
  #isDoubted(result) {
    return this.#compare(result).some(({ kind }) => !STEADY_KINDS.includes(kind));
  }

  #compare(result) {
    return [...compareUnit(result, this.#data, this.#hostName,
                           this.#expected)];
  }

  /* Ids of entries that say so, as tincture_tests has them. */
  #leftOut(unit, kind) {
    const prefix = kind === 'pytest' ? `${unit}::` : `test.${unit}.`;
    return this.#expected.of(unit)
      .filter(({ outcome }) => outcome === 'not-run')
      .map(({ id }) => (id === unit ? unit
        : prefix + id.slice(unit.length + 2)));
  }

  #take(result) {
    const differences = this.#compare(result);
    this.#results.set(result.unit, { ...result, differences });
    this.#differences.push(...differences);
  }

  #finish(isWhole, { units, version }) {
    const results = [...this.#results.values()];
    const whole = wholeResult(this.#suite.name, this.#hostName, results);
    writeWhole(`${this.#folder}.json`, `${JSON.stringify(whole, null, 1)}\n`);
    showUnsteady(results);
    showDifferences(this.#title, this.#differences);
    if (this.#options.accept) {
      const before = isWhole ? dropMissingUnits(this.#data, units) : this.#data;
      const data = acceptResults(before, this.#hostName, results);
      data.version = version;
      if (isWhole) {
        const totals = totalsOf(results);
        if (this.#leftOutCount > 0) {
          totals.files['not-run'] = this.#leftOutCount;
        }
        data.totals = { ...data.totals, [this.#hostName]: totals };
      }
      writeExpectations(data);
    }
  }
}

async function main(words) {
  const options = readOptions(words);
  if (options.format) {
    options.suites.forEach((name) => writeExpectations(readSuite(name)));
    writeTable();
    return 0;
  }
  let differenceCount = 0;
  const suites = options.suites.filter(
    (suite) => !options.ci || ciPatterns(suite).length > 0);
  for (const suite of suites) {
    for (const host of options.hosts) {
      differenceCount += await new Run(suite, host, options).go();
    }
  }
  if (options.accept) {
    writeTable();
    return 0;
  }
  return differenceCount === 0 ? 0 : 1;
}

// The browser driver takes these as the browser's end only, which a run gets
// over; what is done is kept.
for (const signal of ['SIGTERM', 'SIGHUP']) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) {
    throw error;
  }
  console.error(`conformance: ${error.message}`);
  process.exitCode = 2;
}
