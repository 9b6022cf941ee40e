import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Api, Page } from "../../api/client.ts";
import type { Budget } from "../../api/types.ts";

/** Each is drawn with bars: a page of the API's own size would be too long to look at. */
const PAGE_ITEMS = 20;

/** One page of the budgets one may see, newest first. */
export function budgetsQuery(api: Api, cursor: string | undefined) {
  return queryOptions({
    queryKey: ["budgets", "list", cursor],
    queryFn: ({ signal }): Promise<Page<Budget>> =>
      api.page("/v1/accounting/budgets", { query: { limit: PAGE_ITEMS, cursor }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** One budget, with the version that a change is made to. */
export function budgetQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ["budgets", "one", id],
    queryFn: ({ signal }) => api.versioned<Budget>(budgetPath(id), { signal }),
    // A change is made to what is there when the form opens, and what is typed is not drawn anew beneath the reader.
    gcTime: 0,
    staleTime: Infinity,
  });
}

/** The address of a budget in the API. */
export function budgetPath(id: string): string {
  return `/v1/accounting/budgets/${encodeURIComponent(id)}`;
}
