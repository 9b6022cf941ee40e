import type { Clock } from "../base/clock.ts";

/** A map whose entries live a fixed time and whose size is bounded: the oldest entry makes room. */
export class ExpiringMap<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly untilMs: number }>();
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #entriesMax: number;

  constructor(clock: Clock, ttlMs: number, entriesMax: number) {
    this.#clock = clock;
    this.#ttlMs = ttlMs;
    this.#entriesMax = entriesMax;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.untilMs > this.#clock.monotonic()) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  /** Stores the value; its life starts anew. */
  set(key: string, value: Value): void {
    // Deleting first moves the key to the end: insertion order is age.
    this.#entries.delete(key);
    if (this.#entries.size >= this.#entriesMax) {
      const oldest = this.#entries.keys().next();
      if (oldest.done !== true) this.#entries.delete(oldest.value);
    }
    this.#entries.set(key, { value, untilMs: this.#clock.monotonic() + this.#ttlMs });
  }

  get size(): number {
    return this.#entries.size;
  }
}
