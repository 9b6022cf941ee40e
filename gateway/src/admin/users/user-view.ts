import { z } from "zod";
import { idTime } from "../../base/ids.ts";
import type { User } from "../../core/tenancy.ts";
import { isoTime, timestamp } from "../fields.ts";
import type { AdminDeps } from "../deps.ts";
import { limitsView, viewLimits } from "../rate-limits.ts";
import { status } from "../tenancy-fields.ts";

/** A user as the administrators of their tenant see them. */
export const userView = z
  .strictObject({
    id: z.string(),
    tenant_id: z.string(),
    email: z.string().optional(),
    display_name: z.string(),
    kind: z.enum(["human", "service"]),
    status,
    roles: z.array(z.string()),
    custom_role_ids: z.array(z.string()),
    rate_limits: limitsView,
    created_at: timestamp,
  })
  .meta({ id: "User" });

/** Tells a user to somebody who may see them. */
export function viewUser(user: User, { config }: Pick<AdminDeps, "config">): z.infer<typeof userView> {
  return {
    id: user.id,
    tenant_id: user.tenantId,
    ...(user.email !== undefined && { email: user.email }),
    display_name: user.displayName,
    kind: user.kind,
    status: user.status,
    roles: [...user.roles],
    custom_role_ids: [...(user.customRoleIds ?? [])],
    rate_limits: viewLimits("user", user, config),
    created_at: isoTime(idTime(user.id)),
  };
}
