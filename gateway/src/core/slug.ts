const SEGMENT_CHARS_MAX = 120;

/**
 * A name of any spelling as one segment of a slug: lower case, other characters as `-`. Undefined where nothing is
 * left that could be a segment.
 */
export function slugSegment(name: string): string | undefined {
  const segment = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .slice(0, SEGMENT_CHARS_MAX)
    .replace(/^-+|-+$/g, "");
  return segment === "" || segment === "avatar" || /^\.+$/.test(segment) ? undefined : segment;
}

/** The slug under which a found model is offered; undefined for a name that makes none. */
export function offeredSlug(vendor: string, upstreamModel: string): string | undefined {
  // The tag that Ollama puts after names without one says nothing.
  const segment = slugSegment(upstreamModel.replace(/:latest$/, ""));
  return segment === undefined ? undefined : `${vendor}/${segment}`;
}
