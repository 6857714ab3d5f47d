// What a suite's kernel is made of in Node: build/dist's files, by
// profiles.json and tests.json, as one JSON file for node_worker.mjs.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

const SITE_PATH = '/usr/lib/python3.13/site-packages';

function readListing(dist) {
  const profiles = [];
  const images = [];
  for (const name of ['profiles.json', 'tests.json']) {
    if (existsSync(join(dist, name))) {
      const data = JSON.parse(readFileSync(join(dist, name), 'utf8'));
      profiles.push(...data.profiles);
      images.push(...data.images ?? []);
    }
  }
  return { profiles, images };
}

/* The images by name, and before them those that they need. */
function chooseImages(listed, names) {
  const chosen = new Map();
  const add = (name) => {
    const image = listed.find((one) => one.name === name);
    if (image === undefined) {
      throw new Error(`build/dist has no image ${name}: TINCTURE_TESTS=all `
                      + 'builds those of tests');
    }
    if (!chosen.has(name)) {
      chosen.set(name, image);
      (image.needs ?? []).forEach(add);
    }
  };
  names.forEach(add);
  return [...chosen.values()];
}

/**
 * Writes PARTS.json for a suite into `folder`.  `profile` and `more`, files of
 * images, are for trying something out: with them nothing else is mounted.
 * Gives the file and a hash of everything that the kernel is made of.
 */
export function writeParts(suite, dist, folder, { profile, more = [] } = {}) {
  const listed = readListing(dist);
  // What `tincture pack --tests` takes for the browsers.
  const own = listed.images.find(({ name }) => name === suite.images[0]);
  const name = profile ?? suite.profile ?? own?.profile;
  const found = listed.profiles.find((one) => one.name === name);
  if (found === undefined) {
    throw new Error(`build/dist has no profile ${name}`);
  }
  const { warm } = found;
  const mounted = new Set(warm.images.map(({ file }) => file));
  const images = more.length > 0
    ? more.map((file) => ({ file: resolve(file), path: SITE_PATH }))
    : chooseImages(listed.images, suite.images)
      .filter(({ file }) => !mounted.has(file))
      .map(({ file, path }) => ({ file: join(dist, file), path }));
  const parts = {
    kernel: join(dirname(dist), 'plugin', 'kernel.mjs'),
    wasm: join(dist, warm.wasm),
    snapshot: join(dist, warm.snapshot),
    warm: warm.images.map(({ file }) => ({ file, path: join(dist, file) })),
    images,
  };
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'parts.json');
  writeFileSync(file, JSON.stringify(parts, null, 1));
  return { file, key: hashFiles([
    parts.kernel, parts.wasm, parts.snapshot,
    ...parts.warm.map(({ path }) => path),
    ...images.map((image) => image.file),
  ]) };
}

/** A hash of files' names and contents. */
export function hashFiles(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    hash.update(`${basename(path)}\n`).update(readFileSync(path));
  }
  return hash.digest('hex');
}
