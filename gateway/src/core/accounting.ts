import type { Pico } from "../base/money.ts";
import type { BrokenStreamPolicy } from "./broken-streams.ts";
import type { BudgetPart } from "./budget.ts";
import type { Estimate } from "./estimate.ts";
import type { Usage } from "./usage.ts";

/** Who pays for a request and on whose behalf: fixed at admission. */
export interface Payer {
  readonly partnerId: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly keyId: string;
}

/**
 * What is promised before the first upstream byte: enough to settle the request after a crash without asking
 * anyone. `amounts` use the price versions in force at `admittedAt`.
 */
export interface Intent {
  readonly requestId: string;
  /** Epoch milliseconds: the charge belongs to this instant's window, whenever it settles. */
  readonly admittedAt: number;
  readonly payer: Payer;
  readonly modelId: string;
  readonly modelSlug: string;
  /** The backend first in line; the settlement names the one that served. */
  readonly backendId: string;
  readonly stream: boolean;
  /** Tokens of the prompt, estimated; what a caller who leaves pays for input when the upstream said nothing. */
  readonly inputEstimate: number;
  /** Tokens that 1 000 bytes of it were taken for; absent in what older releases have promised. */
  readonly inputPerKb?: number | undefined;
  /** Upper limit of the charge, per payer level, in pico. */
  readonly bound: Amounts;
  /** What the tenant pays, by the name of the price; undefined where that is nothing. */
  readonly priceVersionId?: string | undefined;
  /** What its partner pays; undefined = the same, `UNPAID` = nothing. */
  readonly partnerPriceId?: string | undefined;
  /** Undefined where the backend is free. */
  readonly costVersionId?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** What is set aside for it in each budget over it; absent where there is none. */
  readonly budgets?: readonly BudgetPart[] | undefined;
  /** Who pays for it if it does not reach its end; absent = the usual. */
  readonly brokenStreams?: BrokenStreamPolicy | undefined;
}

/** In place of a price: nothing is paid, though another level pays something. */
export const UNPAID = "none";

/** What each level pays for one request, in pico. */
export interface Amounts {
  /** What the upstream charges the platform. */
  readonly cost: Pico;
  /** What the platform charges the partner. */
  readonly partner: Pico;
  /** What the tenant pays. */
  readonly tenant: Pico;
}

/** How far a stream that is still open has come; written for all open streams once a second. */
export interface Progress {
  readonly requestId: string;
  readonly backendId: string;
  /** Tokens sent to the caller so far, estimated from bytes or as the upstream reported. */
  readonly outputTokens: number;
  /** Tokens that 1 000 bytes were taken for; absent in what older releases have written. */
  readonly outputPerKb?: number | undefined;
  /** Whether any content has gone down. */
  readonly delivered: boolean;
  /** Whether its caller has left: what is counted is what the upstream goes on to say. */
  readonly isDrained?: true;
  readonly served?: ServedAt | undefined;
}

/** The versions a request is charged and costed at, where the backend that served it has others than the intent names. */
export interface ServedAt {
  /** As in an intent. */
  readonly priceVersionId?: string | undefined;
  readonly partnerPriceId?: string | undefined;
  /** Undefined where the backend is free. */
  readonly costVersionId?: string | undefined;
}

/**
 * - `completed`: the whole answer went down
 * - `client_gone`: the caller left first
 * - `failed`: the upstream or the gateway failed; after content when `delivered`
 * - `interrupted`: the process died; settled by recovery
 */
export type SettlementStatus = "completed" | "client_gone" | "failed" | "interrupted";

/** The one final word on what a request used and costs. Its id follows from the request's. */
export interface Settlement {
  /** `usage_` + the request id's 26 characters: the unique key that makes settling twice impossible. */
  readonly usageId: string;
  readonly intent: Intent;
  readonly backendId: string;
  readonly settledAt: number;
  readonly status: SettlementStatus;
  readonly usage: Usage;
  /** Whether `usage` is our estimate rather than the upstream's report. */
  readonly estimated: boolean;
  /** How, if it is. */
  readonly estimate?: Estimate | undefined;
  readonly delivered: boolean;
  readonly charge: Amounts;
  /** The part of the charge above the bound, which no one is asked to pay. */
  readonly absorbed: Pico;
  /** What has become of each of the intent's parts of budgets, in their order. */
  readonly budgets?: readonly BudgetPart[] | undefined;
  readonly latencyMs: number;
  /** Milliseconds from arrival to the first content; undefined when there was none. */
  readonly ttftMs?: number | undefined;
  /** The error code the caller saw, if any. */
  readonly errorCode?: string | undefined;
}
