// Builds the page side: `node plugin/build.mjs --out DIR`.
//
// Type-checks everything, then makes, minified:
//   kernel.mjs   the kernel for other JavaScript, src/embed.ts
//   run.mjs      the packer's --run, for Node, src/run.ts
//   freeze.mjs   makes snapshots, for the build, src/freeze.ts
//   tincture.js  the language plugin: a script whose value is a promise
//   player.js    the script of a packed page, with worker.js in it
//   worker.js    a kernel in a worker
//   editor.js    CodeMirror, decoded when it is first needed
//   math.js      Temml, in reports with formulas
//   player.css   the look of a packed page

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

/** What every bundle has in common; the engines are those with JSPI, or a
 * little older. */
function baseOptions(version) {
  return {
    absWorkingDir: here,
    bundle: true,
    minify: true,
    write: false,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    target: ['chrome120', 'firefox121', 'safari17'],
    define: { TINCTURE_VERSION: JSON.stringify(version) },
  };
}

/** A script that defines nothing and whose completion value is the entry's
 * export `name`; what it throws becomes a rejected promise.  One expression,
 * because `tincture plugin --inline` puts it into another. */
function wrapPlugin(code, name) {
  return (
    `(function(){try{${code}return tinctureEntry.${name}}` +
    'catch(error){return Promise.reject(error)}})()\n'
  );
}

/** Nothing inside may end or comment out the script element around it. */
function checkInline(file, code) {
  if (/<\/script|<!--/i.test(code)) {
    throw new Error(`${file} holds text that would end its script element`);
  }
}

async function bundle(entry, options) {
  const result = await esbuild.build({ ...options, entryPoints: [entry] });
  return result.outputFiles[0].text;
}

async function makeStyle(options) {
  const result = await esbuild.build({
    ...options,
    entryPoints: ['page/player.css'],
  });
  return result.outputFiles[0].text;
}

/** Temml's style with its font inside, as JavaScript text. */
async function makeMathStyle(options) {
  const style = await bundle('node_modules/temml/dist/Temml-Local.css', {
    ...options,
    loader: { '.woff2': 'dataurl' },
  });
  return JSON.stringify(style);
}

/** The files to make: name to text. */
async function makeAll(options) {
  const iife = { ...options, format: 'iife', globalName: 'tinctureEntry' };
  const plugin = await bundle('src/tincture.ts', {
    ...iife,
    // It is read under whatever charset a page has.
    charset: 'ascii',
    define: {
      ...options.define,
      TINCTURE_PLUGIN_STYLE: JSON.stringify(
        await bundle('page/plugin.css', options),
      ),
    },
  });
  const worker = await bundle('src/worker.ts', { ...options, format: 'iife' });
  const player = await bundle('src/player.ts', {
    ...options,
    format: 'iife',
    define: { ...options.define, TINCTURE_WORKER_CODE: JSON.stringify(worker) },
  });
  checkInline('player.js', player);
  const node = {
    ...options,
    format: 'esm',
    platform: 'node',
    target: ['node20'],
  };
  return {
    'kernel.mjs': await bundle('src/embed.ts', { ...options, format: 'esm' }),
    'worker.js': worker,
    'run.mjs': await bundle('src/run.ts', node),
    'freeze.mjs': await bundle('src/freeze.ts', node),
    'record.mjs': await bundle('src/record.ts', node),
    'tincture.js': wrapPlugin(plugin, 'loaded'),
    'player.js': player,
    'editor.js': await bundle('src/editor.ts', {
      ...options,
      format: 'iife',
      globalName: 'tinctureEditor',
    }),
    'math.js': await bundle('src/math.ts', {
      ...options,
      format: 'iife',
      globalName: 'tinctureMath',
      define: {
        ...options.define,
        TINCTURE_MATH_STYLE: await makeMathStyle(options),
      },
    }),
    'player.css': await makeStyle(options),
  };
}

/** What an Iodide client is given to find the plugin. */
const definition = {
  languageId: 'py',
  displayName: 'Python',
  url: 'tincture.js',
  module: 'tincture',
  evaluator: 'runPython',
  asyncEvaluator: 'runPythonAsync',
  autocomplete: 'autocomplete',
  pluginType: 'language',
  codeMirrorMode: 'python',
};

/** Writes only what changed, so that later build steps can tell. */
function writeIfChanged(path, text) {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    writeFileSync(path, text);
  }
}

async function main() {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  if (!values.out) {
    throw new Error('usage: node build.mjs --out DIR');
  }
  const out = resolve(values.out);
  mkdirSync(out, { recursive: true });
  execFileSync(
    process.execPath,
    [join(here, 'node_modules/typescript/bin/tsc'), '--project', here],
    { stdio: 'inherit' },
  );
  const { version } = JSON.parse(
    readFileSync(join(here, 'package.json'), 'utf8'),
  );
  const files = await makeAll(baseOptions(version));
  files['tincture.json'] = `${JSON.stringify(definition, null, 2)}\n`;
  for (const [name, text] of Object.entries(files)) {
    writeIfChanged(join(out, name), text);
  }
}

main().catch((error) => {
  if (error.status === undefined) {
    console.error(error.message ?? error);
  }
  process.exitCode = 1;
});
