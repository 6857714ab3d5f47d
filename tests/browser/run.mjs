// The one command for everything that needs a browser:
//
//     run.mjs test                     all *.test.mjs here and in tests/iodide
//     run.mjs play [--again] REPORT... see play.mjs
//     run.mjs bench [REPORT]           see tests/bench/boot.mjs
//
// Installs what the package locks name first, when a lock has changed.
// TINCTURE_BROWSER chooses browsers, TINCTURE_SUITE files by name, and
// TINCTURE_PATTERN tests by name.

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const IODIDE = join(HERE, '../iodide');
const BENCH = join(HERE, '../bench');

function run(program, words, folder = process.cwd()) {
  const done = spawnSync(program, words, { cwd: folder, stdio: 'inherit' });
  if (done.error) {
    throw done.error;
  }
  return done.status ?? 1;
}

/** `npm ci`, once for each state of the folder's lock. */
function install(folder) {
  const lock = join(folder, 'package-lock.json');
  const done = join(folder, 'node_modules', '.installed-lock.json');
  if (existsSync(done) && readFileSync(done).equals(readFileSync(lock))) {
    return;
  }
  const status = run('npm', ['ci', '--ignore-scripts', '--no-audit',
    '--no-fund', '--loglevel=error'], folder);
  if (status !== 0) {
    throw new Error(`npm ci in ${folder} ended with ${status}`);
  }
  copyFileSync(lock, done);
}

function testFiles() {
  const suite = process.env.TINCTURE_SUITE ?? '';
  return [HERE, IODIDE].flatMap((folder) => readdirSync(folder)
    .filter((name) => name.endsWith('.test.mjs'))
    .map((name) => join(folder, name)))
    .filter((path) => basename(path).startsWith(suite)
      || path.includes(`/${suite}/`));
}

/* One file at a time: each has a browser open, and a machine has few cores. */
function test() {
  const pattern = process.env.TINCTURE_PATTERN;
  const words = pattern ? [`--test-name-pattern=${pattern}`] : [];
  let failedCount = 0;
  for (const file of testFiles()) {
    failedCount += run(process.execPath,
                       ['--test', '--test-reporter=spec', ...words, file])
      === 0 ? 0 : 1;
  }
  return failedCount === 0 ? 0 : 1;
}

const [mode, ...rest] = process.argv.slice(2);
install(HERE);
if (mode === 'test') {
  process.exitCode = test();
} else if (mode === 'play') {
  process.exitCode = run(process.execPath, [join(HERE, 'play.mjs'), ...rest]);
} else if (mode === 'bench') {
  install(BENCH);
  process.exitCode = run(process.execPath, [join(BENCH, 'boot.mjs'), ...rest]);
} else {
  console.error('usage: run.mjs test | play REPORT... | bench [REPORT]');
  process.exitCode = 2;
}
