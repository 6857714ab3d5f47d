// Sees that a committed file is what a command prints:
//
//     current.mjs FILE REMEDY COMMAND ARGUMENTS...
//
// REMEDY is the sentence that tells what to do when it is not.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [file, remedy, command, ...rest] = process.argv.slice(2);
const made = execFileSync(command, rest, { encoding: 'utf8' });
if (readFileSync(file, 'utf8') !== made) {
  console.error(`${file} is not current: ${remedy}`);
  process.exitCode = 1;
}
