import type { Clock } from "../base/clock.ts";
import { newId } from "../base/ids.ts";
import type { EventType } from "../core/event.ts";
import type { DiskReserve, DiskState } from "../limits/disk-reserve.ts";
import { addEvents } from "../store/events/writer.ts";
import type { Write } from "../store/write.ts";
import type { Logger } from "../telemetry/logs.ts";

export interface WatchDiskDeps {
  readonly clock: Pick<Clock, "now">;
  readonly disk: DiskReserve;
  /** Bytes that are free where the journal lies. Rejects with the system's error. */
  freeBytes(): Promise<number>;
  /** Rejects with StoreUnavailable. */
  commit(writes: readonly Write[]): Promise<void>;
  readonly log: Pick<Logger, "log">;
  /** Which node it is of. */
  readonly about: Readonly<Record<string, string>>;
}

const TOLD: Readonly<
  Record<DiskState, { readonly type: EventType; readonly level: "info" | "warn" | "error" }>
> = {
  ok: { type: "node.disk_ok", level: "info" },
  low: { type: "node.disk_low", level: "warn" },
  full: { type: "node.disk_full", level: "error" },
};

/** Looks at the disk again and again, and tells of each change once. */
export class DiskWatch {
  readonly #deps: WatchDiskDeps;
  #told: DiskState = "ok";

  constructor(deps: WatchDiskDeps) {
    this.#deps = deps;
  }

  /** Rejects with the system's error, and with StoreUnavailable: then the event is told by a later look. */
  async look(): Promise<void> {
    const { clock, disk, log, about } = this.#deps;
    if (disk.reserveBytes === 0) return;
    const before = disk.state;
    const free = await this.#deps.freeBytes();
    const state = disk.seen(free);
    const { type, level } = TOLD[state];
    const bytes = { free_bytes: free, reserve_bytes: disk.reserveBytes };
    if (state !== before) log.log(level, "disk", { action: state, reason: `${free} bytes are free` });
    if (state === this.#told) return;
    const at = clock.now();
    await this.#deps.commit(addEvents([{ id: newId("evt", at), type, payload: { ...about, ...bytes }, at }]));
    this.#told = state;
  }
}
