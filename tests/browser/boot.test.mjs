// How a report's Python starts: from the snapshot or cold, and with the rest
// of its code called before anybody had time to compile it.

import assert from 'node:assert/strict';

import { eachBrowser, pack } from './suite.mjs';

/* None of these modules is in what a start compiles. */
const UNUSUAL = `
import bz2, decimal, sqlite3
[sqlite3.connect(":memory:").execute("select 7").fetchone()[0],
 len(bz2.decompress(bz2.compress(b"x" * 1000))), str(decimal.Decimal(1) / 3)]
`;

const marksOf = (page) => page.evaluate(() => performance
  .getEntriesByType('mark').map(({ name }) => name.replace('tincture-', '')));

eachBrowser('boot', (test) => {
  test('a report goes on from its snapshot', async (open) => {
    const page = await (await open(pack('warm', '%% py\n1\n'))).ready();
    const marks = await marksOf(page);
    assert.ok(marks.indexOf('snapshot') < marks.indexOf('started'), marks);
    const hidden = await page.evaluate(
      () => document.querySelector('.tn-progress').hidden);
    assert.equal(hidden, true);
  });

  test('code that no start needs is there at once', async (open) => {
    const page = await open(pack('warm', '%% py\n1\n'));
    const { value } = await page.evaluate(async (code) => {
      await window.tincture.ready;
      return { value: window.tincture.runPython(code) };
    }, UNUSUAL);
    assert.equal(value[0], 7);
    assert.equal(value[1], 1000);
    assert.match(value[2], /^0\.3333/);
  });

  test('a file that Python reads first is decoded then', async (open) => {
    const page = await (await open(pack('warm', '%% py\n1\n'))).ready();
    const { value } = await page.python(
      'import xml.dom.minidom as dom\n'
      + 'dom.parseString("<a><b/></a>").documentElement.firstChild.tagName');
    assert.equal(value, 'b');
  });

  test('a cold report initialises Python', async (open) => {
    const report = pack('cold', '%% py\n1\n', ['--cold']);
    const page = await (await open(report)).ready();
    const marks = await marksOf(page);
    assert.ok(!marks.includes('snapshot'), marks);
    assert.ok(marks.includes('started'), marks);
    assert.equal((await page.python('6 * 7')).value, 42);
  });
});
