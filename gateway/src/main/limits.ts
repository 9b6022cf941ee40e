import type { AdminDeps } from "../admin/deps.ts";
import { systemClock as clock } from "../base/clock.ts";
import type { Config } from "../config/config.ts";
import { isKnown } from "../http/caller.ts";
import { Strangers } from "../http/strangers.ts";
import { Admission } from "../inference/admission.ts";
import { Drains } from "../inference/drains.ts";
import { Allowance } from "../limits/allowance.ts";
import { Concurrency } from "../limits/concurrency.ts";
import { RateLimiter } from "../limits/limiter.ts";
import { Overload } from "../limits/overload.ts";
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
  readonly bodies: Allowance;
  readonly drains: Drains;
}

/** Constructs the limits of one process. */
export function limitsOf(
  config: Config,
  machine: Machine,
  { metrics, admin }: { readonly metrics: Metrics; readonly admin: AdminDeps },
): Limits {
  const bounds = boundsOf(config, machine);
  return {
    limiter: new RateLimiter(),
    tokenLimiter: new RateLimiter(),
    managementLimiter: new RateLimiter(),
    strangers: new Strangers({
      clock,
      metrics,
      limit: config.rateLimits.address,
      isKnown: (sender) => isKnown(sender, admin),
    }),
    admission: new Admission({ bounds: bounds.admission, clock, concurrency: new Concurrency(), metrics }),
    overload: new Overload(bounds.load),
    bodies: new Allowance(bounds.bodyBytes),
    drains: new Drains(bounds.drainsMax),
  };
}
