import { siblingId } from "../base/ids.ts";
import type { Pico } from "../base/money.ts";
import type { Amounts, Intent, Settlement, SettlementStatus } from "../core/accounting.ts";
import type { PriceVersion } from "../core/catalogue.ts";
import type { Usage } from "../core/usage.ts";
import { charge } from "../pricing/charge.ts";

/** How a request ended, as far as money is concerned. */
export interface Outcome {
  readonly status: SettlementStatus;
  /** The backend that gave the answer, or the last that was tried. */
  readonly backendId: string;
  /** What the upstream reported; undefined when it said nothing usable. */
  readonly reported: Usage | undefined;
  /** Tokens sent to the caller, estimated from bytes. */
  readonly outputTokens: number;
  /** Whether any content went down. */
  readonly delivered: boolean;
  /** Whether an upstream was ever called: a caller who leaves before that owes nothing. */
  readonly sentUpstream: boolean;
  readonly latencyMs: number;
  readonly ttftMs: number | undefined;
  readonly errorCode: string | undefined;
}

/** Finds price versions by id: the ones the intent names, however old. */
export type PriceLookup = (versionId: string) => PriceVersion | undefined;

/** What was used: the upstream's word for a whole answer, our own count for one that was cut. */
function usageOf(intent: Intent, outcome: Outcome): { usage: Usage; estimated: boolean } {
  const counted: Usage = { input: intent.inputEstimate, output: outcome.outputTokens };
  switch (outcome.status) {
    case "completed":
      return outcome.reported
        ? { usage: outcome.reported, estimated: false }
        : { usage: counted, estimated: true };
    case "client_gone":
      if (!outcome.sentUpstream) return { usage: {}, estimated: false };
      return { usage: counted, estimated: true };
    case "failed":
    case "interrupted":
      // The input once and the output delivered; nothing delivered, nothing owed.
      return outcome.delivered ? { usage: counted, estimated: true } : { usage: {}, estimated: false };
  }
}

function amount(usage: Usage, versionId: string | undefined, priceOf: PriceLookup): Pico {
  if (versionId === undefined) return 0n;
  const version = priceOf(versionId);
  if (!version) throw new Error(`price version ${versionId} named by an intent is not in the store`);
  return charge(usage, version.rates);
}

function least(a: Pico, b: Pico): Pico {
  return a < b ? a : b;
}

/**
 * The one final word on a request: used by the pipeline when an answer ends and by recovery after a crash, so
 * that both charge alike. Pure. Throws when the intent names a price version that does not exist.
 */
export function settlementOf(
  intent: Intent,
  outcome: Outcome,
  settledAt: number,
  priceOf: PriceLookup,
): Settlement {
  const { usage, estimated } = usageOf(intent, outcome);
  const price = amount(usage, intent.priceVersionId, priceOf);
  const cost = amount(usage, intent.costVersionId, priceOf);
  const tenant = least(price, intent.bound.tenant);
  const charged: Amounts = { cost, partner: least(price, intent.bound.partner), tenant };
  return {
    usageId: siblingId("usage", intent.requestId),
    intent,
    backendId: outcome.backendId,
    settledAt,
    status: outcome.status,
    usage,
    estimated,
    delivered: outcome.delivered,
    charge: charged,
    absorbed: price - tenant,
    latencyMs: Math.round(outcome.latencyMs),
    ...(outcome.ttftMs !== undefined && { ttftMs: Math.round(outcome.ttftMs) }),
    ...(outcome.errorCode !== undefined && { errorCode: outcome.errorCode }),
  };
}
