import type { Permission } from "./permissions.ts";
import type { ApiKey, Partner, Tenant, User } from "./tenancy.ts";

/** A caller that has proved who they are: the key, its user, and the tenant and partner above. */
export interface Principal {
  readonly partner: Partner;
  readonly tenant: Tenant;
  readonly user: User;
  readonly key: ApiKey;
  readonly permissions: ReadonlySet<Permission>;
}
