// Saving the page: asking the person, choosing the file, writing it, and
// whether there is anything that is not saved yet.

import { randomId } from './comms.ts';
import { canChooseFile, canReplaceFile } from './save_target.ts';
import {
  chooseExistingFile,
  chooseNewFile,
  examine,
  type FileHandle,
  type ReportIdentity,
  writeInPlace,
} from './save_target.ts';
import type { Prepared, ReportMaker } from './report_maker.ts';
import { download, fileNameFor } from './save.ts';
import {
  CANCEL,
  type SaveAnswer,
  type SaveButton,
  SaveDialog,
  type SaveQuestion,
} from './save_dialog.ts';
import {
  describePlan,
  describeSkipped,
  describeState,
  keepsByDefault,
  type SavePlan,
} from './save_plan.ts';
import { showToast } from './toast.ts';
import { nextTurn } from './turns.ts';

/** What save() of a script may say. */
export interface SaveOptions {
  /** Whether Python's variables go along; by default while they are few. */
  variables?: boolean;
  /** `download`, nowhere, or a file; by default the file that was chosen
   * before, or else a download. */
  to?: 'download' | 'nowhere' | FileHandle;
}

export interface SavingHost {
  /** The title now. */
  title: () => string;
  /** Which report the page says it is; undefined for an old one. */
  report: () => ReportIdentity | undefined;
  /** Something is not saved any more. */
  touched: () => void;
  /** It is saved: everything up to here. */
  saved: (identity: ReportIdentity) => void;
}

type Target =
  | { kind: 'download' }
  | { kind: 'nowhere' }
  | { kind: 'file'; handle: FileHandle; isNew: boolean };

/** How often a running cell is looked at by a Save that waits for it. */
const WAIT_MS = 100;

/** The empty report, of which nobody wants a second one. */
const EMPTY_REPORT = 'tincture.html';

/** The file that the page was opened from, where Save may replace it. */
function ownFileName(): string | undefined {
  let name = location.pathname.split('/').pop() ?? '';
  try {
    name = decodeURIComponent(name);
  } catch {
    // A percent sign that stands for itself.
  }
  return /\.html?$/i.test(name) && name !== EMPTY_REPORT ? name : undefined;
}

/** Browsers empty a file at once that is chosen to be saved in. */
function describeFailure(error: Error, target: Target | undefined): string {
  const isEmptied = target?.kind === 'file' && target.isNew;
  const rest = isEmptied
    ? 'The file that was chosen is empty now.'
    : 'The file is as it was.';
  return `Nothing was saved: ${error.message}. ${rest}`;
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

export class Saving {
  #isDirty = false;
  #identity: ReportIdentity | undefined;
  /** The file that Save writes in place. */
  #handle: FileHandle | undefined;
  /** What the person said about the variables. */
  #choice: boolean | undefined;
  #dialog: SaveDialog | undefined;
  #isSaving = false;
  /** A file could not be written: a download may be. */
  #hasFailed = false;

  constructor(
    private readonly maker: ReportMaker,
    private readonly host: SavingHost,
  ) {
    addEventListener('beforeunload', (event) => {
      if (this.#isDirty) {
        event.preventDefault();
      }
    });
  }

  /** Something is not as it was saved last. */
  get isDirty(): boolean {
    return this.#isDirty;
  }

  touch(): void {
    this.#isDirty = true;
    this.host.touched();
  }

  /** Which report the page is, as of its last Save. */
  get identity(): ReportIdentity {
    const report = this.host.report();
    if (!this.#identity || (report && report.id !== this.#identity.id)) {
      // Another notebook was opened in the page: the file is not its own.
      this.#handle = undefined;
      this.#identity = report ?? { id: randomId().slice(0, 16), revision: 0 };
    }
    return this.#identity;
  }

  /** Saves without asking, and gives the bytes. */
  async save(options: SaveOptions = {}): Promise<Blob> {
    await this.#begin();
    try {
      const { identity } = this;
      const wantsState = options.variables !== false;
      if (options.variables === true) {
        await this.#untilIdle(() => false);
      }
      const prepared = await this.maker.prepare({ wantsState });
      const { statePlan } = prepared;
      if (options.variables === true && statePlan.kind === 'none') {
        throw new Error(`Python’s variables: ${statePlan.reason}`);
      }
      const keepsState = options.variables ?? keepsByDefault(statePlan);
      const target = this.#scriptTarget(options.to);
      await this.#refuseConflict(target, identity);
      return await this.#write(prepared, keepsState, target);
    } finally {
      this.#isSaving = false;
    }
  }

  /** Save as a person presses it. */
  async ask(): Promise<void> {
    if (this.#isSaving) {
      return;
    }
    await this.#begin();
    const dialog = (this.#dialog ??= new SaveDialog());
    try {
      await this.#converse(dialog);
    } catch (error) {
      console.warn(error);
      await dialog.ask({
        line: () => '',
        alert: `The report could not be saved. ${(error as Error).message}`,
        buttons: [{ name: CANCEL, label: 'Close', isMain: true }],
      });
    } finally {
      dialog.close();
      this.#isSaving = false;
    }
  }

  /** One Save at a time. */
  async #begin(): Promise<void> {
    while (this.#isSaving) {
      await pause(WAIT_MS);
    }
    this.#isSaving = true;
  }

  /** False when `isOver` says so first. */
  async #untilIdle(isOver: () => boolean): Promise<boolean> {
    while (this.maker.isBusy) {
      if (isOver()) {
        return false;
      }
      await pause(WAIT_MS);
    }
    return true;
  }

  // --- The conversation ---

  async #converse(dialog: SaveDialog): Promise<void> {
    let isCancelled = false;
    void dialog.wait('Looking at what there is to save…').then(() => {
      isCancelled = true;
      dialog.close();
    });
    await nextTurn();
    let prepared = await this.maker.prepare({ wantsState: true });
    let alert: string | undefined;
    while (!isCancelled) {
      const plan = this.#plan(prepared);
      const answer = await dialog.ask(this.#question(plan, alert));
      alert = undefined;
      if (answer.button === CANCEL) {
        return;
      }
      this.#choice = answer.keepsState;
      let target: Target | undefined;
      try {
        target = await this.#choose(answer, plan.fileName);
        if (!target || !(await this.#mayReplace(dialog, target))) {
          continue;
        }
        if (answer.keepsState && prepared.statePlan.kind === 'busy') {
          const later = await this.#waitForState(dialog);
          if (!later) {
            continue;
          }
          prepared = later;
        }
        await this.#write(prepared, answer.keepsState, target);
        this.#tell(prepared, answer.keepsState, target);
        return;
      } catch (error) {
        console.warn(error);
        this.#hasFailed = true;
        alert = describeFailure(error as Error, target);
      }
    }
  }

  #plan(prepared: Prepared): SavePlan {
    return this.maker.plan(prepared, this.#fileName(), this.identity);
  }

  #question(plan: SavePlan, alert: string | undefined): SaveQuestion {
    const { state } = plan;
    const isPossible = state.kind !== 'none';
    const usual = state.kind === 'busy' || keepsByDefault(state);
    return {
      line: (keepsState) => describePlan(plan, keepsState),
      ...(alert !== undefined && { alert }),
      note: describeSkipped(plan.skipped),
      state: {
        isChecked: isPossible && (this.#choice ?? usual),
        isPossible,
        text: describeState(state),
      },
      buttons: this.#buttons(),
    };
  }

  #buttons(): SaveButton[] {
    const cancel = { name: CANCEL, label: 'Cancel', title: 'Cancel (Esc)' };
    const download = { name: 'download', label: 'Download' };
    if (!canChooseFile()) {
      return [cancel, { ...download, isMain: true }];
    }
    const first = this.#hasFailed ? [cancel, download] : [cancel];
    const copy = {
      name: 'new',
      label: 'Save as…',
      title: 'Save as a new file',
    };
    if (this.#handle) {
      const title = `Save in ${this.#handle.name}`;
      const save = { name: 'file', label: 'Save', title, isMain: true };
      return [...first, copy, save];
    }
    if (!canReplaceFile() || ownFileName() === undefined) {
      return [...first, { ...copy, isMain: true }];
    }
    const title = 'Choose the file that this page was opened from';
    const label = 'Save in this file…';
    return [...first, copy, { name: 'existing', label, title, isMain: true }];
  }

  /** The pickers want to be called at once after the press. */
  async #choose(
    { button }: SaveAnswer,
    fileName: string,
  ): Promise<Target | undefined> {
    if (button === 'download') {
      return { kind: 'download' };
    }
    if (button === 'file' && this.#handle) {
      return { kind: 'file', handle: this.#handle, isNew: false };
    }
    const isNew = button === 'new';
    const handle = await (isNew
      ? chooseNewFile(fileName)
      : chooseExistingFile());
    return handle && { kind: 'file', handle, isNew };
  }

  /** Asks before something else than an own state is overwritten. */
  async #mayReplace(dialog: SaveDialog, target: Target): Promise<boolean> {
    const conflict = await this.#conflict(target, this.identity);
    if (conflict === undefined) {
      return true;
    }
    const { button } = await dialog.ask({
      line: () => 'Replace it with what this page holds?',
      alert: conflict,
      buttons: [
        { name: CANCEL, label: 'Leave it', isMain: true },
        { name: 'replace', label: 'Replace it' },
      ],
    });
    return button === 'replace';
  }

  async #waitForState(dialog: SaveDialog): Promise<Prepared | undefined> {
    let isCancelled = false;
    void dialog.wait('Waiting until the running cell has ended…').then(() => {
      isCancelled = true;
    });
    const isIdle = await this.#untilIdle(() => isCancelled);
    return isIdle ? this.maker.prepare({ wantsState: true }) : undefined;
  }

  #tell(prepared: Prepared, keepsState: boolean, target: Target): void {
    const verb = target.kind === 'file' ? `Saved: ` : 'Downloaded: ';
    const plan = this.#plan(prepared);
    const name = target.kind === 'file' ? target.handle.name : plan.fileName;
    const line = describePlan({ ...plan, fileName: name }, keepsState);
    showToast(verb + line.replace(' will hold ', ' holds '));
  }

  // --- Writing ---

  /** What the file would be called. */
  #fileName(): string {
    if (this.#handle) {
      return this.#handle.name;
    }
    return ownFileName() ?? fileNameFor(this.host.title());
  }

  #scriptTarget(to: SaveOptions['to']): Target {
    const handle = typeof to === 'object' ? to : this.#handle;
    if (to === 'download' || to === 'nowhere') {
      return { kind: to };
    }
    return handle
      ? { kind: 'file', handle, isNew: false }
      : { kind: 'download' };
  }

  /** What speaks against overwriting the file, for people. */
  async #conflict(
    target: Target,
    own: ReportIdentity,
  ): Promise<string | undefined> {
    if (target.kind !== 'file') {
      return undefined;
    }
    const { name } = target.handle;
    const finding = await examine(await target.handle.getFile(), own);
    switch (finding.kind) {
      case 'empty':
      case 'own':
        return undefined;
      case 'newer': {
        const when = finding.saved
          ? ` (${new Date(finding.saved).toLocaleString()})`
          : '';
        return `${name} was saved from somewhere else since this page was opened${when}.`;
      }
      case 'other':
        return `${name} holds another report: “${finding.title ?? 'untitled'}”.`;
      case 'foreign':
        return `${name} is not a report of Tincture.`;
    }
  }

  /** A script cannot be asked, so it is told. */
  async #refuseConflict(target: Target, own: ReportIdentity): Promise<void> {
    const conflict = await this.#conflict(target, own);
    if (conflict !== undefined) {
      throw new Error(`${conflict} It was left as it is.`);
    }
  }

  async #write(
    prepared: Prepared,
    keepsState: boolean,
    target: Target,
  ): Promise<Blob> {
    const { id, revision } = this.identity;
    const next: ReportIdentity = {
      id,
      revision: revision + 1,
      saved: new Date().toISOString(),
    };
    const blob = this.maker.fill(prepared, next, keepsState);
    if (target.kind === 'download') {
      download(blob, this.#fileName());
    } else if (target.kind === 'file') {
      await writeInPlace(target.handle, blob);
      this.#handle = target.handle;
    }
    if (target.kind !== 'nowhere') {
      this.maker.keep(prepared);
      this.#identity = next;
      this.#isDirty = false;
      this.host.saved(next);
    }
    return blob;
  }
}
