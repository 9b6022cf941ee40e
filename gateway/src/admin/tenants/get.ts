import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { ApiError } from "../../errors.ts";
import { findTenant } from "../../store/tenancy/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { tenantView, viewTenant } from "./tenant-view.ts";

export const getTenant = adminEndpoint({
  method: "GET",
  path: "/v1/tenants/{tenant_id}",
  access: "admin:access",
  tag: "Tenants",
  summary: "One tenant",
  costBearing: false,
  version: { except: [] },
  params: z.strictObject({ tenant_id: z.string() }),
  response: tenantView,
  async handle({ principal, params }, deps) {
    const tenant = await findTenant(deps.read, administeredScope(principal), params.tenant_id);
    if (!tenant) throw new ApiError("NOT_FOUND");
    return { kind: "data", data: viewTenant(tenant, deps) };
  },
});
