import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { listGrants } from "../../store/grants/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { pageQuery } from "../fields.ts";
import { given } from "../given.ts";
import { pageOfRows, storePage } from "../paging.ts";
import { grantView, viewGrant } from "./grant-view.ts";

export const listBackendGrants = adminEndpoint({
  method: "GET",
  path: "/v1/backend-grants",
  access: "models:manage",
  tag: "Backends",
  operationId: "listBackendGrants",
  summary: "Which backends are granted to the partners and tenants you administer",
  costBearing: false,
  query: z.strictObject({
    ...pageQuery,
    backend_id: z.string().optional(),
    partner_id: z.string().optional(),
    tenant_id: z.string().optional(),
  }),
  response: grantView,
  list: true,
  async handle({ principal, query }, deps) {
    const found = await listGrants(deps.read, administeredScope(principal), {
      ...storePage("grant", query),
      ...given({ backendId: query.backend_id, partnerId: query.partner_id, tenantId: query.tenant_id }),
    });
    const page = pageOfRows(found, query);
    return { kind: "page", page: { ...page, items: page.items.map((grant) => viewGrant(grant, deps)) } };
  },
});
