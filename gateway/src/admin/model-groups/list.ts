import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { listModelGroups } from "../../store/model-access/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { given } from "../given.ts";
import { ownedQuery } from "../owned.ts";
import { pageOfRows, storePage } from "../paging.ts";
import { modelGroupView, viewModelGroup } from "./model-group-view.ts";

export const listModelGroupsEndpoint = adminEndpoint({
  method: "GET",
  path: "/v1/model-groups",
  access: "users:manage",
  tag: "Model access",
  operationId: "listModelGroups",
  summary: "The model groups of the tenants you administer",
  costBearing: false,
  query: z.strictObject(ownedQuery),
  response: modelGroupView,
  list: true,
  async handle({ principal, query }, deps) {
    const found = await listModelGroups(deps.read, administeredScope(principal), {
      ...storePage("mg", query),
      ...given({ tenantId: query.tenant_id }),
    });
    const page = pageOfRows(found, query);
    return { kind: "page", page: { ...page, items: page.items.map(viewModelGroup) } };
  },
});
