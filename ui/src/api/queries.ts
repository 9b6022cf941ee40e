import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Api, Page } from "./client.ts";
import { showCurrency } from "../lib/format.ts";
import type { ApiKey, Me, Model, RequestSummary, Trace } from "./types.ts";

const PAGE_ITEMS = 50;
/** As many models as one picker can hold; the API's own maximum of a page. */
const PICKER_ITEMS = 1000;

/** Which keys: one's own, or all of the tenant. */
export type KeyScope = "own" | "tenant";

/** Which requests. Absent fields do not narrow. */
export interface RequestFilter {
  readonly outcome?: string | undefined;
  readonly model?: string | undefined;
  readonly api_key_id?: string | undefined;
}

/** Who is signed in. */
export function meQuery(api: Api) {
  return queryOptions({
    queryKey: ["me"],
    queryFn: async ({ signal }) => {
      const me = await api.data<Me>("GET", "/v1/me", { signal });
      showCurrency(me.currency);
      return me;
    },
  });
}

/** Which keys of a scope. Absent fields do not narrow. */
export interface KeyFilter {
  readonly q?: string | undefined;
  readonly status?: string | undefined;
}

/** One page of keys, newest first. */
export function apiKeysQuery(api: Api, scope: KeyScope, filter: KeyFilter, cursor: string | undefined) {
  return queryOptions({
    queryKey: ["api-keys", scope, filter, cursor],
    queryFn: ({ signal }): Promise<Page<ApiKey>> => {
      const query = { scope: scope === "tenant" ? scope : undefined, ...filter, limit: PAGE_ITEMS, cursor };
      return api.page("/v1/api-keys", { query, signal });
    },
    placeholderData: keepPreviousData,
  });
}

/** The keys of a tenant that work, to choose among. */
export function keyChoicesQuery(api: Api, tenantId: string) {
  return queryOptions({
    queryKey: ["api-keys", "choices", tenantId],
    queryFn: async ({ signal }): Promise<readonly ApiKey[]> => {
      const query = { scope: "all", tenant_id: tenantId, status: "active", limit: PICKER_ITEMS };
      return (await api.page<ApiKey>("/v1/api-keys", { query, signal })).items;
    },
  });
}

/** One key, with the version that a change is made to. */
export function apiKeyQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ["api-keys", "one", id],
    queryFn: ({ signal }) => api.versioned<ApiKey>(keyPath(id), { signal }),
  });
}

/** The address of a key in the API. */
export function keyPath(id: string): string {
  return `/v1/api-keys/${encodeURIComponent(id)}`;
}

/** One page of models; `q` is a part of a slug or name. */
export function modelsQuery(api: Api, q: string | undefined, cursor: string | undefined) {
  return queryOptions({
    queryKey: ["models", q, cursor],
    queryFn: ({ signal }): Promise<Page<Model>> =>
      api.page("/v1/models", { query: { q, limit: PAGE_ITEMS, cursor }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** One model, with the version that a change is made to. */
export function modelQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ["models", "one", id],
    queryFn: ({ signal }) => api.versioned<Model>(modelPath(id), { signal }),
  });
}

/** The address of a model in the API. */
export function modelPath(id: string): string {
  return `/v1/models/${encodeURIComponent(id)}`;
}

/** The models a new key can call at once. */
export function chatModelsQuery(api: Api) {
  return queryOptions({
    queryKey: ["models", "chat"],
    queryFn: async ({ signal }): Promise<readonly Model[]> => {
      const query = { modality: "chat", status: "active", limit: PICKER_ITEMS };
      return (await api.page<Model>("/v1/models", { query, signal })).items;
    },
  });
}

/** One page of requests, newest first. */
export function requestsQuery(api: Api, filter: RequestFilter, cursor?: string, limit = PAGE_ITEMS) {
  return queryOptions({
    queryKey: ["requests", filter, cursor, limit],
    queryFn: ({ signal }): Promise<Page<RequestSummary>> =>
      api.page("/v1/requests", { query: { ...filter, limit, cursor }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** The trace of one request, by any id it goes by. */
export function traceQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ["trace", id],
    queryFn: ({ signal }) => api.data<Trace>("GET", `/v1/requests/${encodeURIComponent(id)}`, { signal }),
  });
}
