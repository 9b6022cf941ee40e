import { z } from "zod";
import { adminEndpoint } from "../endpoint.ts";
import { administeredGroup, groupView, viewGroup } from "./group-view.ts";

export const getGroup = adminEndpoint({
  method: "GET",
  path: "/v1/groups/{group_id}",
  access: "users:manage",
  tag: "Groups",
  summary: "One group",
  costBearing: false,
  version: { except: ["member_count"] },
  params: z.strictObject({ group_id: z.string() }),
  response: groupView,
  async handle({ principal, params }, deps) {
    const group = await administeredGroup(params.group_id, principal, deps);
    return { kind: "data", data: viewGroup(group, group.memberIds.length) };
  },
});
