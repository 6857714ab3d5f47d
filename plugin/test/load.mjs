// Bundles a module of src/ for Node, so that tests import TypeScript.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

export async function load(name) {
  const result = await esbuild.build({
    entryPoints: [join(here, '../src', `${name}.ts`)],
    bundle: true,
    write: false,
    format: 'esm',
    define: { TINCTURE_VERSION: '"test"' },
  });
  const text = Buffer.from(result.outputFiles[0].text).toString('base64');
  return import(`data:text/javascript;base64,${text}`);
}
