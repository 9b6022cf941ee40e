import type { BackendGrant } from "../../core/backend-grant.ts";
import type { Scope } from "../../core/scope.ts";
import { changed } from "../changes/writer.ts";
import { scoped } from "../scope.ts";
import { build, type Write } from "../write.ts";

/** Conflicts: `taken` where there is one already; `missing_parent` (the backend, the partner or the tenant). */
export function createGrant(grant: BackendGrant, atMs: number): Write[] {
  const statement = build.insertInto("backend_grants").values({
    id: grant.id,
    backend_id: grant.backendId,
    partner_id: grant.partnerId,
    tenant_id: grant.tenantId ?? null,
    subject_id: grant.tenantId ?? grant.partnerId,
    granted_by: grant.by,
    created_at: BigInt(grant.createdAt),
  });
  return [changed("backend_grant", grant.id, atMs), { statement, about: "backend_grant" }];
}

/** Says that something about a grant has changed which is not in its row. Conflicts: `missing`, also outside the scope. */
export function touchGrant(id: string, scope: Scope, atMs: number): Write[] {
  const statement = build
    .updateTable("backend_grants")
    .set({ id })
    .where("id", "=", id)
    .where(scoped(scope, { partner: "partner_id", tenant: "tenant_id" }));
  return [changed("backend_grant", id, atMs), { statement, about: "backend_grant", expectRows: 1 }];
}

/** Conflicts: `missing`, also outside the scope. */
export function deleteGrant(id: string, scope: Scope, atMs: number): Write[] {
  const statement = build
    .deleteFrom("backend_grants")
    .where("id", "=", id)
    .where(scoped(scope, { partner: "partner_id", tenant: "tenant_id" }));
  return [changed("backend_grant", id, atMs), { statement, about: "backend_grant", expectRows: 1 }];
}

/** Takes back grants that end with something else: its backend, its partner or its tenant. */
export function endGrants(ids: readonly string[], atMs: number): Write[] {
  return ids.flatMap((id) => deleteGrant(id, { level: "platform" }, atMs));
}
