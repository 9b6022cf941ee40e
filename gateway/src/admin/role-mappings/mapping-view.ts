import { z } from "zod";
import type { RoleMapping } from "../../core/iam.ts";
import { ROLES } from "../../core/permissions.ts";
import { isoTime, timestamp } from "../fields.ts";

/** A mapping as administrators see it. */
export const mappingView = z
  .strictObject({
    id: z.string(),
    tenant_id: z.string(),
    group_id: z.string(),
    role: z.enum(ROLES).optional(),
    custom_role_id: z.string().optional(),
    auto_revoke: z.boolean().describe("Whether the role ends with the membership."),
    created_at: timestamp,
  })
  .meta({ id: "RoleMapping" });

/** Tells a mapping to somebody who may see it. */
export function viewMapping(mapping: RoleMapping): z.infer<typeof mappingView> {
  return {
    id: mapping.id,
    tenant_id: mapping.tenantId,
    group_id: mapping.groupId,
    ...(mapping.role !== undefined && { role: mapping.role }),
    ...(mapping.customRoleId !== undefined && { custom_role_id: mapping.customRoleId }),
    auto_revoke: mapping.autoRevoke,
    created_at: isoTime(mapping.createdAt),
  };
}
