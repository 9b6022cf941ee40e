import type { Permission, Role } from "./permissions.ts";

/** A bundle of permissions that a tenant has made for itself; it adds to what built-in roles give. */
export interface CustomRole {
  readonly id: string;
  readonly tenantId: string;
  readonly slug: string;
  readonly name: string;
  readonly description?: string;
  readonly permissions: readonly Permission[];
  readonly createdAt: number;
}

/** People and services of one tenant who are given something together. */
export interface Group {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly description?: string;
  readonly memberIds: readonly string[];
  readonly createdAt: number;
}

/** The role that the members of a group have; exactly one of the two. */
export interface RoleMapping {
  readonly id: string;
  readonly tenantId: string;
  readonly groupId: string;
  readonly role?: Role;
  readonly customRoleId?: string;
  /** Whether the role ends with the membership; otherwise whoever leaves keeps it. */
  readonly autoRevoke: boolean;
  readonly createdAt: number;
}
