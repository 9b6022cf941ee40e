import type { Wishes } from "../signals.ts";
import type { SupervisorLink } from "./supervisor-link.ts";

/**
 * What ends one of several processes: its supervisor, for the whole gateway, or a signal to this one alone, whose calls
 * the others take over then. A terminal sends its signals to all of them: there only the supervisor counts.
 */
export class ProcessSignals implements Wishes {
  #handsOver = false;
  readonly #waiting: ((signal: string) => void)[] = [];
  readonly #come: string[] = [];

  /** `onHangUp` is what SIGHUP does in place of ending the process. */
  constructor(link: SupervisorLink, onHangUp?: () => void) {
    link.onStop = (signal) => {
      this.#handsOver = false;
      this.#tell(signal);
    };
    if (onHangUp) link.onReload = onHangUp;
    const leave = (signal: string): void => {
      this.#handsOver = true;
      link.leaving();
      this.#tell(signal);
    };
    process.on("SIGTERM", leave);
    process.on("SIGINT", () => undefined);
    process.on("SIGHUP", onHangUp ?? (process.stdout.isTTY ? () => undefined : leave));
  }

  get handsOver(): boolean {
    return this.#handsOver;
  }

  next(): Promise<string> {
    const come = this.#come.shift();
    if (come !== undefined) return Promise.resolve(come);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #tell(signal: string): void {
    const wake = this.#waiting.shift();
    if (wake) wake(signal);
    else this.#come.push(signal);
  }
}
