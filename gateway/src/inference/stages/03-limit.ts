import { payerOf } from "../../access/payer.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import { limitedScopes, ownLimits, scopesWithLimit } from "../../limits/defaults.ts";
import type { RateState } from "../../limits/limiter.ts";
import type { Call } from "../call.ts";
import type { InferenceDeps } from "../deps.ts";
import type { Authenticated } from "./02-authenticate.ts";

/** Stage 3 proves: the request is counted at every level, every level had room, and it has a place on this node. */
export class Limited {
  declare private readonly proof: never;
  readonly call: Call;
  readonly principal: Principal;

  private constructor(authenticated: Authenticated) {
    this.call = authenticated.call;
    this.principal = authenticated.principal;
  }

  /**
   * At once where there is a place, else once there is one. Throws ApiError RATE_LIMITED, naming the level and when it
   * has room again; OVERLOADED without a place.
   */
  static of(authenticated: Authenticated, deps: InferenceDeps): Limited | Promise<Limited> {
    const { call, principal } = authenticated;
    const { payer = payerOf(principal) } = call;
    const own = ownLimits(principal);
    // First what is not used up by being asked: refused by the windows, the call leaves it again.
    const { concurrencyLimits, rateLimits } = deps.config;
    deps.admission.enter(call, scopesWithLimit(payer, own, concurrencyLimits, "concurrent_requests"));
    const scopes = limitedScopes(payer, own, rateLimits);
    const verdict = deps.limiter.admit(scopes, deps.clock.monotonic(), deps.clock.now());
    if (verdict.state) setHeaders(call, verdict.state);
    if (verdict.refused !== undefined) {
      deps.metrics.rateLimited(verdict.refused, "requests");
      throw new ApiError("RATE_LIMITED", undefined, {
        retryAfterSeconds: verdict.retryAfterSeconds,
        hint: `The limit of this ${verdict.refused} is ${verdict.state.limit} requests per minute.`,
      });
    }
    call.counted = verdict;
    call.mark("limited");
    const waiting = deps.admission.place(call, payer.tenantId);
    return waiting ? Limited.#later(waiting, authenticated) : new Limited(authenticated);
  }

  static async #later(waiting: Promise<void>, authenticated: Authenticated): Promise<Limited> {
    await waiting;
    return new Limited(authenticated);
  }
}

function setHeaders(call: Call, state: RateState): void {
  call.answerHeaders["x-scaigrid-ratelimit-limit"] = String(state.limit);
  call.answerHeaders["x-scaigrid-ratelimit-remaining"] = String(state.remaining);
  call.answerHeaders["x-scaigrid-ratelimit-reset"] = String(state.resetEpochSeconds);
}
