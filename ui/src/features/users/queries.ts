import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Api, Page } from "../../api/client.ts";
import type { CustomRole, Role, User } from "../../api/types.ts";

const PAGE_ITEMS = 50;
/** As many as one choice can hold; the API's own maximum of a page. */
const CHOICE_ITEMS = 1000;

/** Which users. Absent fields do not narrow. */
export interface UserFilter {
  readonly q?: string | undefined;
  readonly status?: string | undefined;
  readonly kind?: string | undefined;
  readonly tenant_id?: string | undefined;
}

/** One page of users. */
export function usersQuery(api: Api, filter: UserFilter, cursor: string | undefined) {
  return queryOptions({
    queryKey: ["users", "list", filter, cursor],
    queryFn: ({ signal }): Promise<Page<User>> =>
      api.page("/v1/users", { query: { ...filter, limit: PAGE_ITEMS, cursor }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** One user, with the version that a change is made to. */
export function userQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ["users", "one", id],
    queryFn: ({ signal }) => api.versioned<User>(userPath(id), { signal }),
  });
}

/** The built-in roles, and which of them one may grant. */
export function rolesQuery(api: Api) {
  return queryOptions({
    queryKey: ["roles"],
    queryFn: async ({ signal }): Promise<readonly Role[]> =>
      (await api.page<Role>("/v1/iam/roles", { signal })).items,
  });
}

/** The roles that a tenant has made; of all tenants one administers where none is named. */
export function customRolesQuery(api: Api, tenantId?: string) {
  return queryOptions({
    queryKey: ["custom-roles", tenantId],
    queryFn: async ({ signal }): Promise<readonly CustomRole[]> => {
      const query = { tenant_id: tenantId, limit: CHOICE_ITEMS };
      return (await api.page<CustomRole>("/v1/iam/custom-roles", { query, signal })).items;
    },
  });
}

/** One custom role, with the version that a change is made to. */
export function customRoleQuery(api: Api, id: string) {
  return queryOptions({
    queryKey: ["custom-roles", "one", id],
    queryFn: ({ signal }) =>
      api.versioned<CustomRole>(`/v1/iam/custom-roles/${encodeURIComponent(id)}`, { signal }),
    // A change is made to what is there when the form opens.
    gcTime: 0,
  });
}

/** The address of a user in the API. */
export function userPath(id: string): string {
  return `/v1/users/${encodeURIComponent(id)}`;
}
