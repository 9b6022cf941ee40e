import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { listGroups } from "../../store/iam/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { listQuery } from "../fields.ts";
import { given } from "../given.ts";
import { ownedQuery } from "../owned.ts";
import { pageOfRows, storePage } from "../paging.ts";
import { groupView, viewGroup } from "./group-view.ts";

export const listGroupsEndpoint = adminEndpoint({
  method: "GET",
  path: "/v1/groups",
  access: "users:manage",
  tag: "Groups",
  operationId: "listGroups",
  summary: "The groups of the tenants you administer",
  costBearing: false,
  query: z.strictObject({ ...ownedQuery, q: listQuery.q }),
  response: groupView,
  list: true,
  async handle({ principal, query }, deps) {
    const found = await listGroups(deps.read, administeredScope(principal), {
      ...storePage("group", query),
      ...given({ tenantId: query.tenant_id, q: query.q }),
    });
    const page = pageOfRows(found, query);
    const items = page.items.map((group) =>
      viewGroup(group, deps.snapshot.iam.group(group.id)?.memberIds.length ?? 0),
    );
    return { kind: "page", page: { ...page, items } };
  },
});
