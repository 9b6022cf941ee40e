import { permissionsOf } from "../access/roles.ts";
import type { Permission } from "../core/permissions.ts";
import type { ApiKey, User } from "../core/tenancy.ts";

interface Narrowed {
  readonly held: ReadonlySet<Permission>;
  readonly scopes: readonly Permission[];
  readonly permissions: ReadonlySet<Permission>;
}

/** What users and keys may do, worked out when something has changed and not for each request. */
export class Permissions {
  readonly #narrowed = new Map<string, Narrowed>();

  /** All that a user may do. */
  held(user: User): ReadonlySet<Permission> {
    return permissionsOf(user.roles);
  }

  /** What of that a key lets through. */
  with(key: ApiKey, held: ReadonlySet<Permission>): ReadonlySet<Permission> {
    const { id, scopes } = key;
    if (scopes === undefined) return held;
    const known = this.#narrowed.get(id);
    // Objects of the snapshot are replaced, never changed: the same ones mean the same answer.
    if (known?.held === held && known.scopes === scopes) return known.permissions;
    const permissions = new Set(scopes.filter((scope) => held.has(scope)));
    this.#narrowed.set(id, { held, scopes, permissions });
    return permissions;
  }

  /** Forgets a key that is gone or no longer scoped. */
  keyChanged(id: string, key: ApiKey | undefined): void {
    if (key?.scopes === undefined || key.status !== "active") this.#narrowed.delete(id);
  }
}
