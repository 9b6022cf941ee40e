import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { newId } from "../../base/ids.ts";
import { partnersPolicy } from "../../core/broken-streams.ts";
import type { Partner } from "../../core/tenancy.ts";
import { createPartner } from "../../store/tenancy/writer.ts";
import { brokenStreamsChange, madeTerms } from "../broken-streams.ts";
import { adminEndpoint } from "../endpoint.ts";
import { shownText } from "../fields.ts";
import { committed } from "../refusals.ts";
import { limitsChange, madeLimits } from "../rate-limits.ts";
import { changedSettings, levelSlug, settings, timeZone } from "../tenancy-fields.ts";
import { partnerView, viewPartner } from "./partner-view.ts";

const USUAL = partnersPolicy({});

export const createPartnerEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/partners",
  access: "platform:manage",
  tag: "Partners",
  errors: ["SLUG_CONFLICT"],
  summary: "Add a partner: a reseller or a department with tenants of its own",
  costBearing: false,
  auditAction: "partner.create",
  body: z
    .strictObject({
      slug: levelSlug,
      display_name: shownText,
      time_zone: timeZone.default("UTC"),
      settings: settings.default({}),
      rate_limits: limitsChange.optional(),
      broken_streams: brokenStreamsChange.optional(),
    })
    .meta({ examples: [{ slug: "north", display_name: "North", time_zone: "Europe/Amsterdam" }] }),
  response: partnerView,
  async handle({ principal, body }, deps) {
    const now = deps.clock.now();
    const scope = administeredScope(principal);
    const partner: Partner = {
      id: newId("partner", now),
      slug: body.slug,
      displayName: body.display_name,
      status: "active",
      timeZone: body.time_zone,
      settings: changedSettings({}, body.settings),
      ...madeLimits("partner", body.rate_limits, scope, deps.config),
      ...madeTerms({
        level: "partner",
        asked: body.broken_streams,
        caller: scope,
        above: USUAL,
        givers: USUAL,
      }),
    };
    await committed(deps.commit(createPartner(partner, now)), { taken: "SLUG_CONFLICT" });
    return { kind: "data", status: 201, data: viewPartner(partner, deps) };
  },
});
