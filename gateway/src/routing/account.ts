import { RollingWindow } from "../base/rolling-window.ts";
import type { AccountLimits } from "../core/catalogue.ts";

/** What has gone to the account behind one backend, on this node. */
export class AccountUse {
  #requests: RollingWindow | undefined;
  #tokens: RollingWindow | undefined;

  /** Milliseconds until the account takes one more request; 0 = it does so now. */
  waitMs({ rpm, tpm }: AccountLimits, nowMs: number): number {
    const requestsMs = rpm === undefined ? 0 : (this.#requests?.msUntilBelow(rpm, nowMs) ?? 0);
    const tokensMs = tpm === undefined ? 0 : (this.#tokens?.msUntilBelow(tpm, nowMs) ?? 0);
    return Math.max(requestsMs, tokensMs);
  }

  /** Counts a request with the tokens of its prompt; what it takes beyond them is not known yet. */
  sent(promptTokens: number, nowMs: number): void {
    (this.#requests ??= new RollingWindow(nowMs)).add(nowMs, 1);
    this.used(promptTokens, nowMs);
  }

  /** Counts tokens that have turned out to be used. */
  used(tokens: number, nowMs: number): void {
    if (tokens > 0) (this.#tokens ??= new RollingWindow(nowMs)).add(nowMs, tokens);
  }
}
