import { siblingId } from "../base/ids.ts";
import { AMOUNT_MAX, type Pico } from "../base/money.ts";
import {
  type Amounts,
  type Intent,
  type ServedAt,
  type Settlement,
  type SettlementStatus,
  UNPAID,
} from "../core/accounting.ts";
import type { Estimate } from "../core/estimate.ts";
import { inputTokens, outputTokens, type Usage } from "../core/usage.ts";
import type { BudgetPart } from "../core/budget.ts";
import { least as leastOf } from "../escrow/measure.ts";
import { charge } from "../pricing/charge.ts";
import { rateOf } from "../pricing/rates.ts";
import { ratesAt, type Tiered } from "../pricing/tiers.ts";
import { USUAL_PER_KB } from "../pricing/token-ratio.ts";
import { ESTIMATE_METHOD, ESTIMATE_VERSION } from "../pricing/usage-estimate.ts";

/** How a request ended, as far as money is concerned. */
export interface Outcome {
  readonly status: SettlementStatus;
  /** The backend that gave the answer, or the last that was tried. */
  readonly backendId: string;
  /** What the upstream reported of the whole answer; undefined when it said nothing usable. */
  readonly reported: Usage | undefined;
  /** Tokens sent to the caller, or read on for one who has left, estimated from bytes. */
  readonly outputTokens: number;
  /** Tokens that 1 000 bytes were taken for. */
  readonly outputPerKb?: number | undefined;
  /** Whether any content went down. */
  readonly delivered: boolean;
  /** Whether an upstream has been asked and has not refused: a caller who leaves otherwise owes nothing. */
  readonly upstreamAtWork: boolean;
  readonly latencyMs: number;
  readonly ttftMs: number | undefined;
  readonly errorCode: string | undefined;
  readonly served?: ServedAt | undefined;
  /** Whether the upstream has reported what cannot be believed. */
  readonly reportRefused?: boolean | undefined;
  /** Whether it was the provider that broke the answer off. */
  readonly providerFault?: boolean | undefined;
  /** What attempts cost that gave the caller nothing, or not the end; absent = none did. */
  readonly costOfOthers?: Pico | undefined;
}

/** Finds prices by name: the ones the intent names, however old. */
export type PriceLookup = (name: string) => Tiered | undefined;

/** How a record names what the partner pays, beside what the tenant pays. */
export function partnerPriceOf({
  partner,
  tenant,
}: {
  readonly partner: string | undefined;
  readonly tenant: string | undefined;
}): string | undefined {
  return partner === tenant ? undefined : (partner ?? UNPAID);
}

const NOTHING: Usage = Object.freeze({});

interface Used {
  readonly usage: Usage;
  readonly estimated: boolean;
}

/**
 * What was used: the upstream's word for a whole answer, our own count for one that was cut, unless it is agreed that
 * the caller pays what the upstream has said it took.
 */
function usageOf(intent: Intent, outcome: Outcome): Used {
  const { reported, delivered } = outcome;
  const counted: Used = {
    usage: { input: intent.inputEstimate, output: outcome.outputTokens },
    estimated: true,
  };
  const told: Used = reported ? { usage: reported, estimated: false } : counted;
  const owed = intent.brokenStreams === "upstream" ? told : counted;
  const nothing: Used = { usage: NOTHING, estimated: false };
  switch (outcome.status) {
    case "completed":
      return told;
    case "client_gone":
      return outcome.upstreamAtWork || delivered ? owed : nothing;
    case "failed":
    case "interrupted":
      // The input once and the output delivered; nothing delivered, nothing owed.
      return delivered ? owed : nothing;
  }
}

/** Whether it is agreed that the caller pays nothing for an answer that ended like this. */
function isFree({ brokenStreams }: Intent, { status, providerFault }: Outcome): boolean {
  return brokenStreams === "free_on_provider_fault" && status === "failed" && providerFault === true;
}

function priceNamed(name: string | undefined, priceOf: PriceLookup): Tiered | undefined {
  if (name === undefined || name === UNPAID) return undefined;
  const price = priceOf(name);
  if (!price) throw new Error(`price version ${name} named by an intent is not in the store`);
  return price;
}

/** The request itself, where a fee stands on it: counted by us, since no upstream reports it. */
function withRequest(usage: Usage, prices: readonly (Tiered | undefined)[]): Usage {
  if (usage === NOTHING) return usage;
  for (const price of prices) {
    if (price && rateOf(price.rates, "request") !== undefined) return { ...usage, request: 1 };
  }
  return usage;
}

/** What usage comes to. No report, however wrong, may make an amount that cannot be written down. */
export function amount(usage: Usage, price: Tiered | undefined): Pico {
  return price ? least(charge(usage, ratesAt(price, inputTokens(usage))), AMOUNT_MAX) : 0n;
}

function least(a: Pico, b: Pico): Pico {
  return a < b ? a : b;
}

/** What a request has used of each of its budgets: never more than was set aside there. */
function movedParts(
  held: readonly BudgetPart[],
  charged: Amounts,
  usage: Usage,
  delivered: boolean,
): readonly BudgetPart[] {
  const tokens = inputTokens(usage) + outputTokens(usage);
  const moved: BudgetPart[] = [];
  for (const part of held) {
    const { budgetId, price, window } = part;
    const used = leastOf({ pico: charged[price], tokens, requests: delivered ? 1 : 0 }, part);
    moved.push({ budgetId, price, window, pico: used.pico, tokens: used.tokens, requests: used.requests });
  }
  return moved;
}

function estimateOf(
  { inputPerKb = USUAL_PER_KB }: Intent,
  { outputPerKb = USUAL_PER_KB, status, reportRefused }: Outcome,
): Estimate {
  const unreported = reportRefused === true ? "report_refused" : "not_reported";
  const reason = status === "completed" ? unreported : "broken_off";
  return { method: ESTIMATE_METHOD, version: ESTIMATE_VERSION, reason, inputPerKb, outputPerKb };
}

/** The intent with the versions that the backend which served it goes by. */
function servedIntent(intent: Intent, { priceVersionId, partnerPriceId, costVersionId }: ServedAt): Intent {
  return { ...intent, priceVersionId, partnerPriceId, costVersionId };
}

/**
 * The one final word on a request: used by the pipeline when an answer ends and by recovery after a crash, so
 * that both charge alike. Pure. Throws when the intent names a price version that does not exist.
 */
export function settlementOf(
  promised: Intent,
  outcome: Outcome,
  settledAt: number,
  priceOf: PriceLookup,
): Settlement {
  const { usage: used, estimated } = usageOf(promised, outcome);
  const intent = outcome.served ? servedIntent(promised, outcome.served) : promised;
  const priced = priceNamed(intent.priceVersionId, priceOf);
  const ofPartner = intent.partnerPriceId === undefined ? priced : priceNamed(intent.partnerPriceId, priceOf);
  const costed = priceNamed(intent.costVersionId, priceOf);
  const usage = withRequest(used, [priced, ofPartner, costed]);
  const owed = isFree(intent, outcome) ? NOTHING : usage;
  const price = amount(owed, priced);
  const partner = ofPartner === priced ? price : amount(owed, ofPartner);
  const cost = least(amount(usage, costed) + (outcome.costOfOthers ?? 0n), AMOUNT_MAX);
  const tenant = least(price, intent.bound.tenant);
  const charged: Amounts = { cost, partner: least(partner, intent.bound.partner), tenant };
  return {
    usageId: siblingId("usage", intent.requestId),
    intent,
    backendId: outcome.backendId,
    settledAt,
    status: outcome.status,
    usage,
    estimated,
    estimate: estimated ? estimateOf(intent, outcome) : undefined,
    delivered: outcome.delivered,
    charge: charged,
    absorbed: price - tenant,
    budgets: intent.budgets && movedParts(intent.budgets, charged, usage, outcome.delivered),
    latencyMs: Math.round(outcome.latencyMs),
    ttftMs: outcome.ttftMs === undefined ? undefined : Math.round(outcome.ttftMs),
    errorCode: outcome.errorCode,
  };
}
