import { z } from "zod";
import { formatAmount } from "../../base/money.ts";
import type { Adjustment } from "../../core/ledger.ts";
import type { ScopeLevel } from "../../core/scope.ts";
import { addSums, NO_USAGE, type UsageSums } from "../../store/usage/sums.ts";
import { timestamp } from "../fields.ts";
import { given } from "../given.ts";
import { adjustmentView, viewAdjustment } from "./adjustment-view.ts";
import { amountsShown } from "./amounts-shown.ts";
import type { Line } from "./statement-lines.ts";

const sums = {
  request_count: z.int(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost: z.string().describe("What tenants pay."),
  partner_cost: z.string().optional().describe("What their partners pay; told to the platform alone."),
  backend_cost: z.string().optional().describe("What the caller's own level pays; not told to tenants."),
  margin: z
    .string()
    .optional()
    .describe("Of the caller's level: what those right below it pay, less what it pays itself."),
};

export const statementLine = z.strictObject({
  tenant_id: z.string(),
  model: z.string(),
  for_month: z
    .string()
    .optional()
    .describe("The month it is about, where that was closed already when it arrived."),
  ...sums,
});

export const statementView = z
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
    lines: z.array(statementLine),
    adjustments: z.array(adjustmentView),
    totals: z.strictObject({
      ...sums,
      adjustments: z.string().describe("Of what tenants owe."),
      due: z.string().describe("What tenants owe: `cost` and `adjustments` together."),
      partner_adjustments: z
        .string()
        .optional()
        .describe("Of what partners owe the platform; not told to tenants."),
      partner_due: z
        .string()
        .optional()
        .describe("What partners owe the platform, adjustments included; not told to tenants."),
    }),
  })
  .meta({ id: "Statement" });

export type StatementView = z.infer<typeof statementView>;

/** The lines, the adjustments and the totals of a statement, as a level is told them. */
export function statementParts(
  lines: readonly Line[],
  adjustments: readonly Adjustment[],
  level: ScopeLevel,
): Pick<StatementView, "lines" | "adjustments" | "totals"> {
  const all = lines.reduce<UsageSums>(addSums, NO_USAGE);
  const ofTenants = sum(adjustments.filter(({ tenantId }) => tenantId !== undefined));
  const ofPartners = sum(adjustments.filter(({ tenantId }) => tenantId === undefined));
  return {
    lines: lines.map((each) => ({
      tenant_id: each.tenantId,
      model: each.modelSlug,
      ...given({ for_month: each.forMonth }),
      ...told(each, level),
    })),
    adjustments: adjustments.map(viewAdjustment),
    totals: {
      ...told(all, level),
      adjustments: formatAmount(ofTenants),
      due: formatAmount(amountsShown(all.amounts, level).cost + ofTenants),
      ...(isAboveTenants(level) && {
        partner_adjustments: formatAmount(ofPartners),
        partner_due: formatAmount(all.amounts.partner + ofPartners),
      }),
    },
  };
}

function sum(adjustments: readonly Adjustment[]): bigint {
  return adjustments.reduce((all, { amount }) => all + amount, 0n);
}

function isAboveTenants(level: ScopeLevel): boolean {
  return level === "platform" || level === "partner";
}

function told(
  { requestCount, inputTokens, outputTokens, amounts }: UsageSums,
  level: ScopeLevel,
): z.infer<z.ZodObject<typeof sums>> {
  const { cost, backendCost } = amountsShown(amounts, level);
  const isPlatform = level === "platform";
  const earned = isPlatform ? amounts.partner : cost;
  return {
    request_count: requestCount,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    cost: formatAmount(cost),
    ...(isPlatform && { partner_cost: formatAmount(amounts.partner) }),
    ...(isAboveTenants(level) && {
      backend_cost: formatAmount(backendCost),
      margin: formatAmount(earned - backendCost),
    }),
  };
}
