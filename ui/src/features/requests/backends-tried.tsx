import type { ReactNode } from "react";
import type { Trace, TraceAttempt } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Section } from "../../components/page.tsx";
import { formatMs } from "../../lib/format.ts";

type Candidate = Trace["candidates"][number] & { readonly place: number };
type Attempt = TraceAttempt & { readonly number: number };

/** Which backends could have served, and why each was taken or not. */
export function Candidates({ trace }: { trace: Trace }): ReactNode {
  const rows = trace.candidates.map((candidate, at): Candidate => ({ ...candidate, place: at + 1 }));
  if (rows.length === 0) return null;
  return (
    <Section title="Candidates" lead="In the order of the routing policy.">
      <DataTable
        caption="Candidates"
        columns={CANDIDATE_COLUMNS}
        rows={rows}
        isInset
        keyOf={({ place }) => String(place)}
      />
    </Section>
  );
}

const CANDIDATE_COLUMNS: readonly Column<Candidate>[] = [
  { header: "Backend", isHeader: true, cell: ({ backend_id: id }) => <Id text={id} /> },
  {
    header: "Verdict",
    cell: ({ taken }) =>
      taken ? <Badge tone="good">Considered</Badge> : <Badge tone="plain">Left out</Badge>,
  },
  { header: "Why", cell: ({ reason }) => <Words text={reason} /> },
];

/** Every call that was made to a backend. */
export function Attempts({ trace }: { trace: Trace }): ReactNode {
  const rows = trace.attempts.map((attempt, at): Attempt => ({ ...attempt, number: at + 1 }));
  if (rows.length === 0) return null;
  return (
    <Section title="Attempts">
      <DataTable
        caption="Attempts"
        columns={ATTEMPT_COLUMNS}
        rows={rows}
        isInset
        keyOf={({ number }) => String(number)}
      />
    </Section>
  );
}

const ATTEMPT_COLUMNS: readonly Column<Attempt>[] = [
  { header: "No.", isHeader: true, align: "right", cell: ({ number }) => number },
  { header: "Backend", cell: ({ backend_id: id }) => <Id text={id} /> },
  {
    header: "Outcome",
    cell: ({ outcome }) => (
      <Badge tone={outcome === "ok" ? "good" : "bad"}>{outcome.replaceAll("_", " ")}</Badge>
    ),
  },
  { header: "Status", align: "right", cell: ({ status }) => status ?? "–" },
  { header: "Began", align: "right", cell: ({ started_ms: ms }) => <Duration ms={ms} /> },
  { header: "Took", align: "right", cell: ({ duration_ms: ms }) => <Duration ms={ms} /> },
  {
    header: "Said",
    cell: ({ reason, upstream_id: id }) => (
      <span className="grid gap-0.5">
        {reason !== undefined && <Words text={reason} />}
        {id !== undefined && <Id text={id} />}
      </span>
    ),
  },
];

function Id({ text }: { text: string }): ReactNode {
  return <code className="font-mono text-xs whitespace-nowrap">{text}</code>;
}

function Duration({ ms }: { ms: number }): ReactNode {
  return <span className="whitespace-nowrap">{formatMs(ms)}</span>;
}

function Words({ text }: { text: string }): ReactNode {
  return <span className="block max-w-lg min-w-40 break-words">{text}</span>;
}
