/** Every limit is a number in any span this long. */
const DEFAULT_SECONDS = 60;
const BUCKET_MS = 1_000;
const BYTE_MAX = 255;

/**
 * How many there were in the last 60 to 61 s (or another number of seconds), in one-second buckets. Time is a monotonic
 * clock's milliseconds; an instant before the latest one seen counts as the latest.
 */
export class RollingWindow {
  // A byte per bucket until one of them needs more: most windows never do, and there may be 100 000 of them.
  #buckets: Uint8Array | Uint32Array;
  #total = 0;
  /** The second of the running bucket. */
  #latest: number;
  /** No bucket before this second holds anything. */
  #oldest: number;

  constructor(nowMs: number, seconds = DEFAULT_SECONDS) {
    // The whole seconds and the running one. With one less the oldest would be forgotten up to a second early, and
    // more than a limit could fall into the span; like this they are remembered up to a second too long.
    this.#buckets = new Uint8Array(seconds + 1);
    this.#latest = Math.floor(nowMs / BUCKET_MS);
    this.#oldest = this.#latest;
  }

  /** How many still count at `nowMs`. */
  countAt(nowMs: number): number {
    this.#advance(Math.floor(nowMs / BUCKET_MS));
    return this.#total;
  }

  /** Counts an amount; returns the second it was counted in, by which it can be taken back. */
  add(nowMs: number, amount: number): number {
    this.#advance(Math.floor(nowMs / BUCKET_MS));
    const slot = this.#latest % this.#buckets.length;
    const held = this.#buckets[slot] ?? 0;
    if (held + amount > BYTE_MAX && this.#buckets instanceof Uint8Array) {
      this.#buckets = Uint32Array.from(this.#buckets);
    }
    this.#buckets[slot] = held + amount;
    this.#total += amount;
    return this.#latest;
  }

  /** Takes an amount of that second back; nothing if it has left the window already. */
  takeBack(second: number, amount: number): void {
    if (second <= this.#latest - this.#buckets.length || second > this.#latest) return;
    const slot = second % this.#buckets.length;
    const held = this.#buckets[slot] ?? 0;
    const taken = Math.min(held, amount);
    this.#buckets[slot] = held - taken;
    this.#total -= taken;
  }

  /** Milliseconds from `nowMs` until fewer than `limit` (≥ 1) count, if no more come; 0 if that is so. */
  msUntilBelow(limit: number, nowMs: number): number {
    let left = this.countAt(nowMs);
    if (left < limit) return 0;
    let second = this.#firstUsed();
    for (; second <= this.#latest; second++) {
      left -= this.#buckets[second % this.#buckets.length] ?? 0;
      if (left < limit) break;
    }
    return (second + this.#buckets.length) * BUCKET_MS - nowMs;
  }

  /** Milliseconds from `nowMs` until the oldest stops counting; 0 when none counts. */
  msUntilRelief(nowMs: number): number {
    if (this.countAt(nowMs) === 0) return 0;
    return (this.#firstUsed() + this.#buckets.length) * BUCKET_MS - nowMs;
  }

  // Each bucket is passed once for each time it is filled, so asking at every request stays cheap.
  #firstUsed(): number {
    while (this.#oldest < this.#latest && this.#buckets[this.#oldest % this.#buckets.length] === 0)
      this.#oldest++;
    return this.#oldest;
  }

  #advance(second: number): void {
    if (second <= this.#latest) return;
    if (second - this.#latest >= this.#buckets.length) {
      this.#buckets.fill(0);
      this.#total = 0;
    }
    if (this.#total === 0) {
      this.#oldest = second;
    } else {
      for (let next = this.#latest + 1; next <= second; next++) {
        this.#total -= this.#buckets[next % this.#buckets.length] ?? 0;
        this.#buckets[next % this.#buckets.length] = 0;
      }
      this.#oldest = Math.max(this.#oldest, second - this.#buckets.length + 1);
    }
    this.#latest = second;
  }
}
