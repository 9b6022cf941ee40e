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
  readonly permissions: ReadonlySet<Permission>;
}
