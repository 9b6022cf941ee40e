import { text } from "../lib/search.ts";
import type { Search } from "../lib/search.ts";

/** Which page of a list. */
export interface PageSearch {
  readonly cursor?: string | undefined;
}
/** What is searched for. */
export interface TextSearch {
  readonly q?: string | undefined;
}

/** The search of a list that is only cut into pages. */
export function pageSearch({ cursor }: Search): PageSearch {
  return { cursor: text(cursor) };
}
