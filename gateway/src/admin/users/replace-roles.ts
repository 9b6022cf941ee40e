import { z } from "zod";
import { beyond } from "../../access/grants.ts";
import { permissionsOf } from "../../access/roles.ts";
import { administeredScope } from "../../access/scope.ts";
import type { Permission } from "../../core/permissions.ts";
import { updateUser } from "../../store/tenancy/writer.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { given } from "../given.ts";
import { demandUnnarrowed } from "../narrowed.ts";
import { committed } from "../refusals.ts";
import { administeredUser, demandAnother, demandNoGreater } from "./administered.ts";
import { customRolesGiven, demandGrantable, demandGrantableCustom, rolesGiven } from "./roles-given.ts";
import { userView, viewUser } from "./user-view.ts";
import { getUser } from "./get.ts";

export const replaceUserRoles = adminEndpoint({
  method: "PUT",
  path: "/v1/users/{user_id}/roles",
  access: "users:manage",
  tag: "Users",
  operationId: "replaceUserRoles",
  summary: "Set the roles of a user; nobody grants what they do not hold, and nobody their own",
  costBearing: false,
  auditAction: "user.roles",
  changes: getUser,
  params: z.strictObject({ user_id: z.string() }),
  body: z
    .strictObject({
      roles: rolesGiven,
      custom_role_ids: customRolesGiven.optional().describe("Left as they are when absent."),
    })
    .meta({ examples: [{ roles: ["tenant_admin"] }] }),
  response: userView,
  async handle({ principal, params, body }, deps) {
    const user = await administeredUser(params.user_id, principal, deps);
    demandAnother(user, principal, "changes the roles of");
    demandNoGreater(user, principal, deps);
    const wanted = [...permissionsOf(body.roles), ...customPermissions(body.custom_role_ids, deps)];
    if (beyond(deps.snapshot.permissionsHeld(user), wanted) !== undefined) demandUnnarrowed(principal);
    demandGrantable(body.roles, principal);
    demandGrantableCustom(body.custom_role_ids ?? [], user.tenantId, principal, deps);
    const change = { roles: body.roles, ...given({ customRoleIds: body.custom_role_ids }) };
    const writes = updateUser(user.id, change, administeredScope(principal), deps.clock.now());
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    return { kind: "data", data: viewUser(deps.snapshot.userById(user.id) ?? user, deps) };
  },
});

function customPermissions(
  ids: readonly string[] = [],
  { snapshot }: Pick<AdminDeps, "snapshot">,
): readonly Permission[] {
  return ids.flatMap((id) => snapshot.iam.customRole(id)?.permissions ?? []);
}
