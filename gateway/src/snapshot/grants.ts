import { slugOwner } from "../access/slugs.ts";
import type { BackendGrant } from "../core/backend-grant.ts";
import type { Partner, Tenant } from "../core/tenancy.ts";

export interface GrantDelta {
  readonly kind: "backend_grant";
  readonly id: string;
  readonly value: BackendGrant | undefined;
}

/** Who may route models of their own over which backend. */
export class Grants {
  readonly #grants = new Map<string, BackendGrant>();
  /** Of a partner or a tenant, by backend. */
  readonly #bySubject = new Map<string, Map<string, BackendGrant>>();

  byId(id: string): BackendGrant | undefined {
    return this.#grants.get(id);
  }

  /** Whether a partner's models may be routed over a backend. */
  toPartner(partnerId: string, backendId: string): boolean {
    return this.ofPartner(partnerId, backendId) !== undefined;
  }

  ofPartner(partnerId: string, backendId: string): BackendGrant | undefined {
    return this.#bySubject.get(partnerId)?.get(backendId);
  }

  /** A tenant's: what its partner has handed on counts while the partner has it. */
  ofTenant({ id, partnerId }: Pick<Tenant, "id" | "partnerId">, backendId: string): BackendGrant | undefined {
    const grant = this.#bySubject.get(id)?.get(backendId);
    return grant !== undefined && this.isInForce({ ...grant, partnerId }) ? grant : undefined;
  }

  /** That of whoever's a model's slug is; none for what is the platform's, which needs none. */
  ofOwner(
    slug: string,
    backendId: string,
    tenants: ReadonlyMap<string, Tenant>,
    partners: ReadonlyMap<string, Partner>,
  ): BackendGrant | undefined {
    const owner = slugOwner(slug);
    switch (owner?.level) {
      case "tenant": {
        const tenant = tenants.get(owner.slug);
        return tenant && this.ofTenant(tenant, backendId);
      }
      case "partner":
        return this.ofPartner(partners.get(owner.slug)?.id ?? "", backendId);
      default:
        return undefined;
    }
  }

  isInForce({ by, partnerId, backendId }: BackendGrant): boolean {
    return by === "platform" || this.toPartner(partnerId, backendId);
  }

  /** The grants that end with something: with a backend, a partner or a tenant. */
  endingWith(id: string): string[] {
    const ids: string[] = [];
    for (const grant of this.#grants.values()) {
      if (grant.backendId === id || grant.partnerId === id || grant.tenantId === id) ids.push(grant.id);
    }
    return ids;
  }

  apply({ id, value }: GrantDelta): void {
    const former = this.#grants.get(id);
    if (former) {
      const subject = subjectOf(former);
      const grants = this.#bySubject.get(subject);
      grants?.delete(former.backendId);
      if (grants?.size === 0) this.#bySubject.delete(subject);
    }
    if (value === undefined) {
      this.#grants.delete(id);
      return;
    }
    this.#grants.set(id, value);
    const subject = subjectOf(value);
    const grants = this.#bySubject.get(subject) ?? new Map<string, BackendGrant>();
    this.#bySubject.set(subject, grants.set(value.backendId, value));
  }
}

function subjectOf({ tenantId, partnerId }: BackendGrant): string {
  return tenantId ?? partnerId;
}
