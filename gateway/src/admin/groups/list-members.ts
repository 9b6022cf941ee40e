import { z } from "zod";
import { adminEndpoint } from "../endpoint.ts";
import { pageQuery } from "../fields.ts";
import { pageOf } from "../paging.ts";
import { userView, viewUser } from "../users/user-view.ts";
import { administeredGroup } from "./group-view.ts";

export const listGroupMembers = adminEndpoint({
  method: "GET",
  path: "/v1/groups/{group_id}/members",
  access: "users:manage",
  tag: "Groups",
  operationId: "listGroupMembers",
  errors: ["NOT_FOUND"],
  summary: "Who is in a group",
  costBearing: false,
  params: z.strictObject({ group_id: z.string() }),
  query: z.strictObject(pageQuery),
  response: userView,
  list: true,
  async handle({ principal, params, query }, deps) {
    const group = await administeredGroup(params.group_id, principal, deps);
    const members = group.memberIds
      .map((id) => deps.snapshot.userById(id))
      .filter((user) => user !== undefined);
    const page = pageOf(members, (user) => user.id, query);
    return { kind: "page", page: { ...page, items: page.items.map((user) => viewUser(user, deps)) } };
  },
});
