// Every package of every profile, in the kernel that a notebook would get:
// the import test of its recipe, and the real work of test_*.py here.
//
// A test file says on its first line what it needs (`# needs: numpy pandas`);
// it runs on the smallest profile that has all of it, one kernel for the whole
// file.  A second line (`# reads: expected/pandas.json`) names files that it
// opens, by their last names.  The same files pass natively under pytest.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import {
  Kernel,
  readImages,
  readProfile,
  readProfiles,
  run,
} from '../wasm/load.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const built = join(here, '../../build/packages.json');

const { packages } = JSON.parse(await readFile(built, 'utf8'));
const profiles = await readProfiles();
const parts = new Map();

/** The parts of a profile; its module is compiled once. */
async function partsOf(name) {
  if (!parts.has(name)) {
    parts.set(name, await readProfile(name));
  }
  return parts.get(name);
}

/** The smallest profile that has all of these packages. */
function smallest(names) {
  const profile = profiles.find(({ name }) =>
    names.every((wanted) => packages[wanted]?.profiles.includes(name)),
  );
  return profile?.name;
}

async function start(test, profile, files = [], beside = []) {
  const { module, images } = await partsOf(profile);
  const all = [...images, ...(await readImages(beside))];
  const kernel = await Kernel.load({ module, images: all }, { files });
  test.after(() => kernel.dispose());
  return kernel;
}

async function runs(kernel, code) {
  const reply = await run(kernel, code);
  const trace = (reply.traceback ?? []).join('\n');
  assert.equal(reply.status, 'ok', `${trace}\n${reply.text}`);
}

describe('import tests', () => {
  for (const [name, facts] of Object.entries(packages)) {
    const { import_test: code, images } = facts;
    test(name, async (t) => {
      assert.notEqual(code, '', `${name}'s recipe has no import_test`);
      await runs(await start(t, smallest([name]), [], images), code);
    });
  }
});

for (const file of (await readdir(here)).sort()) {
  if (!/^test_\w+\.py$/.test(file)) {
    continue;
  }
  const text = await readFile(join(here, file), 'utf8');
  const needs = /^# needs: (.*)/.exec(text)?.[1].split(' ') ?? [];
  const profile = smallest(needs);
  test(`${file} on ${profile ?? 'no profile'}`, async (t) => {
    assert.ok(needs.length > 0, `${file} does not say what it needs`);
    assert.ok(profile, `no profile has ${needs}`);
    const read = /^# reads: (.*)/m.exec(text)?.[1].split(' ') ?? [];
    const files = [file, ...read].map(async (name) => ({
      name: basename(name),
      bytes: await readFile(join(here, name)),
    }));
    const kernel = await start(t, profile, await Promise.all(files));
    const module = file.replace('.py', '');
    await runs(kernel, `import ${module}`);
    for (const [, name] of text.matchAll(/^def (test_\w+)\(/gm)) {
      await t.test(name, () => runs(kernel, `${module}.${name}()`));
    }
  });
}
