import type { FrontendModel } from "../core/catalogue.ts";
import type { Principal } from "../core/principal.ts";

/** Who a slug belongs to: `vendor/name` to the platform, the others to one partner or one tenant. */
export type SlugOwner =
  | { readonly level: "platform" }
  | { readonly level: "partner"; readonly slug: string }
  | { readonly level: "tenant"; readonly slug: string };

/** Characters. */
export const SLUG_LENGTH_MAX = 200;
const SEGMENT = /^[a-z0-9._-]+$/;
const DOTS_ONLY = /^\.+$/;

/**
 * The owner of a slug; undefined when it is not a slug: `vendor/name`, `partner/{slug}/…` or `tenant/{slug}/…` of
 * `[a-z0-9._-]` segments. A last segment `avatar` belongs to the avatar's path, and segments of dots alone
 * disappear from URLs.
 */
export function slugOwner(slug: string): SlugOwner | undefined {
  if (slug.length > SLUG_LENGTH_MAX) return undefined;
  const segments = slug.split("/");
  if (!segments.every((segment) => SEGMENT.test(segment) && !DOTS_ONLY.test(segment))) return undefined;
  if (segments.at(-1) === "avatar") return undefined;
  const [first, second] = segments;
  if (first === "partner" || first === "tenant") {
    return second !== undefined && segments.length >= 3 ? { level: first, slug: second } : undefined;
  }
  return segments.length === 2 ? { level: "platform" } : undefined;
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
export function mayUseModel(principal: Principal, model: FrontendModel): boolean {
  return isInReach(principal, model) && keyLetsThrough(principal, model.slug);
}

function keyLetsThrough({ proof }: Principal, slug: string): boolean {
  const models = proof.kind === "key" ? proof.key.models : undefined;
  return models === undefined || models.some((pattern) => slugMatches(pattern, slug));
}

const WILDCARD = "/*";

/** Whether a slug is the one named, or one of those that `vendor/*` means. */
export function slugMatches(pattern: string, slug: string): boolean {
  return pattern.endsWith(WILDCARD) ? slug.startsWith(pattern.slice(0, -1)) : slug === pattern;
}

/** Whether every slug that one pattern means is meant by another as well. */
export function patternCovers(outer: string, inner: string): boolean {
  return inner.endsWith(WILDCARD)
    ? outer.endsWith(WILDCARD) && inner.startsWith(outer.slice(0, -1))
    : slugMatches(outer, inner);
}

/** Whether a text is a slug, or the beginning of slugs followed by `/*`. */
export function isSlugPattern(text: string): boolean {
  if (!text.endsWith(WILDCARD)) return slugOwner(text) !== undefined;
  const segments = text.slice(0, -WILDCARD.length).split("/");
  return (
    segments.length <= 3 && segments.every((segment) => SEGMENT.test(segment) && !DOTS_ONLY.test(segment))
  );
}

/** Whether the caller is told that this model exists: those who may use it, and those who run or manage it. */
export function maySeeModel(principal: Principal, model: FrontendModel): boolean {
  return mayUseModel(principal, model) || mayManageSlug(principal, model.slug);
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
