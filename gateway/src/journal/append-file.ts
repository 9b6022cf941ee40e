import { closeSync, fdatasync, fsync, ftruncateSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** The longest bytes wait for their sync to disk: what a power cut can take. */
const SYNC_MS = 50;

/** Writes what a descriptor's file has to the disk, on another thread. */
export type Sync = (descriptor: number, done: (error: Error | null) => void) => void;

/** A new file that bytes are only ever added to, and synced on another thread soon after. */
export class AppendFile {
  readonly path: string;
  readonly #descriptor: number;
  readonly #onFailure: (error: unknown) => void;
  readonly #sync: Sync;
  /** Resolves once the file would be found after a power cut. */
  readonly #entry: Promise<void>;
  /** Those who wait for a sync that has not begun. */
  #waiting: PromiseWithResolvers<void> | undefined;
  #isSyncing = false;
  #bytes = 0;
  #timer: Timer | undefined;
  /** Syncs under way: on a slow disk the next one is due before the last has ended. */
  #syncs = 0;
  #closed = false;

  /** Creates the file. `onFailure` hears of syncs that failed. Throws the system's error. `sync` is for tests. */
  constructor(path: string, onFailure: (error: unknown) => void, sync: Sync = fdatasync) {
    this.path = path;
    this.#descriptor = openSync(path, "ax", 0o600);
    this.#onFailure = onFailure;
    this.#sync = sync;
    this.#entry = syncFolder(dirname(path));
    this.#entry.catch(onFailure);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** All of the text or nothing. Throws the system's error. */
  append(text: string): void {
    const bytes = Buffer.from(text);
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(this.#descriptor, bytes, done);
    } catch (error) {
      // A full disk takes a part. What was half written must not be followed by anything.
      ftruncateSync(this.#descriptor, this.#bytes);
      throw error;
    }
    this.#bytes += bytes.length;
    this.#timer ??= setTimeout(() => this.syncNow(), SYNC_MS);
  }

  /** Syncs what is not yet, and closes. Nothing may be appended afterwards. */
  close(): void {
    this.#closed = true;
    const isDue = this.#timer !== undefined;
    clearTimeout(this.#timer);
    if (isDue) this.syncNow();
    else if (this.#syncs === 0) closeSync(this.#descriptor);
  }

  /**
   * Resolves once all that was appended before the call is on the disk; rejects with the system's error. One sync at a
   * time: whoever comes while it lasts shares the next one with all others.
   */
  async synced(): Promise<void> {
    this.#waiting ??= Promise.withResolvers();
    const { promise } = this.#waiting;
    if (!this.#isSyncing) this.#syncWaiting();
    await Promise.all([promise, this.#entry]);
  }

  #syncWaiting(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    this.#isSyncing = true;
    this.syncNow((error) => {
      this.#isSyncing = false;
      if (error === null) waiting.resolve();
      else waiting.reject(error);
      this.#syncWaiting();
    });
  }

  /** Begins a sync of what has been appended, on another thread; `then` hears how it went. */
  syncNow(then?: (error: Error | null) => void): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#syncs++;
    this.#sync(this.#descriptor, (error) => {
      this.#syncs--;
      if (error !== null) this.#onFailure(error);
      then?.(error);
      if (this.#closed && this.#syncs === 0) closeSync(this.#descriptor);
    });
  }
}

/** After a power cut a file is found only if its folder's entry was synced as well. */
function syncFolder(path: string): Promise<void> {
  const folder = openSync(path, "r");
  return new Promise((resolve, reject) => {
    fsync(folder, (error) => {
      closeSync(folder);
      if (error === null) resolve();
      else reject(error);
    });
  });
}
