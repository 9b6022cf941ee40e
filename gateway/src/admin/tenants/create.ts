import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { newId } from "../../base/ids.ts";
import type { Tenant } from "../../core/tenancy.ts";
import { ApiError } from "../../errors.ts";
import { findPartner } from "../../store/tenancy/reader.ts";
import { createTenant } from "../../store/tenancy/writer.ts";
import { brokenStreamsChange, madeTerms } from "../broken-streams.ts";
import { adminEndpoint } from "../endpoint.ts";
import { shownText } from "../fields.ts";
import { policiesOver } from "../level-change.ts";
import { committed } from "../refusals.ts";
import { limitsChange, madeLimits } from "../rate-limits.ts";
import { changedSettings, levelSlug, settings, timeZone } from "../tenancy-fields.ts";
import { tenantView, viewTenant } from "./tenant-view.ts";

export const createTenantEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/tenants",
  access: "partner:manage",
  tag: "Tenants",
  errors: ["SLUG_CONFLICT"],
  summary: "Add a tenant: a team or a customer",
  costBearing: false,
  auditAction: "tenant.create",
  body: z
    .strictObject({
      slug: levelSlug,
      display_name: shownText,
      partner_id: z.string().optional().describe("Your own partner when absent."),
      time_zone: timeZone.optional().describe("The partner's when absent."),
      settings: settings.default({}),
      rate_limits: limitsChange.optional(),
      broken_streams: brokenStreamsChange.optional(),
    })
    .meta({ examples: [{ slug: "acme", display_name: "Acme", time_zone: "Europe/Amsterdam" }] }),
  response: tenantView,
  async handle({ principal, body }, deps) {
    const scope = administeredScope(principal);
    const partnerId = body.partner_id ?? principal.partner.id;
    const partner = await findPartner(deps.read, scope, partnerId);
    if (!partner) throw noSuchPartner();
    const now = deps.clock.now();
    const tenant: Tenant = {
      id: newId("tenant", now),
      partnerId,
      slug: body.slug,
      displayName: body.display_name,
      status: "active",
      timeZone: body.time_zone ?? partner.timeZone,
      settings: changedSettings({}, body.settings),
      ...madeLimits("tenant", body.rate_limits, scope, deps.config),
      ...madeTerms({
        level: "tenant",
        asked: body.broken_streams,
        caller: scope,
        ...policiesOver({ partnerId }, deps.snapshot),
      }),
    };
    await committed(deps.commit(createTenant(tenant, now)), { taken: "SLUG_CONFLICT" });
    return { kind: "data", status: 201, data: viewTenant(tenant, deps) };
  },
});

/** The same for a partner that does not exist and for one the caller does not administer. */
function noSuchPartner(): ApiError {
  return new ApiError("VALIDATION_ERROR", undefined, {
    details: [{ field: "partner_id", message: "is no partner that you administer" }],
  });
}
