// Where tests run: Node, for quick work, or a browser with the packed report.
// A host has key, a hash of all that is tested, and lane(), which opens one.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { BUILD, DIST } from '../browser/paths.mjs';
import { HERE } from './expectations.mjs';
import { NodeLane } from './node_lane.mjs';
import { hashFiles, writeParts } from './node_parts.mjs';

/* How a unit is run is part of what its result depends on. */
function hashOwn() {
  return hashFiles(readdirSync(HERE).filter((name) => /(_(run|lane|worker)|suites)\.mjs$/
    .test(name)).sort().map((name) => join(HERE, name)));
}

function openNode(suite, folder, { profile, images }) {
  if (typeof WebAssembly.Suspending !== 'function') {
    throw new Error('this Node cannot suspend WebAssembly: use '
                    + 'packages/build.py conformance, which has one that can');
  }
  const { file, key } = writeParts(suite, DIST, folder,
                                   { profile, more: images });
  return { key, lane: () => new NodeLane(file) };
}

/** Packs a suite's report and gives its path; `what` is for pack's --tests,
 * where that is not the suite's name. */
export function packTests(suite, { what = suite.name } = {}) {
  const folder = join(BUILD, 'packed');
  const report = join(folder, `tests-${suite.name}.html`);
  const command = join(DIST, 'tincture');
  if (!existsSync(command)) {
    throw new Error(`${command} is not built: run the report preset first`);
  }
  mkdirSync(folder, { recursive: true });
  const done = spawnSync(command, ['pack', '--tests', what, '-o', report],
                         { encoding: 'utf8' });
  if (done.status !== 0) {
    throw new Error(`tincture pack --tests ${what} ended with `
                    + `${done.status}:\n${done.stdout}${done.stderr}`);
  }
  return report;
}

async function openBrowser(name, suite, { report }) {
  // Only here, because Node's own host has no need of what npm installs.
  const { BrowserLane } = await import('./browser_lane.mjs');
  const path = report ?? packTests(suite);
  return { key: hashFiles([path]), lane: () => new BrowserLane(name, path) };
}

/** Opens a host by its name; `folder` is for files that it makes. */
export async function openHost(name, suite, folder, options) {
  const host = name === 'node'
    ? openNode(suite, folder, options)
    : await openBrowser(name, suite, options);
  return { ...host, key: `${host.key}-${hashOwn()}` };
}
