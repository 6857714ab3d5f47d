// The table of results in README.md, from the totals in SUITE.units.json.

import { readSuite, SUITES } from './expectations.mjs';

/** What the issue tracker of 2019 gives for Python in the browser then. */
const FIGURES_OF_2019 = {
  python: '380 test files, 497 passed',
  numpy: '3145 passed, 42 failed, 47 skipped',
};

const COLUMNS = ['passed', 'failed', 'skipped', 'xfailed', 'crashed'];
const NUMBER = new Intl.NumberFormat('en-GB');

/* Tests that took too long ended their kernel as those that crashed did. */
function numberOf(tests, name) {
  const { [name]: count = 0, timeout = 0, xpassed = 0 } = tests;
  return count + (name === 'crashed' ? timeout : 0)
    + (name === 'passed' ? xpassed : 0);
}

function rowOf({ suite, version }, host, { tests, files }) {
  const all = Object.values(files).reduce((sum, count) => sum + count, 0);
  const good = files.passed ?? 0;
  const cells = COLUMNS.map((name) => NUMBER.format(numberOf(tests, name)));
  return `| ${suite} ${version} | ${host} | ${cells.join(' | ')} `
    + `| ${good} of ${all} | ${FIGURES_OF_2019[suite] ?? ''} |`;
}

/** The table as Markdown, and what its words mean. */
export function renderTable() {
  const rows = SUITES.map(readSuite).flatMap((data) =>
    Object.entries(data.totals).map(([host, totals]) =>
      rowOf(data, host, totals)));
  if (rows.length === 0) {
    return '';
  }
  return `| suite | browser | ${COLUMNS.join(' | ')} | files without a failure | in 2019 |
| --- | --- | ${COLUMNS.map(() => '---:').join(' | ')} | ---: | --- |
${rows.join('\n')}
`;
}

const PLACE = /(<!-- results -->\n).*?(<!-- \/results -->)/s;

/** README.md's text with the present table in it. */
export function putTable(text) {
  return text.replace(PLACE, (_, head, tail) => head + renderTable() + tail);
}
