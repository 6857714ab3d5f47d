// build/bench/results.json: what every benchmark writes its part of.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';

import { BUILD } from '../browser/page.mjs';

const RESULTS = join(BUILD, 'bench/results.json');

/** Enters one benchmark's figures, leaving the others' as they are. */
export function enterResult(name, figures) {
  const results = existsSync(RESULTS)
    ? JSON.parse(readFileSync(RESULTS, 'utf8')) : {};
  results.machine = { cpu: cpus()[0].model, cores: cpus().length };
  results[name] = figures;
  mkdirSync(dirname(RESULTS), { recursive: true });
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 1)}\n`);
}

/** The n-th root of the product of n ratios. */
export function geometricMean(ratios) {
  const logarithms = ratios.map(Math.log);
  const sum = logarithms.reduce((total, value) => total + value, 0);
  return Math.exp(sum / ratios.length);
}
