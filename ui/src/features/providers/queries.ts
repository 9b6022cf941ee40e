import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Api, Page } from "../../api/client.ts";
import type { Backend, BackendHealth, DiscoveredModel, Preset, Provider } from "../../api/types.ts";

const PAGE_ITEMS = 50;
/** The API's own maximum of a page: there are a few dozen presets. */
const PRESETS_MAX = 1000;

/** Every provider that can be added by name. */
export function presetsQuery(api: Api) {
  return queryOptions({
    queryKey: ["provider-presets"],
    queryFn: async ({ signal }): Promise<readonly Preset[]> =>
      (await api.page<Preset>("/v1/provider-presets", { query: { limit: PRESETS_MAX }, signal })).items,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** One page of providers. */
export function providersQuery(api: Api, cursor: string | undefined) {
  return queryOptions({
    queryKey: ["providers", "list", cursor],
    queryFn: ({ signal }): Promise<Page<Provider>> =>
      api.page("/v1/providers", { query: { limit: PAGE_ITEMS, cursor }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** One provider, with the version that a change is made to. */
export function providerQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ["providers", "one", id],
    queryFn: ({ signal }) => api.versioned<Provider>(providerPath(id), { signal }),
  });
}

/** One page of a provider's backends. */
export function backendsQuery(api: Api, providerId: string, cursor: string | undefined) {
  return queryOptions({
    queryKey: ["backends", providerId, cursor],
    queryFn: ({ signal }): Promise<Page<Backend>> =>
      api.page("/v1/backends", { query: { provider_id: providerId, limit: PAGE_ITEMS, cursor }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** How a backend does: a call to its provider, so only when it is asked for. */
export function healthQuery(api: Api, backendId: string) {
  return queryOptions({
    queryKey: ["backend-health", backendId],
    queryFn: ({ signal }) =>
      api.data<BackendHealth>("GET", `/v1/backends/${encodeURIComponent(backendId)}/health`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

/** The models that a provider lists: asked for once, since it is a call to somebody else. */
export function discoveryQuery(api: Api, providerId: string) {
  return queryOptions({
    queryKey: ["discovery", providerId],
    queryFn: async ({ signal }): Promise<readonly DiscoveredModel[]> => {
      const path = `${providerPath(providerId)}/discover`;
      return (await api.data<{ readonly items: readonly DiscoveredModel[] }>("POST", path, { signal })).items;
    },
    staleTime: Number.POSITIVE_INFINITY,
    // The next visit asks anew: models have been added since.
    gcTime: 0,
    retry: false,
  });
}

/** The address of a provider in the API. */
export function providerPath(id: string): string {
  return `/v1/providers/${encodeURIComponent(id)}`;
}
