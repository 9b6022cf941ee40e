import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { ApiError } from "../../errors.ts";
import { findTenant } from "../../store/tenancy/reader.ts";
import { updateTenant } from "../../store/tenancy/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { changeOf, demandAbove, demandNoLockOut, levelChange } from "../level-change.ts";
import { demandFreeSlug } from "../model-slugs.ts";
import { committed } from "../refusals.ts";
import { tenantView, viewTenant } from "./tenant-view.ts";
import { getTenant } from "./get.ts";

export const updateTenantEndpoint = adminEndpoint({
  method: "PATCH",
  path: "/v1/tenants/{tenant_id}",
  access: "users:manage",
  tag: "Tenants",
  errors: ["SLUG_CONFLICT"],
  summary: "Change a tenant, suspend it or let it go on; slug and status are the partner's to change",
  costBearing: false,
  auditAction: "tenant.update",
  changes: getTenant,
  params: z.strictObject({ tenant_id: z.string() }),
  body: z.strictObject(levelChange).meta({ examples: [{ status: "suspended" }] }),
  response: tenantView,
  async handle({ principal, params, body }, deps) {
    const scope = administeredScope(principal);
    const former = await findTenant(deps.read, scope, params.tenant_id);
    if (!former) throw new ApiError("NOT_FOUND");
    demandAbove(principal, "partner:manage", body);
    demandNoLockOut("tenant", former.id, body, principal, deps);
    demandFreeSlug("tenant", former.slug, body.slug, deps.snapshot);
    const writes = updateTenant(
      former.id,
      changeOf("tenant", former, body, scope, deps),
      scope,
      deps.clock.now(),
    );
    await committed(deps.commit(writes), { missing: "NOT_FOUND", taken: "SLUG_CONFLICT" });
    return { kind: "data", data: viewTenant(deps.snapshot.tenantById(former.id) ?? former, deps) };
  },
});
