import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Api, Page } from "../../api/client.ts";
import type { EffectivePrice, PriceEntry, PriceVersion } from "../../api/types.ts";

const PAGE_ITEMS = 50;

/** Which entries of price books. Absent fields do not narrow. */
export interface EntryFilter {
  readonly tenant_id?: string | undefined;
  /** An id. */
  readonly model_id?: string | undefined;
}

/** One page of entries, those that are no longer in force included, newest first. */
export function entriesQuery(api: Api, filter: EntryFilter, cursor: string | undefined) {
  return queryOptions({
    queryKey: ["prices", "entries", filter, cursor],
    queryFn: ({ signal }): Promise<Page<PriceEntry>> =>
      api.page("/v1/accounting/price-books", { query: { ...filter, limit: PAGE_ITEMS, cursor }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** What a tenant pays for a model now, and how it came about. */
export function effectivePriceQuery(api: Api, modelId: string, tenantId: string | undefined) {
  return queryOptions({
    queryKey: ["prices", "effective", modelId, tenantId],
    queryFn: ({ signal }) => {
      const path = `/v1/accounting/effective-prices/${encodeURIComponent(modelId)}`;
      return api.data<EffectivePrice>("GET", path, { query: { tenant_id: tenantId }, signal });
    },
  });
}

/** The newest prices that a model has had, has, or is to have. */
export function versionsQuery(api: Api, modelId: string) {
  return queryOptions({
    queryKey: ["prices", "versions", modelId],
    queryFn: async ({ signal }): Promise<readonly PriceVersion[]> => {
      const query = { model_id: modelId, limit: PAGE_ITEMS };
      return (await api.page<PriceVersion>("/v1/accounting/price-versions", { query, signal })).items;
    },
  });
}

/** The address of an entry in the API. */
export function entryPath(id: string): string {
  return `/v1/accounting/price-books/${encodeURIComponent(id)}`;
}
