import { z } from "zod";
import { idTime } from "../../base/ids.ts";
import { partnersPolicy } from "../../core/broken-streams.ts";
import type { Partner } from "../../core/tenancy.ts";
import { brokenStreamsView, viewPolicy } from "../broken-streams.ts";
import { isoTime, timestamp } from "../fields.ts";
import type { AdminDeps } from "../deps.ts";
import { limitsView, viewLimits } from "../rate-limits.ts";
import { settings, status } from "../tenancy-fields.ts";

/** A partner as its administrators and the platform see it. */
export const partnerView = z
  .strictObject({
    id: z.string(),
    slug: z.string(),
    display_name: z.string(),
    status,
    time_zone: z.string(),
    settings,
    rate_limits: limitsView,
    broken_streams: brokenStreamsView,
    created_at: timestamp,
  })
  .meta({ id: "Partner" });

/** Tells a partner to somebody who may see it. */
export function viewPartner(
  partner: Partner,
  { config }: Pick<AdminDeps, "config">,
): z.infer<typeof partnerView> {
  return {
    id: partner.id,
    slug: partner.slug,
    display_name: partner.displayName,
    status: partner.status,
    time_zone: partner.timeZone,
    settings: { ...partner.settings },
    rate_limits: viewLimits("partner", partner, config),
    broken_streams: viewPolicy(partnersPolicy(partner)),
    created_at: isoTime(idTime(partner.id)),
  };
}
