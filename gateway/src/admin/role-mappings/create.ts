import { z } from "zod";
import { permissionsOf } from "../../access/roles.ts";
import { administeredScope } from "../../access/scope.ts";
import { newId } from "../../base/ids.ts";
import type { RoleMapping } from "../../core/iam.ts";
import { ROLES } from "../../core/permissions.ts";
import { ApiError } from "../../errors.ts";
import { findCustomRole, findGroup } from "../../store/iam/reader.ts";
import { createRoleMapping } from "../../store/iam/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { demandHeld } from "../iam/demand-held.ts";
import { demandUnnarrowed } from "../narrowed.ts";
import { demandRoom, notThere } from "../owned.ts";
import { committed } from "../refusals.ts";
import { mappingView, viewMapping } from "./mapping-view.ts";

export const createRoleMappingEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/role-mappings",
  access: "users:manage",
  tag: "Groups",
  operationId: "createRoleMapping",
  summary: "Give a role to all members of a group, present and to come",
  costBearing: false,
  auditAction: "role_mapping.create",
  errors: ["QUOTA_EXCEEDED"],
  body: z
    .strictObject({
      group_id: z.string(),
      role: z.enum(ROLES).optional(),
      custom_role_id: z.string().optional(),
      auto_revoke: z
        .boolean()
        .default(true)
        .describe("False: whoever leaves the group keeps the role as their own."),
    })
    .refine((body) => (body.role === undefined) !== (body.custom_role_id === undefined), {
      path: ["role"],
      message: "give either `role` or `custom_role_id`",
    })
    .meta({ examples: [{ group_id: "group_01JZX3K9QFT4M7W2N8C5D6E0AB", role: "tenant_user" }] }),
  response: mappingView,
  async handle({ principal, body }, deps) {
    const scope = administeredScope(principal);
    const group = await findGroup(deps.read, body.group_id, scope);
    if (!group) throw notThere("group_id", "is no group that you administer");
    await demandRoom("role_mappings", group.tenantId, deps);
    const custom =
      body.custom_role_id === undefined
        ? undefined
        : await findCustomRole(deps.read, body.custom_role_id, {
            level: "tenant",
            tenantId: group.tenantId,
          });
    if (body.custom_role_id !== undefined && !custom) {
      throw notThere("custom_role_id", "is no custom role of the group's tenant");
    }
    demandUnnarrowed(principal);
    demandHeld(custom?.permissions ?? (body.role ? permissionsOf([body.role]) : []), principal);
    if (group.memberIds.includes(principal.user.id)) {
      throw new ApiError("AUTHZ_PERMISSION_DENIED", "Nobody gives a role to a group they are in.", {
        hint: "Ask another administrator.",
      });
    }
    const now = deps.clock.now();
    const mapping: RoleMapping = {
      id: newId("map", now),
      tenantId: group.tenantId,
      groupId: group.id,
      ...(body.role !== undefined && { role: body.role }),
      ...(custom && { customRoleId: custom.id }),
      autoRevoke: body.auto_revoke,
      createdAt: now,
    };
    await committed(deps.commit(createRoleMapping(mapping, now)), {});
    return { kind: "data", status: 201, data: viewMapping(mapping) };
  },
});
