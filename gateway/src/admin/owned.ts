import { z } from "zod";
import { administeredScope } from "../access/scope.ts";
import type { Principal } from "../core/principal.ts";
import { ApiError } from "../errors.ts";
import { findTenant } from "../store/tenancy/reader.ts";
import type { AdminDeps } from "./deps.ts";
import { longText, pageQuery } from "./fields.ts";

/** The query of lists of what tenants own. */
export const ownedQuery = { ...pageQuery, tenant_id: z.string().optional() };

/** Whose something is to be. */
export const ownerField = z.string().optional().describe("Your own tenant when absent.");
export const description = longText(1_000);

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
