import { z } from "zod";
import { idTime } from "../../base/ids.ts";
import type { Tenant } from "../../core/tenancy.ts";
import { isoTime, timestamp } from "../fields.ts";
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
    created_at: timestamp,
  })
  .meta({ id: "Tenant" });

/** Tells a tenant to somebody who may see it. */
export function viewTenant(tenant: Tenant): z.infer<typeof tenantView> {
  return {
    id: tenant.id,
    partner_id: tenant.partnerId,
    slug: tenant.slug,
    display_name: tenant.displayName,
    status: tenant.status,
    time_zone: tenant.timeZone,
    settings: { ...tenant.settings },
    created_at: isoTime(idTime(tenant.id)),
  };
}
