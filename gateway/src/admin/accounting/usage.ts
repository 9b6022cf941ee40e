import { z } from "zod";
import { formatAmount } from "../../base/money.ts";
import { type Estimate, ESTIMATE_REASONS } from "../../core/estimate.ts";
import type { ScopeLevel } from "../../core/scope.ts";
import { partsOfName } from "../../pricing/price-name.ts";
import { type UsageCursor, listUsage } from "../../store/usage/reader.ts";
import type { UsageRecord } from "../../store/usage/record.ts";
import { adminEndpoint } from "../endpoint.ts";
import { isoTime, pageQuery, timestamp } from "../fields.ts";
import { decodeCursor, encodeCursor } from "../paging.ts";
import { amountsShown } from "./amounts-shown.ts";
import { filterQuery, usageQuestion, withMetadata } from "./usage-filter.ts";

/** One settled request as its payer sees it. */
export const usageView = z
  .strictObject({
    id: z.string(),
    request_id: z.string(),
    model: z.string(),
    backend_id: z.string(),
    partner_id: z.string(),
    tenant_id: z.string(),
    user_id: z.string(),
    api_key_id: z.string(),
    tokens_in: z.int().describe("All tokens that went in, cached ones included."),
    tokens_out: z.int().describe("All tokens that came out, reasoning included."),
    usage: z.record(z.string(), z.int()).describe("Disjoint counts by kind of token."),
    estimated: z
      .boolean()
      .describe("Whether the counts are the gateway's estimate rather than the upstream's report."),
    estimate: z
      .strictObject({
        method: z.string(),
        reason: z
          .enum(ESTIMATE_REASONS)
          .optional()
          .describe("Why there is no report, or it was not believed."),
        version: z.int().describe("Rises with every change of the rule."),
        input_tokens_per_kb: z.int().describe("Tokens that 1,000 bytes of the prompt were taken for."),
        output_tokens_per_kb: z.int().describe("Tokens that 1,000 bytes of the answer were taken for."),
      })
      .optional()
      .describe("How they were estimated."),
    bound_exceeded: z
      .boolean()
      .describe(
        "Whether the upstream reported more than the request could use: what is beyond is charged to nobody.",
      ),
    cost: z.string().describe("Decimal, in the installation's currency."),
    backend_cost: z.string().describe("What the caller's own level pays for it."),
    price_version_id: z
      .string()
      .optional()
      .describe(
        "The price version, or the entry of a price book, that the cost was made of; absent = nothing is paid.",
      ),
    floor_version_id: z
      .string()
      .optional()
      .describe("The price that the cost is at least, where there is one."),
    status: z.enum(["completed", "client_gone", "failed", "interrupted"]),
    stream: z.boolean(),
    latency_ms: z.int().describe("Milliseconds from arrival to the end."),
    ttft_ms: z.int().optional().describe("Milliseconds from arrival to the first content."),
    error_code: z.string().optional(),
    metadata: z.record(z.string(), z.string()).optional(),
    created_at: timestamp,
    settled_at: timestamp,
  })
  .meta({ id: "UsageRecord" });

/** Tells a usage record to a level. */
export function viewUsage(record: UsageRecord, level: ScopeLevel): z.infer<typeof usageView> {
  const { cost, backendCost } = amountsShown(record.charge, level);
  return {
    id: record.id,
    request_id: record.requestId,
    model: record.modelSlug,
    backend_id: record.backendId,
    partner_id: record.payer.partnerId,
    tenant_id: record.payer.tenantId,
    user_id: record.payer.userId,
    api_key_id: record.payer.keyId,
    tokens_in: record.tokensIn,
    tokens_out: record.tokensOut,
    usage: { ...record.buckets },
    estimated: record.estimated,
    ...(record.estimate && { estimate: viewEstimate(record.estimate) }),
    // Of a record that was set aside and absorbed nothing is charged, whatever its bound.
    bound_exceeded: record.absorbed > 0n && record.charge.tenant === record.bound,
    cost: formatAmount(cost),
    backend_cost: formatAmount(backendCost),
    ...(record.priceVersionId !== undefined && pricedBy(record.priceVersionId)),
    status: record.status,
    stream: record.stream,
    latency_ms: record.latencyMs,
    ...(record.ttftMs !== undefined && { ttft_ms: record.ttftMs }),
    ...(record.errorCode !== undefined && { error_code: record.errorCode }),
    ...(record.metadata !== undefined && { metadata: { ...record.metadata } }),
    created_at: isoTime(record.createdAt),
    settled_at: isoTime(record.settledAt),
  };
}

/** The last row that a price was made of, and its floor. */
export function pricedBy(name: string): { price_version_id?: string; floor_version_id?: string } {
  const { base, raisedBy, floor } = partsOfName(name);
  const own = raisedBy.at(-1) ?? base;
  return {
    ...(own !== undefined && { price_version_id: own }),
    ...(floor !== undefined && { floor_version_id: floor }),
  };
}

function viewEstimate({ method, reason, version, inputPerKb, outputPerKb }: Estimate) {
  return {
    method,
    ...(reason && { reason }),
    version,
    input_tokens_per_kb: inputPerKb,
    output_tokens_per_kb: outputPerKb,
  };
}

const CURSOR = /^(\d{1,15}) (usage_[0-9A-Z]{26})$/;

export const listUsageEndpoint = adminEndpoint({
  method: "GET",
  path: "/v1/accounting/usage",
  access: "accounting:view_own",
  tag: "Accounting",
  summary: "Settled requests, newest first",
  costBearing: false,
  query: withMetadata({ ...filterQuery, ...pageQuery }),
  response: usageView,
  list: true,
  async handle({ principal, query }, deps) {
    const now = deps.clock.now();
    const { scope, filter } = usageQuestion(principal, query, now);
    const asOf = await deps.usageAsOf();
    const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
    // One more than is shown tells whether there is a further page.
    const found = await listUsage(deps.read, scope, filter, {
      limit: query.limit + 1,
      ...(after && { after }),
    });
    const items = found.slice(0, query.limit);
    const last = items.at(-1);
    const more = found.length > items.length && last !== undefined;
    return {
      kind: "page",
      page: {
        items: items.map((record) => viewUsage(record, scope.level)),
        ...(more && { nextCursor: encodeCursor(`${last.createdAt} ${last.id}`) }),
      },
      meta: { as_of: isoTime(asOf) },
    };
  },
});

function readCursor(cursor: string): UsageCursor {
  const [createdAt = "", id = ""] = decodeCursor(cursor, CURSOR).split(" ");
  return { createdAt: Number(createdAt), id };
}
