import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { requestsQuery } from "../../api/queries.ts";
import type { Backend, UsageSum } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import { buttonClass } from "../../components/button.tsx";
import { Facts } from "../../components/facts.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader, Section } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { formatCount, formatMoney } from "../../lib/format.ts";
import { measuresOf, percentOf, PERIOD_WORDS, SCOPE_WORDS, STATE_WORDS } from "../budgets/standing.ts";
import type { Standing } from "../budgets/standing.ts";
import { budgetsQuery } from "../budgets/queries.ts";
import { healthQuery } from "../nodes/queries.ts";
import { BackendState } from "../providers/backend-state.tsx";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { allBackendsQuery } from "../subjects/choices.ts";
import { SubjectName } from "../subjects/names.tsx";
import { GroupName } from "../usage/groups-table.tsx";
import type { Group } from "../usage/question.ts";
import { summaryQuery, totalsOf } from "../usage/report.ts";
import { TrafficSection } from "./traffic-section.tsx";

const POLL_MS = 15_000;
const SHOWN = 5;

/** How things are, at a glance: traffic, spend, errors, budgets that run out, health. */
export function OverviewPage(): ReactNode {
  const { api } = useApp();
  const me = useMe();
  const isOperator = may(me, "platform:manage");
  const month = useQuery({
    ...summaryQuery(api, { period: "month", group_by: "model" }),
    refetchInterval: POLL_MS,
  });
  return (
    <>
      <PageHeader title="Overview" lead="Of all that you may see." />
      {month.error && <FailureNotice error={month.error} onRetry={() => void month.refetch()} />}
      {month.isPending && <Loading what="the overview" />}
      {month.data && (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-5 xl:grid-cols-2">
          {month.data.length > 0 && may(me, "accounting:view_tenant") && (
            <div className="xl:col-span-2">
              <TrafficSection />
            </div>
          )}
          {month.data.length === 0 ? <FirstSteps /> : <Spend month={month.data} />}
          <Budgets />
          <Top group="model" title="Models of this month" sums={month.data} />
          <TopKeys />
          <Failures />
          {isOperator && <Health />}
        </div>
      )}
    </>
  );
}

function FirstSteps(): ReactNode {
  const me = useMe();
  return (
    <EmptyState
      title="Nothing was used this month"
      why="With an API key it takes one line to call a model. What it used and cost is here a moment later."
      action={
        may(me, "api_keys:manage") && (
          <Link to="/access/api-keys/new" className={buttonClass("primary")}>
            Create an API key
          </Link>
        )
      }
    />
  );
}

function Spend({ month }: { month: readonly UsageSum[] }): ReactNode {
  const { api } = useApp();
  const day = { period: "day", group_by: "model" };
  const today = useQuery({ ...summaryQuery(api, day), refetchInterval: POLL_MS });
  const failed = useQuery({ ...summaryQuery(api, { ...day, status: "failed" }), refetchInterval: POLL_MS });
  const ofToday = today.data && totalsOf(today.data);
  const failures = failed.data && totalsOf(failed.data).requests;
  return (
    <Section
      title="Use"
      actions={
        <Link to="/usage" className={buttonClass("secondary")}>
          Usage
        </Link>
      }
    >
      <Facts
        facts={[
          ["Cost today", ofToday && <strong key="today">{formatMoney(ofToday.cost)}</strong>],
          ["Cost this month", <strong key="month">{formatMoney(totalsOf(month).cost)}</strong>],
          ["Requests today", ofToday && formatCount(ofToday.requests)],
          ["Failed today", ofToday && failures !== undefined && failedWords(failures, ofToday.requests)],
          ["Tokens today", ofToday && formatCount(ofToday.tokens)],
          ["Requests this month", formatCount(totalsOf(month).requests)],
        ]}
      />
    </Section>
  );
}

function failedWords(failed: number, all: number): string {
  return all === 0 ? "0" : `${formatCount(failed)} (${percentOf(failed / all)} %)`;
}

/** Those first of which most is used up. */
function Budgets(): ReactNode {
  const { api } = useApp();
  const budgets = useQuery({ ...budgetsQuery(api, undefined), refetchInterval: POLL_MS });
  const fullest = (budgets.data?.items ?? []).toSorted((one, other) => used(other) - used(one));
  return (
    <Section
      title="Budgets"
      actions={
        <Link to="/limits" className={buttonClass("secondary")}>
          Limits
        </Link>
      }
    >
      {budgets.error && <FailureNotice error={budgets.error} onRetry={() => void budgets.refetch()} />}
      {budgets.data && fullest.length === 0 && <p className="text-muted">There is none yet.</p>}
      <Lines>
        {fullest.slice(0, SHOWN).map((budget) => {
          const [tone, words] = STATE_WORDS[budget.state];
          return (
            <Line key={budget.id} value={`${percentOf(used(budget))} %`}>
              {PERIOD_WORDS[budget.period]}, {SCOPE_WORDS[budget.scope]}{" "}
              <SubjectName kind={budget.scope} id={budget.scope_id} /> <Badge tone={tone}>{words}</Badge>
            </Line>
          );
        })}
      </Lines>
    </Section>
  );
}

function used(budget: Standing): number {
  return Math.max(
    0,
    ...measuresOf(budget).map(({ spentShare, reservedShare }) => spentShare + reservedShare),
  );
}

function TopKeys(): ReactNode {
  const { api } = useApp();
  const keys = useQuery({
    ...summaryQuery(api, { period: "month", group_by: "api_key" }),
    refetchInterval: POLL_MS,
  });
  return <Top group="api_key" title="API keys of this month" sums={keys.data ?? []} />;
}

interface TopProps {
  readonly group: Group;
  readonly title: string;
  readonly sums: readonly UsageSum[];
}

function Top({ group, title, sums }: TopProps): ReactNode {
  return (
    <Section title={title}>
      {sums.length === 0 && <p className="text-muted">None was used.</p>}
      <Lines>
        {sums.slice(0, SHOWN).map(({ group_key: key, total_cost: cost, request_count: count }) => (
          <Line key={key} value={`${formatMoney(cost)} · ${formatCount(count)}`}>
            <GroupName group={group} id={key} />
          </Line>
        ))}
      </Lines>
    </Section>
  );
}

function Failures(): ReactNode {
  const { api } = useApp();
  const failed = useQuery({
    ...requestsQuery(api, { outcome: "failed" }, undefined, SHOWN),
    refetchInterval: POLL_MS,
  });
  return (
    <Section title="Failed lately">
      {failed.error && <FailureNotice error={failed.error} onRetry={() => void failed.refetch()} />}
      {failed.data?.items.length === 0 && <p className="text-muted">Nothing has failed.</p>}
      <Lines>
        {failed.data?.items.map(({ request_id: id, error_code: code, model, started_at: at }) => (
          <Line key={id} value={<Time iso={at} as="relative" />}>
            <Link to="/requests/$requestId" params={{ requestId: id }} className="text-accent underline">
              {code ?? id}
            </Link>{" "}
            <span className="break-words text-muted">{model}</span>
          </Line>
        ))}
      </Lines>
    </Section>
  );
}

/** For those who run it. */
function Health(): ReactNode {
  const { api } = useApp();
  const health = useQuery({ ...healthQuery(api), refetchInterval: POLL_MS });
  const backends = useQuery({ ...allBackendsQuery(api), refetchInterval: POLL_MS });
  const isReady = health.data?.status === "ready";
  const worst = (backends.data ?? []).toSorted((one, other) => badness(other) - badness(one));
  return (
    <Section
      title="Health"
      lead={health.data && `${formatCount(health.data.in_flight)} requests in flight`}
      actions={
        health.data && <Badge tone={isReady ? "good" : "bad"}>{isReady ? "Ready" : "Not ready"}</Badge>
      }
    >
      {health.error && <FailureNotice error={health.error} onRetry={() => void health.refetch()} />}
      {backends.data?.length === 0 && <p className="text-muted">There is no backend yet.</p>}
      <Lines>
        {worst.slice(0, SHOWN).map((backend) => (
          <Line key={backend.id} value={<BackendState health={backend.health} />}>
            <Link
              to="/providers/$providerId"
              params={{ providerId: backend.provider_id }}
              className="break-words text-accent underline"
            >
              {backend.upstream_model}
            </Link>
          </Line>
        ))}
      </Lines>
    </Section>
  );
}

const BADNESS: Readonly<Record<Backend["health"]["status"], number>> = {
  unhealthy: 2,
  degraded: 1,
  healthy: 0,
};

function badness({ health }: Backend): number {
  return BADNESS[health.status];
}

function Lines({ children }: { children: ReactNode }): ReactNode {
  return <ul className="grid gap-2">{children}</ul>;
}

function Line({ children, value }: { children: ReactNode; value: ReactNode }): ReactNode {
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
      <span className="min-w-0">{children}</span>
      <span className="text-muted tabular-nums">{value}</span>
    </li>
  );
}
