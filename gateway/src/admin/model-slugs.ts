import { ApiError } from "../errors.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";

/** How many models have slugs that begin with that of a partner or a tenant. */
export function modelsUnder(level: "partner" | "tenant", slug: string, snapshot: Snapshot): number {
  let count = 0;
  for (const model of snapshot.models()) if (model.slug.startsWith(`${level}/${slug}/`)) count++;
  return count;
}

/** Refuses a new slug while applications ask for models under the former one. Throws ApiError CONFLICT. */
export function demandFreeSlug(
  level: "partner" | "tenant",
  former: string,
  next: string | undefined,
  snapshot: Snapshot,
): void {
  if (next === undefined || next === former) return;
  const count = modelsUnder(level, former, snapshot);
  if (count === 0) return;
  throw new ApiError("CONFLICT", `Models have slugs under ${level}/${former}/.`, {
    details: [{ field: "models", message: `${count} still there` }],
    hint: "Delete those models first: applications ask for them by that slug.",
  });
}
