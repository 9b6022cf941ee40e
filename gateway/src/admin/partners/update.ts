import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { ApiError } from "../../errors.ts";
import { findPartner } from "../../store/tenancy/reader.ts";
import { updatePartner } from "../../store/tenancy/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { changeOf, demandAbove, demandNoLockOut, levelChange } from "../level-change.ts";
import { demandFreeSlug } from "../model-slugs.ts";
import { committed } from "../refusals.ts";
import { partnerView, viewPartner } from "./partner-view.ts";
import { getPartner } from "./get.ts";

export const updatePartnerEndpoint = adminEndpoint({
  method: "PATCH",
  path: "/v1/partners/{partner_id}",
  access: "partner:manage",
  tag: "Partners",
  errors: ["SLUG_CONFLICT"],
  summary: "Change a partner, suspend it or let it go on; slug and status are the platform's to change",
  costBearing: false,
  auditAction: "partner.update",
  changes: getPartner,
  params: z.strictObject({ partner_id: z.string() }),
  body: z.strictObject(levelChange).meta({ examples: [{ status: "suspended" }] }),
  response: partnerView,
  async handle({ principal, params, body }, deps) {
    const scope = administeredScope(principal);
    const former = await findPartner(deps.read, scope, params.partner_id);
    if (!former) throw new ApiError("NOT_FOUND");
    demandAbove(principal, "platform:manage", body);
    demandNoLockOut("partner", former.id, body, principal, deps);
    demandFreeSlug("partner", former.slug, body.slug, deps.snapshot);
    const writes = updatePartner(
      former.id,
      changeOf("partner", former, body, scope, deps),
      scope,
      deps.clock.now(),
    );
    await committed(deps.commit(writes), { missing: "NOT_FOUND", taken: "SLUG_CONFLICT" });
    return { kind: "data", data: viewPartner(deps.snapshot.partnerById(former.id) ?? former, deps) };
  },
});
