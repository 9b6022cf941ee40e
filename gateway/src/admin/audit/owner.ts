import { slugOwner } from "../../access/slugs.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import type { Recorded } from "../../store/recording/recorded.ts";

/** Whose log an entry is in, and who hears of an event. */
export interface Owner {
  readonly tenantId?: string;
  readonly partnerId?: string;
}

/**
 * The tenant and the partner that something belongs to; empty for what is the platform's. `done` is all that the same
 * commit has done: what it makes is in no snapshot yet.
 */
export function ownerOf(
  { owner }: Recorded,
  done: readonly Recorded[],
  snapshot: Pick<Snapshot, "userById" | "tenantById">,
): Owner {
  const { userId } = owner;
  const tenantId =
    owner.tenantId ??
    (userId === undefined
      ? undefined
      : (done.find((each) => each.kind === "user" && each.id === userId)?.owner.tenantId ??
        snapshot.userById(userId)?.tenantId));
  if (tenantId === undefined) return owner.partnerId === undefined ? {} : { partnerId: owner.partnerId };
  const partnerId =
    owner.partnerId ??
    done.find((each) => each.kind === "tenant" && each.id === tenantId)?.owner.partnerId ??
    snapshot.tenantById(tenantId)?.partnerId;
  return { tenantId, ...(partnerId !== undefined && { partnerId }) };
}

/** What tells whose a part of the catalogue is. */
type CatalogueLookups = Pick<Snapshot, "modelById" | "grants" | "partnerBySlug" | "tenantBySlug">;

/**
 * Whose log tells of a model, or of a price of one or of a grant: those whose slug it has, or who have the grant, and the
 * platform's alone where the model is the platform's, whichever tenant its operators are in. Undefined for other things.
 */
export function catalogueOwner(
  { kind, id = "", changes }: Recorded,
  snapshot: CatalogueLookups,
): Owner | "platform" | undefined {
  if (kind === "model") {
    const slug = snapshot.modelById(id)?.slug ?? textOf(changes["slug"]);
    return ownerOfSlug(slug, snapshot);
  }
  if (kind !== "price_version") return undefined;
  const subjectId = textOf(changes["subject_id"]);
  if (textOf(changes["subject_kind"]) === "model")
    return ownerOfSlug(snapshot.modelById(subjectId)?.slug ?? "", snapshot);
  const grant = snapshot.grants.byId(subjectId);
  if (grant === undefined) return undefined;
  const { partnerId, tenantId } = grant;
  return { partnerId, ...(tenantId !== undefined && { tenantId }) };
}

function ownerOfSlug(slug: string, snapshot: CatalogueLookups): Owner | "platform" | undefined {
  const owner = slugOwner(slug);
  if (owner?.level === "platform") return "platform";
  if (owner?.level === "partner") {
    const partner = snapshot.partnerBySlug(owner.slug);
    return partner && { partnerId: partner.id };
  }
  const tenant = owner && snapshot.tenantBySlug(owner.slug);
  return tenant && { partnerId: tenant.partnerId, tenantId: tenant.id };
}

function textOf(change: readonly [unknown, unknown] | undefined): string {
  const value = change?.[1] ?? change?.[0];
  return typeof value === "string" ? value : "";
}
