import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { DetailedHealth, GatewayNode } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import type { BadgeTone } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Facts } from "../../components/facts.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { Loading, PageHeader, Section } from "../../components/page.tsx";
import { Pager } from "../../components/pager.tsx";
import { Time } from "../../components/time.tsx";
import { formatCount } from "../../lib/format.ts";
import { useIsIdle } from "../../lib/idle.ts";
import { DecisionDialog } from "./decision-dialog.tsx";
import type { Decision } from "./decision-dialog.tsx";
import { QuarantineSection } from "./quarantine-section.tsx";
import { healthQuery, nodesQuery } from "./queries.ts";

const route = getRouteApi("/shell/nodes");
const POLL_MS = 5_000;
const IDLE_MS = 10 * 60_000;
const MEGABYTE = 1_000_000;

/** The processes of the installation, and what is to be decided about them. */
export function NodesPage(): ReactNode {
  const { api } = useApp();
  const { cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const refetchInterval = useIsIdle(IDLE_MS) ? false : POLL_MS;
  const health = useQuery({ ...healthQuery(api), refetchInterval });
  const nodes = useQuery({ ...nodesQuery(api, cursor), refetchInterval });
  const [decision, setDecision] = useState<Decision>();
  return (
    <>
      <PageHeader
        title="Nodes"
        lead="A node is one start of one process. Those that share a store are all here."
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        {health.error && <FailureNotice error={health.error} onRetry={() => void health.refetch()} />}
        {health.data && <Health health={health.data} />}
        {nodes.error && <FailureNotice error={nodes.error} onRetry={() => void nodes.refetch()} />}
        {nodes.isPending && <Loading what="nodes" />}
        {nodes.data && (
          <Section title="All of the last seven days">
            <DataTable
              caption="Nodes, newest first"
              columns={columnsOf(setDecision)}
              rows={nodes.data.items}
              keyOf={({ id }) => id}
              isInset
            />
            <Pager
              isFurther={cursor !== undefined}
              nextCursor={nodes.data.nextCursor}
              onGo={(next) => void navigate({ search: { cursor: next } })}
            />
          </Section>
        )}
        <QuarantineSection onDecide={setDecision} />
      </div>
      {decision && <DecisionDialog decision={decision} onClose={() => setDecision(undefined)} />}
    </>
  );
}

function Health({ health }: { health: DetailedHealth }): ReactNode {
  const isReady = health.status === "ready";
  return (
    <Section
      title="The one that answers"
      lead={`${health.host}, version ${health.version}`}
      actions={<Badge tone={isReady ? "good" : "bad"}>{isReady ? "Ready" : "Not ready"}</Badge>}
    >
      <Facts
        facts={[
          ["Started", <Time key="started" iso={health.started_at} />],
          ["Store", health.engine === "sqlite" ? "SQLite" : "PostgreSQL"],
          ["Requests in flight", formatCount(health.in_flight)],
          ["Streams open", formatCount(health.streams_open)],
          ["Waiting for a place", formatCount(health.waiting)],
          ["Too much of", health.strain],
          ["Journal rows to come", formatCount(health.journal_pending)],
          ["Books behind by", `${health.accounting_lag_seconds} s`],
          ["Memory", `${formatCount(Math.round(health.memory_bytes / MEGABYTE))} MB`],
          ["Circuits open", `${health.circuits_open} of ${health.backends} backends`],
          ...Object.entries(health.checks).map(([name, state]) => [`Check: ${name}`, state] as const),
        ]}
      />
    </Section>
  );
}

const STATUSES: Readonly<Record<GatewayNode["status"], readonly [BadgeTone, string]>> = {
  alive: ["good", "Alive"],
  silent: ["warn", "Silent"],
  lost: ["bad", "Lost"],
  ended: ["plain", "Ended"],
  retired: ["plain", "Retired"],
};

function columnsOf(onDecide: (decision: Decision) => void): readonly Column<GatewayNode>[] {
  return [
    {
      header: "Node",
      isHeader: true,
      cell: ({ id, host, current }) => (
        <div className="min-w-32">
          <code className="block font-mono text-xs break-all">{id}</code>
          <span className="text-xs text-muted">
            {host}
            {current && ", the one that answers"}
          </span>
        </div>
      ),
    },
    {
      header: "State",
      cell: ({ status }) => {
        const [tone, words] = STATUSES[status];
        return <Badge tone={tone}>{words}</Badge>;
      },
    },
    { header: "Version", hiddenBelow: "lg", cell: ({ version }) => version },
    { header: "Heard", hiddenBelow: "sm", cell: ({ heard_at: at }) => <Time iso={at} as="relative" /> },
    { header: "Holds", hiddenBelow: "md", align: "right", cell: ({ holds }) => formatCount(holds) },
    {
      header: "Set aside",
      hiddenBelow: "lg",
      align: "right",
      cell: ({ quarantined }) => formatCount(quarantined),
    },
    { header: "Decide", align: "right", cell: (node) => <Actions node={node} onDecide={onDecide} /> },
  ];
}

interface ActionsProps {
  readonly node: GatewayNode;
  readonly onDecide: (decision: Decision) => void;
}

/** Only what can be done: a node that is alive is ended by its process, one that is retired is forgiven. */
function Actions({ node: { id, status, holds }, onDecide }: ActionsProps): ReactNode {
  const decide = (kind: "retire" | "forgive", word: string): ReactNode => (
    <Button variant="quiet" aria-label={`${word} ${id}`} onClick={() => onDecide({ kind, id })}>
      {word}
    </Button>
  );
  if (status === "silent" || status === "lost") return decide("retire", "Retire");
  return status === "retired" && holds > 0 && decide("forgive", "Forgive");
}
