import { useState } from "react";
import type { ReactNode } from "react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import type { Api } from "../../api/client.ts";
import type { BackendGrant } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { SelectField } from "../../components/field.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { Section } from "../../components/page.tsx";
import { useBackends } from "../routing/queries.ts";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import type { LevelKind } from "./kinds.ts";

/** The API's own maximum of a page. */
const ALL_ITEMS = 1000;
const REFRESH = ["backend-grants", "backends"];

interface GrantsSectionProps {
  readonly kind: LevelKind;
  readonly id: string;
}

function grantsQuery(api: Api, { kind, id }: GrantsSectionProps) {
  return queryOptions({
    queryKey: ["backend-grants", kind, id],
    queryFn: async ({ signal }): Promise<readonly BackendGrant[]> => {
      const query = { [`${kind}_id`]: id, limit: ALL_ITEMS };
      const { items } = await api.page<BackendGrant>("/v1/backend-grants", { query, signal });
      // What a partner has handed on stands on the pages of its tenants.
      return items.filter(({ tenant_id: tenantId }) => kind === "tenant" || tenantId === undefined);
    },
  });
}

/** The backends that a partner or a tenant may route models of its own over. */
export function GrantsSection(props: GrantsSectionProps): ReactNode {
  const { api } = useApp();
  const me = useMe();
  const grants = useQuery(grantsQuery(api, props));
  const remove = useAction({
    call: ({ id }: BackendGrant) => api.data("DELETE", `/v1/backend-grants/${encodeURIComponent(id)}`),
    refresh: REFRESH,
    said: () => "The grant has been taken back.",
  });
  const mayGrant = may(me, props.kind === "partner" ? "platform:manage" : "partner:manage");
  return (
    <Section title="Granted backends" lead="What models of its own may be routed over.">
      <div className="grid gap-5">
        {grants.error && <FailureNotice error={grants.error} onRetry={() => void grants.refetch()} />}
        {remove.error && <FailureNotice error={remove.error} />}
        {grants.data?.length === 0 && <p className="text-muted">No backend is granted.</p>}
        {grants.data && grants.data.length > 0 && (
          <DataTable
            caption="Granted backends"
            columns={columns(mayGrant ? remove.run : undefined)}
            rows={grants.data}
            isInset
            keyOf={({ id }) => id}
          />
        )}
        {mayGrant && <AddGrant {...props} granted={grants.data ?? []} />}
      </div>
    </Section>
  );
}

function columns(onRemove: ((grant: BackendGrant) => void) | undefined): readonly Column<BackendGrant>[] {
  const facts: readonly Column<BackendGrant>[] = [
    {
      header: "Backend",
      isHeader: true,
      cell: ({ backend_uri: uri }) => (
        <code className="block max-w-80 min-w-28 font-mono text-xs break-all">{uri}</code>
      ),
    },
    {
      header: "Granted by",
      cell: ({ granted_by: by }) => (by === "platform" ? "The platform" : "The partner"),
    },
    {
      header: "State",
      hiddenBelow: "sm",
      cell: ({ in_force: isInForce, status }) =>
        isInForce && status === "active" ? (
          <Badge tone="good">In force</Badge>
        ) : (
          <Badge tone="plain">{isInForce ? "Switched off" : "Not in force"}</Badge>
        ),
    },
  ];
  if (!onRemove) return facts;
  return [
    ...facts,
    {
      header: "Actions",
      align: "right",
      cell: (grant) => (
        <Button variant="quiet" aria-label={`Take back ${grant.backend_uri}`} onClick={() => onRemove(grant)}>
          Take back
        </Button>
      ),
    },
  ];
}

interface AddGrantProps extends GrantsSectionProps {
  readonly granted: readonly BackendGrant[];
}

function AddGrant({ kind, id, granted }: AddGrantProps): ReactNode {
  const { api } = useApp();
  const [chosen, setChosen] = useState("");
  const backends = useBackends();
  const add = useAction({
    call: () => api.data("POST", "/v1/backend-grants", { body: { backend_id: chosen, [`${kind}_id`]: id } }),
    refresh: REFRESH,
    said: () => "The backend is granted.",
    onDone: () => setChosen(""),
  });
  const free = (backends.data ?? []).filter(
    (each) => !granted.some(({ backend_id: has }) => has === each.id),
  );
  if (free.length === 0 && !add.error) return null;
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen !== "") add.run();
      }}
    >
      {add.error && <FailureNotice error={add.error} />}
      <div className="flex flex-wrap items-end gap-2">
        <div className="w-full max-w-md">
          <SelectField
            label="Another backend"
            value={chosen}
            onChange={(event) => setChosen(event.target.value)}
          >
            <option value="">Choose one…</option>
            {free.map(({ id: backendId, uri }) => (
              <option key={backendId} value={backendId}>
                {uri}
              </option>
            ))}
          </SelectField>
        </div>
        <Button type="submit" busy={add.isPending}>
          Grant
        </Button>
      </div>
    </form>
  );
}
