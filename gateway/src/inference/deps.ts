import type { Clock } from "../base/clock.ts";
import type { Settlement } from "../core/accounting.ts";
import type { RequestTrace } from "../core/trace.ts";
import type { Journal } from "../journal/journal.ts";
import type { Allowance } from "../limits/allowance.ts";
import type { DiskReserve } from "../limits/disk-reserve.ts";
import type { RateLimiter } from "../limits/limiter.ts";
import type { Overload } from "../limits/overload.ts";
import type { Health } from "../routing/health.ts";
import type { Activity } from "../snapshot/activity.ts";
import type { BudgetBook } from "../settlement/budgets/budget-book.ts";
import type { Estimates } from "../settlement/estimates.ts";
import type { Idempotency } from "../settlement/idempotency/idempotency.ts";
import type { Unsettled } from "../settlement/unsettled.ts";
import type { Freshness } from "../snapshot/freshness.ts";
import type { Routes } from "../snapshot/routes.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { Logger } from "../telemetry/logs.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { Admission } from "./admission.ts";
import type { Drains } from "./drains.ts";
import type { InFlight } from "./in-flight.ts";
import type { Config } from "../config/config.ts";

export type InferenceConfig = Pick<
  Config,
  | "holdHeadersSeconds"
  | "keepAliveSeconds"
  | "bodySeconds"
  | "rateLimits"
  | "tokenLimits"
  | "concurrencyLimits"
  | "unpriced"
>;

/** All the pipeline works with; `main.ts` fills it. */
export interface InferenceDeps {
  readonly clock: Clock;
  readonly config: InferenceConfig;
  readonly snapshot: Snapshot;
  readonly activity: Activity;
  /** Where other nodes change the control plane too. */
  readonly freshness?: Freshness;
  /** Counts requests. */
  readonly limiter: RateLimiter;
  /** Counts tokens. */
  readonly tokenLimiter: RateLimiter;
  readonly admission: Admission;
  /** Counts by address who has no valid key. */
  readonly strangers: {
    identified<Caller>(
      sender: { readonly address: string },
      identify: () => Caller | Promise<Caller>,
    ): Caller | Promise<Caller>;
  };
  readonly overload: Pick<Overload, "strain">;
  /** Room for what has to be recorded. */
  readonly disk: Pick<DiskReserve, "isFull">;
  /** Bytes of large request bodies. */
  readonly bodies: Allowance;
  readonly journal: Pick<Journal, "intend" | "settle">;
  readonly budgets: Pick<BudgetBook, "over" | "authority">;
  /** Charges that met their hold. */
  readonly excesses: { note(settlement: Settlement): void };
  /** What is known of tokenizers. */
  readonly estimates: Pick<Estimates, "inputPerKb" | "outputPerKb" | "learn">;
  readonly unsettled: Pick<Unsettled, "add">;
  readonly idempotency: Pick<Idempotency, "claim">;
  readonly upstream: Upstream;
  /** Where what callers name by its address is fetched from. */
  readonly media: Upstream;
  readonly routes: Pick<Routes, "for">;
  readonly health: Health;
  readonly inFlight: InFlight;
  /** Answers that are read on after their callers have left. */
  readonly drains: Drains;
  readonly traces: { record(trace: RequestTrace): void };
  readonly metrics: Pick<
    Metrics,
    | "requestAnswered"
    | "firstContentSent"
    | "tokensSettled"
    | "overheadMeasured"
    | "loadShed"
    | "rateLimited"
    | "credentialsRefused"
  >;
  readonly log: Pick<Logger, "log" | "writes">;
  /** A number in [0, 1) for jitter. */
  readonly random: () => number;
  /** Set once SIGTERM has come: nothing new is admitted. */
  readonly lifecycle: { readonly draining: boolean };
}
