// Which files under Python's home go into the report.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { collectFiles, findFiles, isFilePath } = await load('home_files');
const { EmbeddedFiles } = await load('embedded_files');

/* A home of texts; paths with slashes stand in directories. */
function makeHome(files) {
  const paths = Object.keys(files);
  return {
    listFiles(path = '.') {
      const prefix = path === '.' ? '' : `${path}/`;
      const below = paths.filter((each) => each.startsWith(prefix));
      const names = new Set(
        below.map((each) => each.slice(prefix.length).split('/')[0]));
      return [...names].map((name) => ({
        name,
        type: paths.includes(prefix + name) ? 'file' : 'directory',
        size: files[prefix + name]?.length ?? 0,
      }));
    },
    readFile: (path) => new TextEncoder().encode(files[path]),
  };
}

const encoder = {
  mimetype: () => 'text/plain',
  write: async (name, bytes) => ({ part: { name, size: bytes.length } }),
};

function makeEmbedded(files) {
  const root = {
    getElementById: (id) => ({ textContent: btoa(files[id.slice(5)]) }),
  };
  const entries = Object.entries(files).map(([name, text]) => {
    return { name, mimetype: 'text/csv', size: text.length };
  });
  return new EmbeddedFiles(entries, { parts: [] }, root);
}

test('files are found in directories, caches and settings are not', async () => {
  const home = makeHome({
    'b.txt': '', 'a/deep/c.txt': '', '.config/x': '', '__pycache__/y': '',
    '.hidden': '',
  });
  assert.deepEqual((await findFiles(home)).map(({ name }) => name),
                   ['.hidden', 'a/deep/c.txt', 'b.txt']);
});

test('kept, changed, new and removed files', async () => {
  const embedded = makeEmbedded({ same: '1', changed: '22', removed: '3' });
  const large = 'x'.repeat(300_000);
  const home = makeHome({ same: '1', changed: '2!', fresh: '4', large });
  const { files, skipped } = await collectFiles(home, embedded, encoder);
  assert.deepEqual(files.map(({ entry, from }) => [entry.name, from]), [
    ['same', 'document'], ['changed', 'bytes'], ['fresh', 'bytes'],
    ['large', 'part']]);
  assert.equal(files[1].entry.mimetype, 'text/csv', 'as the report says');
  assert.deepEqual(skipped, []);
});

test('a file that was put into the page is written, not looked for', async () => {
  const embedded = makeEmbedded({});
  embedded.add('dropped', 'text/csv', new TextEncoder().encode('5'));
  const { files } = await collectFiles(
    makeHome({ dropped: '5' }), embedded, encoder);
  assert.equal(files[0].from, 'bytes');
});

test('names that the packer refuses are left out', async () => {
  const home = makeHome({ 'fine.txt': '', 'bad\nname': '' });
  const { files, skipped } = await collectFiles(
    home, makeEmbedded({}), encoder);
  assert.deepEqual(files.map(({ entry }) => entry.name), ['fine.txt']);
  assert.deepEqual(skipped, ['bad\nname']);
  assert.equal(isFilePath('a/b c/d.csv'), true);
  assert.equal(isFilePath('x'.repeat(256)), false);
  assert.equal(isFilePath('a\\b'), false);
});
