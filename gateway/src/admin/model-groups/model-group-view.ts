import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { isSlugPattern } from "../../access/slugs.ts";
import type { ModelGroup } from "../../core/model-access.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import { findModelGroup } from "../../store/model-access/reader.ts";
import type { AdminDeps } from "../deps.ts";
import { isoTime, timestamp } from "../fields.ts";

const MODELS_MAX = 200;

/** A slug, or all slugs that begin so. */
export const slugPattern = z
  .string()
  .max(200)
  .refine(isSlugPattern, "must be a model's slug, or the beginning of slugs and /*");
export const slugPatterns = z
  .array(slugPattern)
  .min(1, "must not be empty")
  .max(MODELS_MAX, `must have at most ${MODELS_MAX} entries`);

/** A model group as administrators see it. */
export const modelGroupView = z
  .strictObject({
    id: z.string(),
    tenant_id: z.string(),
    name: z.string(),
    description: z.string().optional(),
    models: z.array(z.string()),
    created_at: timestamp,
  })
  .meta({ id: "ModelGroup" });

/** Tells a model group to somebody who may see it. */
export function viewModelGroup(group: ModelGroup): z.infer<typeof modelGroupView> {
  return {
    id: group.id,
    tenant_id: group.tenantId,
    name: group.name,
    ...(group.description !== undefined && { description: group.description }),
    models: [...group.models],
    created_at: isoTime(group.createdAt),
  };
}

/** A model group within the caller's reach. Throws ApiError NOT_FOUND, for one elsewhere as for none. */
export async function administeredModelGroup(
  id: string,
  principal: Principal,
  deps: Pick<AdminDeps, "read">,
): Promise<ModelGroup> {
  const group = await findModelGroup(deps.read, id, administeredScope(principal));
  if (!group) throw new ApiError("NOT_FOUND");
  return group;
}
