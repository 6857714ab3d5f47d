// Requests for Python's http.client (kernel/py/tincture/fetch.py), which asks
// for them by name, as the root `network`.
//
// A request is begun here and looked at by Python, which waits at the host
// meanwhile: `isReady` says that there is something new, and whoever sets it
// wakes the host. Where Python cannot wait, the whole of it is one call of
// XMLHttpRequest.

/** Why a request has no answer, as far as a browser tells. */
export type Failure =
  | ''
  | 'aborted'
  | 'broken'
  | 'forbidden'
  | 'malformed'
  | 'offline'
  | 'timeout'
  | 'unavailable'
  | 'unknown'
  | 'unreachable'
  | 'unreadable';

/** Who is told of what a policy stopped: a document or a worker, not Node. */
type PolicyEvents = Partial<
  Pick<EventTarget, 'addEventListener' | 'removeEventListener'>
>;

const violation = 'securitypolicyviolation';

/** Units of x-user-defined above 127 are bytes plus this. */
const byteMask = 0xff;

function messageOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: Error };
  return cause?.message ? `${message}: ${cause.message}` : message;
}

function isOffline(): boolean {
  return (globalThis as { navigator?: Navigator }).navigator?.onLine === false;
}

function policyEvents(): PolicyEvents {
  return (globalThis as { document?: Document }).document ?? globalThis;
}

/** Watches whether the page's policy stops a connection meanwhile. */
class PolicyWatch {
  wasStopped = false;
  readonly #events = policyEvents();
  readonly #listen = (event: Event): void => {
    const { effectiveDirective } = event as SecurityPolicyViolationEvent;
    this.wasStopped ||= effectiveDirective === 'connect-src';
  };

  constructor() {
    this.#events.addEventListener?.(violation, this.#listen);
  }

  end(): void {
    this.#events.removeEventListener?.(violation, this.#listen);
  }
}

/** Lines of `name: value`. */
function formatHeaders(headers: Headers): string {
  return [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
}

function parseHeaders(text: string): [name: string, value: string][] {
  return text
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
}

/** One request and its answer. */
export class HttpRequest {
  isReady = false;
  failure: Failure = '';
  detail = '';
  status = 0;
  statusText = '';
  url = '';
  headers = '';
  /** What came last, once it is ready. */
  chunk: Uint8Array | undefined = undefined;
  isAtEnd = false;
  readonly #controller = new AbortController();
  readonly #wake: () => void;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** Ready with the head of the answer. */
  async send(
    method: string,
    url: string,
    headers: string,
    body: Uint8Array<ArrayBuffer> | undefined,
  ): Promise<void> {
    const { signal } = this.#controller;
    let request: Request;
    try {
      const fields = parseHeaders(headers);
      request = new Request(url, {
        method,
        headers: fields,
        body: body ?? null,
        signal,
      });
    } catch (error) {
      this.detail = messageOf(error);
      this.failure = 'malformed';
      this.#tell();
      return;
    }
    const watch = new PolicyWatch();
    try {
      const response = await fetch(request);
      this.status = response.status;
      this.statusText = response.statusText;
      this.url = response.url;
      this.headers = formatHeaders(response.headers);
      this.#reader = response.body?.getReader();
    } catch (error) {
      this.detail = messageOf(error);
      this.failure = await this.#explain(url, watch);
    }
    watch.end();
    this.#tell();
  }

  /** Ready with the next piece of the body, or its end. */
  pull(): void {
    this.isReady = false;
    this.chunk = undefined;
    if (this.#reader === undefined) {
      this.isAtEnd = true;
      this.isReady = true;
      return;
    }
    this.#reader.read().then(
      ({ done, value }) => {
        this.chunk = value;
        this.isAtEnd = done;
        this.#tell();
      },
      (error: unknown) => {
        this.detail = messageOf(error);
        this.failure = this.#controller.signal.aborted ? 'aborted' : 'broken';
        this.#tell();
      },
    );
  }

  abort(): void {
    this.#controller.abort();
  }

  /** The same in one call; `timeoutMs` counts in workers only. */
  sendNow(
    method: string,
    url: string,
    headers: string,
    body: Uint8Array<ArrayBuffer> | undefined,
    timeoutMs: number,
  ): void {
    this.isReady = true;
    if (typeof XMLHttpRequest !== 'function') {
      this.failure = 'unavailable';
      return;
    }
    const request = new XMLHttpRequest();
    const isWorker = typeof document === 'undefined';
    try {
      request.open(method, url, false);
      if (isWorker) {
        request.responseType = 'arraybuffer';
        request.timeout = timeoutMs;
      } else {
        // The one way to bytes that a page has without waiting.
        request.overrideMimeType('text/plain; charset=x-user-defined');
      }
      for (const [name, value] of parseHeaders(headers)) {
        request.setRequestHeader(name, value);
      }
      request.send(body ?? null);
    } catch (error) {
      const { name } = error as Error;
      this.detail = messageOf(error);
      this.failure = name === 'TimeoutError' ? 'timeout' : 'unknown';
      if (name !== 'TimeoutError' && isOffline()) {
        this.failure = 'offline';
      }
      return;
    }
    this.status = request.status;
    this.statusText = request.statusText;
    this.url = request.responseURL;
    this.headers = request.getAllResponseHeaders();
    this.chunk = isWorker
      ? new Uint8Array(request.response as ArrayBuffer)
      : Uint8Array.from(
          request.responseText,
          (unit) => unit.charCodeAt(0) & byteMask,
        );
  }

  #tell(): void {
    this.isReady = true;
    this.#wake();
  }

  /** Browsers tell scripts only that it failed. Whether the server answers
   * at all shows a request whose answer nobody may read. */
  async #explain(url: string, watch: PolicyWatch): Promise<Failure> {
    const { signal } = this.#controller;
    if (signal.aborted) {
      return 'aborted';
    }
    if (isOffline()) {
      return 'offline';
    }
    try {
      await fetch(url, {
        method: 'HEAD',
        mode: 'no-cors',
        credentials: 'omit',
        signal,
      });
      return 'unreadable';
    } catch {
      return watch.wasStopped ? 'forbidden' : 'unreachable';
    }
  }
}

/** The root `network`. */
export class Network {
  readonly #wake: () => void;

  /** `canWait`: Python's stack can be suspended while the page works. */
  constructor(
    wake: () => void,
    readonly canWait: boolean,
  ) {
    this.#wake = wake;
  }

  open(
    method: string,
    url: string,
    headers: string,
    body: Uint8Array<ArrayBuffer> | undefined,
  ): HttpRequest {
    const request = new HttpRequest(this.#wake);
    void request.send(method, url, headers, body);
    return request;
  }

  openNow(
    method: string,
    url: string,
    headers: string,
    body: Uint8Array<ArrayBuffer> | undefined,
    timeoutMs: number,
  ): HttpRequest {
    const request = new HttpRequest(this.#wake);
    request.sendNow(method, url, headers, body, timeoutMs);
    return request;
  }
}
