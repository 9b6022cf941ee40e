import { z } from "zod";
import { formatAmount } from "../../base/money.ts";
import { MONTH_CLOSES_MS } from "../../core/ledger.ts";
import type { Principal } from "../../core/principal.ts";
import type { Scope, ScopeLevel } from "../../core/scope.ts";
import { ApiError } from "../../errors.ts";
import { addSums, NO_USAGE, type UsageSums } from "../../store/usage/sums.ts";
import { adminEndpoint } from "../endpoint.ts";
import { exportFormats, exportStream } from "../exporting.ts";
import { isoTime, timestamp } from "../fields.ts";
import { given } from "../given.ts";
import { amountsShown } from "./amounts-shown.ts";
import { monthSpan } from "./period.ts";
import { linesOf } from "./statement-lines.ts";
import { reportTimeZone, usageQuestion } from "./usage-filter.ts";

const sums = {
  request_count: z.int(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost: z.string().describe("What those below pay."),
  backend_cost: z.string().optional().describe("What the caller's own level pays; not told to tenants."),
  margin: z.string().optional().describe("The difference."),
};
const line = z.strictObject({
  tenant_id: z.string(),
  model: z.string(),
  for_month: z
    .string()
    .optional()
    .describe("The month it is about, where that was closed already when it arrived."),
  ...sums,
});
const statement = z
  .strictObject({
    month: z.string(),
    time_zone: z.string().describe("In whose calendar the month is."),
    starts_at: timestamp,
    ends_at: timestamp,
    is_over: z
      .boolean()
      .describe("Whether the month has ended: requests of it may still be in flight before."),
    is_closed: z
      .boolean()
      .describe(
        "Whether nothing is added any more: 24 hours after its end. What arrives later is a line of the open month.",
      ),
    currency: z.string(),
    lines: z.array(line),
    totals: z.strictObject(sums),
  })
  .meta({ id: "Statement" });

const CSV = exportFormats<z.infer<typeof line>>([
  "tenant_id",
  "model",
  "request_count",
  "input_tokens",
  "output_tokens",
  "cost",
  "backend_cost",
  "margin",
  "for_month",
]).csv;

export const getStatement = adminEndpoint({
  method: "GET",
  path: "/v1/accounting/statements/{month}",
  access: "accounting:view_tenant",
  tag: "Accounting",
  operationId: "getStatement",
  summary: "What a month has come to, by tenant and model, with the margin of the caller's level",
  costBearing: false,
  alsoContentTypes: ["text/csv"],
  params: z.strictObject({
    month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, "must be a month such as 2026-11"),
  }),
  query: z.strictObject({
    tenant_id: z.string().max(64).optional(),
    partner_id: z.string().max(64).optional().describe("For the platform: of this partner alone."),
    format: z.enum(["json", "csv"], "must be json or csv").default("json"),
  }),
  response: statement,
  async handle({ principal, params, query, requestId }, deps) {
    const now = deps.clock.now();
    const zone = reportTimeZone(principal);
    const { startMs, endMs } = monthSpan(params.month, zone);
    const asked = { start: isoTime(startMs), end: isoTime(endMs), tenant_id: query.tenant_id };
    const { scope, filter } = usageQuestion(principal, asked, now);
    demandPartner(query.partner_id, scope, principal);
    const asOf = await deps.usageAsOf();
    const { startMs: _start, endMs: _end, ...owners } = filter;
    const narrowing = { ...owners, ...given({ partnerId: query.partner_id }) };
    const found = await linesOf(deps.read, scope, narrowing, { month: params.month, zone, asOf });
    const lines = found.map((each) => ({
      tenant_id: each.tenantId,
      model: each.modelSlug,
      ...given({ for_month: each.forMonth }),
      ...told(each, scope.level),
    }));
    if (query.format === "csv") {
      const after = () => Promise.resolve([]);
      const body = exportStream({ first: lines, after, view: (row) => row, format: CSV, requestId });
      const filename = `statement-${params.month}.csv`;
      return { kind: "stream", contentType: CSV.contentType, filename, body };
    }
    const data = {
      month: params.month,
      time_zone: zone,
      starts_at: isoTime(startMs),
      ends_at: isoTime(endMs),
      is_over: asOf >= endMs,
      is_closed: asOf >= endMs + MONTH_CLOSES_MS,
      currency: deps.config.currency,
      lines,
      totals: told(found.reduce(addSums, NO_USAGE), scope.level),
    };
    return { kind: "data", data, meta: { as_of: isoTime(asOf) } };
  },
});

/** Throws ApiError AUTHZ_PERMISSION_DENIED for another partner than the caller's own. */
function demandPartner(partnerId: string | undefined, scope: Scope, { partner }: Principal): void {
  if (partnerId === undefined || scope.level === "platform" || partnerId === partner.id) return;
  throw new ApiError("AUTHZ_PERMISSION_DENIED", undefined, {
    hint: "This question needs the permission accounting:view_all.",
  });
}

function told(
  { requestCount, inputTokens, outputTokens, amounts }: UsageSums,
  level: ScopeLevel,
): z.infer<z.ZodObject<typeof sums>> {
  const { cost, backendCost } = amountsShown(amounts, level);
  return {
    request_count: requestCount,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    cost: formatAmount(cost),
    ...((level === "platform" || level === "partner") && {
      backend_cost: formatAmount(backendCost),
      margin: formatAmount(cost - backendCost),
    }),
  };
}
