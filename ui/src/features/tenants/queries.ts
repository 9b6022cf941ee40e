import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Api, Page } from "../../api/client.ts";
import type { Tenant } from "../../api/types.ts";

const PAGE_ITEMS = 50;

/** Which tenants. Absent fields do not narrow. */
export interface TenantFilter {
  readonly q?: string | undefined;
  readonly status?: string | undefined;
}

/** One page of tenants. */
export function tenantsQuery(api: Api, filter: TenantFilter, cursor: string | undefined) {
  return queryOptions({
    queryKey: ["tenants", "list", filter, cursor],
    queryFn: ({ signal }): Promise<Page<Tenant>> =>
      api.page("/v1/tenants", { query: { ...filter, limit: PAGE_ITEMS, cursor }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** One tenant, with the version that a change is made to. */
export function tenantQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ["tenants", "one", id],
    queryFn: ({ signal }) => api.versioned<Tenant>(tenantPath(id), { signal }),
  });
}

/** The address of a tenant in the API. */
export function tenantPath(id: string): string {
  return `/v1/tenants/${encodeURIComponent(id)}`;
}
