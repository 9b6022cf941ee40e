import {
  type CheckpointReply,
  type CheckpointStart,
  ASLEEP,
  CALM,
  CELLS,
  COMMITS,
  STOP,
} from "./checkpoint-thread.ts";
import { StoreUnavailable } from "../errors.ts";
import type { CommitListener } from "./writer.ts";

/** The longest the end waits for the thread's last sync. */
const STOP_WAIT_MS = 5_000;

/**
 * Starts the thread that syncs and checkpoints the log, and tells it of commits through shared memory: 0.1 µs a
 * commit, no message, and no wake-ups while nothing happens.
 */
export class Checkpointer implements CommitListener {
  readonly #cells = new Int32Array(new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT));
  readonly #worker: Worker;
  readonly #stopped: Promise<void>;
  readonly #isStrict: boolean;
  /** Who waits for the sync of a commit, by its number, rising. */
  #waiting: { readonly commit: number; readonly synced: PromiseWithResolvers<void> }[] = [];
  #hasEnded = false;
  #failure: string | undefined;

  /**
   * `file` is the address of `workers/checkpointer.ts`; `onFailure` hears of failed syncs and checkpoints. One that is
   * strict syncs each commit at once and tells of it.
   */
  constructor(file: string, path: string, onFailure: (message: string) => void, isStrict = false) {
    this.#isStrict = isStrict;
    this.#worker = new Worker(file);
    // It must not keep the process alive.
    this.#worker.unref();
    this.#worker.addEventListener("error", (event) => {
      onFailure(event.message);
    });
    const stopped = Promise.withResolvers<void>();
    this.#stopped = stopped.promise;
    this.#worker.addEventListener("message", (event: MessageEvent<CheckpointReply>) => {
      if (event.data.kind === "failed") onFailure(event.data.message);
      else if (event.data.kind === "synced") this.#tell(event.data.commits, event.data.failure);
      else stopped.resolve();
    });
    this.#worker.addEventListener("close", () => {
      if (Atomics.load(this.#cells, STOP) === 0) onFailure("the checkpoint thread has ended");
      stopped.resolve();
      this.#hasEnded = true;
      this.#tell(Atomics.load(this.#cells, COMMITS), "the checkpoint thread has ended");
    });
    this.#worker.postMessage({ path, cells: this.#cells, isStrict } satisfies CheckpointStart);
  }

  committed(): void {
    Atomics.add(this.#cells, COMMITS, 1);
    if (Atomics.load(this.#cells, ASLEEP) === 1) Atomics.notify(this.#cells, COMMITS);
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  durable(): Promise<void> | undefined {
    if (!this.#isStrict) return undefined;
    if (this.#hasEnded) return Promise.reject(new StoreUnavailable("the checkpoint thread has ended"));
    const commit = Atomics.load(this.#cells, COMMITS);
    const last = this.#waiting.at(-1);
    if (last?.commit === commit) return last.synced.promise;
    const synced = Promise.withResolvers<void>();
    this.#waiting.push({ commit, synced });
    return synced.promise;
  }

  #tell(commits: number, failure: string | undefined): void {
    if (this.#isStrict) this.#failure = failure;
    // The counter goes round: later is what is less than half a round ahead.
    const isLater = (commit: number): boolean => ((commit - commits) | 0) > 0;
    const told = this.#waiting;
    this.#waiting = told.filter(({ commit }) => isLater(commit));
    for (const { commit, synced } of told) {
      if (isLater(commit)) continue;
      if (failure === undefined) synced.resolve();
      else synced.reject(new StoreUnavailable(failure));
    }
  }

  wantsCalm(): boolean {
    return Atomics.load(this.#cells, CALM) === 1;
  }

  /** Syncs what is committed and ends the thread. */
  async stop(): Promise<void> {
    this.#worker.ref();
    Atomics.store(this.#cells, STOP, 1);
    Atomics.notify(this.#cells, STOP);
    // Also counts as a commit: the thread may be just about to sleep until the next one.
    this.committed();
    let timer: Timer | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_WAIT_MS);
    });
    await Promise.race([this.#stopped, tooLong]);
    clearTimeout(timer);
    this.#worker.terminate();
  }
}
