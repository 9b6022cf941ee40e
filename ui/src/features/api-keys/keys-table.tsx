import { useState } from "react";
import type { ReactNode } from "react";
import { Link } from "@tanstack/react-router";
import type { ApiKey } from "../../api/types.ts";
import { Button } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { ROW_LINK } from "../../components/row-link.ts";
import { Time } from "../../components/time.tsx";
import { formatCount } from "../../lib/format.ts";
import { KeyLabel } from "./key-label.tsx";
import { KeyStatus } from "./key-status.tsx";
import { RevokeManyDialog } from "./revoke-many-dialog.tsx";

interface KeysTableProps {
  readonly items: readonly ApiKey[];
  readonly onRevoke: (key: ApiKey) => void;
}

/** The keys of a page, of which several can be revoked at once. */
export function KeysTable({ items, onRevoke }: KeysTableProps): ReactNode {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [isAsking, setIsAsking] = useState(false);
  const keys = items.filter((key) => key.status === "active" && chosen.has(key.id));
  const tick = (id: string, isOn: boolean): void => {
    const next = new Set(chosen);
    if (isOn) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  return (
    <>
      <DataTable
        caption="API keys, newest first"
        columns={columns({ chosen, tick, onRevoke })}
        rows={items}
        keyOf={(key) => key.id}
      />
      {keys.length > 0 && (
        <div className="mt-3 flex flex-wrap gap-2">
          <Button onClick={() => setIsAsking(true)}>
            Revoke {keys.length} {keys.length === 1 ? "key" : "keys"}
          </Button>
          <Button variant="quiet" onClick={() => setChosen(new Set())}>
            Choose none
          </Button>
        </div>
      )}
      {isAsking && keys.length > 0 && (
        <RevokeManyDialog
          keys={keys}
          onDone={() => setChosen(new Set())}
          onClose={() => setIsAsking(false)}
        />
      )}
    </>
  );
}

interface ColumnsOptions {
  readonly chosen: ReadonlySet<string>;
  readonly tick: (id: string, isOn: boolean) => void;
  readonly onRevoke: (key: ApiKey) => void;
}

function columns({ chosen, tick, onRevoke }: ColumnsOptions): readonly Column<ApiKey>[] {
  return [
    {
      header: "Choose",
      hiddenBelow: "sm",
      cell: (key) =>
        key.status === "active" && (
          <input
            type="checkbox"
            aria-label={`Choose ${key.name}`}
            className="relative z-1 block size-5 accent-accent"
            checked={chosen.has(key.id)}
            onChange={(event) => tick(key.id, event.target.checked)}
          />
        ),
    },
    {
      header: "Name",
      isHeader: true,
      cell: (key) => (
        <Link
          to="/access/api-keys/$keyId"
          params={{ keyId: key.id }}
          className={`block max-w-64 min-w-16 sm:min-w-24 break-words ${ROW_LINK}`}
        >
          {key.name}
        </Link>
      ),
    },
    ...FACTS,
    {
      header: "Actions",
      align: "right",
      cell: (key) =>
        key.status === "active" && (
          <Button
            variant="quiet"
            className="relative z-1"
            onClick={() => onRevoke(key)}
            aria-label={`Revoke ${key.name}`}
          >
            Revoke
          </Button>
        ),
    },
  ];
}

const FACTS: readonly Column<ApiKey>[] = [
  { header: "Key", cell: (key) => <KeyLabel apiKey={key} /> },
  { header: "Status", hiddenBelow: "sm", cell: (key) => <KeyStatus apiKey={key} /> },
  {
    header: "Requests, 24 h",
    hiddenBelow: "md",
    align: "right",
    cell: (key) => formatCount(key.requests_24h),
  },
  {
    header: "Last used",
    hiddenBelow: "md",
    cell: (key) => (key.last_used_at === undefined ? "Never" : <Time iso={key.last_used_at} as="relative" />),
  },
  { header: "Created", hiddenBelow: "xl", cell: (key) => <Time iso={key.created_at} as="date" /> },
  {
    header: "Expires",
    hiddenBelow: "lg",
    cell: (key) => (key.expires_at === undefined ? "Never" : <Time iso={key.expires_at} as="date" />),
  },
];
