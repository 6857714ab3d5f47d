// A report's file from what the page and Python have now.

import type { EmbeddedFiles } from './embedded_files.ts';
import { Encoder, type WrittenPart } from './encoder.ts';
import {
  collectFiles,
  embeddedFiles,
  type HomeFiles,
  type HomeReader,
} from './home_files.ts';
import {
  hasBase,
  STATE_PART,
  StateError,
  type StateSource,
  takeState,
} from './live_state.ts';
import type { CellData } from './notebook_data.ts';
import type { Payload } from './payload.ts';
import type { PresentNotebook } from './present.ts';
import type { DocumentTemplate, SavedFile } from './save.ts';
import { countOutputs, type SavePlan, type StatePlan } from './save_plan.ts';
import type { ReportIdentity } from './save_target.ts';

/** What Save asks of Python. */
export interface SavedKernel extends StateSource, HomeReader {
  readonly state: string;
}

export interface ReportSources {
  template: DocumentTemplate;
  payload: Payload;
  embedded: EmbeddedFiles;
  /** page.wasm. */
  module: WebAssembly.Module;
  present: () => PresentNotebook;
  /** Python, unless it has not started or is gone. */
  kernel: () => SavedKernel | undefined;
}

/** Everything that a file is made of, as of one moment. */
export interface Prepared {
  present: PresentNotebook;
  files: SavedFile[];
  skipped: string[];
  statePlan: StatePlan;
  state: WrittenPart | undefined;
  /** The file that the notebook was read from in the page. */
  source: WrittenPart | undefined;
}

/** Bytes that the state needs beside its chunks: elements, a row of the
 * table. */
const STATE_OVERHEAD = 512;

/** A choice of the caller: the variables when they are asked for only. */
export interface PrepareOptions {
  wantsState: boolean;
}

export class ReportMaker {
  constructor(private readonly sources: ReportSources) {}

  get isBusy(): boolean {
    const state = this.sources.kernel()?.state;
    return state === 'busy' || state === 'waiting';
  }

  async prepare({ wantsState }: PrepareOptions): Promise<Prepared> {
    const { sources } = this;
    const { payload } = sources;
    // They are taken out of the document, which may still be arriving.
    await Promise.all(payload.parts.map(({ name }) => payload.arrived(name)));
    const present = sources.present();
    const taking = wantsState
      ? this.#takeState()
      : Promise.resolve('left out by choice');
    // A rejection is read below; until then it must not count as unhandled.
    taking.catch(() => undefined);
    const encoder = await Encoder.create(sources.module);
    const { files, skipped } = await this.#files(encoder);
    const prepared: Prepared = {
      present,
      files,
      skipped,
      statePlan: { kind: 'busy' },
      state: undefined,
      source: present.source
        ? await encoder.write(
            `source:${present.source.name}`,
            present.source.bytes,
          )
        : undefined,
    };
    try {
      const bytes = await taking;
      if (bytes instanceof Uint8Array) {
        const written = await encoder.write(STATE_PART, bytes);
        prepared.state = written;
        prepared.statePlan = { kind: 'ready', size: sizeOf(written) };
      } else if (bytes !== undefined) {
        prepared.statePlan = { kind: 'none', reason: bytes };
      }
    } catch (error) {
      const reason = (error as Error).message;
      prepared.statePlan = { kind: 'none', reason };
      if (!(error instanceof StateError)) {
        console.warn(error);
      }
    }
    return prepared;
  }

  /** The whole file. */
  fill(
    prepared: Prepared,
    report: ReportIdentity,
    keepsState: boolean,
  ): Blob {
    const { present, files, state } = prepared;
    const { cells } = present.notebook;
    const kept = keepsState ? cells : cells.map(withoutDisplayIds);
    return this.sources.template.fill({
      title: present.title,
      view: present.view,
      cells: present.cells,
      iomd: present.iomd,
      notebook: { ...present.notebook, cells: kept, report },
      files,
      // A notebook that was opened here since has another source, or none.
      replaces: present.source === undefined ? [STATE_PART] : [STATE_PART, 'source:'],
      added: [
        ...(prepared.source ? [prepared.source] : []),
        ...(keepsState && state ? [state] : []),
      ],
    });
  }

  /** What was saved is the report's from now on: a fresh Python gets it. */
  keep({ files }: Prepared): void {
    for (const file of files) {
      if (file.from !== 'document') {
        const { name, mimetype } = file.entry;
        this.sources.embedded.add(name, mimetype, file.bytes);
      }
    }
  }

  plan(prepared: Prepared, fileName: string, report: ReportIdentity): SavePlan {
    const { present, files, skipped, statePlan } = prepared;
    const { cells, iomd, notebook } = present;
    const text = [cells, iomd, JSON.stringify(notebook.cells)];
    return {
      fileName,
      outputCount: countOutputs(notebook.cells),
      textSize: new Blob(text).size,
      fileCount: files.length,
      filesSize: files.reduce((sum, { entry }) => sum + entry.size, 0),
      bareSize: this.fill(prepared, report, false).size,
      state: statePlan,
      skipped,
    };
  }

  /** Python's own files, where it can be asked. */
  async #files(encoder: Encoder): Promise<HomeFiles> {
    const { embedded } = this.sources;
    const kernel = this.sources.kernel();
    if (!kernel) {
      return { files: await embeddedFiles(embedded, encoder), skipped: [] };
    }
    return collectFiles(kernel, embedded, encoder);
  }

  /** Undefined while Python runs; a text says why it cannot be had. */
  async #takeState(): Promise<Uint8Array<ArrayBuffer> | string | undefined> {
    const { payload } = this.sources;
    const kernel = this.sources.kernel();
    if (!kernel) {
      return 'Python is not running';
    }
    if (!hasBase(payload)) {
      return 'this report was packed to start without a snapshot';
    }
    return this.isBusy ? undefined : takeState(kernel, payload);
  }
}

/** Without Python nobody updates them. */
function withoutDisplayIds({ display_ids: _, ...cell }: CellData): CellData {
  return cell;
}

function sizeOf({ chunks }: WrittenPart): number {
  return chunks.reduce((sum, { length }) => sum + length, STATE_OVERHEAD);
}
