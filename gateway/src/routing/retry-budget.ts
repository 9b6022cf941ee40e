import { RollingWindow } from "../base/rolling-window.ts";

/** What may be asked again in any 60 seconds, whatever the traffic. */
export const RETRIES_MIN = 10;
/** Beyond that, a share of the requests. */
export const RETRIES_SHARE = 0.2;

/** How often the requests for one model may be tried again on one node, so that an outage is not made worse by it. */
export class RetryBudget {
  readonly #requests: RollingWindow;
  readonly #retries: RollingWindow;

  constructor(nowMs: number) {
    this.#requests = new RollingWindow(nowMs);
    this.#retries = new RollingWindow(nowMs);
  }

  /** A request has come. */
  requested(nowMs: number): void {
    this.#requests.add(nowMs, 1);
  }

  /** Whether there is room for one more attempt. */
  hasRoom(nowMs: number): boolean {
    const allowed = Math.max(RETRIES_MIN, this.#requests.countAt(nowMs) * RETRIES_SHARE);
    return this.#retries.countAt(nowMs) + 1 <= allowed;
  }

  /** Counts an attempt that is made. */
  spend(nowMs: number): void {
    this.#retries.add(nowMs, 1);
  }
}
