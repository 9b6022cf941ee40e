import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { Button, buttonClass } from "../../components/button.tsx";
import { Choice } from "../../components/choice.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Icon } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader } from "../../components/page.tsx";
import { Pager } from "../../components/pager.tsx";
import { ROW_LINK } from "../../components/row-link.ts";
import { SearchBox } from "../../components/search-box.tsx";
import { Time } from "../../components/time.tsx";
import { capitalized } from "../../lib/format.ts";
import { AccessStatus } from "../users/facts.tsx";
import { LEVELS } from "./kinds.ts";
import type { Level, LevelKind } from "./kinds.ts";
import { levelsQuery } from "./queries.ts";
import type { LevelFilter } from "./queries.ts";

interface LevelsSearch extends LevelFilter {
  readonly cursor?: string | undefined;
}

interface LevelsListProps {
  readonly kind: LevelKind;
  readonly search: LevelsSearch;
  readonly onSearch: (search: LevelsSearch) => void;
}

/** The list of partners, or of tenants. */
export function LevelsList({ kind, search, onSearch }: LevelsListProps): ReactNode {
  const { api } = useApp();
  const { cursor, ...filter } = search;
  const { one, many, lead, creation } = LEVELS[kind];
  const title = capitalized(many);
  const levels = useQuery(levelsQuery(api, kind, filter, cursor));
  return (
    <>
      <PageHeader
        title={title}
        lead={lead}
        actions={
          <Link to={creation} className={buttonClass("primary")}>
            <Icon name="plus" />
            Add {one}
          </Link>
        }
      />
      <Filters filter={filter} onNarrow={onSearch} />
      {levels.error && <FailureNotice error={levels.error} onRetry={() => void levels.refetch()} />}
      {levels.isPending && <Loading what={many} />}
      {levels.data?.items.length === 0 && (
        <EmptyState
          title={`No ${one} matches`}
          why={`None of the ${many} you administer has all of these properties.`}
          action={<Button onClick={() => onSearch({})}>Show all {many}</Button>}
        />
      )}
      {levels.data !== undefined && levels.data.items.length > 0 && (
        <>
          <DataTable
            caption={title}
            columns={columns(kind)}
            rows={levels.data.items}
            keyOf={(level) => level.id}
          />
          <Pager
            isFurther={cursor !== undefined}
            nextCursor={levels.data.nextCursor}
            onGo={(next) => onSearch({ ...filter, cursor: next })}
          />
        </>
      )}
    </>
  );
}

interface FiltersProps {
  readonly filter: LevelFilter;
  readonly onNarrow: (filter: LevelFilter) => void;
}

function Filters({ filter, onNarrow }: FiltersProps): ReactNode {
  return (
    <div className="mb-4 grid items-end gap-3 sm:grid-cols-[minmax(0,28rem)_minmax(0,12rem)]">
      <SearchBox
        label="Part of a name or slug"
        initial={filter.q ?? ""}
        onSearch={(q) => onNarrow({ ...filter, q: q === "" ? undefined : q })}
      />
      <Choice
        label="Status"
        value={filter.status}
        options={[
          { value: "active", words: "Active" },
          { value: "suspended", words: "Suspended" },
        ]}
        onPick={(status) => onNarrow({ ...filter, status })}
      />
    </div>
  );
}

function columns(kind: LevelKind): readonly Column<Level>[] {
  return [
    {
      header: "Name",
      isHeader: true,
      cell: (level) => (
        <Link
          to={LEVELS[kind].page}
          params={{ levelId: level.id }}
          className={`block max-w-72 min-w-24 break-words ${ROW_LINK}`}
        >
          {level.display_name}
        </Link>
      ),
    },
    {
      header: "Slug",
      cell: ({ slug }) => <code className="font-mono text-xs break-all">{slug}</code>,
    },
    { header: "Time zone", hiddenBelow: "lg", cell: (level) => level.time_zone },
    { header: "Status", cell: ({ status }) => <AccessStatus status={status} /> },
    { header: "Added", hiddenBelow: "md", cell: (level) => <Time iso={level.created_at} as="date" /> },
  ];
}
