// The cell that reads a dropped file: Python that the page's profile can run.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from './load.mjs';

const { firstCell, isNotebookName } = await load('first_cell');

test('a table is read by pandas where it is, by csv elsewhere', () => {
  assert.equal(firstCell('a b.csv', 'scientific'),
    'import pandas as pd\n\ndf = pd.read_csv("a b.csv")\ndf');
  assert.match(firstCell('T.TSV', 'pandas'), /read_csv\("T\.TSV", sep="\\t"\)/);
  for (const profile of ['core', 'numpy', 'matplotlib', null]) {
    assert.match(firstCell('a.csv', profile), /^import csv/);
  }
  assert.match(firstCell('a.npy', 'numpy'), /np\.load/);
  assert.match(firstCell('a.npy', 'core'), /read_bytes/);
  assert.match(firstCell('a.png', 'scientific'), /Image\.open/);
});

test('cells that need no package run as they are', () => {
  const folder = mkdtempSync(join(tmpdir(), 'first-cell-'));
  const files = {
    'say "hi" ü.csv': 'a,b\n1,2\n', "it's.tsv": 'a\tb\n', 'x.json': '[1]',
    'x.txt': 'text', 'x.db': '', 'no ending': '\u0000\u0001', 'a\\b': 'x',
  };
  try {
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text);
      const done = spawnSync('python3', ['-c', firstCell(name, 'core')],
        { cwd: folder, encoding: 'utf8' });
      assert.equal(done.status, 0, `${name}: ${done.stderr}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('notebooks are told from data by their names', () => {
  for (const name of ['a.ipynb', 'A.IOMD', 'x.jsmd', 'a.b.py', 'old.html']) {
    assert.ok(isNotebookName(name), name);
  }
  for (const name of ['a.csv', 'py', 'ipynb.txt', 'a.pyc', '.json']) {
    assert.ok(!isNotebookName(name), name);
  }
});
