import type { ReactNode } from "react";
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Api } from "../../api/client.ts";
import type { Traffic, TrafficFigures } from "../../api/types.ts";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { Loading, Section } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { formatCount, formatMs } from "../../lib/format.ts";
import { Pick as Picker } from "../usage/controls.tsx";
import { StepChart } from "./step-chart.tsx";

const route = getRouteApi("/shell/overview");
const POLL_MS = 15_000;
const HOURS = [
  { value: "1", words: "The last hour" },
  { value: "6", words: "The last 6 hours" },
  { value: "24", words: "The last 24 hours" },
] as const;
const RATE = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });

function trafficQuery(api: Api, hours: number) {
  return queryOptions({
    queryKey: ["traffic", hours],
    queryFn: ({ signal }) => api.data<Traffic>("GET", "/v1/accounting/traffic", { query: { hours }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS,
  });
}

/** How much is asked, how much of it fails, and how long it takes, over the last hours. */
export function TrafficSection(): ReactNode {
  const { api } = useApp();
  const { hours = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const traffic = useQuery(trafficQuery(api, hours));
  return (
    <Section
      title="Traffic"
      lead="Of all nodes, to the minute."
      actions={
        <Picker
          label="Over"
          value={String(hours)}
          options={HOURS}
          onPick={(next) =>
            void navigate({ search: { hours: Number(next) }, replace: true, resetScroll: false })
          }
        />
      }
    >
      {traffic.error && <FailureNotice error={traffic.error} onRetry={() => void traffic.refetch()} />}
      {traffic.isPending && <Loading what="the traffic" />}
      {traffic.data && !traffic.error && <Charts traffic={traffic.data} />}
    </Section>
  );
}

function Charts({ traffic: { slots, totals } }: { traffic: Traffic }): ReactNode {
  const line = (name: string, of: (each: TrafficFigures) => number | undefined, words: Words) => ({
    name,
    values: slots.map(of),
    total: wordsOf(of(totals), words),
  });
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5 sm:grid-cols-2 xl:grid-cols-4">
        <StepChart
          title="Requests per second"
          words={rateWords}
          lines={[line("all", (each) => each.requests_per_second, rateWords)]}
        />
        <StepChart
          title="Errors"
          words={shareWords}
          lines={[line("failed", (each) => each.failed_share, shareWords)]}
        />
        <StepChart
          title="Duration"
          words={formatMs}
          lines={[
            line("p50", (each) => each.latency_ms?.p50, formatMs),
            line("p99", (each) => each.latency_ms?.p99, formatMs),
          ]}
        />
        <StepChart
          title="Time to first token"
          words={formatMs}
          lines={[
            line("p50", (each) => each.ttft_ms?.p50, formatMs),
            line("p95", (each) => each.ttft_ms?.p95, formatMs),
          ]}
        />
      </div>
      <Figures slots={slots} />
    </div>
  );
}

type Slot = Traffic["slots"][number];
type Words = (value: number) => string;

function wordsOf(value: number | undefined, words: Words): string {
  return value === undefined ? "–" : words(value);
}

function rateWords(value: number): string {
  return `${RATE.format(value)}/s`;
}

function shareWords(value: number): string {
  return `${RATE.format(value * 100)} %`;
}

/** The same as text; slots in which nothing ended are left out. */
function Figures({ slots }: Pick<Traffic, "slots">): ReactNode {
  const rows = slots.filter(({ requests }) => requests > 0).toReversed();
  return (
    <details className="rounded-lg border border-line">
      <summary className="px-3 py-2 text-sm font-medium">The figures of the charts</summary>
      <div className="p-3">
        {rows.length === 0 ? (
          <p className="text-muted">Nothing ended in this time.</p>
        ) : (
          <DataTable
            caption="Traffic over time"
            columns={COLUMNS}
            rows={rows}
            keyOf={({ starts_at: at }) => at}
          />
        )}
      </div>
    </details>
  );
}

const COLUMNS: readonly Column<Slot>[] = [
  { header: "From", isHeader: true, cell: ({ starts_at: at }) => <Time iso={at} as="moment" /> },
  { header: "Requests", align: "right", cell: ({ requests }) => formatCount(requests) },
  { header: "Failed", align: "right", cell: ({ failed }) => formatCount(failed) },
  { header: "Refused", align: "right", cell: ({ refused }) => formatCount(refused) },
  { header: "Client left", align: "right", cell: ({ client_gone: gone }) => formatCount(gone) },
  { header: "p50", align: "right", cell: ({ latency_ms: took }) => wordsOf(took?.p50, formatMs) },
  { header: "p99", align: "right", cell: ({ latency_ms: took }) => wordsOf(took?.p99, formatMs) },
  { header: "First token p50", align: "right", cell: ({ ttft_ms: took }) => wordsOf(took?.p50, formatMs) },
  { header: "First token p95", align: "right", cell: ({ ttft_ms: took }) => wordsOf(took?.p95, formatMs) },
];
