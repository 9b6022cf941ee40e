import type { FrontendModel } from "../core/catalogue.ts";
import type { Principal } from "../core/principal.ts";
import { slugMatches, slugOwner } from "./slugs.ts";

/** What the access lists of tenants say. */
export interface AccessLists {
  /** Whether the list of the caller's tenant lets a slug through. */
  allowsModel(principal: Principal, slug: string): boolean;
}

function isInScope(principal: Principal, slug: string): boolean {
  if (slug.startsWith("partner/")) return slug.startsWith(`partner/${principal.partner.slug}/`);
  if (slug.startsWith("tenant/")) return slug.startsWith(`tenant/${principal.tenant.slug}/`);
  return true;
}

/** Whether this model is there for the caller's tenant: otherwise it is to them as none. */
export function isInReach(principal: Principal, model: FrontendModel): boolean {
  return model.status !== "disabled" && isInScope(principal, model.slug);
}

/** Whether the caller may send requests to this model. Permission `models:use` is the endpoint's to check. */
export function mayUseModel(principal: Principal, model: FrontendModel, lists: AccessLists): boolean {
  const { slug } = model;
  if (!isInReach(principal, model) || !keyLetsThrough(principal, slug)) return false;
  // Those who run the installation belong to its first tenant: its administrators must not lock them out.
  return principal.held.has("platform:manage") || lists.allowsModel(principal, slug);
}

function keyLetsThrough({ proof }: Principal, slug: string): boolean {
  const models = proof.kind === "key" ? proof.key.models : undefined;
  return models === undefined || models.some((pattern) => slugMatches(pattern, slug));
}

/** Whether the caller is told that this model exists: those who may use it, and those who run or manage it. */
export function maySeeModel(principal: Principal, model: FrontendModel, lists: AccessLists): boolean {
  return mayUseModel(principal, model, lists) || mayManageSlug(principal, model.slug);
}

/**
 * Whether the caller may make, change or delete models under this slug: the platform all of them, a tenant admin
 * those of their tenant, a partner admin also those of their partner.
 */
export function mayManageSlug(principal: Principal, slug: string): boolean {
  const { permissions, partner, tenant } = principal;
  if (!permissions.has("models:manage")) return false;
  if (permissions.has("platform:manage")) return true;
  const owner = slugOwner(slug);
  if (owner?.level === "tenant") return owner.slug === tenant.slug;
  if (owner?.level === "partner") return owner.slug === partner.slug && permissions.has("partner:manage");
  return false;
}
