import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { addMember } from "../../store/iam/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { demandHeld } from "../iam/demand-held.ts";
import { demandUnnarrowed } from "../narrowed.ts";
import { committed } from "../refusals.ts";
import { administeredUser, demandAnother, demandNoGreater } from "../users/administered.ts";
import { administeredGroup, groupView, viewGroup } from "./group-view.ts";

/** Members of one group: they are read together. */
const MEMBERS_MAX = 10_000;

export const addGroupMember = adminEndpoint({
  method: "PUT",
  path: "/v1/groups/{group_id}/members/{user_id}",
  access: "users:manage",
  tag: "Groups",
  operationId: "addGroupMember",
  errors: ["QUOTA_EXCEEDED"],
  summary: "Put a user into a group of their tenant, and give them its roles",
  costBearing: false,
  auditAction: "group.add_member",
  params: z.strictObject({ group_id: z.string(), user_id: z.string() }),
  response: groupView,
  async handle({ principal, params }, deps) {
    const group = await administeredGroup(params.group_id, principal, deps);
    const user = await administeredUser(params.user_id, principal, deps);
    if (user.tenantId !== group.tenantId) throw new ApiError("NOT_FOUND");
    const given = deps.snapshot.iam.givenBy(group.id);
    if (given.size > 0) {
      demandUnnarrowed(principal);
      demandAnother(user, principal, "gives roles to");
    }
    demandNoGreater(user, principal, deps);
    demandHeld(given, principal);
    if (group.memberIds.length >= MEMBERS_MAX) {
      throw new ApiError("QUOTA_EXCEEDED", `A group has at most ${MEMBERS_MAX} members.`);
    }
    await committed(deps.commit(addMember(group.id, user.id, deps.clock.now())), {
      missing_parent: "NOT_FOUND",
    });
    const next = deps.snapshot.iam.group(group.id) ?? group;
    return { kind: "data", data: viewGroup(next, next.memberIds.length) };
  },
});
