// What is expected of upstream's tests: reads, checks and writes reasons.json,
// SUITE.json and SUITE.units.json.  README.md describes them.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = resolve(HERE, '../..');

export const SUITES = ['python', 'numpy', 'pandas', 'matplotlib'];
export const HOSTS = ['chromium', 'firefox', 'node'];

/** What an entry may expect; `passed` and `xfailed` need none. */
const OUTCOMES = [
  'crashed', 'failed', 'not-run', 'skipped', 'timeout', 'unsteady',
];

/** The reason of what a run has added and nobody has looked at. */
export const UNEXPLAINED = 'unexplained';

/** The largest part of a suite's ids that its entries may cover, skips not
 * counted; suites that are not named here have a reason in each entry only. */
const COVERED_SHARE_LIMIT = { numpy: 0.01, pandas: 0.01 };

const MEMBERS = {
  reason: ['id', 'says', 'ref'],
  skip: ['message', 'reason', 'ref', 'says'],
  entry: ['id', 'count', 'outcome', 'hosts', 'reason', 'ref', 'says'],
};

/** The file that a test's id belongs to. */
export function unitOf(id) {
  return id.split('::', 1)[0];
}

export function isPattern(id) {
  return id.includes('*');
}

/** A regular expression for an id with `*`, which stands for any text. */
export function patternOf(id) {
  const parts = id.split('*').map(escapePattern);
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

/** Text as a regular expression that finds just it. */
export function escapePattern(text) {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** By code units, as every list here is sorted. */
export function byText(left, right) {
  return left < right ? -1 : Number(left > right);
}

function sortKey({ id, hosts }) {
  return `${id}\n${hosts?.join() ?? ''}`;
}

export function sortEntries(entries) {
  return entries.sort((one, two) => byText(sortKey(one), sortKey(two)));
}

function readJson(name) {
  const path = join(HERE, name);
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${name}: ${error.message}`);
  }
}

/** The closed list, by id. */
export function readReasons() {
  const { reasons } = readJson('reasons.json');
  return new Map(reasons.map((reason) => [reason.id, reason]));
}

/** A suite's expectations; empty where nothing was accepted yet. */
export function readSuite(suite) {
  const empty = { suite, version: '', ids: 0, skips: [], entries: [] };
  const data = existsSync(join(HERE, `${suite}.json`))
    ? readJson(`${suite}.json`) : empty;
  const units = existsSync(join(HERE, `${suite}.units.json`))
    ? readJson(`${suite}.units.json`) : { totals: {}, units: {} };
  return { ...data, ...units };
}

/** The two files of a suite as text: an entry and a unit a line. */
export function renderSuite({
  suite, version, ids, skips, entries, totals, units,
}) {
  const list = (items) => (items.length === 0 ? '[]'
    : `[\n${items.map((one) => `    ${spaced(one)}`).join(',\n')}\n  ]`);
  const table = (object) => {
    const lines = Object.entries(object).sort(([one], [two]) => byText(one, two))
      .map(([key, value]) => `    ${JSON.stringify(key)}: ${spaced(value)}`);
    return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n  }`;
  };
  return {
    [`${suite}.json`]: `{
  "suite": ${JSON.stringify(suite)},
  "version": ${JSON.stringify(version)},
  "ids": ${ids},
  "skips": ${list(skips.map((one) => ordered(one, MEMBERS.skip)))},
  "entries": ${list(sortEntries([...entries])
    .map((one) => ordered(one, MEMBERS.entry)))}
}
`,
    [`${suite}.units.json`]: `{
  "totals": ${table(totals)},
  "units": ${table(units)}
}
`,
  };
}

/** The members that are there, in this order. */
function ordered(object, names) {
  return Object.fromEntries(names.filter((name) => object[name] !== undefined)
    .map((name) => [name, object[name]]));
}

/** JSON on one line with a space after each comma and colon, as people
 * write it. */
function spaced(value) {
  return JSON.stringify(value, null, 1).replace(/\n */g, ' ')
    .replace(/([[{]) /g, '$1').replace(/ ([\]}])/g, '$1');
}

/** What is wrong with the closed list: a list of sentences. */
export function findReasonFaults(reasons) {
  const faults = [];
  const ids = reasons.map(({ id }) => id);
  if (ids.join() !== [...new Set(ids)].sort(byText).join()) {
    faults.push('reasons.json is not sorted by id, or has one twice');
  }
  for (const { id, says, ref, ...other } of reasons) {
    const where = `reasons.json, ${id}`;
    if (!/^[a-z0-9-]+$/.test(id)) {
      faults.push(`${where}: an id has lower case letters and hyphens only`);
    }
    if (typeof says !== 'string' || !/^[A-Z].*\.$/.test(says)) {
      faults.push(`${where}: say it in a whole sentence`);
    }
    if (ref !== null) {
      faults.push(...refFaults(where, ref));
    }
    faults.push(...Object.keys(other).map(
      (name) => `${where}: ${name} is no member of a reason`));
  }
  return faults;
}

/* A reference is an address or a file of the repository. */
function refFaults(where, ref) {
  if (/^https:\/\/\S+$/.test(ref)) {
    return [];
  }
  return typeof ref === 'string' && ref !== '' && existsSync(join(ROOT, ref))
    ? [] : [`${where}: the reference ${ref} is neither address nor file`];
}

/* What entries and rules of skips have in common. */
function commonFaults(where, one, kind, reasons) {
  const faults = Object.keys(one)
    .filter((name) => !MEMBERS[kind].includes(name))
    .map((name) => `${where}: ${name} is no member of ${kind}`);
  const reason = reasons.get(one.reason);
  if (reason === undefined) {
    faults.push(`${where}: reasons.json has no reason ${one.reason}`);
  } else if (one.reason === UNEXPLAINED) {
    faults.push(`${where}: nobody has explained it yet`);
  } else if (reason.ref === null && one.ref === undefined) {
    faults.push(`${where}: the reason ${one.reason} needs a "ref" here`);
  }
  if (one.ref !== undefined) {
    faults.push(...refFaults(where, one.ref));
  }
  return faults;
}

function skipFaults(suite, skips, reasons) {
  const faults = [];
  const seen = new Set();
  for (const skip of skips) {
    const where = `${suite}.json, skips, ${skip.message}`;
    faults.push(...commonFaults(where, skip, 'skip', reasons));
    try {
      RegExp(skip.message);
    } catch (error) {
      faults.push(`${where}: ${error.message}`);
    }
    if (typeof skip.message !== 'string' || RegExp(skip.message).test('')) {
      faults.push(`${where}: the pattern must not match every message`);
    }
    if (seen.has(skip.message)) {
      faults.push(`${where}: it is there twice`);
    }
    seen.add(skip.message);
  }
  return faults;
}

function entryFaults(where, entry) {
  const faults = [];
  const { id, count, outcome, hosts } = entry;
  if (!OUTCOMES.includes(outcome)) {
    faults.push(`${where}: no such outcome: ${outcome}`);
  }
  if (isPattern(unitOf(id))) {
    faults.push(`${where}: the file must be named without *`);
  }
  if (isPattern(id) && outcome === 'not-run') {
    faults.push(`${where}: what is not run is named without *`);
  }
  if (isPattern(id) !== (count !== undefined)) {
    faults.push(`${where}: a pattern needs a count, other entries have none`);
  }
  if (count !== undefined && !(Number.isInteger(count) && count > 0)) {
    faults.push(`${where}: a count is a whole number from 1`);
  }
  if (hosts !== undefined) {
    const known = Array.isArray(hosts) && hosts.length > 0
      && hosts.every((host) => HOSTS.includes(host));
    if (!known || hosts.join() !== [...new Set(hosts)].sort().join()) {
      faults.push(`${where}: hosts are some of ${HOSTS.join(', ')}, sorted`);
    }
  }
  return faults;
}

/* One id on one host has one entry. */
function clashFaults(suite, entries) {
  const seen = new Set();
  const faults = [];
  for (const { id, outcome, hosts = HOSTS } of entries) {
    for (const host of hosts) {
      // A pattern may cover some that fail and some that are skipped.
      const key = `${id}\n${host}\n${isPattern(id) ? outcome : ''}`;
      if (seen.has(key)) {
        faults.push(`${suite}.json, ${id}: two entries for ${host}`);
      }
      seen.add(key);
    }
  }
  return faults;
}

/** How many ids a suite's entries cover on one host, skips not counted. */
export function coveredCount(entries, host) {
  return entries
    .filter(({ outcome }) => outcome !== 'skipped')
    .filter(({ hosts }) => hosts === undefined || hosts.includes(host))
    .reduce((sum, { count = 1 }) => sum + count, 0);
}

function shareFaults({ suite, ids, entries }) {
  const share = COVERED_SHARE_LIMIT[suite];
  if (share === undefined || entries.length === 0) {
    return [];
  }
  return HOSTS.filter((host) => coveredCount(entries, host) > share * ids)
    .map((host) => `${suite}.json: entries cover `
      + `${coveredCount(entries, host)} of ${ids} ids on ${host}, more than `
      + `${share * 100} %: find out what fails and mend it`);
}

/** What is wrong with a suite's expectations: a list of sentences. */
export function findFaults(data, reasons) {
  const { suite, skips, entries, units } = data;
  const faults = skipFaults(suite, skips, reasons);
  for (const entry of entries) {
    const where = `${suite}.json, ${entry.id}`;
    faults.push(...commonFaults(where, entry, 'entry', reasons));
    faults.push(...entryFaults(where, entry));
    if (Object.keys(units).length > 0 && !(unitOf(entry.id) in units)) {
      faults.push(`${where}: the suite has no such file`);
    }
  }
  const keys = entries.map(sortKey);
  if (keys.join('\n') !== [...keys].sort(byText).join('\n')) {
    faults.push(`${suite}.json: entries are not sorted by id`);
  }
  faults.push(...clashFaults(suite, entries), ...shareFaults(data));
  return faults;
}
