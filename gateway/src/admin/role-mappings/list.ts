import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { listRoleMappings } from "../../store/iam/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { given } from "../given.ts";
import { ownedQuery } from "../owned.ts";
import { pageOfRows, storePage } from "../paging.ts";
import { mappingView, viewMapping } from "./mapping-view.ts";

export const listRoleMappingsEndpoint = adminEndpoint({
  method: "GET",
  path: "/v1/role-mappings",
  access: "users:manage",
  tag: "Groups",
  operationId: "listRoleMappings",
  summary: "Which roles the groups of your tenants are given",
  costBearing: false,
  query: z.strictObject({ ...ownedQuery, group_id: z.string().optional() }),
  response: mappingView,
  list: true,
  async handle({ principal, query }, deps) {
    const found = await listRoleMappings(deps.read, administeredScope(principal), {
      ...storePage("map", query),
      ...given({ tenantId: query.tenant_id, groupId: query.group_id }),
    });
    const page = pageOfRows(found, query);
    return { kind: "page", page: { ...page, items: page.items.map(viewMapping) } };
  },
});
