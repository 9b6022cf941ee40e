import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import type { Group } from "../../core/iam.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import { findGroup } from "../../store/iam/reader.ts";
import type { AdminDeps } from "../deps.ts";
import { isoTime, timestamp } from "../fields.ts";

/** A group as administrators see it. */
export const groupView = z
  .strictObject({
    id: z.string(),
    tenant_id: z.string(),
    name: z.string(),
    description: z.string().optional(),
    source: z.enum(["local"]).describe("Where its members are kept."),
    member_count: z.int(),
    created_at: timestamp,
  })
  .meta({ id: "Group" });

/** Tells a group to somebody who may see it. */
export function viewGroup(group: Group, memberCount: number): z.infer<typeof groupView> {
  return {
    id: group.id,
    tenant_id: group.tenantId,
    name: group.name,
    ...(group.description !== undefined && { description: group.description }),
    source: "local",
    member_count: memberCount,
    created_at: isoTime(group.createdAt),
  };
}

/** A group within the caller's reach. Throws ApiError NOT_FOUND, for one elsewhere as for none. */
export async function administeredGroup(
  id: string,
  principal: Principal,
  deps: Pick<AdminDeps, "read">,
): Promise<Group> {
  const group = await findGroup(deps.read, id, administeredScope(principal));
  if (!group) throw new ApiError("NOT_FOUND");
  return group;
}
