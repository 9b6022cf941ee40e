import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { updateGroup } from "../../store/iam/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { shownText } from "../fields.ts";
import { given } from "../given.ts";
import { description } from "../owned.ts";
import { committed } from "../refusals.ts";
import { getGroup } from "./get.ts";
import { administeredGroup, groupView, viewGroup } from "./group-view.ts";

export const updateGroupEndpoint = adminEndpoint({
  method: "PATCH",
  path: "/v1/groups/{group_id}",
  access: "users:manage",
  tag: "Groups",
  summary: "Rename a group",
  costBearing: false,
  auditAction: "group.update",
  changes: getGroup,
  params: z.strictObject({ group_id: z.string() }),
  body: z
    .strictObject({ name: shownText.optional(), description: description.nullable().optional() })
    .meta({ examples: [{ name: "Research and design" }] }),
  response: groupView,
  async handle({ principal, params, body }, deps) {
    const group = await administeredGroup(params.group_id, principal, deps);
    const change = given({ name: body.name, description: body.description });
    const writes = updateGroup(group.id, change, administeredScope(principal), deps.clock.now());
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    const next = deps.snapshot.iam.group(group.id) ?? group;
    return { kind: "data", data: viewGroup(next, next.memberIds.length) };
  },
});
