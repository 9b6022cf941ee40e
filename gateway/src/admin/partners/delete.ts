import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { ApiError } from "../../errors.ts";
import { endGrants } from "../../store/grants/writer.ts";
import { countTenants, findPartner } from "../../store/tenancy/reader.ts";
import { deletePartner } from "../../store/tenancy/writer.ts";
import { demandNoneDeclared } from "../budgets/budgeted.ts";
import { adminEndpoint } from "../endpoint.ts";
import { deleted, deletion } from "../fields.ts";
import { modelsUnder } from "../model-slugs.ts";
import { committed, demandUnused } from "../refusals.ts";

export const deletePartnerEndpoint = adminEndpoint({
  method: "DELETE",
  path: "/v1/partners/{partner_id}",
  access: "platform:manage",
  tag: "Partners",
  summary: "Delete a partner that has no tenants and no models",
  costBearing: false,
  errors: ["DECLARED_IN_FILE"],
  auditAction: "partner.delete",
  params: z.strictObject({ partner_id: z.string() }),
  response: deleted,
  async handle({ principal, params }, deps) {
    const scope = administeredScope(principal);
    const partner = await findPartner(deps.read, scope, params.partner_id);
    if (!partner) throw new ApiError("NOT_FOUND");
    demandUnused("partner", [
      { field: "tenants", count: await countTenants(deps.read, partner.id) },
      { field: "models", count: modelsUnder("partner", partner.slug, deps.snapshot) },
    ]);
    demandNoneDeclared(({ partnerId }) => partnerId === partner.id, deps);
    const now = deps.clock.now();
    const writes = [
      ...endGrants(deps.snapshot.grants.endingWith(partner.id), now),
      ...deletePartner(partner.id, scope, now),
    ];
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    return { kind: "data", data: deletion(partner.id) };
  },
});
