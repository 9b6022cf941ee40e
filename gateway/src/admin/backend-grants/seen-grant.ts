import { administeredScope } from "../../access/scope.ts";
import type { BackendGrant } from "../../core/backend-grant.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import { findGrant } from "../../store/grants/reader.ts";
import type { AdminDeps } from "../deps.ts";

/** A grant within the caller's reach. Throws ApiError NOT_FOUND, for another's as for none. */
export async function seenGrant(
  id: string,
  principal: Principal,
  { read }: Pick<AdminDeps, "read">,
): Promise<BackendGrant> {
  const grant = await findGrant(read, id, administeredScope(principal));
  if (!grant) throw new ApiError("NOT_FOUND");
  return grant;
}

/** One that the caller may change. Throws as `seenGrant` does, and AUTHZ_PERMISSION_DENIED for the platform's. */
export async function changeableGrant(
  id: string,
  principal: Principal,
  deps: Pick<AdminDeps, "read">,
): Promise<BackendGrant> {
  const grant = await seenGrant(id, principal, deps);
  if (grant.by === "partner" || principal.permissions.has("platform:manage")) return grant;
  throw new ApiError("AUTHZ_PERMISSION_DENIED", undefined, {
    hint: "The platform has made this grant: to you it is read-only.",
  });
}
