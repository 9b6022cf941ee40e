import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Api, Page } from "../../api/client.ts";
import type { Group, RoleMapping, User } from "../../api/types.ts";

const PAGE_ITEMS = 50;
/** The API's own maximum of a page, and of the groups and mappings of a tenant. */
const ALL_ITEMS = 1000;

/** One page of groups. */
export function groupsQuery(api: Api, cursor: string | undefined) {
  return queryOptions({
    queryKey: ["groups", "list", cursor],
    queryFn: ({ signal }): Promise<Page<Group>> =>
      api.page("/v1/groups", { query: { limit: PAGE_ITEMS, cursor }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** The groups of a tenant, to choose among. */
export function groupChoicesQuery(api: Api, tenantId: string) {
  return queryOptions({
    queryKey: ["groups", "choices", tenantId],
    queryFn: async ({ signal }): Promise<readonly Group[]> =>
      (await api.page<Group>("/v1/groups", { query: { tenant_id: tenantId, limit: ALL_ITEMS }, signal }))
        .items,
  });
}

/** One group, with the version that a change is made to. */
export function groupQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ["groups", "one", id],
    queryFn: ({ signal }) => api.versioned<Group>(groupPath(id), { signal }),
  });
}

/** One page of the members of a group. */
export function membersQuery(api: Api, groupId: string, cursor: string | undefined) {
  return queryOptions({
    queryKey: ["members", groupId, cursor],
    queryFn: ({ signal }): Promise<Page<User>> =>
      api.page(`${groupPath(groupId)}/members`, { query: { limit: PAGE_ITEMS, cursor }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** The roles that a group gives. */
export function mappingsQuery(api: Api, groupId: string) {
  return queryOptions({
    queryKey: ["role-mappings", groupId],
    queryFn: async ({ signal }): Promise<readonly RoleMapping[]> => {
      const query = { group_id: groupId, limit: ALL_ITEMS };
      return (await api.page<RoleMapping>("/v1/role-mappings", { query, signal })).items;
    },
  });
}

/** The address of a group in the API. */
export function groupPath(id: string): string {
  return `/v1/groups/${encodeURIComponent(id)}`;
}
