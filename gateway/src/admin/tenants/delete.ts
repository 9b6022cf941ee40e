import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { ApiError } from "../../errors.ts";
import { endGrants } from "../../store/grants/writer.ts";
import { countUsers, findTenant } from "../../store/tenancy/reader.ts";
import { deleteTenant } from "../../store/tenancy/writer.ts";
import { demandNoneDeclared } from "../budgets/budgeted.ts";
import { adminEndpoint } from "../endpoint.ts";
import { deleted, deletion } from "../fields.ts";
import { modelsUnder } from "../model-slugs.ts";
import { committed, demandUnused } from "../refusals.ts";

export const deleteTenantEndpoint = adminEndpoint({
  method: "DELETE",
  path: "/v1/tenants/{tenant_id}",
  access: "partner:manage",
  tag: "Tenants",
  summary: "Delete a tenant that has no users and no models; its usage stays",
  costBearing: false,
  errors: ["DECLARED_IN_FILE"],
  auditAction: "tenant.delete",
  params: z.strictObject({ tenant_id: z.string() }),
  response: deleted,
  async handle({ principal, params }, deps) {
    const scope = administeredScope(principal);
    const tenant = await findTenant(deps.read, scope, params.tenant_id);
    if (!tenant) throw new ApiError("NOT_FOUND");
    if (tenant.id === deps.snapshot.homeTenantId()) {
      throw new ApiError("CONFLICT", "The installation's first tenant stays.", {
        hint: "The administrators of the installation belong to it.",
      });
    }
    demandUnused("tenant", [
      { field: "users", count: await countUsers(deps.read, tenant.id) },
      { field: "models", count: modelsUnder("tenant", tenant.slug, deps.snapshot) },
    ]);
    demandNoneDeclared(({ tenantId }) => tenantId === tenant.id, deps);
    const now = deps.clock.now();
    const writes = [
      ...endGrants(deps.snapshot.grants.endingWith(tenant.id), now),
      ...deleteTenant(tenant.id, scope, now),
    ];
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    return { kind: "data", data: deletion(tenant.id) };
  },
});
