// Runs the instrumented python of profile_main.c.
//
//     node profile_run.mjs python.mjs DIRECTORY ARGUMENT...
//
// DIRECTORY, in which its library is and its counts are written, is the only
// part of the machine's files that it sees.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [python, directory, ...words] = process.argv.slice(2);
const { default: start } = await import(pathToFileURL(resolve(python)));

await start({
  arguments: words,
  thisProgram: '/usr/bin/python3',
  preRun: [({ ENV, FS }) => {
    Object.assign(ENV, process.env);
    FS.mkdirTree(directory);
    FS.mount(FS.filesystems.NODEFS, { root: directory }, directory);
  }],
});
