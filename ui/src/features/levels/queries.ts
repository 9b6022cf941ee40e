import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import type { Api, Page } from "../../api/client.ts";
import type { Tenant } from "../../api/types.ts";
import { useApp } from "../../app-context.ts";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { LEVELS, levelPath } from "./kinds.ts";
import type { Level, LevelKind } from "./kinds.ts";

const PAGE_ITEMS = 50;
/** As many as one choice can hold; the API's own maximum of a page. */
const CHOICE_ITEMS = 1000;

/** Which partners or tenants. Absent fields do not narrow. */
export interface LevelFilter {
  readonly q?: string | undefined;
  readonly status?: string | undefined;
}

/** One page of partners or tenants. */
export function levelsQuery(api: Api, kind: LevelKind, filter: LevelFilter, cursor: string | undefined) {
  const { api: path, many } = LEVELS[kind];
  return queryOptions({
    queryKey: [many, "list", filter, cursor],
    queryFn: ({ signal }): Promise<Page<Level>> =>
      api.page(path, { query: { ...filter, limit: PAGE_ITEMS, cursor }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** One partner or tenant, with the version that a change is made to. */
export function levelQuery(api: Api, kind: LevelKind, id: string) {
  return queryOptions({
    queryKey: [LEVELS[kind].many, "one", id],
    queryFn: ({ signal }) => api.versioned<Level>(levelPath(kind, id), { signal }),
  });
}

/** The tenants one may choose among. */
export function tenantChoicesQuery(api: Api) {
  return queryOptions({
    queryKey: ["tenants", "choices"],
    queryFn: async ({ signal }): Promise<readonly Tenant[]> =>
      (await api.page<Tenant>("/v1/tenants", { query: { limit: CHOICE_ITEMS }, signal })).items,
  });
}

/** The tenants that somebody above them may look into; empty for everybody else. */
export function useTenants(): readonly Tenant[] {
  const { api } = useApp();
  const isAbove = may(useMe(), "partner:manage");
  return useQuery({ ...tenantChoicesQuery(api), enabled: isAbove }).data ?? [];
}
