import type { Permission } from "../core/permissions.ts";

type Holder = { readonly permissions: ReadonlySet<Permission> };

/**
 * A permission among these that the caller does not hold; undefined when they hold all. Nobody grants what they do
 * not hold, and nobody changes somebody who holds more than they do.
 */
export function beyond({ permissions }: Holder, wanted: Iterable<Permission>): Permission | undefined {
  for (const permission of wanted) if (!permissions.has(permission)) return permission;
  return undefined;
}
