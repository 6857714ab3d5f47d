// The transport to the WebAssembly kernel, the same in Node and in a page: it
// knows neither.  play.mjs says what a transport is.

/** What a kernel's answers would otherwise depend on. */
export const ENVIRONMENT = {
  TZ: 'UTC',
  LANG: 'C.UTF-8',
  // The policy of a report that may contact nobody.
  TINCTURE_CONNECT: '',
};

/** A kernel of plugin/src/kernel.ts, which says the same in Node as in a page. */
export class WasmTransport {
  #kernel;

  /** `parts` and `options` are those of Kernel.load. */
  static async open(Kernel, parts, options) {
    const transport = new WasmTransport();
    transport.#kernel = await Kernel.load(parts, {
      ...options,
      env: ENVIRONMENT,
      // A conversation is over when its kernel dies.
      recovers: false,
      onMessage: (message) => transport.onMessage?.(message),
      onDeath: (error) => transport.onEnd?.(error.message),
    });
    return transport;
  }

  get canSuspend() {
    return this.#kernel.canSuspend;
  }

  send({ buffers, ...message }) {
    this.#kernel.post(JSON.stringify(message), buffers);
  }

  sendRaw(bytes) {
    this.#kernel.post(bytes, []);
  }

  async finish() {
    // A turn for what the kernel may still have to say.
    await new Promise((resolve) => {
      setTimeout(resolve);
    });
    this.onEnd?.('the conversation is over');
    return this.#kernel.state === 'dead' ? 'the kernel died' : null;
  }

  dispose() {
    this.#kernel.dispose();
  }
}
