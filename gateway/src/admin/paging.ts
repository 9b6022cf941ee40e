import type { Page } from "../core/endpoint.ts";
import { ApiError } from "../errors.ts";

/** Cursors are opaque to callers: a sort key, in base64url. */
export function encodeCursor(key: string): string {
  return Buffer.from(key).toString("base64url");
}

/** Throws ApiError VALIDATION_ERROR for what `encodeCursor` has not made. */
export function decodeCursor(cursor: string, shape: RegExp): string {
  const key = Buffer.from(cursor, "base64url").toString("utf8");
  if (shape.test(key)) return key;
  throw new ApiError("VALIDATION_ERROR", undefined, {
    details: [{ field: "query.cursor", message: "is not a cursor of this list; start again without it" }],
  });
}

/** One page of what is held in memory, in the order of `keyOf`, descending: newest first for ids. */
export function pageOf<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
  query: { readonly limit: number; readonly cursor?: string | undefined },
): Page<Item> {
  const before = query.cursor === undefined ? undefined : decodeCursor(query.cursor, /^[\w./-]{1,250}$/);
  const sorted = [...items]
    .filter((item) => before === undefined || keyOf(item) < before)
    .sort((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1));
  const shown = sorted.slice(0, query.limit);
  const last = shown.at(-1);
  return sorted.length > shown.length && last !== undefined
    ? { items: shown, nextCursor: encodeCursor(keyOf(last)) }
    : { items: shown };
}
