// The functions of a kernel that neither a start nor ordinary first cells use:
// a second module, which fills its functions into the first one's table.
//
// It is compiled beside whatever the page does after the start. Who calls one
// of its functions before is held up until it is compiled, at once: what runs
// there cannot wait for a promise. An engine that refuses to compile so much
// at once has to have it before the start; those compile lazily, in no time.

import { whenIdle } from './turns.ts';

/** Chromium's limit for compiling at once on a page's main thread. */
const AT_ONCE_LIMIT = 8 << 20;

/** The rest is compiled no later than this after the start. */
const IDLE_LIMIT_MS = 500;

function compilesAnySize(): boolean {
  try {
    new WebAssembly.Module(new Uint8Array(AT_ONCE_LIMIT + 1));
  } catch (error) {
    // Zeros are no module: the size was no reason to refuse.
    return error instanceof WebAssembly.CompileError;
  }
  return true;
}

/** Where the bytes come from. */
export interface RestSource {
  size: number;
  /** With turns for the page in between. */
  collect: () => Promise<Uint8Array<ArrayBuffer>>;
  /** At once. */
  read: () => Uint8Array<ArrayBuffer>;
}

export class RestOfCode {
  readonly #source: RestSource | undefined;
  #module: WebAssembly.Module | undefined;
  #compiling: Promise<WebAssembly.Module> | undefined;

  /** With a module, it was compiled elsewhere. */
  constructor(source: RestSource | WebAssembly.Module) {
    if (source instanceof WebAssembly.Module) {
      this.#module = source;
    } else {
      this.#source = source;
    }
  }

  /** True when the kernel may start before this is compiled. */
  get canBeLate(): boolean {
    const size = this.#source?.size ?? 0;
    return size <= AT_ONCE_LIMIT || compilesAnySize();
  }

  get isCompiled(): boolean {
    return this.#module !== undefined;
  }

  async compile(): Promise<WebAssembly.Module> {
    this.#compiling ??= this.#compileSoon();
    this.#module ??= await this.#compiling;
    return this.#module;
  }

  /** Holds the page up where it is not compiled yet. */
  compileNow(): WebAssembly.Module {
    this.#module ??= new WebAssembly.Module(this.#source!.read());
    return this.#module;
  }

  async #compileSoon(): Promise<WebAssembly.Module> {
    return (
      this.#module ?? WebAssembly.compile(await this.#source!.collect())
    );
  }
}

/** One instance's way to the rest of its code. */
export class RestLink {
  readonly #rest: RestOfCode | undefined;
  #exports: WebAssembly.ModuleImports = {};
  #isThere = false;

  constructor(rest: RestOfCode | undefined) {
    this.#rest = rest;
  }

  /** The first part's import `load_rest`. */
  readonly loadNow = (): void => {
    if (!this.#isThere && this.#rest) {
      const module = this.#rest.compileNow();
      new WebAssembly.Instance(module, { primary: this.#exports });
      this.#isThere = true;
    }
  };

  /** Resolves when the first part, whose exports these are, may run. */
  async connect(exports: WebAssembly.Exports): Promise<void> {
    this.#exports = exports as WebAssembly.ModuleImports;
    const rest = this.#rest;
    if (!rest) {
      return;
    }
    if (rest.isCompiled || !rest.canBeLate) {
      await this.#load(rest);
    } else {
      // loadNow says what is wrong to whoever needs it.
      const load = (): void => void this.#load(rest).catch(() => undefined);
      whenIdle(load, IDLE_LIMIT_MS);
    }
  }

  async #load(rest: RestOfCode): Promise<void> {
    const module = await rest.compile();
    if (!this.#isThere) {
      await WebAssembly.instantiate(module, { primary: this.#exports });
      this.#isThere = true;
    }
  }
}
