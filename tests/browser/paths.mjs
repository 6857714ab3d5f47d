// Where things are: the repository, what is built, and what is packed from.

import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const BUILD = join(ROOT, 'build');
/** The command and what it packs; another build's by the environment. */
export const DIST = process.env.TINCTURE_DIST ?? join(BUILD, 'dist');
