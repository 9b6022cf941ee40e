import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import type { Api, Page } from "../../api/client.ts";
import type { Backend, BackendGrant, Model, RoutingPolicy } from "../../api/types.ts";
import { useApp } from "../../app-context.ts";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";

const PAGE_ITEMS = 50;
/** As many as one choice can hold; the API's own maximum of a page. */
const CHOICE_ITEMS = 1000;

/** One page of policies. */
export function policiesQuery(api: Api, cursor: string | undefined) {
  return queryOptions({
    queryKey: ["routing-policies", "list", cursor],
    queryFn: ({ signal }): Promise<Page<RoutingPolicy>> =>
      api.page("/v1/routing-policies", { query: { limit: PAGE_ITEMS, cursor }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** Every policy: which models have one. */
export function allPoliciesQuery(api: Api) {
  return queryOptions({
    queryKey: ["routing-policies", "all"],
    queryFn: async ({ signal }): Promise<readonly RoutingPolicy[]> => {
      const query = { limit: CHOICE_ITEMS };
      return (await api.page<RoutingPolicy>("/v1/routing-policies", { query, signal })).items;
    },
  });
}

/** One policy, with the version that a change is made to. */
export function policyQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ["routing-policies", "one", id],
    queryFn: ({ signal }) => api.versioned<RoutingPolicy>(policyPath(id), { signal }),
  });
}

/** A backend that a policy may name; its state is the platform's to know. */
export type RoutableBackend = Pick<Backend, "id" | "uri"> & Partial<Pick<Backend, "region" | "health">>;

function backendChoicesQuery(api: Api, isOfPlatform: boolean) {
  return queryOptions({
    queryKey: ["backends", "choices", isOfPlatform],
    queryFn: async ({ signal }): Promise<readonly RoutableBackend[]> => {
      const query = { limit: CHOICE_ITEMS };
      if (isOfPlatform) return (await api.page<Backend>("/v1/backends", { query, signal })).items;
      const grants = (await api.page<BackendGrant>("/v1/backend-grants", { query, signal })).items;
      const byId = new Map(grants.map((grant) => [grant.backend_id, grant.backend_uri]));
      return [...byId].map(([id, uri]) => ({ id, uri }));
    },
  });
}

/** The backends one may route over: all of them for the platform, below it those that are granted. */
export function useBackends() {
  const { api } = useApp();
  return useQuery(backendChoicesQuery(api, may(useMe(), "platform:manage")));
}

function modelChoicesQuery(api: Api) {
  return queryOptions({
    queryKey: ["models", "choices"],
    queryFn: async ({ signal }): Promise<readonly Model[]> =>
      (await api.page<Model>("/v1/models", { query: { limit: CHOICE_ITEMS }, signal })).items,
  });
}

/** The models one may see. */
export function useModels(): readonly Model[] {
  const { api } = useApp();
  return useQuery(modelChoicesQuery(api)).data ?? [];
}

/** The address of a policy in the API. */
export function policyPath(id: string): string {
  return `/v1/routing-policies/${encodeURIComponent(id)}`;
}
