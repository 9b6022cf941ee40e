import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { listUsers } from "../../store/tenancy/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { listQuery } from "../fields.ts";
import { given } from "../given.ts";
import { pageOfRows, storePage } from "../paging.ts";
import { status } from "../tenancy-fields.ts";
import { userView, viewUser } from "./user-view.ts";

export const listUsersEndpoint = adminEndpoint({
  method: "GET",
  path: "/v1/users",
  access: "users:manage",
  tag: "Users",
  operationId: "listUsers",
  summary: "The users of the tenants you administer",
  costBearing: false,
  query: z.strictObject({
    ...listQuery,
    tenant_id: z.string().optional(),
    kind: z.enum(["human", "service"]).optional(),
    status: status.optional(),
  }),
  response: userView,
  list: true,
  async handle({ principal, query }, deps) {
    const found = await listUsers(deps.read, administeredScope(principal), {
      ...storePage("user", query),
      ...given({ tenantId: query.tenant_id, kind: query.kind, status: query.status, q: query.q }),
    });
    const page = pageOfRows(found, query);
    return { kind: "page", page: { ...page, items: page.items.map((each) => viewUser(each, deps)) } };
  },
});
