import { joinAmount, type Pico } from "../../base/money.ts";
import type { Amounts, Payer, Settlement, SettlementStatus } from "../../core/accounting.ts";
import { storedParts } from "../../core/budget-parts.ts";
import type { Estimate } from "../../core/estimate.ts";
import { inputTokens, outputTokens, type Usage } from "../../core/usage.ts";
import { flag, fromJson, optionalNumber, present, wholeMs } from "../rows.ts";
import type { UsageRow } from "../schema.ts";

/** One settled request as reports see it. */
export interface UsageRecord {
  readonly id: string;
  readonly requestId: string;
  readonly payer: Payer;
  readonly modelId: string;
  readonly modelSlug: string;
  readonly backendId: string;
  readonly status: SettlementStatus;
  readonly stream: boolean;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly buckets: Usage;
  readonly estimated: boolean;
  /** How, where they were. */
  readonly estimate?: Estimate;
  readonly delivered: boolean;
  readonly charge: Amounts;
  /** Of the tenant's price. */
  readonly bound: Pico;
  readonly absorbed: Pico;
  /** The names of prices; the partner's where it is another than the tenant's. */
  readonly priceVersionId?: string;
  readonly partnerPriceId?: string;
  readonly costVersionId?: string;
  /** Whole milliseconds. */
  readonly latencyMs: number;
  readonly ttftMs?: number;
  readonly errorCode?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Epoch milliseconds of the admission. */
  readonly createdAt: number;
  readonly settledAt: number;
}

/** A settlement as a row of `usage`. */
export function usageRow(settlement: Settlement): UsageRow {
  const { intent, charge, usage } = settlement;
  return {
    id: settlement.usageId,
    request_id: intent.requestId,
    partner_id: intent.payer.partnerId,
    tenant_id: intent.payer.tenantId,
    user_id: intent.payer.userId,
    api_key_id: intent.payer.keyId,
    model_id: intent.modelId,
    model_slug: intent.modelSlug,
    backend_id: settlement.backendId,
    status: settlement.status,
    stream: flag(intent.stream),
    tokens_in: BigInt(inputTokens(usage)),
    tokens_out: BigInt(outputTokens(usage)),
    buckets: JSON.stringify(usage),
    estimated: flag(settlement.estimated),
    estimate: settlement.estimate === undefined ? null : JSON.stringify(settlement.estimate),
    delivered: flag(settlement.delivered),
    cost_pico: charge.cost,
    partner_pico: charge.partner,
    tenant_pico: charge.tenant,
    bound_pico: intent.bound.tenant,
    absorbed_pico: settlement.absorbed,
    price_version_id: intent.priceVersionId ?? null,
    partner_price_id: intent.partnerPriceId ?? null,
    cost_version_id: intent.costVersionId ?? null,
    latency_ms: wholeMs(settlement.latencyMs),
    ttft_ms: settlement.ttftMs === undefined ? null : wholeMs(settlement.ttftMs),
    error_code: settlement.errorCode ?? null,
    metadata: intent.metadata === undefined ? null : JSON.stringify(intent.metadata),
    budgets: settlement.budgets === undefined ? null : JSON.stringify(storedParts(settlement.budgets)),
    created_at: BigInt(intent.admittedAt),
    settled_at: BigInt(settlement.settledAt),
  };
}

/** A row of `usage` as reports see it. */
export function toRecord(row: UsageRow): UsageRecord {
  return {
    id: row.id,
    requestId: row.request_id,
    payer: {
      partnerId: row.partner_id,
      tenantId: row.tenant_id,
      userId: row.user_id,
      keyId: row.api_key_id,
    },
    modelId: row.model_id,
    modelSlug: row.model_slug,
    backendId: row.backend_id,
    status: row.status,
    stream: row.stream === 1n,
    tokensIn: Number(row.tokens_in),
    tokensOut: Number(row.tokens_out),
    buckets: fromJson<Usage>(row.buckets),
    estimated: row.estimated === 1n,
    delivered: row.delivered === 1n,
    charge: { cost: row.cost_pico, partner: row.partner_pico, tenant: row.tenant_pico },
    bound: row.bound_pico,
    absorbed: row.absorbed_pico,
    ...present({
      priceVersionId: row.price_version_id,
      partnerPriceId: row.partner_price_id,
      costVersionId: row.cost_version_id,
      ttftMs: optionalNumber(row.ttft_ms),
      errorCode: row.error_code,
      estimate: row.estimate === null ? null : fromJson<Estimate>(row.estimate),
      metadata: row.metadata === null ? null : fromJson<Record<string, string>>(row.metadata),
    }),
    latencyMs: Number(row.latency_ms),
    createdAt: Number(row.created_at),
    settledAt: Number(row.settled_at),
  };
}

/**
 * Sums are taken apart at 10⁶ pico: a column of parts then stays within 64 bits for 10¹² rows and totals of
 * 9 × 10¹² units (split at whole units, 9 million rows of remainders would already overflow).
 */
export const SUM_SPLIT = 1_000_000n;

/** Joins the two halves of such a sum: exact at any size. */
export function joinSum(high: bigint, low: bigint): Pico {
  const perUnit = 1_000_000_000_000n / SUM_SPLIT;
  return joinAmount({ units: high / perUnit, pico: (high % perUnit) * SUM_SPLIT + low });
}
