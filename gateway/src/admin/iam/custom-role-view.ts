import { z } from "zod";
import { permissionsOf } from "../../access/roles.ts";
import type { CustomRole } from "../../core/iam.ts";
import { PERMISSIONS } from "../../core/permissions.ts";
import { isoTime, timestamp } from "../fields.ts";

/** What a custom role can hold: it is its tenant's, so nothing that reaches beyond one. */
const TENANT_WIDE = PERMISSIONS.filter((permission) => permissionsOf(["tenant_admin"]).has(permission));

/** Permissions as callers give them. */
export const rolePermissions = z
  .array(z.enum(TENANT_WIDE))
  .max(TENANT_WIDE.length)
  .transform((given) => [...new Set(given)]);
/** Permissions of modules: there are none without modules. */
export const modulePermissions = z.array(z.string()).max(0, "must be empty: no module is installed");

/** A custom role as administrators see it. */
export const customRoleView = z
  .strictObject({
    id: z.string(),
    tenant_id: z.string(),
    slug: z.string(),
    name: z.string(),
    description: z.string().optional(),
    core_permissions: z.array(z.string()),
    module_permissions: z.array(z.string()),
    created_at: timestamp,
  })
  .meta({ id: "CustomRole" });

/** Tells a custom role to somebody who may see it. */
export function viewCustomRole(role: CustomRole): z.infer<typeof customRoleView> {
  return {
    id: role.id,
    tenant_id: role.tenantId,
    slug: role.slug,
    name: role.name,
    ...(role.description !== undefined && { description: role.description }),
    core_permissions: [...role.permissions],
    module_permissions: [],
    created_at: isoTime(role.createdAt),
  };
}
