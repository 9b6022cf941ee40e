import type { Permission } from "./permissions.ts";
import type { ApiKey, Partner, Session, Tenant, User } from "./tenancy.ts";

/** What a caller showed to prove who they are. */
export type Proof =
  { readonly kind: "key"; readonly key: ApiKey } | { readonly kind: "session"; readonly session: Session };

/** A caller that has proved who they are: the user, and the tenant and partner above. */
export interface Principal {
  readonly partner: Partner;
  readonly tenant: Tenant;
  readonly user: User;
  readonly proof: Proof;
  /** What this call may do: all the user may, or with a scoped key a part of it. */
  readonly permissions: ReadonlySet<Permission>;
  /** All that the user may do. */
  readonly held: ReadonlySet<Permission>;
}
