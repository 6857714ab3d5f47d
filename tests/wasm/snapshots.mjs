// A kernel without plugin/src/session.ts around it, for tests of what happens
// to memory: one Instance, requests that are answered at once, and copies.

import { Instance, parts, readBareModule, readProfile } from './load.mjs';

const core = { ...parts, bare: await readBareModule() };
const home = '/home/tincture';
const pageSize = 4096;
const decoder = new TextDecoder();

/** Memory that holds these bytes. */
export function memoryOf(bytes) {
  const pages = bytes.length / 65536;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536 });
  new Uint8Array(memory.buffer).set(bytes);
  return memory;
}

/** The parts of another profile than core, for start(). */
export async function readParts(name) {
  return { ...(await readProfile(name)), bare: await readBareModule(name) };
}

export class Python {
  sent = [];
  log = '';
  instance = null;

  constructor(loadImage) {
    this.host = {
      send: (json) => this.sent.push(JSON.parse(decoder.decode(json))),
      yield: async () => undefined,
      wake: () => undefined,
      wait: async () => -1,
      block: () => -1,
      log: (text) => (this.log += text),
      ...(loadImage && { loadImage }),
    };
  }

  /** A cold start. */
  static async start(config = {}, { module, images } = core) {
    const python = new Python();
    python.instance = await Instance.create(module, python.host, false);
    for (const { path, bytes, name } of images) {
      python.instance.mount(path, bytes, name);
    }
    python.instance.start({ home, env: { TZ: 'UTC0' }, ...config });
    return python;
  }

  /** In memory that holds a copy. */
  static async resume(bytes, config, loadImage, { bare } = core) {
    const python = new Python(loadImage);
    const { host } = python;
    const memory = memoryOf(bytes);
    python.instance = await Instance.attach(bare, memory, host, false);
    python.instance.resume(config);
    return python;
  }

  get bytes() {
    return new Uint8Array(this.instance.memory.buffer);
  }

  /** Runs a cell; the content of its reply, and what it printed as `text`. */
  run(code) {
    this.sent = [];
    const header = { msg_id: '1', msg_type: 'execute_request' };
    const content = { code, value: true };
    this.instance.post(JSON.stringify({ header, content }), []);
    this.instance.run(0);
    const of = (type) =>
      this.sent.filter(({ header: { msg_type } }) => msg_type === type);
    const text = of('stream').map((message) => message.content.text);
    return { ...of('execute_reply')[0].content, text: text.join('') };
  }

  /** The value of an expression; a failure is thrown. */
  value(code) {
    const reply = this.run(code);
    if (reply.status !== 'ok') {
      throw new Error(reply.traceback.join('\n'));
    }
    const value = reply.value;
    return value?.t === 'list' || value?.t === 'tuple' ? value.v : value;
  }

  /** A copy as a snapshot has it: without what images hold of files. */
  copy() {
    const bytes = this.bytes.slice();
    for (const { address, size, index_size } of this.instance.images()) {
      const start = Math.ceil((address + index_size) / pageSize) * pageSize;
      bytes.fill(0, start, Math.ceil((address + size) / pageSize) * pageSize);
    }
    return bytes;
  }
}
