// Compares results with what is expected, and brings what is expected up to
// date (--accept).

import {
  byText, escapePattern, HOSTS, isPattern, patternOf, sortEntries,
  UNEXPLAINED, unitOf,
} from './expectations.mjs';
import { countOutcomes } from './results.mjs';
import { outcomeOf } from './unit_run.mjs';

/** These need no entry. */
const PLAIN = ['passed', 'xfailed', 'xpassed'];
/** Counted for each unit, so that none comes or goes unseen. */
const COUNTED = ['skipped', 'xfailed', 'xpassed'];

function isOn(host, { hosts }) {
  return hosts === undefined || hosts.includes(host);
}

/** A suite's entries of one host, by unit, ready to be looked up. */
export class Expected {
  #exact = new Map();
  #patterns = new Map();
  #skips;

  constructor({ entries, skips }, host) {
    this.#skips = skips.map((rule) => RegExp(rule.message, 's'));
    for (const entry of entries.filter((one) => isOn(host, one))) {
      const unit = unitOf(entry.id);
      if (isPattern(entry.id)) {
        const list = this.#patterns.get(unit) ?? [];
        list.push({ entry, pattern: patternOf(entry.id) });
        this.#patterns.set(unit, list);
      } else {
        this.#exact.set(entry.id, entry);
      }
    }
  }

  /** The entry for a test with this outcome; a pattern only covers tests
   * with the outcome that it names. */
  find(id, outcome) {
    return this.#exact.get(id) ?? this.#patterns.get(unitOf(id))
      ?.find(({ entry, pattern }) =>
        (entry.outcome === outcome || entry.outcome === 'unsteady')
        && pattern.test(id))?.entry;
  }

  knowsSkip(message = '') {
    return this.#skips.some((pattern) => pattern.test(message));
  }

  /** All entries of a unit. */
  of(unit) {
    const exact = [...this.#exact.values()]
      .filter(({ id }) => unitOf(id) === unit);
    const patterns = this.#patterns.get(unit) ?? [];
    return [...exact, ...patterns.map(({ entry }) => entry)];
  }
}

/** A unit's line in SUITE.units.json: ids but the unsteady ones. */
export function lineOf(tests, expected) {
  const steady = tests.filter(({ id, outcome }) =>
    expected.find(id, outcome)?.outcome !== 'unsteady');
  const counts = countOutcomes(steady);
  const line = { ids: steady.length };
  for (const name of COUNTED.filter((one) => counts[one] > 0)) {
    line[name] = counts[name];
  }
  return line;
}

/* A line, or the one of this host where they differ. */
function lineFor(units, unit, host) {
  const line = units[unit];
  return line?.[host] ?? line;
}

function* compareTest(test, expected, seen) {
  const { id, outcome, message } = test;
  const entry = expected.find(id, outcome);
  if (entry !== undefined) {
    seen.set(entry, (seen.get(entry) ?? 0) + 1);
    if (entry.outcome !== outcome && entry.outcome !== 'unsteady') {
      const kind = PLAIN.includes(outcome) ? 'unexpected pass' : 'changed';
      yield { kind, id, text: `${outcome}, expected ${entry.outcome}`, test };
    }
  } else if (outcome === 'skipped' && !expected.knowsSkip(message)) {
    yield { kind: 'unknown skip', id, text: message ?? '', test };
  } else if (outcome !== 'skipped' && !PLAIN.includes(outcome)) {
    yield { kind: 'new failure', id, text: outcome, test };
  }
}

/* Entries that were not met as often as they say. */
function* compareEntries(entries, seen) {
  for (const entry of entries) {
    const { id, count = 1, outcome } = entry;
    const times = seen.get(entry) ?? 0;
    if (outcome === 'not-run') {
      if (times > 0) {
        yield { kind: 'changed', id, text: 'ran, expected not-run', entry };
      }
    } else if (isPattern(id) && times !== count) {
      yield { kind: times > count ? 'new failure' : 'unexpected pass',
              id, text: `${times} are ${outcome}, expected ${count}`, entry,
              times };
    } else if (times === 0) {
      yield { kind: 'missing', id, text: `expected ${outcome}`, entry };
    }
  }
}

/** The differences of one unit's result from what is expected. */
export function* compareUnit(result, suite, host, expected) {
  const { unit, tests } = result;
  const seen = new Map();
  for (const test of tests) {
    yield* compareTest(test, expected, seen);
  }
  yield* compareEntries(expected.of(unit), seen);
  const line = lineFor(suite.units, unit, host);
  const now = lineOf(tests, expected);
  if (line === undefined) {
    yield { kind: 'new file', id: unit, text: `${now.ids} ids` };
    return;
  }
  for (const name of ['ids', ...COUNTED]) {
    if ((line[name] ?? 0) !== (now[name] ?? 0)) {
      yield { kind: 'count', id: unit,
              text: `${now[name] ?? 0} ${name}, expected ${line[name] ?? 0}` };
    }
  }
}

/** Kinds of difference that no second run of the unit can change. */
export const STEADY_KINDS = ['new file', 'unknown skip'];

/**
 * The result of a unit that ran twice: a test has the outcome that is expected
 * where it had that once.  `unsteady` says which tests had two outcomes, so
 * that none is forgotten.  `compare` gives a result's differences.
 */
export function joinRuns(first, again, compare) {
  const before = new Map(first.tests.map((test) => [test.id, test]));
  const odd = new Set(compare(again).map(({ id }) => id));
  const oddBefore = new Set(compare(first).map(({ id }) => id));
  const tests = again.tests.map((test) => {
    const other = before.get(test.id);
    return other && odd.has(test.id) && !oddBefore.has(test.id) ? other : test;
  });
  const unsteady = again.tests.filter(
    ({ id, outcome }) => (before.get(id)?.outcome ?? outcome) !== outcome)
    .map(({ id, outcome }) =>
      ({ id, outcomes: [before.get(id).outcome, outcome] }));
  const joined = { ...again, outcome: outcomeOf(tests), tests };
  const best = compare(joined).length < compare(first).length ? joined : first;
  return { ...best, ...unsteady.length > 0 && { unsteady } };
}

/** Units that are expected and are not there any more. */
export function* findMissingUnits(suite, units) {
  for (const unit of Object.keys(suite.units)) {
    if (!units.has(unit)) {
      yield { kind: 'missing file', id: unit, text: 'it is not listed' };
    }
  }
}

/** What is expected without those units. */
export function dropMissingUnits(suite, listed) {
  const units = Object.fromEntries(
    Object.entries(suite.units).filter(([unit]) => listed.has(unit)));
  const entries = suite.entries.filter(({ id }) => listed.has(unitOf(id)));
  return { ...suite, units, entries };
}

/* The entry no longer holds on this host. */
function withoutHost(entry, host) {
  const hosts = (entry.hosts ?? HOSTS).filter((one) => one !== host);
  return hosts.length > 0 ? [{ ...entry, hosts }] : [];
}

/* An entry for this host alone; what holds elsewhere stays. */
function replaceOn(entries, old, host, changed) {
  const rest = entries.filter((one) => one !== old);
  return [...rest, ...withoutHost(old, host), { ...old, ...changed,
                                                hosts: [host] }];
}

function acceptDifference(data, difference, host) {
  const { kind, id, test, entry, times } = difference;
  const { entries } = data;
  if (kind === 'unknown skip') {
    const message = `^${escapePattern(test.message ?? '')}$`;
    if (!data.skips.some((rule) => rule.message === message)) {
      data.skips.push({ message, reason: UNEXPLAINED });
    }
  } else if (entry !== undefined && times > 0) {
    data.entries = replaceOn(entries, entry, host, { count: times });
  } else if (entry !== undefined) {
    data.entries = entries.filter((one) => one !== entry)
      .concat(withoutHost(entry, host));
  } else if (kind === 'unexpected pass' || kind === 'changed') {
    const old = entries.find((one) => one.id === id && isOn(host, one));
    data.entries = kind === 'changed'
      ? replaceOn(entries, old, host, { outcome: test.outcome,
                                        reason: UNEXPLAINED })
      : entries.filter((one) => one !== old).concat(withoutHost(old, host));
  } else if (kind === 'new failure') {
    // Likely so everywhere, where nothing is known of the others.
    const isKnown = entries.some((one) => one.id === id)
      || HOSTS.some((name) => name !== host && name in data.totals);
    entries.push({ id, outcome: test.outcome, reason: UNEXPLAINED,
                   ...isKnown && { hosts: [host] } });
  }
}

/* Entries that say the same of several hosts become one, and of both browsers
 * one of all hosts where nothing is known of Node. */
function joinHosts({ entries, totals }) {
  const joined = new Map();
  for (const { hosts = HOSTS, ...entry } of entries) {
    const key = JSON.stringify(Object.entries(entry).sort(
      ([one], [two]) => byText(one, two)));
    const before = joined.get(key)?.hosts ?? [];
    joined.set(key, { ...entry, hosts: [...new Set([...before, ...hosts])] });
  }
  const list = [...joined.values()];
  return list.map((entry) => {
    const { hosts, ...rest } = entry;
    const others = list.filter((one) => one !== entry && one.id === rest.id);
    const isNodeKnown = 'node' in totals
      || others.some((one) => one.hosts.includes('node'));
    const isEverywhere = HOSTS.every((name) => hosts.includes(name)
      || (name === 'node' && !isNodeKnown));
    return isEverywhere ? rest : { ...rest, hosts: hosts.sort() };
  });
}

/* The line of one host, beside those of the others where they differ. */
function acceptLine(units, unit, host, line) {
  const of = (name) => (name === host ? line
    : lineFor(units, unit, name) ?? line);
  const { chromium, firefox, node, ...common } = of(HOSTS[0]);
  const others = HOSTS.slice(1).map((name) => [name, of(name)])
    .filter(([, one]) => ['ids', ...COUNTED].some(
      (name) => (one[name] ?? 0) !== (common[name] ?? 0)))
    .map(([name, { ids, skipped, xfailed, xpassed }]) =>
      [name, { ids, skipped, xfailed, xpassed }]);
  units[unit] = { ...common, ...Object.fromEntries(others) };
}

/**
 * Brings a suite's expectations up to date with one host's results: only what
 * differs changes, reasons stay, and what is new is unexplained.
 */
export function acceptResults(suite, host, results) {
  const data = { ...suite, entries: [...suite.entries],
                 skips: [...suite.skips], units: { ...suite.units } };
  const expected = new Expected(suite, host);
  for (const result of results) {
    for (const difference of compareUnit(result, suite, host, expected)) {
      acceptDifference(data, difference, host);
    }
  }
  data.entries = sortEntries(joinHosts(data));
  const now = new Expected(data, host);
  for (const { unit, tests } of results) {
    acceptLine(data.units, unit, host, lineOf(tests, now));
  }
  data.ids = Object.values(data.units)
    .reduce((sum, { ids }) => sum + ids, 0);
  return data;
}
