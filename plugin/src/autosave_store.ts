// Text and outputs that were not saved, kept by the browser for a while: one
// object store, in which all reports that it opens from disk may meet.

export interface AutosaveRecord {
  /** Which report and state it was made from; see Autosave. */
  key: string;
  /** Milliseconds since 1970. */
  at: number;
  iomd: string;
  /** The notebook's JSON, as text. */
  notebook: string;
}

const DATABASE = 'tincture-autosave';
const STORE = 'notebooks';

/** The oldest go when there are more. */
const RECORD_LIMIT = 30;

/** Characters of one record; larger notebooks are kept without outputs. */
export const RECORD_SIZE_LIMIT = 24 << 20;

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('no database'));
  });
}

export class AutosaveStore {
  private constructor(private readonly database: IDBDatabase) {}

  /** Rejects where the browser keeps nothing. */
  static async open(): Promise<AutosaveStore> {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore(STORE, { keyPath: 'key' });
      store.createIndex('at', 'at');
    };
    return new AutosaveStore(await settled(request));
  }

  async find(key: string): Promise<AutosaveRecord | undefined> {
    const found: unknown = await settled(this.#begin('readonly').get(key));
    return found as AutosaveRecord | undefined;
  }

  /** On its way to disk when this returns: what hangs the page afterwards
   * does not stop it. */
  put(record: AutosaveRecord): void {
    const store = this.#begin('readwrite');
    store.put(record);
    store.transaction.commit();
    store.transaction.oncomplete = () => this.#dropOldest();
  }

  remove(keys: readonly string[]): void {
    const store = this.#begin('readwrite');
    keys.forEach((key) => store.delete(key));
    store.transaction.commit();
  }

  #dropOldest(): void {
    const store = this.#begin('readwrite');
    const listing = store.index('at').getAllKeys();
    listing.onsuccess = () => {
      const count = Math.max(0, listing.result.length - RECORD_LIMIT);
      listing.result.slice(0, count).forEach((key) => store.delete(key));
    };
  }

  #begin(mode: IDBTransactionMode): IDBObjectStore {
    return this.database.transaction(STORE, mode).objectStore(STORE);
  }
}
