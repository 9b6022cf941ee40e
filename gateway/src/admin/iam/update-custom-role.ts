import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { ApiError } from "../../errors.ts";
import { updateCustomRole } from "../../store/iam/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { shownText } from "../fields.ts";
import { given } from "../given.ts";
import { description } from "../owned.ts";
import { committed } from "../refusals.ts";
import { administeredRole, hasCustomRole } from "./administered-role.ts";
import { customRoleView, modulePermissions, rolePermissions, viewCustomRole } from "./custom-role-view.ts";
import { demandHeld } from "./demand-held.ts";
import { getCustomRole } from "./get-custom-role.ts";

export const updateCustomRoleEndpoint = adminEndpoint({
  method: "PATCH",
  path: "/v1/iam/custom-roles/{role_id}",
  access: "users:manage",
  tag: "Roles",
  summary: "Change a custom role; all who have it feel it with their next call",
  costBearing: false,
  auditAction: "custom_role.update",
  changes: getCustomRole,
  params: z.strictObject({ role_id: z.string() }),
  body: z
    .strictObject({
      name: shownText.optional(),
      description: description.nullable().optional(),
      core_permissions: rolePermissions.optional(),
      module_permissions: modulePermissions.optional(),
    })
    .meta({ examples: [{ core_permissions: ["api_keys:manage", "models:list"] }] }),
  response: customRoleView,
  async handle({ principal, params, body }, deps) {
    const role = await administeredRole(params.role_id, principal, deps);
    demandHeld(role.permissions, principal);
    if (body.core_permissions) {
      demandHeld(body.core_permissions, principal);
      if (hasCustomRole(principal, role.id, deps)) {
        throw new ApiError("AUTHZ_PERMISSION_DENIED", "Nobody changes what their own role allows.", {
          hint: "Ask another administrator.",
        });
      }
    }
    const change = given({
      name: body.name,
      description: body.description,
      permissions: body.core_permissions,
    });
    const writes = updateCustomRole(role.id, change, administeredScope(principal), deps.clock.now());
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    return { kind: "data", data: viewCustomRole(deps.snapshot.iam.customRole(role.id) ?? role) };
  },
});
