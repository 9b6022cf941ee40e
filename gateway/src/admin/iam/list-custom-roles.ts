import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { listCustomRoles } from "../../store/iam/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { given } from "../given.ts";
import { ownedQuery } from "../owned.ts";
import { pageOfRows, storePage } from "../paging.ts";
import { customRoleView, viewCustomRole } from "./custom-role-view.ts";

export const listCustomRolesEndpoint = adminEndpoint({
  method: "GET",
  path: "/v1/iam/custom-roles",
  access: "users:manage",
  tag: "Roles",
  operationId: "listCustomRoles",
  summary: "The custom roles of the tenants you administer",
  costBearing: false,
  query: z.strictObject(ownedQuery),
  response: customRoleView,
  list: true,
  async handle({ principal, query }, deps) {
    const found = await listCustomRoles(deps.read, administeredScope(principal), {
      ...storePage("role", query),
      ...given({ tenantId: query.tenant_id }),
    });
    const page = pageOfRows(found, query);
    return { kind: "page", page: { ...page, items: page.items.map(viewCustomRole) } };
  },
});
