import { queryOptions, useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import type { Api } from "../../api/client.ts";
import { apiKeysQuery, chatModelsQuery } from "../../api/queries.ts";
import type { Backend } from "../../api/types.ts";
import { useTenants } from "../levels/queries.ts";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { usersQuery } from "../users/queries.ts";

/** What a filter may be set to, and how it is called. */
export interface NamedChoice {
  readonly value: string;
  readonly words: string;
}

/** As many as one choice can hold; the API's own maximum of a page. */
const CHOICE_ITEMS = 1000;

/** The models of chats. */
export function useModelChoices(): readonly NamedChoice[] {
  const { api } = useApp();
  return (useQuery(chatModelsQuery(api)).data ?? []).map(({ slug }) => ({ value: slug, words: slug }));
}

/** The newest keys of one's tenant, or one's own. */
export function useKeyChoices(): readonly NamedChoice[] {
  const { api } = useApp();
  const me = useMe();
  const keys = useQuery({
    ...apiKeysQuery(api, may(me, "users:manage") ? "tenant" : "own", {}, undefined),
    enabled: may(me, "api_keys:manage"),
  });
  return (keys.data?.items ?? []).map(({ id, name, last4 }) => ({ value: id, words: `${name} (…${last4})` }));
}

/** The newest users of those one administers. */
export function useUserChoices(): readonly NamedChoice[] {
  const { api } = useApp();
  const users = useQuery({ ...usersQuery(api, {}, undefined), enabled: may(useMe(), "users:manage") });
  return (users.data?.items ?? []).map(({ id, display_name: words }) => ({ value: id, words }));
}

/** The tenants that somebody above them looks into; none where there is only one's own. */
export function useTenantChoices(): readonly NamedChoice[] {
  const tenants = useTenants();
  return tenants.length > 1 ? tenants.map(({ id, display_name: words }) => ({ value: id, words })) : [];
}

/** The backends, for those who run them. */
export function useBackendChoices(): readonly NamedChoice[] {
  const { api } = useApp();
  const backends = useQuery({ ...allBackendsQuery(api), enabled: may(useMe(), "platform:manage") });
  return (backends.data ?? []).map(({ id, upstream_model: words }) => ({ value: id, words }));
}

/** Every backend that one may see, up to a page of the API. */
export function allBackendsQuery(api: Api) {
  return queryOptions({
    queryKey: ["backends", "choices"],
    queryFn: async ({ signal }): Promise<readonly Backend[]> =>
      (await api.page<Backend>("/v1/backends", { query: { limit: CHOICE_ITEMS }, signal })).items,
  });
}
