import { payerOf } from "../../access/payer.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import { limitedScopes } from "../../limits/defaults.ts";
import type { RateState } from "../../limits/limiter.ts";
import type { Call } from "../call.ts";
import type { InferenceDeps } from "../deps.ts";
import type { Authenticated } from "./02-authenticate.ts";

/** Stage 3 proves: the request is counted at every level, and every level had room. */
export class Limited {
  declare private readonly proof: never;
  readonly call: Call;
  readonly principal: Principal;

  private constructor(authenticated: Authenticated) {
    this.call = authenticated.call;
    this.principal = authenticated.principal;
  }

  /** Throws ApiError RATE_LIMITED, naming the level and when it has room again. */
  static of(authenticated: Authenticated, deps: InferenceDeps): Limited {
    const { call, principal } = authenticated;
    const scopes = limitedScopes(payerOf(principal), {}, deps.config.rateLimits);
    const verdict = deps.limiter.admit(scopes, deps.clock.monotonic(), deps.clock.now());
    if (verdict.state) setHeaders(call, verdict.state);
    if (verdict.refused !== undefined) {
      throw new ApiError("RATE_LIMITED", undefined, {
        retryAfterSeconds: verdict.retryAfterSeconds,
        hint: `The limit of this ${verdict.refused} is ${verdict.state.limit} requests per minute.`,
      });
    }
    call.giveBack = () => deps.limiter.giveBack(verdict);
    call.mark("limited");
    return new Limited(authenticated);
  }
}

function setHeaders(call: Call, state: RateState): void {
  call.answerHeaders["x-scaigrid-ratelimit-limit"] = String(state.limit);
  call.answerHeaders["x-scaigrid-ratelimit-remaining"] = String(state.remaining);
  call.answerHeaders["x-scaigrid-ratelimit-reset"] = String(state.resetEpochSeconds);
}
