export interface LagSampling {
  /** Milliseconds between samples. */
  readonly intervalMs: number;
  /** A monotonic clock, milliseconds. */
  monotonic(): number;
  /** Runs `tick` every so many milliseconds until the returned function is called. */
  every(intervalMs: number, tick: () => void): () => void;
  /** Told of each sample, in seconds ≥ 0. */
  observe(seconds: number): void;
}

/** How late timers fire: the time for which the event loop could not be reached. */
export class EventLoopLag {
  readonly #cancel: () => void;
  #lastTickMs: number;
  #latestMs = 0;

  constructor(sampling: LagSampling) {
    this.#lastTickMs = sampling.monotonic();
    this.#cancel = sampling.every(sampling.intervalMs, () => {
      const nowMs = sampling.monotonic();
      this.#latestMs = Math.max(0, nowMs - this.#lastTickMs - sampling.intervalMs);
      this.#lastTickMs = nowMs;
      sampling.observe(this.#latestMs / 1_000);
    });
  }

  /** Milliseconds by which the last sample was late. */
  get latestMs(): number {
    return this.#latestMs;
  }

  /** Ends the sampling. */
  stop(): void {
    this.#cancel();
  }
}
