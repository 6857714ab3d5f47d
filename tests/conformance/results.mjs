// Results on disk: a file for each unit in build/conformance/SUITE-HOST/, and
// SUITE-HOST.json, the whole.

import {
  appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** What is counted of tests, in the order of tables. */
export const OUTCOMES = [
  'passed', 'failed', 'skipped', 'xfailed', 'xpassed', 'crashed', 'timeout',
];

/** Whole or not at all: a run may be ended at any moment. */
export function writeWhole(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

export class ResultStore {
  #folder;
  #key;

  /** `key` is a hash of what is tested: results with another are of another
   * kernel, and are not taken. */
  constructor(folder, key) {
    this.#folder = folder;
    this.#key = key;
  }

  #pathOf(unit) {
    return join(this.#folder, `${unit}.json`);
  }

  /** Takes what is printed from now on, in an empty file. */
  openLog(unit) {
    const path = join(this.#folder, `${unit}.log`);
    mkdirSync(dirname(path), { recursive: true });
    rmSync(path, { force: true });
    return (text) => appendFileSync(path, text);
  }

  /** A unit's result; null where there is none of this kernel. */
  read(unit) {
    if (!existsSync(this.#pathOf(unit))) {
      return null;
    }
    const result = JSON.parse(readFileSync(this.#pathOf(unit), 'utf8'));
    return result.key === this.#key ? result : null;
  }

  write(result) {
    const text = JSON.stringify({ key: this.#key, ...result }, null, 1);
    writeWhole(this.#pathOf(result.unit), `${text}\n`);
  }
}

/** How many tests have each outcome. */
export function countOutcomes(tests) {
  const counts = {};
  for (const { outcome } of tests) {
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return Object.fromEntries(OUTCOMES.filter((name) => name in counts)
    .map((name) => [name, counts[name]]));
}

/** Totals over results of units: of tests, and of files by their outcome. */
export function totalsOf(results) {
  const files = {};
  for (const { outcome } of results) {
    files[outcome] = (files[outcome] ?? 0) + 1;
  }
  return {
    tests: countOutcomes(results.flatMap(({ tests }) => tests)),
    files,
  };
}

/** The whole result of a suite on a host: passes are numbers in it. */
export function wholeResult(suite, host, results) {
  const units = Object.fromEntries(results.map(
    ({ unit, outcome, seconds, tests }) =>
      [unit, { outcome, seconds, ...countOutcomes(tests) }]));
  const others = results.flatMap(({ tests }) => tests)
    .filter(({ outcome }) => outcome !== 'passed');
  return { suite, host, ...totalsOf(results), units, others };
}
