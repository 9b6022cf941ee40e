import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import type { User } from "../../core/tenancy.ts";
import { removeMember } from "../../store/iam/writer.ts";
import { updateUser, type UserChange } from "../../store/tenancy/writer.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { deleted, deletion } from "../fields.ts";
import { committed } from "../refusals.ts";
import { administeredUser, demandNoGreater } from "../users/administered.ts";
import { administeredGroup } from "./group-view.ts";

export const removeGroupMember = adminEndpoint({
  method: "DELETE",
  path: "/v1/groups/{group_id}/members/{user_id}",
  access: "users:manage",
  tag: "Groups",
  operationId: "removeGroupMember",
  summary: "Take a user out of a group, and its roles from them but for those mapped to stay",
  costBearing: false,
  auditAction: "group.remove_member",
  params: z.strictObject({ group_id: z.string(), user_id: z.string() }),
  response: deleted,
  async handle({ principal, params }, deps) {
    const group = await administeredGroup(params.group_id, principal, deps);
    const user = await administeredUser(params.user_id, principal, deps);
    demandNoGreater(user, principal, deps);
    const now = deps.clock.now();
    const kept = keptBy(user, group.id, deps);
    const writes = [
      ...(kept ? updateUser(user.id, kept, administeredScope(principal), now) : []),
      ...removeMember(group.id, user.id, now),
    ];
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    return { kind: "data", data: deletion(user.id) };
  },
});

/** The roles that stay with whoever leaves: mapped without `auto_revoke`. */
function keptBy(
  user: User,
  groupId: string,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): UserChange | undefined {
  const staying = [...snapshot.iam.mappingsOf(groupId)].filter(({ autoRevoke }) => !autoRevoke);
  if (staying.length === 0) return undefined;
  const roles = new Set([...user.roles, ...staying.flatMap(({ role }) => role ?? [])]);
  const custom = new Set([
    ...(user.customRoleIds ?? []),
    ...staying.flatMap(({ customRoleId }) => customRoleId ?? []),
  ]);
  return { roles: [...roles], customRoleIds: [...custom] };
}
