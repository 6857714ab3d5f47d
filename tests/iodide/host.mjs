// Opens the client with a language defined, and runs notebooks in it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { DIST, ROOT } from '../browser/page.mjs';
import { serve } from '../browser/server.mjs';

/** The definition that build/dist serves. */
export function readDefinition() {
  return JSON.parse(readFileSync(join(DIST, 'tincture.json'), 'utf8'));
}

/** A server for the client, for build/dist beside it, and for `more`. */
export function serveHost(more = {}) {
  return serve({ host: join(ROOT, 'tests/iodide'), dist: DIST, ...more });
}

/** The client's side of one page. */
export class Host {
  constructor(page) {
    this.page = page;
  }

  /** `definition` is what the notebook or the client says of `py`; the
   * smallest Python does, unless it says otherwise. */
  static async open(open, server, definition = {}, options = {}) {
    const page = await open(`${server.origin}/host/host.html`, options);
    const host = new Host(page);
    await host.define({
      ...readDefinition(),
      url: `${server.origin}/dist/tincture.js?profile=core`,
      ...definition,
    });
    return host;
  }

  define(definition) {
    return this.page.evaluate(
      (given) => window.iodideHost.define(given), definition);
  }

  /** Runs a notebook's text; what each chunk gave, up to the first error. */
  run(iomd) {
    return this.page.evaluate((text) => window.iodideHost.run(text), iomd);
  }

  /** Runs one Python chunk each and gives what the last one gave. */
  async python(...codes) {
    const done = await this.run(codes.map((code) => `%% py\n${code}`)
      .join('\n'));
    return done.at(-1);
  }

  /** The same, which has to succeed. */
  async value(...codes) {
    const last = await this.python(...codes);
    assert.equal(last.status, 'ok', JSON.stringify(last));
    return last;
  }

  runInConsole(code) {
    return this.page.evaluate(
      (text) => window.iodideHost.runInConsole('py', text), code);
  }

  complete(code) {
    return this.page.evaluate(
      (text) => window.iodideHost.complete('py', text), code);
  }

  lines() {
    return this.page.evaluate(() => window.iodideHost.lines);
  }

  userVariables() {
    return this.page.evaluate(() => window.iodideHost.userVariables());
  }

  /** The document in which code runs. */
  get frame() {
    return this.page.page.frames().find(
      (frame) => /eval-frame\.html$/.test(frame.url()));
  }

  /** What the report shows. */
  report() {
    return this.frame.evaluate(
      () => document.querySelector('#eval-container').innerText);
  }
}
