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

/** Whether a slug, which is one, is the platform's: the same without looking at every segment. */
export function isPlatformSlug(slug: string): boolean {
  return !slug.startsWith("partner/") && !slug.startsWith("tenant/");
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
