// The kernel from files beside the plugin: what build/dist serves.

import type { KernelParts } from './kernel.ts';
import { PageLibrary } from './page_library.ts';
import { RestOfCode } from './rest_of_code.ts';
import { restoreMemory } from './restore.ts';

interface Profile {
  name: string;
  /** What a start from a snapshot takes. */
  warm: {
    /** The kernel in two. */
    first: string;
    rest: string;
    snapshot: string;
    /** Sizes are bytes before compression. */
    snapshot_size: number;
    images: { file: string; size: number }[];
  };
}

/** Where the files are. */
export interface Base {
  url: URL;
  /** A server has the script there, or somebody said so. */
  isBeside: boolean;
}

/** Takes how many bytes have come so far. */
export type TakeSize = (size: number) => void;

export interface ServedParts {
  parts: KernelParts;
  library: PageLibrary;
}

class Files {
  #size = 0;

  constructor(
    readonly base: URL,
    private readonly isBeside: boolean,
    private readonly progress: TakeSize,
  ) {}

  /** A file whose bytes are counted while they come. */
  async get(name: string): Promise<Response> {
    const url = new URL(name, this.base);
    let response: Response;
    try {
      response = await fetch(url);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${url.href} cannot be loaded: ${reason}${this.#hint()}`);
    }
    if (!response.ok) {
      const { status } = response;
      throw new Error(`${url.href} cannot be loaded: ${status}${this.#hint()}`);
    }
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform: (piece, controller) => {
        this.#size += piece.length;
        this.progress(this.#size);
        controller.enqueue(piece);
      },
    });
    const type = response.headers.get('content-type') ?? '';
    return new Response(response.body?.pipeThrough(count) ?? null, {
      headers: { 'content-type': type },
    });
  }

  async bytes(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const response = await this.get(name);
    try {
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      throw new Error(`${name} cannot be loaded: ${(error as Error).message}`);
    }
  }

  async module(name: string): Promise<WebAssembly.Module> {
    const response = await this.get(name);
    const type = response.headers.get('content-type') ?? '';
    return /^application\/wasm\b/.test(type)
      ? WebAssembly.compileStreaming(response)
      : WebAssembly.compile(await response.arrayBuffer());
  }

  /** Where no file can be beside the script. */
  #hint(): string {
    return this.isBeside
      ? ''
      : '. Pages that no server serves, and data: and blob: addresses, take ' +
          'the script that `tincture plugin --inline` makes, or the address ' +
          'of the files in window.tinctureBaseUrl';
  }
}

/** The profile that the plugin's own URL asks for (`tincture.js?profile=core`),
 * or the largest: nobody knows yet what the notebook will import. */
async function chooseProfile(files: Files): Promise<Profile> {
  const response = await files.get('profiles.json');
  const { profiles } = (await response.json()) as { profiles: Profile[] };
  const name = files.base.searchParams.get('profile');
  const profile =
    name === null ? profiles.at(-1) : profiles.find((p) => p.name === name);
  if (!profile) {
    const names = profiles.map((p) => p.name).join(', ');
    throw new Error(`there is no profile ${name}, only ${names}`);
  }
  return profile;
}

/** What a file was before it was compressed, as reports carry it, a third of
 * its size.  The memory that takes is given back. */
function unpack(
  library: PageLibrary,
  file: string,
  frame: Uint8Array,
  size: number,
): Uint8Array<ArrayBuffer> {
  try {
    return library.fresh().unpack(frame, size);
  } catch (error) {
    throw new Error(`${file}.zst is damaged: ${(error as Error).message}`);
  }
}

/** All files at once: a server and a browser's cache give them in parallel,
 * and the engine compiles what is there already. */
export async function loadServedParts(
  { url, isBeside }: Base,
  progress: TakeSize,
): Promise<ServedParts> {
  const files = new Files(url, isBeside, progress);
  const { warm } = await chooseProfile(files);
  const { first, rest, snapshot, snapshot_size: size, images } = warm;
  const [module, code, library, memory, ...packed] = await Promise.all([
    files.module(first),
    files.bytes(rest),
    files.bytes('page.wasm').then((bytes) => PageLibrary.load(bytes)),
    files.bytes(`${snapshot}.zst`),
    ...images.map(({ file }) => files.bytes(`${file}.zst`)),
  ]);
  const unpacked = new Map(
    images.map((image, i) => [
      image.file,
      unpack(library, image.file, packed[i]!, image.size),
    ]),
  );
  const restore = (): WebAssembly.Memory =>
    restoreMemory(
      module,
      unpack(library, snapshot, memory, size),
      (name) => unpacked.get(name)!,
    );
  const parts: KernelParts = {
    module,
    rest: new RestOfCode({
      size: code.length,
      collect: () => Promise.resolve(code),
      read: () => code,
    }),
    images: [],
    snapshot: () => ({ memory: restore(), kind: 'build' }),
  };
  return { parts, library };
}
