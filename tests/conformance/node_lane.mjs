// A lane on Node: a process of its own that runs code in fresh kernels, one
// after the other, and is replaced when it hangs or dies.
//
// A lane has run(code, {onBegin, onEvent, onText}), which resolves to {} when
// the code ran to its end, to {error} for a Python exception, to {died} when
// the kernel or its process ended; kill(), after which run() resolves to {died}
// and the next run() starts anew; pid, of the process that holds the memory, or
// null; and close().  browser_lane.mjs has the same in a browser, where not all
// that was told may have arrived at a {died}; with `isCareful` it has.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { HERE } from './expectations.mjs';

/** Linear memory of ended kernels comes back late; a new process is certain. */
const RUNS_PER_PROCESS = 40;

export class NodeLane {
  #parts;
  #process = null;
  #runCount = 0;
  #take = null;

  /** `parts` is a file that node_parts.mjs wrote. */
  constructor(parts) {
    this.#parts = parts;
  }

  get pid() {
    return this.#process?.pid ?? null;
  }

  async run(code, { onBegin, onEvent, onText }) {
    if (this.#process === null || this.#runCount >= RUNS_PER_PROCESS) {
      await this.close();
      this.#start();
    }
    this.#runCount += 1;
    onBegin();
    return new Promise((settle) => {
      this.#take = ({ event, text, end }) => {
        if (event !== undefined) {
          onEvent(event);
        } else if (text !== undefined) {
          onText(text);
        } else {
          this.#take = null;
          settle(end);
        }
      };
      this.#process.stdin.write(`${JSON.stringify({ code })}\n`);
    });
  }

  #start() {
    const child = spawn(
      process.execPath,
      ['--experimental-wasm-jspi', join(HERE, 'node_worker.mjs'), this.#parts],
      { stdio: ['pipe', 'ignore', 'pipe', 'pipe'] });
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      words = (words + text).slice(-2000);
    });
    // Writing to a process that has just ended; its exit says more.
    child.stdin.on('error', () => {});
    createInterface({ input: child.stdio[3] }).on('line', (line) => {
      this.#take?.(JSON.parse(line));
    });
    child.on('close', (status, signal) => {
      if (this.#process === child) {
        this.#process = null;
        this.#take?.({ end: { died: `${words}\nNode ended: ${signal ?? status}` } });
      }
    });
    this.#process = child;
    this.#runCount = 0;
  }

  kill() {
    this.#process?.kill('SIGKILL');
  }

  async close() {
    const child = this.#process;
    this.#process = null;
    if (child !== null) {
      child.kill('SIGKILL');
      await new Promise((settle) => {
        child.once('close', settle);
      });
    }
  }
}
