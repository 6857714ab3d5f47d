// Saving the page: what is to be written, where to, and whether there is
// anything that is not saved yet.

import type { PresentNotebook } from './present.ts';
import { type DocumentTemplate, download, fileNameFor } from './save.ts';

export class Saving {
  #isDirty = false;

  constructor(
    private readonly template: DocumentTemplate,
    private readonly present: () => PresentNotebook,
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
  }

  /** Downloads the page as it is now, and gives its bytes. */
  save(): Blob {
    const blob = this.template.fill(this.present());
    download(blob, fileNameFor(document.title));
    this.#isDirty = false;
    return blob;
  }
}
