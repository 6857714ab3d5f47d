#!/usr/bin/env node
// Plays golden conversations on a kernel:
//
//     run.mjs [--messages FILE | --coverage FILE] FILE.jsonl... --stdio CMD...
//     run.mjs [--messages FILE | --coverage FILE] FILE.jsonl... --wasm DIST_DIR
//
// FILE is what `gen_messages json` prints; with --coverage it is a failure
// when a message of it was never exercised.  --no-suspend plays the wasm
// kernel as in a browser without JavaScript Promise Integration, --restored
// one that starts from its snapshot.

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';

import { ConversationError, parseConversation } from './conversation.mjs';
import { findUnseen, playConversation } from './play.mjs';
import { openWasm, StdioTransport } from './transports.mjs';

const USAGE = `usage: run.mjs [--messages FILE | --coverage FILE] FILE.jsonl... TRANSPORT
  TRANSPORT is --stdio COMMAND ARGUMENTS... or --wasm DIST_DIR [--no-suspend] [--restored]`;

function readArguments() {
  // Everything after --stdio belongs to the kernel's command.
  const own = process.argv.slice(2);
  const at = own.indexOf('--stdio');
  const command = at < 0 ? null : own.splice(at).slice(1);
  const { values, positionals } = parseArgs({
    args: own,
    allowPositionals: true,
    options: {
      messages: { type: 'string' },
      coverage: { type: 'string' },
      wasm: { type: 'string' },
      'no-suspend': { type: 'boolean', default: false },
      restored: { type: 'boolean', default: false },
    },
  });
  const table = values.messages ?? values.coverage;
  const hasOneTransport = (command === null) !== (values.wasm === undefined);
  if (!hasOneTransport || command?.length === 0 || table === undefined || !positionals.length) {
    throw new Error(USAGE);
  }
  return { ...values, table, command, files: positionals };
}

async function makeOpener(options) {
  if (options.command !== null) {
    return async () => new StdioTransport(options.command);
  }
  return openWasm(options.wasm, options.restored, { suspend: !options['no-suspend'] });
}

/** Plays one file; says how it went in one word. */
async function playFile(file, open, table, seen) {
  const name = basename(file);
  let transport = null;
  try {
    const conversation = parseConversation(await readFile(file, 'utf8'), name);
    transport = await open();
    if (conversation.options.needsSuspend && !transport.canSuspend) {
      console.log(`skip ${name} (this kernel cannot be suspended)`);
      return 'skipped';
    }
    const start_ms = performance.now();
    await playConversation(conversation, transport, table, seen);
    console.log(`ok   ${name} (${Math.round(performance.now() - start_ms)} ms)`);
    return 'passed';
  } catch (error) {
    console.log(`FAIL ${name}`);
    console.log(`  ${error instanceof ConversationError ? error.message : error.stack}`);
    return 'failed';
  } finally {
    transport?.dispose();
  }
}

async function main() {
  const options = readArguments();
  const table = JSON.parse(await readFile(options.table, 'utf8'));
  const open = await makeOpener(options);
  const seen = new Set();
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of options.files) {
    counts[await playFile(file, open, table, seen)]++;
  }
  console.log(
    `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped; ` +
      `${seen.size} of ${Object.keys(table).length} messages exercised`,
  );
  const unseen = findUnseen(table, seen);
  if (options.coverage !== undefined && unseen.length !== 0) {
    console.log(`FAIL never exercised: ${unseen.join(', ')}`);
    return 1;
  }
  return counts.failed === 0 ? 0 : 1;
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error) => {
    console.error(error.message);
    process.exitCode = 2;
  },
);
