import { z } from "zod";
import { formatAmount } from "../../base/money.ts";
import type { Adjustment } from "../../core/ledger.ts";
import { isoTime, timestamp } from "../fields.ts";
import { given } from "../given.ts";

/** A month as people write it. */
export const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, "must be a month such as 2026-11");

export const adjustmentView = z
  .strictObject({
    id: z.string(),
    partner_id: z.string(),
    tenant_id: z.string().optional().describe("Absent where the partner itself is meant."),
    month: z
      .string()
      .describe(
        "The statement it is a line of: in a list, by the calendar of whose bill it is; in a statement, that one.",
      ),
    for_month: z.string().describe("The month it is about: another one where that was closed already."),
    amount: z.string().describe("Decimal, added to what is owed; with a minus it is a credit."),
    reason: z.string(),
    created_by: z.string(),
    created_at: timestamp,
  })
  .meta({ id: "Adjustment" });

export function viewAdjustment(adjustment: Adjustment): z.infer<typeof adjustmentView> {
  return {
    id: adjustment.id,
    partner_id: adjustment.partnerId,
    ...given({ tenant_id: adjustment.tenantId }),
    month: adjustment.month,
    for_month: adjustment.forMonth,
    amount: formatAmount(adjustment.amount),
    reason: adjustment.reason,
    created_by: adjustment.createdBy,
    created_at: isoTime(adjustment.createdAt),
  };
}
