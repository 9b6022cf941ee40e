import { z } from "zod";
import type { FrontendModel } from "../../core/catalogue.ts";
import type { PriceEntry } from "../../core/price-book.ts";
import type { ScopeLevel } from "../../core/scope.ts";
import type { Tenant } from "../../core/tenancy.ts";
import { percentOf } from "../../pricing/mark-up.ts";
import { tieredPricesOf } from "../../pricing/tiers.ts";
import { inForce } from "../../pricing/version.ts";
import type { AdminDeps } from "../deps.ts";
import { isoTime, prices, timestamp } from "../fields.ts";

/** One level of a price: what is paid there. */
export const priceStep = z.strictObject({
  level: z
    .enum(["platform", "partner", "tenant"])
    .describe("The model's own price; what the partner pays; what the tenant pays."),
  prices: prices.optional().describe("Absent where nothing is paid."),
  price_version_id: z.string().optional(),
  price_entry_id: z.string().optional().describe("Absent: as the level above."),
  mark_up_percent: z.string().optional(),
  effective_from: timestamp.optional(),
});
type Step = z.infer<typeof priceStep>;

/**
 * How a tenant's price comes about. Nobody is told what the level above pays or asks of others: a partner sees what it
 * pays and what it makes of it, a tenant what it pays.
 */
export function priceChain(
  model: FrontendModel,
  tenant: Pick<Tenant, "id" | "partnerId">,
  seenBy: ScopeLevel,
  { snapshot, clock }: Pick<AdminDeps, "snapshot" | "clock">,
): Step[] {
  const now = clock.now();
  const list = snapshot.prices;
  const paid = list.paid(model, tenant, now);
  const version = inForce(list.versionsOf(model.id), now);
  const told = (name: string | undefined) => {
    const price = name === undefined ? undefined : list.named(name);
    return price && { prices: tieredPricesOf(price) };
  };
  const platform: Step = {
    level: "platform",
    ...told(version?.id),
    ...(version && { price_version_id: version.id, effective_from: isoTime(version.effectiveFrom) }),
  };
  const isAbovePartner = seenBy === "platform";
  const partner: Step = {
    level: "partner",
    ...told(paid.partner),
    ...(isAbovePartner && how(paid.partnerEntry)),
  };
  const isAboveTenant = isAbovePartner || seenBy === "partner";
  const own: Step = { level: "tenant", ...told(paid.tenant), ...(isAboveTenant && how(paid.tenantEntry)) };
  return [...(isAbovePartner ? [platform] : []), ...(isAboveTenant ? [partner] : []), own];
}

function how(entry: PriceEntry | undefined): Partial<Step> {
  if (!entry) return {};
  const { terms } = entry;
  return {
    price_entry_id: entry.id,
    ...(terms.kind === "mark_up" && { mark_up_percent: percentOf(terms.ppm) }),
    effective_from: isoTime(entry.effectiveFrom),
  };
}
