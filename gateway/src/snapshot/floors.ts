import { slugOwner } from "../access/slugs.ts";
import type { BackendGrant } from "../core/backend-grant.ts";
import { inForce } from "../pricing/version.ts";
import type { Floor } from "../routing/terms.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * What requests for a model are charged at least over a backend; undefined for a model of the platform. Whoever owns a
 * model may route it over whatever is granted to them, and price it as they like: they are charged no less than the
 * grant says, and where it says nothing no less than the backend costs. What a tenant pays for a model of its partner is
 * the partner's affair.
 */
export function floorOf(
  slug: string,
  backendId: string,
  snapshot: Pick<Snapshot, "pricesOf" | "grants" | "grantOf">,
  nowMs: number,
): Floor | undefined {
  const owner = slugOwner(slug);
  if (owner === undefined || owner.level === "platform") return undefined;
  const nameOf = (subjectId: string | undefined) =>
    subjectId === undefined ? undefined : inForce(snapshot.pricesOf(subjectId), nowMs)?.id;
  const [grant, upper] = grantsOf(slug, backendId, snapshot);
  const partner = nameOf(upper?.id) ?? nameOf(backendId);
  if (owner.level === "partner") return { partner, tenant: undefined };
  return { partner, tenant: nameOf(grant?.id) ?? partner };
}

/** The ids of everything whose prices decide on the floor. */
export function floorSubjects(
  slug: string,
  backendId: string,
  snapshot: Pick<Snapshot, "grants" | "grantOf">,
): string[] {
  return grantsOf(slug, backendId, snapshot).flatMap((grant) => grant?.id ?? []);
}

/** The grant to whose the model is, and the platform's that it goes back to. */
function grantsOf(
  slug: string,
  backendId: string,
  snapshot: Pick<Snapshot, "grants" | "grantOf">,
): readonly [BackendGrant | undefined, BackendGrant | undefined] {
  const grant = snapshot.grantOf(slug, backendId);
  return [grant, grant?.by === "partner" ? snapshot.grants.ofPartner(grant.partnerId, backendId) : grant];
}
