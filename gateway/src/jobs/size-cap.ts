import type { Clock } from "../base/clock.ts";
import { newId } from "../base/ids.ts";
import { addEvents } from "../store/events/writer.ts";
import { deleteTracesBefore } from "../store/requests/writer.ts";
import { hasTracesBefore } from "../store/retention.ts";
import { storeSize } from "../store/size.ts";
import type { Store } from "../store/store.ts";
import type { Write } from "../store/write.ts";
import type { Logger } from "../telemetry/logs.ts";

/** Rows of one commit: some 2 ms of the event loop on SQLite. */
const ROWS_AT_ONCE = 100;
/** What the store comes down to: at the very limit each trace would be one too many. */
const CALM_RATIO = 0.95;
/** Below it nobody need know of it any more. */
const OK_RATIO = 0.9;
/** PostgreSQL takes ten seconds to count what was deleted: until then it would be deleted twice. */
const REST_MS = 30_000;
/** Whoever looks into what has just happened needs its trace. */
const YOUNG_MS = 3_600_000;

export interface SizeCapDeps {
  readonly clock: Pick<Clock, "now">;
  readonly store: Pick<Store, "read" | "engine"> & {
    /** Rejects with StoreUnavailable. */
    commit(writes: readonly Write[]): Promise<void>;
  };
  /** 0 = as much as there is room for. */
  readonly maxBytes: number;
  /** One node deletes for all. */
  readonly isOnDuty: () => boolean;
  readonly log: Pick<Logger, "log">;
}

/**
 * Keeps the store below a size by deleting the oldest traces before their time is over, and tells of it once. Nothing
 * else is ever deleted for it: what tells of money stays, however large.
 */
export class SizeCap {
  readonly maxBytes: number;
  readonly #deps: SizeCapDeps;
  #bytes: number | undefined;
  #isOver = false;
  #told = false;
  /** Epoch milliseconds: nothing is deleted before. */
  #restsUntil = 0;

  constructor(deps: SizeCapDeps) {
    this.#deps = deps;
    this.maxBytes = deps.maxBytes;
  }

  /** What the store held at the last look; undefined before the first. */
  get bytes(): number | undefined {
    return this.#bytes;
  }

  /** Whether there is, or would be, more than may be. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Looks, deletes what is too much and tells of it. Rejects with StoreUnavailable: the next call goes on. */
  async run(): Promise<void> {
    const { clock, store, isOnDuty } = this.#deps;
    const { bytes, traceBytes } = await storeSize(store.read, store.engine);
    this.#bytes = bytes;
    if (this.maxBytes === 0) return;
    this.#isOver = bytes > this.maxBytes * (this.#isOver ? OK_RATIO : 1);
    if (!isOnDuty()) return;
    const excess = bytes - this.maxBytes * CALM_RATIO;
    if (bytes > this.maxBytes && clock.now() >= this.#restsUntil)
      await this.#makeRoom(Math.ceil(excess / traceBytes));
    await this.#tell(bytes);
  }

  async #makeRoom(traces: number): Promise<void> {
    const { clock, store, log } = this.#deps;
    const before = clock.now() - YOUNG_MS;
    let count = 0;
    while (count < traces && (await hasTracesBefore(store.read, before))) {
      await store.commit([deleteTracesBefore(before, ROWS_AT_ONCE)]);
      count += ROWS_AT_ONCE;
      if (await this.#hasRoom()) break;
    }
    if (count === 0) return;
    this.#restsUntil = clock.now() + REST_MS;
    log.log("info", "store_size", { action: "traces_deleted", count });
  }

  /** Whether enough was deleted, where that is seen at once. */
  async #hasRoom(): Promise<boolean> {
    const { store } = this.#deps;
    if (store.engine === "postgres") return false;
    const { bytes } = await storeSize(store.read, store.engine);
    return bytes <= this.maxBytes * CALM_RATIO;
  }

  /** Once when it becomes too much, and once when it is no more. */
  async #tell(bytes: number): Promise<void> {
    const { clock, store, log, maxBytes } = this.#deps;
    if (this.#isOver === this.#told) return;
    const type = this.#isOver ? "store.size_exceeded" : "store.size_ok";
    const at = clock.now();
    const payload = { bytes, max_bytes: maxBytes };
    await store.commit(addEvents([{ id: newId("evt", at), type, payload, at }]));
    this.#told = this.#isOver;
    const hint = "old traces are deleted before their time; raise SCAIGRID_STORE_MAX_MB, or keep less";
    const reason = `${bytes} bytes of at most ${maxBytes}`;
    if (this.#isOver) log.log("warn", "store_size", { action: "exceeded", reason, hint });
    else log.log("info", "store_size", { action: "ok", reason });
  }
}
