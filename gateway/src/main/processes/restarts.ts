/** A process that lived so long did not fail at its start. */
const SOUND_MS = 30_000;
const FIRST_PAUSE_MS = 200;
const PAUSE_MS_MAX = 10_000;

/** How long to wait before a process that has ended is started again: longer each time it fails at once. */
export class Restarts {
  #failures = 0;

  /** The pause in milliseconds, after a life of so many. */
  pauseMs(livedMs: number): number {
    this.#failures = livedMs >= SOUND_MS ? 1 : this.#failures + 1;
    return Math.min(FIRST_PAUSE_MS * 2 ** (this.#failures - 1), PAUSE_MS_MAX);
  }
}
