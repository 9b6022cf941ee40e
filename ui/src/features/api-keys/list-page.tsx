import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { apiKeysQuery } from "../../api/queries.ts";
import type { KeyFilter } from "../../api/queries.ts";
import type { ApiKey } from "../../api/types.ts";
import { Button, buttonClass } from "../../components/button.tsx";
import { Choice } from "../../components/choice.tsx";
import { Icon } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader } from "../../components/page.tsx";
import { Pager } from "../../components/pager.tsx";
import { SearchBox } from "../../components/search-box.tsx";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { KeysTable } from "./keys-table.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";
import { ScopePicker } from "./scope-picker.tsx";

const route = getRouteApi("/shell/access/api-keys");

function createLink(): ReactNode {
  return (
    <Link to="/access/api-keys/new" className={buttonClass("primary")}>
      <Icon name="plus" />
      Create API key
    </Link>
  );
}

/** Access → API Keys. */
export function ApiKeysPage(): ReactNode {
  const { api } = useApp();
  const me = useMe();
  const { scope = "own", cursor, ...filter } = route.useSearch();
  const navigate = route.useNavigate();
  const [revoking, setRevoking] = useState<ApiKey>();
  const keys = useQuery(apiKeysQuery(api, scope, filter, cursor));
  const isFiltered = filter.q !== undefined || filter.status !== undefined;
  return (
    <>
      <PageHeader
        title="API keys"
        lead="Programs use them to call models. A key carries the permissions of its user."
        actions={createLink()}
      />
      {may(me, "users:manage") && (
        <ScopePicker
          scope={scope}
          onPick={(next) => void navigate({ search: next === "own" ? {} : { scope: next } })}
        />
      )}
      <Filters filter={filter} onNarrow={(next) => void navigate({ search: { scope, ...next } })} />
      {keys.error && <FailureNotice error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.isPending && <Loading what="API keys" />}
      {keys.data?.items.length === 0 && (
        <NoKeys isFiltered={isFiltered} onAll={() => void navigate({ search: { scope } })} />
      )}
      {keys.data !== undefined && keys.data.items.length > 0 && (
        <>
          <KeysTable key={cursor} items={keys.data.items} onRevoke={setRevoking} />
          <Pager
            isFurther={cursor !== undefined}
            nextCursor={keys.data.nextCursor}
            onGo={(next) => void navigate({ search: (now) => ({ ...now, cursor: next }) })}
          />
        </>
      )}
      {revoking && <RevokeDialog apiKey={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  );
}

interface FiltersProps {
  readonly filter: KeyFilter;
  readonly onNarrow: (filter: KeyFilter) => void;
}

function Filters({ filter, onNarrow }: FiltersProps): ReactNode {
  return (
    <div className="mb-4 grid items-end gap-3 sm:grid-cols-[minmax(0,28rem)_minmax(0,12rem)]">
      <SearchBox
        label="Part of a key's name"
        initial={filter.q ?? ""}
        onSearch={(q) => onNarrow({ ...filter, q: q === "" ? undefined : q })}
      />
      <Choice
        label="Status"
        value={filter.status}
        options={[
          { value: "active", words: "Active" },
          { value: "revoked", words: "Revoked" },
        ]}
        onPick={(status) => onNarrow({ ...filter, status })}
      />
    </div>
  );
}

function NoKeys({ isFiltered, onAll }: { isFiltered: boolean; onAll: () => void }): ReactNode {
  return isFiltered ? (
    <EmptyState
      title="No key matches"
      why="None of these keys has all of these properties."
      action={<Button onClick={onAll}>Show all keys</Button>}
    />
  ) : (
    <EmptyState
      title="No API keys yet"
      why="A program needs a key of its own before it can call a model. Making one takes a few seconds."
      action={createLink()}
    />
  );
}
