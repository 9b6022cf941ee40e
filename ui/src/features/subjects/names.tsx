import type { ReactNode } from "react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import type { Api } from "../../api/client.ts";
import { keyPath } from "../../api/queries.ts";
import type { Budget, Me } from "../../api/types.ts";
import { groupPath } from "../groups/queries.ts";
import { levelPath } from "../levels/kinds.ts";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { userPath } from "../users/queries.ts";

/** What limits, rules and usage are about. */
export type SubjectKind = Budget["scope"];
/** A backend is named by the model that it calls. */
export type NamedKind = SubjectKind | "backend";

interface Named {
  readonly name?: string;
  readonly display_name?: string;
  readonly upstream_model?: string;
}

const NAMES_STALE_MS = 60_000;

const PATHS: Readonly<Record<NamedKind, (id: string) => string>> = {
  partner: (id) => levelPath("partner", id),
  tenant: (id) => levelPath("tenant", id),
  group: groupPath,
  user: userPath,
  api_key: keyPath,
  backend: (id) => `/v1/backends/${encodeURIComponent(id)}`,
};
/** What it takes to look one up. */
const PERMISSIONS: Readonly<Record<NamedKind, string>> = {
  partner: "platform:manage",
  tenant: "partner:manage",
  group: "users:manage",
  user: "users:manage",
  api_key: "api_keys:manage",
  backend: "platform:manage",
};

function nameQuery(api: Api, kind: NamedKind, id: string) {
  return queryOptions({
    queryKey: ["names", kind, id],
    queryFn: async ({ signal }): Promise<string> => {
      const {
        display_name: shown,
        name,
        upstream_model: called,
      } = await api.data<Named>("GET", PATHS[kind](id), { signal });
      return shown ?? name ?? called ?? id;
    },
    staleTime: NAMES_STALE_MS,
    // One that has been deleted keeps its usage, and goes by its id.
    retry: false,
  });
}

/** Those that one need not look up. */
function ownName({ partner, tenant, user }: Me, id: string): string | undefined {
  return [partner, tenant, user].find((each) => each.id === id)?.display_name;
}

/** What something is called; its id where that is not to be known. */
export function SubjectName({ kind, id }: { kind: NamedKind; id: string }): ReactNode {
  const { api } = useApp();
  const me = useMe();
  const own = ownName(me, id);
  const asked = useQuery({
    ...nameQuery(api, kind, id),
    enabled: own === undefined && id !== "" && may(me, PERMISSIONS[kind]),
  });
  const name = own ?? asked.data;
  if (name === undefined) return <code className="font-mono text-xs break-all">{id}</code>;
  return (
    <span className="break-words" title={id}>
      {name}
    </span>
  );
}
