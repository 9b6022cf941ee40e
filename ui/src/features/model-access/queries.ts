import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Api, Page } from "../../api/client.ts";
import type { ModelAccessRule, ModelGroup } from "../../api/types.ts";

const PAGE_ITEMS = 50;
/** The API's own maximum of a page: a tenant has at most 200. */
const ALL_ITEMS = 1000;

/** One page of the lines of access lists. */
export function rulesQuery(api: Api, cursor: string | undefined) {
  return queryOptions({
    queryKey: ["model-access", cursor],
    queryFn: ({ signal }): Promise<Page<ModelAccessRule>> =>
      api.page("/v1/model-access", { query: { limit: PAGE_ITEMS, cursor }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** The model groups of a tenant; of all tenants one administers where none is named. */
export function modelGroupsQuery(api: Api, tenantId?: string) {
  return queryOptions({
    queryKey: ["model-groups", tenantId],
    queryFn: async ({ signal }): Promise<readonly ModelGroup[]> => {
      const query = { tenant_id: tenantId, limit: ALL_ITEMS };
      return (await api.page<ModelGroup>("/v1/model-groups", { query, signal })).items;
    },
  });
}

/** One model group, with the version that a change is made to. */
export function modelGroupQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ["model-groups", "one", id],
    queryFn: ({ signal }) => api.versioned<ModelGroup>(modelGroupPath(id), { signal }),
    // A change is made to what is there when the form opens.
    staleTime: 0,
    gcTime: 0,
  });
}

/** The address of a model group in the API. */
export function modelGroupPath(id: string): string {
  return `/v1/model-groups/${encodeURIComponent(id)}`;
}
