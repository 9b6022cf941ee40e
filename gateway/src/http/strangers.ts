import type { Clock } from "../base/clock.ts";
import { ApiError } from "../errors.ts";
import { RateLimiter } from "../limits/limiter.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { addressScope } from "./client-address.ts";

/** Addresses remembered for a minute, about 300 bytes each; newcomers beyond them are refused till some fall idle. */
const ADDRESSES_MAX = 100_000;

const UNAUTHORIZED = 401;

export interface StrangersDeps {
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, "rateLimited">;
  /** Requests in any 60 s of one address; 0 = unlimited. */
  readonly limit: number;
  /** Whether a request shows a valid key or session. */
  readonly isKnown: (sender: Sender) => boolean;
}

/** A request and where it came from. */
export interface Sender {
  readonly headers: Headers;
  readonly address: string;
}

/** Counts the requests of callers who have not shown who they are, by address. */
export class Strangers {
  readonly #deps: StrangersDeps;
  readonly limiter = new RateLimiter({ windowsMax: ADDRESSES_MAX });

  constructor(deps: StrangersDeps) {
    this.#deps = deps;
  }

  /** Counts a request that needs no key, or leads nowhere, unless it shows one all the same. Throws ApiError. */
  countUnlessKnown(sender: Sender): void {
    if (this.#deps.limit > 0 && !this.#deps.isKnown(sender)) this.count(sender.address);
  }

  /** Runs `identify`; a caller it refuses as unknown is counted. Throws ApiError. */
  identified<Caller>(
    sender: Pick<Sender, "address">,
    identify: () => Caller | Promise<Caller>,
  ): Caller | Promise<Caller> {
    try {
      const caller = identify();
      return caller instanceof Promise ? caller.catch((refusal) => this.#refused(sender, refusal)) : caller;
    } catch (refusal) {
      return this.#refused(sender, refusal);
    }
  }

  #refused(sender: Pick<Sender, "address">, refusal: unknown): never {
    if (refusal instanceof ApiError && refusal.status === UNAUTHORIZED) this.count(sender.address);
    throw refusal;
  }

  /** Counts one request. Throws ApiError RATE_LIMITED when its address has made too many. */
  count(address: string): void {
    const { clock, limit, metrics } = this.#deps;
    if (limit === 0) return;
    const scope = { level: "address", scopeId: addressScope(address), limit } as const;
    const verdict = this.limiter.admit([scope], clock.monotonic(), clock.now());
    if (verdict.refused === undefined) return;
    metrics.rateLimited("address", "requests");
    throw new ApiError("RATE_LIMITED", "Too many requests without a valid key.", {
      retryAfterSeconds: verdict.retryAfterSeconds,
      hint: `The limit of this address is ${limit} requests per minute without a valid key.`,
    });
  }
}
