import { z } from "zod";
import { newId } from "../../base/ids.ts";
import type { CustomRole } from "../../core/iam.ts";
import { createCustomRole } from "../../store/iam/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { shownText } from "../fields.ts";
import { demandRoom, description, ownerField, tenantFor } from "../owned.ts";
import { committed } from "../refusals.ts";
import { levelSlug } from "../tenancy-fields.ts";
import { customRoleView, modulePermissions, rolePermissions, viewCustomRole } from "./custom-role-view.ts";
import { demandHeld } from "./demand-held.ts";

export const createCustomRoleEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/iam/custom-roles",
  access: "users:manage",
  tag: "Roles",
  operationId: "createCustomRole",
  errors: ["QUOTA_EXCEEDED", "SLUG_CONFLICT"],
  summary: "Make a role of your tenant's own: permissions that it adds to what built-in roles give",
  costBearing: false,
  auditAction: "custom_role.create",
  body: z
    .strictObject({
      slug: levelSlug,
      name: shownText,
      description: description.optional(),
      core_permissions: rolePermissions.default([]),
      module_permissions: modulePermissions.default([]),
      tenant_id: ownerField,
    })
    .meta({ examples: [{ slug: "key-keeper", name: "Key keeper", core_permissions: ["api_keys:manage"] }] }),
  response: customRoleView,
  async handle({ principal, body }, deps) {
    const tenantId = await tenantFor(body.tenant_id, principal, deps);
    await demandRoom("custom_roles", tenantId, deps);
    demandHeld(body.core_permissions, principal);
    const now = deps.clock.now();
    const role: CustomRole = {
      id: newId("role", now),
      tenantId,
      slug: body.slug,
      name: body.name,
      ...(body.description !== undefined && { description: body.description }),
      permissions: body.core_permissions,
      createdAt: now,
    };
    await committed(deps.commit(createCustomRole(role, now)), { taken: "SLUG_CONFLICT" });
    return { kind: "data", status: 201, data: viewCustomRole(role) };
  },
});
