import { systemClock as clock } from "../base/clock.ts";

/** A terminal's Ctrl+C reaches us twice under npm, which passes on what we have had already: one wish, not two. */
const SAME_WISH_MS = 500;

/** What tells a process to end. */
export interface Wishes {
  /** The name of the next signal; the second means without waiting. */
  next(): Promise<string>;
  /** Whether others go on serving on this port: then nobody is refused. */
  readonly handsOver: boolean;
}

/** The signals that end the process, one after the other; those that come before anyone asks are kept. */
export class Signals implements Wishes {
  readonly handsOver = false;
  #lastMs = Number.NEGATIVE_INFINITY;
  readonly #waiting: ((signal: string) => void)[] = [];
  readonly #come: string[] = [];

  /** `onHangUp` is what SIGHUP does in place of ending the process. */
  constructor(onHangUp?: () => void) {
    if (onHangUp) process.on("SIGHUP", onHangUp);
    for (const signal of ["SIGTERM", "SIGINT", ...(onHangUp ? [] : ["SIGHUP" as const])] as const) {
      process.on(signal, () => {
        const nowMs = clock.monotonic();
        if (nowMs - this.#lastMs < SAME_WISH_MS) return;
        this.#lastMs = nowMs;
        const wake = this.#waiting.shift();
        if (wake) wake(signal);
        else this.#come.push(signal);
      });
    }
  }

  next(): Promise<string> {
    const come = this.#come.shift();
    if (come !== undefined) return Promise.resolve(come);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
