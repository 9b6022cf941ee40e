import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { QuarantinedRow } from "../../api/types.ts";
import { Button } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { Section } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import type { Decision } from "./decision-dialog.tsx";
import { quarantineQuery } from "./queries.ts";

/** Settlements that the store would not take, and on which nobody has decided. */
export function QuarantineSection({ onDecide }: { onDecide: (decision: Decision) => void }): ReactNode {
  const { api } = useApp();
  const rows = useQuery(quarantineQuery(api));
  return (
    <Section
      title="Set aside"
      lead="Settlements that the store would not take. What they hold in budgets stays held until you decide."
    >
      {rows.error && <FailureNotice error={rows.error} onRetry={() => void rows.refetch()} />}
      {rows.data?.items.length === 0 && <p className="text-muted">Nothing is set aside.</p>}
      {rows.data !== undefined && rows.data.items.length > 0 && (
        <DataTable
          caption="Rows set aside"
          columns={columnsOf(onDecide)}
          rows={rows.data.items}
          keyOf={({ id }) => id}
          isInset
        />
      )}
    </Section>
  );
}

function columnsOf(onDecide: (decision: Decision) => void): readonly Column<QuarantinedRow>[] {
  return [
    { header: "At", cell: ({ at }) => <Time iso={at} as="moment" /> },
    { header: "Row", isHeader: true, cell: (row) => <Row row={row} /> },
    {
      header: "What is wrong",
      cell: ({ reason }) => <span className="block max-w-80 min-w-32 break-words">{reason}</span>,
    },
    {
      header: "Decide",
      align: "right",
      cell: ({ id }) => (
        <span className="inline-flex gap-1">
          <Button variant="quiet" aria-label={`Book ${id}`} onClick={() => onDecide({ kind: "retry", id })}>
            Book
          </Button>
          <Button
            variant="quiet"
            aria-label={`Absorb ${id}`}
            onClick={() => onDecide({ kind: "absorb", id })}
          >
            Absorb
          </Button>
        </span>
      ),
    },
  ];
}

function Row({ row: { id, request_id: requestId } }: { row: QuarantinedRow }): ReactNode {
  if (requestId === undefined) return <code className="font-mono text-xs break-all">{id}</code>;
  return (
    <Link
      to="/requests/$requestId"
      params={{ requestId }}
      className="font-mono text-xs break-all text-accent underline"
    >
      {requestId}
    </Link>
  );
}
