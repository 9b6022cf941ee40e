import { administeredScope } from "../../access/scope.ts";
import { slugOwner } from "../../access/slugs.ts";
import type { FrontendModel } from "../../core/catalogue.ts";
import { ANY_MODEL, type PriceEntry } from "../../core/price-book.ts";
import type { Principal } from "../../core/principal.ts";
import type { Partner, Tenant } from "../../core/tenancy.ts";
import { ApiError } from "../../errors.ts";
import { endOf } from "../../pricing/book.ts";
import type { AdminDeps } from "../deps.ts";
import { notThere } from "../owned.ts";
import type { EntryBody } from "./entry-body.ts";

/** Entries of one book: each stays in memory for good. */
const ENTRIES_MAX = 5_000;

/** Who pays by a book. */
export interface BookPayer {
  readonly partner: Partner;
  /** Absent = the partner itself. */
  readonly tenant?: Tenant;
}

/**
 * Whose prices a caller may set: the platform those of partners and tenants, a partner those of its tenants. Throws
 * ApiError VALIDATION_ERROR, for others as for none.
 */
export function payerFor(
  { partner_id, tenant_id }: Pick<EntryBody, "partner_id" | "tenant_id">,
  principal: Principal,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): BookPayer {
  const scope = administeredScope(principal);
  if (tenant_id === undefined) {
    const partner = scope.level === "platform" ? snapshot.partnerById(partner_id ?? "") : undefined;
    if (!partner) throw notThere("partner_id", "is no partner whose prices you set");
    return { partner };
  }
  const tenant = snapshot.tenantById(tenant_id);
  const partner = tenant && snapshot.partnerById(tenant.partnerId);
  const isTheirs =
    scope.level === "platform" || (scope.level === "partner" && scope.partnerId === partner?.id);
  if (!tenant || !partner || !isTheirs) throw notThere("tenant_id", "is no tenant whose prices you set");
  return { partner, tenant };
}

/** The model an entry is for; undefined for `*`. Throws ApiError VALIDATION_ERROR for one that the payer cannot use. */
export function modelFor(
  id: string,
  payer: BookPayer,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): FrontendModel | undefined {
  if (id === ANY_MODEL) return undefined;
  const model = snapshot.modelById(id);
  if (model && isUsable(model.slug, payer, snapshot)) return model;
  throw notThere("model_id", "is no model that whoever pays can use; list them with GET /v1/models");
}

function isUsable(slug: string, { partner, tenant }: BookPayer, snapshot: AdminDeps["snapshot"]): boolean {
  const owner = slugOwner(slug);
  if (owner?.level === "partner") return owner.slug === partner.slug;
  if (owner?.level !== "tenant") return true;
  return tenant ? owner.slug === tenant.slug : snapshot.tenantBySlug(owner.slug)?.partnerId === partner.id;
}

/**
 * Throws ApiError AUTHZ_PERMISSION_DENIED where the platform itself has set what is paid, to anybody but the platform,
 * and QUOTA_EXCEEDED for a book that is full.
 */
export function demandMayEnter(
  modelId: string,
  { partner, tenant }: BookPayer,
  setBy: PriceEntry["setBy"],
  { snapshot, clock }: Pick<AdminDeps, "snapshot" | "clock">,
): void {
  const book = snapshot.prices.bookOf(tenant?.id ?? partner.id);
  if (!book) return;
  let count = book.endedAt.size;
  for (const entries of book.entries.values()) count += entries.length;
  if (count >= ENTRIES_MAX)
    throw new ApiError("QUOTA_EXCEEDED", `A price book has at most ${ENTRIES_MAX} entries.`);
  const now = clock.now();
  const isPlatforms = (book.entries.get(modelId) ?? []).some(
    (entry) => entry.setBy === "platform" && endOf(entry, book) > now,
  );
  if (setBy === "partner" && isPlatforms) throw readOnly();
}

/** What is said of an entry of the platform's to a partner. */
export function readOnly(): ApiError {
  return new ApiError("AUTHZ_PERMISSION_DENIED", undefined, {
    hint: "The platform has set this price: to you it is read-only.",
  });
}
