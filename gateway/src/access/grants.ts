import type { Permission } from "../core/permissions.ts";

/**
 * A permission among these that is not held; undefined when all are. Nobody grants what they do not hold, and nobody
 * changes somebody who holds more than they do.
 */
export function beyond(held: ReadonlySet<Permission>, wanted: Iterable<Permission>): Permission | undefined {
  for (const permission of wanted) if (!held.has(permission)) return permission;
  return undefined;
}
