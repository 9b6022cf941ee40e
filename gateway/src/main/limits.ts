import type { AdminDeps } from "../admin/deps.ts";
import { systemClock as clock } from "../base/clock.ts";
import type { Config } from "../config/config.ts";
import { isKnown } from "../http/caller.ts";
import { Strangers } from "../http/strangers.ts";
import { Admission } from "../inference/admission.ts";
import { Drains } from "../inference/drains.ts";
import { Allowance } from "../limits/allowance.ts";
import { Concurrency } from "../limits/concurrency.ts";
import { DiskReserve } from "../limits/disk-reserve.ts";
import { RateLimiter } from "../limits/limiter.ts";
import { Overload } from "../limits/overload.ts";
import { rebalanceLimits } from "../jobs/rebalance-limits.ts";
import type { SharedRecords } from "../journal/records.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { boundsOf } from "./bounds.ts";
import type { Machine } from "./machine.ts";

/** Everything that counts, and refuses what is too much. */
export interface Limits {
  readonly limiter: RateLimiter;
  readonly tokenLimiter: RateLimiter;
  readonly managementLimiter: RateLimiter;
  readonly strangers: Strangers;
  readonly admission: Admission;
  readonly overload: Overload;
  /** All that forget what is over when they are swept. */
  readonly limiters: readonly RateLimiter[];
  /** Agrees with other nodes on what this one may let through; resolves at once where there are none. */
  readonly rebalance: () => Promise<void>;
  readonly bodies: Allowance;
  readonly drains: Drains;
  readonly disk: DiskReserve;
}

export interface LimitDeps {
  readonly metrics: Metrics;
  readonly admin: AdminDeps;
  readonly shared: SharedRecords | undefined;
}

/** Constructs the limits of one process. */
export function limitsOf(config: Config, machine: Machine, { metrics, admin, shared }: LimitDeps): Limits {
  const bounds = boundsOf(config, machine);
  const [limiter, tokenLimiter, managementLimiter] = [
    new RateLimiter(),
    new RateLimiter(),
    new RateLimiter(),
  ];
  const concurrency = new Concurrency();
  const strangers = new Strangers({
    clock,
    metrics,
    limit: config.rateLimits.address,
    isKnown: (sender) => isKnown(sender, admin),
  });
  const shares = {
    requests: limiter.shares,
    tokens: tokenLimiter.shares,
    concurrency: concurrency.shares,
    management: managementLimiter.shares,
  };
  return {
    limiter,
    tokenLimiter,
    managementLimiter,
    strangers,
    limiters: [limiter, tokenLimiter, managementLimiter, strangers.limiter],
    rebalance: async () => shared && rebalanceLimits({ clock, shares, shared }),
    admission: new Admission({ bounds: bounds.admission, clock, concurrency, metrics }),
    overload: new Overload(bounds.load),
    bodies: new Allowance(bounds.bodyBytes),
    drains: new Drains(bounds.drainsMax),
    disk: new DiskReserve(config.diskReserveMb * 1_000_000),
  };
}
