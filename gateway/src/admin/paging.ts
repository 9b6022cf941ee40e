import type { IdPrefix } from "../base/ids.ts";
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

/** A page's place in a list that the store reads: one row more than is shown tells whether there is a next page. */
export function storePage(
  prefix: IdPrefix,
  query: { readonly limit: number; readonly cursor?: string | undefined },
): { readonly limit: number; readonly beforeId?: string } {
  const limit = query.limit + 1;
  if (query.cursor === undefined) return { limit };
  return { limit, beforeId: decodeCursor(query.cursor, new RegExp(`^${prefix}_[0-9A-Z]{26}$`)) };
}

/** The page made of what the store gave for `storePage`. */
export function pageOfRows<Item extends { readonly id: string }>(
  found: readonly Item[],
  query: { readonly limit: number },
): Page<Item> {
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  return found.length > items.length && last !== undefined
    ? { items, nextCursor: encodeCursor(last.id) }
    : { items };
}
