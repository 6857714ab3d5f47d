// What node's test runner prints of our suites: a line for each suite that
// passes, or for a file's tests in no suite, and of a test that fails
// everything, at once and again by name at the end. So a log of which only the
// beginning or the end is kept still says what failed and why.
//
//     node --test --test-reporter=tests/reporter.mjs FILE...
//
// The output is flat TAP: the number of a line `ok` is that of a suite or a
// file, and `not ok` gives a test's full name, its suites before it.

import { relative, resolve } from 'node:path';
import { inspect } from 'node:util';

/** Between a suite and what is in it. */
const STEP = ' > ';

/* A suite fails with what is in it, which says why. */
const isEcho = (error) => error?.failureType === 'subtestsFailed';

function indent(text) {
  return text.trimEnd().split('\n').map((line) => `  ${line}\n`).join('');
}

function describe({ details, file, line, column }) {
  const { error, duration_ms } = details;
  const cause = error?.cause ?? error;
  const text = cause instanceof Error || typeof cause !== 'string'
    ? inspect(cause, { depth: 8 }) : cause;
  const where = file === undefined ? '' : ` at ${file}:${line}:${column}`;
  return indent(`after ${Math.round(duration_ms)} ms${where}\n${text}`);
}

/** How the tests of one line went. */
class Group {
  constructor(name, file) {
    this.name = name;
    this.file = file;
    this.passed = 0;
    this.skipped = 0;
    this.failed = 0;
    this.duration_ms = 0;
  }

  add({ passed, skipped, failed }) {
    this.passed += passed;
    this.skipped += skipped;
    this.failed += failed;
  }

  /* `count` is the number of groups until now. */
  line(count) {
    const parts = [`${this.passed} passed`];
    if (this.skipped > 0) {
      parts.push(`${this.skipped} skipped`);
    }
    if (this.failed > 0) {
      parts.push(`${this.failed} failed`);
    }
    const seconds = (this.duration_ms / 1000).toFixed(1);
    const start = this.failed > 0 ? '# failed:' : `ok ${count} -`;
    return `${start} ${this.name} (${parts.join(', ')}, ${seconds} s)\n`;
  }
}

class Report {
  /* The tests of a file that are in no suite. */
  #loose = null;
  /* What is in the suite or the test that is under way. */
  #inner = new Group('');
  #groupCount = 0;
  #total = new Group('');
  #names = [];
  #failures = [];
  /* What each file printed. */
  #printed = new Map();

  /** Text for an event of the runner. */
  take({ type, data }) {
    switch (type) {
      case 'test:start':
        this.#names.splice(data.nesting, Infinity, data.name);
        return '';
      case 'test:stdout':
      case 'test:stderr':
        this.#print(data);
        return '';
      case 'test:pass':
        this.#pass(data);
        return this.#close(data);
      case 'test:fail':
        return this.#fail(data) + this.#close(data);
      default:
        return '';
    }
  }

  #print({ file, message }) {
    const path = resolve(file ?? '');
    this.#printed.set(path, (this.#printed.get(path) ?? '') + message);
  }

  #pass({ details, skip }) {
    if (details.type !== 'suite') {
      this.#inner[skip === undefined ? 'passed' : 'skipped'] += 1;
    }
  }

  #fail(data) {
    if (isEcho(data.details.error)) {
      return '';
    }
    const names = [...this.#names.slice(0, data.nesting), data.name];
    this.#inner.failed += 1;
    this.#failures.push(names.join(STEP));
    return this.#failureLine(this.#failures.length - 1) + describe(data);
  }

  /* After a test or a suite that is in no other one. */
  #close({ nesting, name, file, details }) {
    if (nesting > 0) {
      return '';
    }
    const inner = this.#inner;
    const isSuite = details.type === 'suite';
    const wanted = isSuite
      ? name : relative(process.cwd(), resolve(file ?? name));
    const before = this.#loose?.name === wanted ? '' : this.#endLoose();
    const group = this.#loose ?? new Group(wanted, resolve(file ?? name));
    group.add(inner);
    group.duration_ms += details.duration_ms;
    this.#total.add(inner);
    this.#inner = new Group('');
    this.#loose = isSuite ? null : group;
    return before + (isSuite ? this.#end(group) : '');
  }

  #endLoose() {
    const group = this.#loose;
    this.#loose = null;
    return group === null ? '' : this.#end(group);
  }

  #end(group) {
    this.#groupCount += 1;
    return group.line(this.#groupCount) + this.#printedBy(group);
  }

  /* What the file printed until now, if something in the group failed. */
  #printedBy({ file, failed }) {
    const text = this.#printed.get(file);
    if (failed === 0 || text === undefined) {
      return '';
    }
    this.#printed.delete(file);
    return indent(`printed:\n${text}`);
  }

  #failureLine(index) {
    return `not ok ${index + 1} - ${this.#failures[index]}\n`;
  }

  /** The last lines. */
  end() {
    const last = this.#endLoose();
    const lines = this.#failures.map((_, index) => this.#failureLine(index));
    const { passed, skipped, failed } = this.#total;
    return `${last}${lines.join('')}# ${passed} passed, ${skipped} skipped,`
      + ` ${failed} failed\n`;
  }
}

export default async function* report(events) {
  const record = new Report();
  yield 'TAP version 13\n';
  for await (const event of events) {
    const text = record.take(event);
    if (text !== '') {
      yield text;
    }
  }
  yield record.end();
}
