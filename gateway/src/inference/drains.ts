/** Milliseconds for which an answer is read on after its caller has left. */
const DRAIN_MS = 30_000;

/** Answers that are read to their end for callers who have left: so many at once, each for so long. */
export class Drains {
  readonly #most: number;
  readonly #drainMs: number;
  #open = 0;

  /** `most`: answers at once, for `drainMs` each. */
  constructor(most: number, drainMs = DRAIN_MS) {
    this.#most = most;
    this.#drainMs = drainMs;
  }

  /** Answers that are being read. */
  get open(): number {
    return this.#open;
  }

  /**
   * Begins one, which `onOverdue` is to end after 30 seconds. Gives what ends it, once; undefined where there are too
   * many.
   */
  begin(onOverdue: () => void): (() => void) | undefined {
    if (this.#open >= this.#most) return undefined;
    this.#open++;
    const timer = setTimeout(onOverdue, this.#drainMs);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      this.#open--;
    };
  }
}
