import { z } from "zod";
import { within } from "../../base/within.ts";
import { ACCOUNT_OWNERS, ACCOUNTS } from "../../core/ledger.ts";
import { StoreUnavailable } from "../../store/errors.ts";
import type { BalanceFilter } from "../../store/ledger/entries.ts";
import type { AdminDeps } from "../deps.ts";
import { given } from "../given.ts";
import { month } from "./adjustment-view.ts";

/** The filters that questions to the ledger share. */
export const ledgerQuery = {
  month: month.optional().describe("In the statement of this month."),
  partner_id: z.string().max(64).optional(),
  tenant_id: z.string().max(64).optional(),
  backend_id: z.string().max(64).optional(),
  owner: z.enum(ACCOUNT_OWNERS).optional(),
  owner_id: z.string().max(64).optional(),
  account: z.enum(ACCOUNTS).optional(),
};

export function ledgerFilter(query: z.output<z.ZodObject<typeof ledgerQuery>>): BalanceFilter {
  return given({
    month: query.month,
    partnerId: query.partner_id,
    tenantId: query.tenant_id,
    backendId: query.backend_id,
    owner: query.owner,
    ownerId: query.owner_id,
    account: query.account,
  });
}

/** How long an answer waits for that: an upgrade of an installation with a long history books for a while. */
const BOOKING_MS_MAX = 5_000;

/** What has settled is in what is answered, if the store takes it in time; else what was booked before. */
export async function bookFirst({
  usageAsOf,
  bookUsage,
}: Pick<AdminDeps, "usageAsOf" | "bookUsage">): Promise<void> {
  await usageAsOf();
  const late = (): Error => new StoreUnavailable("usage is still being booked");
  await within(BOOKING_MS_MAX, bookUsage(), late).catch((error: unknown) => {
    if (!(error instanceof StoreUnavailable)) throw error;
  });
}
