import { closeSync, fdatasync, fsync, ftruncateSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** The longest bytes wait for their sync to disk: what a power cut can take. */
const SYNC_MS = 50;

/** A new file that bytes are only ever added to, and synced on another thread soon after. */
export class AppendFile {
  readonly path: string;
  readonly #descriptor: number;
  readonly #onFailure: (error: unknown) => void;
  #bytes = 0;
  #timer: Timer | undefined;
  /** Syncs under way: on a slow disk the next one is due before the last has ended. */
  #syncs = 0;
  #closed = false;

  /** Creates the file. `onFailure` hears of syncs that failed. Throws the system's error. */
  constructor(path: string, onFailure: (error: unknown) => void) {
    this.path = path;
    this.#descriptor = openSync(path, "ax", 0o600);
    this.#onFailure = onFailure;
    syncFolder(dirname(path), onFailure);
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

  /** Begins a sync of what has been appended, on another thread; `then` is called when it has succeeded. */
  syncNow(then?: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#syncs++;
    fdatasync(this.#descriptor, (error) => {
      this.#syncs--;
      if (error === null) then?.();
      else this.#onFailure(error);
      if (this.#closed && this.#syncs === 0) closeSync(this.#descriptor);
    });
  }
}

/** After a power cut a file is found only if its folder's entry was synced as well. */
function syncFolder(path: string, onFailure: (error: unknown) => void): void {
  const folder = openSync(path, "r");
  fsync(folder, (error) => {
    closeSync(folder);
    if (error !== null) onFailure(error);
  });
}
