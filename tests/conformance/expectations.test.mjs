// Holds the committed expectations to their format, and the checks to what
// they must find.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import {
  findFaults, findReasonFaults, HERE, patternOf, readReasons, readSuite,
  renderSuite, SUITES,
} from './expectations.mjs';

const reasons = readReasons();
const SAMPLE = {
  suite: 'numpy',
  version: '1',
  ids: 1000,
  skips: [{ message: 'needs Windows', reason: 'other-platform' }],
  entries: [
    { id: 'a.py::test_x[*]', count: 3, outcome: 'failed', reason: '32-bit' },
    { id: 'a.py::test_y', outcome: 'timeout', reason: 'slow-by-nature' },
  ],
  totals: {},
  units: { 'a.py': { ids: 9 } },
};

/* The sample with something else in its first entry. */
function changed(members) {
  const [first, second] = SAMPLE.entries;
  return { ...SAMPLE, entries: [{ ...first, ...members }, second] };
}

function assertFault(data, pattern) {
  const faults = findFaults(data, reasons);
  assert.ok(faults.some((fault) => pattern.test(fault)),
            `no ${pattern} in ${JSON.stringify(faults)}`);
}

test('the closed list of reasons is whole', () => {
  assert.deepEqual(findReasonFaults([...reasons.values()]), []);
});

for (const suite of SUITES) {
  test(`every entry of ${suite} has its reason`, () => {
    assert.deepEqual(findFaults(readSuite(suite), reasons), []);
  });

  test(`the files of ${suite} are as the runner writes them`, () => {
    const texts = renderSuite(readSuite(suite));
    for (const [name, text] of Object.entries(texts)) {
      assert.equal(readFileSync(join(HERE, name), 'utf8'), text,
                   `${name}: run.mjs --format writes it so`);
    }
  });
}

test('a good entry has no fault', () => {
  assert.deepEqual(findFaults(SAMPLE, reasons), []);
});

test('an entry that says too little is found', () => {
  assertFault(changed({ reason: 'bad-luck' }), /no reason bad-luck/);
  assertFault(changed({ reason: 'unexplained' }), /nobody has explained/);
  assertFault(changed({ reason: 'upstream-bug' }), /needs a "ref"/);
  assertFault(changed({ outcome: 'odd' }), /no such outcome/);
  assertFault(changed({ count: undefined }), /needs a count/);
  assertFault(changed({ id: 'a.py::test_x' }), /needs a count/);
  assertFault(changed({ id: '*.py::test_x' }), /named without/);
  assertFault(changed({ id: 'b.py::*' }), /no such file|not sorted/);
  assertFault(changed({ hosts: ['opera'] }), /hosts are some of/);
  assertFault(changed({ ref: 'no/such/file' }), /neither address nor file/);
  assertFault(changed({ why: '' }), /why is no member/);
  assertFault(changed({ id: 'a.py::test_z[*]' }), /not sorted/);
});

test('two entries for one id are found', () => {
  const [first, second] = SAMPLE.entries;
  assertFault({ ...SAMPLE, entries: [first, second, second] }, /two entries/);
  const apart = [{ ...second, hosts: ['chromium'] },
                 { ...second, hosts: ['firefox'] }];
  assert.deepEqual(
    findFaults({ ...SAMPLE, entries: [first, ...apart] }, reasons), []);
});

test('a skip without a known reason is found', () => {
  const withSkip = (skip) => ({ ...SAMPLE, skips: [skip] });
  assertFault(withSkip({ message: 'x', reason: 'none' }), /no reason none/);
  assertFault(withSkip({ message: '.*', reason: '32-bit' }), /every message/);
});

test('more than one in a hundred is too many', () => {
  assertFault(changed({ count: 10 }), /entries cover 11 of 1000/);
  assert.deepEqual(findFaults(changed({ count: 9 }), reasons), []);
});

test('a star stands for any text, everything else for itself', () => {
  const pattern = patternOf('a.py::test_x[*-(nan)]');
  assert.match('a.py::test_x[f4-(nan)]', pattern);
  assert.match('a.py::test_x[-(nan)]', pattern);
  assert.doesNotMatch('a.py::test_xf4-(nan)]', pattern);
  assert.doesNotMatch('a.py::test_x[f4-(nan)] ', pattern);
});
