import { z } from "zod";
import { administeredScope } from "../access/scope.ts";
import type { Principal } from "../core/principal.ts";
import { ApiError } from "../errors.ts";
import { type OwnedTable, countOwned } from "../store/owned.ts";
import { findTenant } from "../store/tenancy/reader.ts";
import type { AdminDeps } from "./deps.ts";
import { longText, pageQuery } from "./fields.ts";

/** The query of lists of what tenants own. */
export const ownedQuery = { ...pageQuery, tenant_id: z.string().optional() };

/** Whose something is to be. */
export const ownerField = z.string().optional().describe("Your own tenant when absent.");
export const description = longText(1_000);

/** How many of each a tenant may have: a call looks through some of them, and shares its node with other tenants. */
const OWNED_MAX: Readonly<Record<OwnedTable, number>> = {
  groups: 1_000,
  custom_roles: 200,
  role_mappings: 1_000,
  model_groups: 200,
  model_access: 1_000,
};

/** Field and sentence of something a body names that is not there for the caller. */
export function notThere(field: string, message: string): ApiError {
  return new ApiError("VALIDATION_ERROR", undefined, { details: [{ field, message }] });
}

/**
 * The tenant that something is made in. Throws ApiError VALIDATION_ERROR, for one the caller does not administer as
 * for none.
 */
export async function tenantFor(
  asked: string | undefined,
  principal: Principal,
  deps: Pick<AdminDeps, "read">,
): Promise<string> {
  const id = asked ?? principal.tenant.id;
  if (await findTenant(deps.read, administeredScope(principal), id)) return id;
  throw notThere("tenant_id", "is no tenant that you administer");
}

/** Throws ApiError QUOTA_EXCEEDED when the tenant has as many of them as one may. */
export async function demandRoom(
  table: OwnedTable,
  tenantId: string,
  { read }: Pick<AdminDeps, "read">,
): Promise<void> {
  const most = OWNED_MAX[table];
  if ((await countOwned(read, table, tenantId)) < most) return;
  throw new ApiError("QUOTA_EXCEEDED", `A tenant has at most ${most} ${table.replace("_", " ")}.`);
}
