import { z } from "zod";
import { idTime } from "../../base/ids.ts";
import { tenantsPolicy } from "../../core/broken-streams.ts";
import type { Tenant } from "../../core/tenancy.ts";
import { brokenStreamsView, viewPolicy } from "../broken-streams.ts";
import { isoTime, timestamp } from "../fields.ts";
import type { AdminDeps } from "../deps.ts";
import { limitsView, viewLimits } from "../rate-limits.ts";
import { settings, status } from "../tenancy-fields.ts";

/** A tenant as its administrators and those above see it. */
export const tenantView = z
  .strictObject({
    id: z.string(),
    partner_id: z.string(),
    slug: z.string(),
    display_name: z.string(),
    status,
    time_zone: z.string(),
    settings,
    rate_limits: limitsView,
    broken_streams: brokenStreamsView,
    created_at: timestamp,
  })
  .meta({ id: "Tenant" });

/** Tells a tenant to somebody who may see it. */
export function viewTenant(
  tenant: Tenant,
  { config, snapshot }: Pick<AdminDeps, "config" | "snapshot">,
): z.infer<typeof tenantView> {
  return {
    id: tenant.id,
    partner_id: tenant.partnerId,
    slug: tenant.slug,
    display_name: tenant.displayName,
    status: tenant.status,
    time_zone: tenant.timeZone,
    settings: { ...tenant.settings },
    rate_limits: viewLimits("tenant", tenant, config),
    broken_streams: viewPolicy(tenantsPolicy(tenant, snapshot.partnerById(tenant.partnerId) ?? {})),
    created_at: isoTime(idTime(tenant.id)),
  };
}
