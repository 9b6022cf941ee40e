import { permissionsOf } from "../access/roles.ts";
import type { CustomRole, Group, RoleMapping } from "../core/iam.ts";
import type { Permission, Role } from "../core/permissions.ts";
import type { ApiKey, User } from "../core/tenancy.ts";
import { put } from "./maps.ts";

/** One change to what people may do beside their built-in roles. */
export type IamDelta =
  | { readonly kind: "custom_role"; readonly id: string; readonly value: CustomRole | undefined }
  | { readonly kind: "group"; readonly id: string; readonly value: Group | undefined }
  | { readonly kind: "role_mapping"; readonly id: string; readonly value: RoleMapping | undefined };

interface Held {
  readonly user: User;
  readonly generation: number;
  readonly permissions: ReadonlySet<Permission>;
}

interface Narrowed {
  readonly held: ReadonlySet<Permission>;
  readonly scopes: readonly Permission[];
  readonly permissions: ReadonlySet<Permission>;
}

const NO_GROUPS: ReadonlySet<string> = new Set();

/** What users and keys may do, worked out when something has changed and not for each request. */
export class Iam {
  readonly #roles = new Map<string, CustomRole>();
  readonly #groups = new Map<string, Group>();
  readonly #mappings = new Map<string, RoleMapping>();
  readonly #groupsOfUser = new Map<string, Set<string>>();
  readonly #mappingsOfGroup = new Map<string, Map<string, RoleMapping>>();
  /** Of users with more than built-in roles. */
  readonly #held = new Map<string, Held>();
  readonly #narrowed = new Map<string, Narrowed>();
  /** Rises with each change that may concern many users. */
  #generation = 0;

  customRole(id: string): CustomRole | undefined {
    return this.#roles.get(id);
  }
  group(id: string): Group | undefined {
    return this.#groups.get(id);
  }
  groups(): Iterable<Group> {
    return this.#groups.values();
  }
  roleMapping(id: string): RoleMapping | undefined {
    return this.#mappings.get(id);
  }
  groupsOf(userId: string): ReadonlySet<string> {
    return this.#groupsOfUser.get(userId) ?? NO_GROUPS;
  }
  mappingsOf(groupId: string): Iterable<RoleMapping> {
    return this.#mappingsOfGroup.get(groupId)?.values() ?? [];
  }
  /** The mappings that give a custom role. */
  mappingsTo(customRoleId: string): RoleMapping[] {
    return [...this.#mappings.values()].filter((mapping) => mapping.customRoleId === customRoleId);
  }

  /** All that a user may do. */
  held(user: User): ReadonlySet<Permission> {
    if (user.customRoleIds === undefined && !this.#groupsOfUser.has(user.id)) {
      return permissionsOf(user.roles);
    }
    const known = this.#held.get(user.id);
    if (known?.user === user && known.generation === this.#generation) return known.permissions;
    const permissions = this.#workOut(user);
    this.#held.set(user.id, { user, generation: this.#generation, permissions });
    return permissions;
  }

  #workOut(user: User): ReadonlySet<Permission> {
    const roles: Role[] = [...user.roles];
    const custom = [...(user.customRoleIds ?? [])];
    for (const groupId of this.groupsOf(user.id)) {
      for (const { role, customRoleId } of this.mappingsOf(groupId)) {
        if (role !== undefined) roles.push(role);
        if (customRoleId !== undefined) custom.push(customRoleId);
      }
    }
    const builtIn = permissionsOf(roles);
    if (custom.length === 0) return builtIn;
    return new Set([...builtIn, ...custom.flatMap((id) => this.#roles.get(id)?.permissions ?? [])]);
  }

  /** All that membership of a group gives. */
  givenBy(groupId: string): ReadonlySet<Permission> {
    const given = new Set<Permission>();
    for (const { role, customRoleId } of this.mappingsOf(groupId)) {
      if (role !== undefined) for (const each of permissionsOf([role])) given.add(each);
      for (const each of this.#roles.get(customRoleId ?? "")?.permissions ?? []) given.add(each);
    }
    return given;
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

  /** Forgets a user who is gone. */
  userChanged(id: string, user: User | undefined): void {
    if (user === undefined) this.#held.delete(id);
  }

  apply(delta: IamDelta): void {
    this.#generation += 1;
    switch (delta.kind) {
      case "custom_role":
        return put(this.#roles, delta.id, delta.value);
      case "group":
        this.#indexMembers(this.#groups.get(delta.id), delta.value);
        return put(this.#groups, delta.id, delta.value);
      case "role_mapping":
        this.#indexMapping(this.#mappings.get(delta.id), delta.value);
        return put(this.#mappings, delta.id, delta.value);
    }
  }

  #indexMembers(former: Group | undefined, next: Group | undefined): void {
    for (const userId of former?.memberIds ?? []) {
      const groups = this.#groupsOfUser.get(userId);
      groups?.delete(former?.id ?? "");
      if (groups?.size === 0) this.#groupsOfUser.delete(userId);
    }
    if (next === undefined) return;
    for (const userId of next.memberIds) {
      const groups = this.#groupsOfUser.get(userId) ?? new Set();
      this.#groupsOfUser.set(userId, groups.add(next.id));
    }
  }

  #indexMapping(former: RoleMapping | undefined, next: RoleMapping | undefined): void {
    if (former) this.#mappingsOfGroup.get(former.groupId)?.delete(former.id);
    if (!next) return;
    const mappings = this.#mappingsOfGroup.get(next.groupId) ?? new Map<string, RoleMapping>();
    this.#mappingsOfGroup.set(next.groupId, mappings.set(next.id, next));
  }
}
