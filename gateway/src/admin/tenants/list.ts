import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { listTenants } from "../../store/tenancy/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { listQuery } from "../fields.ts";
import { given } from "../given.ts";
import { pageOfRows, storePage } from "../paging.ts";
import { status } from "../tenancy-fields.ts";
import { tenantView, viewTenant } from "./tenant-view.ts";

export const listTenantsEndpoint = adminEndpoint({
  method: "GET",
  path: "/v1/tenants",
  access: "admin:access",
  tag: "Tenants",
  operationId: "listTenants",
  summary: "The tenants you administer",
  costBearing: false,
  query: z.strictObject({ ...listQuery, partner_id: z.string().optional(), status: status.optional() }),
  response: tenantView,
  list: true,
  async handle({ principal, query }, deps) {
    const found = await listTenants(deps.read, administeredScope(principal), {
      ...storePage("tenant", query),
      ...given({ partnerId: query.partner_id, status: query.status, q: query.q }),
    });
    const page = pageOfRows(found, query);
    return { kind: "page", page: { ...page, items: page.items.map((each) => viewTenant(each, deps)) } };
  },
});
