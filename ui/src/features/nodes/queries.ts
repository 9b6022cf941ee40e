import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Api, Page } from "../../api/client.ts";
import type { DetailedHealth, GatewayNode, QuarantinedRow } from "../../api/types.ts";

const PAGE_ITEMS = 50;

/** How the process that answers fares. */
export function healthQuery(api: Api) {
  return queryOptions({
    queryKey: ["health"],
    queryFn: ({ signal }) => api.data<DetailedHealth>("GET", "/health/detailed", { signal }),
  });
}

/** One page of the processes that share the store, newest first. */
export function nodesQuery(api: Api, cursor: string | undefined) {
  return queryOptions({
    queryKey: ["nodes", cursor],
    queryFn: ({ signal }): Promise<Page<GatewayNode>> =>
      api.page("/v1/nodes", { query: { limit: PAGE_ITEMS, cursor }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** The first settlements that the store would not take: there should be none. */
export function quarantineQuery(api: Api) {
  return queryOptions({
    queryKey: ["quarantine"],
    queryFn: ({ signal }): Promise<Page<QuarantinedRow>> =>
      api.page("/v1/nodes/quarantine", { query: { limit: PAGE_ITEMS }, signal }),
  });
}
