/** How much the newest time weighs. */
const WEIGHT = 0.2;
/** A time so old says nothing about the present. */
export const STALE_MS = 60_000;

/** How long one backend takes to its first content: an average in which the last calls weigh most. */
export class Latency {
  #averageMs: number | undefined;
  #atMs = 0;

  measured(firstContentMs: number, nowMs: number): void {
    const isFresh = this.#averageMs !== undefined && nowMs - this.#atMs < STALE_MS;
    this.#averageMs =
      this.#averageMs !== undefined && isFresh
        ? this.#averageMs + WEIGHT * (firstContentMs - this.#averageMs)
        : firstContentMs;
    this.#atMs = nowMs;
  }

  /** Milliseconds; undefined until something was measured, and again once that is long ago. */
  at(nowMs: number): number | undefined {
    return nowMs - this.#atMs < STALE_MS ? this.#averageMs : undefined;
  }

  /** The last average, however old. */
  get last(): number | undefined {
    return this.#averageMs;
  }
}
