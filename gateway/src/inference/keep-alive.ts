import type { Clock } from "../base/clock.ts";

/**
 * Gives a sign of life whenever a stream has been waited for long enough. One timer for a whole stream: a timer for each
 * of its pieces cost as much as reading it (2 µs).
 */
export class KeepAlive {
  readonly #everyMs: number;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #give: () => void;
  /** Monotonic milliseconds; undefined while nobody waits. */
  #sinceMs: number | undefined;
  #timer: Timer | undefined;

  /** `everyMs`: Infinity = never. */
  constructor(everyMs: number, clock: Pick<Clock, "monotonic">, give: () => void) {
    this.#everyMs = everyMs;
    this.#clock = clock;
    this.#give = give;
  }

  /** Somebody waits: from now on, unless they do already. */
  waits(): void {
    if (this.#everyMs === Number.POSITIVE_INFINITY) return;
    this.#sinceMs ??= this.#clock.monotonic();
    this.#timer ??= setTimeout(this.#look, this.#everyMs);
  }

  /** What was waited for is there. */
  rests(): void {
    this.#sinceMs = undefined;
  }

  end(): void {
    this.#sinceMs = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #look = (): void => {
    this.#timer = undefined;
    if (this.#sinceMs === undefined) return;
    const nowMs = this.#clock.monotonic();
    // Rounded up: a timer may fire a moment early.
    let restMs = Math.ceil(this.#sinceMs + this.#everyMs - nowMs);
    if (restMs <= 0) {
      this.#sinceMs = nowMs;
      restMs = this.#everyMs;
      this.#give();
    }
    this.#timer = setTimeout(this.#look, restMs);
  };
}
