import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { Button, buttonClass } from "../../components/button.tsx";
import { Facts } from "../../components/facts.tsx";
import { Icon } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader, Section } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { shareOf } from "../../lib/decimal.ts";
import { formatCount, formatMoney } from "../../lib/format.ts";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { chartOf, MEASURES } from "./chart.ts";
import type { Measure } from "./chart.ts";
import { Controls, Pick } from "./controls.tsx";
import { GroupName, GroupsTable } from "./groups-table.tsx";
import type { UsageQuestion } from "./question.ts";
import { exportAddress, usageReportQuery } from "./report.ts";
import type { UsageReport } from "./report.ts";
import { UsageChart } from "./usage-chart.tsx";

const route = getRouteApi("/shell/usage");
const MEASURE_CHOICES = [
  { value: "cost", words: "Cost" },
  { value: "tokens", words: "Tokens" },
  { value: "requests", words: "Requests" },
] as const;

/** What was used: as a chart, as a table, and as a file, which agree to the last digit. */
export function UsagePage(): ReactNode {
  const { api } = useApp();
  const {
    period = "month",
    start,
    end,
    group_by: groupBy = "model",
    measure: shown,
    ...filter
  } = route.useSearch();
  const question: UsageQuestion = { period, start, end, groupBy, filter };
  const measure = MEASURES.find((name) => name === shown) ?? "cost";
  const navigate = route.useNavigate();
  const isAsked = period !== "days" || start !== undefined || end !== undefined;
  const report = useQuery({ ...usageReportQuery(api, question), enabled: isAsked });
  const ask = ({ groupBy: group, filter: narrowed, ...when }: UsageQuestion): void =>
    void navigate({ search: { ...when, group_by: group, measure: shown, ...narrowed }, resetScroll: false });
  return (
    <>
      <Header question={question} report={report.data} />
      <Controls question={question} onAsk={ask} />
      {!isAsked && <p className="text-muted">Choose the first and the last day.</p>}
      {report.error && <FailureNotice error={report.error} onRetry={() => void report.refetch()} />}
      {isAsked && report.isPending && <Loading what="usage" />}
      {report.data && !report.error && (
        <Report
          report={report.data}
          measure={measure}
          onMeasure={(next) =>
            void navigate({ search: (now) => ({ ...now, measure: next }), resetScroll: false })
          }
          onRefresh={() => void report.refetch()}
        />
      )}
    </>
  );
}

interface HeaderProps {
  readonly question: UsageQuestion;
  readonly report: UsageReport | undefined;
}

function Header({ question, report }: HeaderProps): ReactNode {
  return (
    <PageHeader
      title="Usage"
      lead="What every settled request used and cost. Chart, table and file add up to the same, to the last digit."
      actions={
        <div className="flex flex-wrap gap-2 print:hidden">
          {may(useMe(), "accounting:view_tenant") && (
            <Link to="/usage/statements" className={buttonClass("secondary")}>
              Statements
            </Link>
          )}
          {report && (
            <a href={exportAddress(report, question, "csv")} download className={buttonClass("secondary")}>
              <Icon name="download" />
              Export CSV
            </a>
          )}
        </div>
      }
    />
  );
}

interface ReportProps {
  readonly report: UsageReport;
  readonly measure: Measure;
  readonly onMeasure: (measure: string) => void;
  readonly onRefresh: () => void;
}

function Report({ report, measure, onMeasure, onRefresh }: ReportProps): ReactNode {
  if (report.groups.length === 0) {
    return (
      <EmptyState
        title="Nothing was used"
        why="No request of this time that you may see has all of these properties. What is in flight is not counted yet."
        action={<Button onClick={onRefresh}>Look again</Button>}
      />
    );
  }
  const chart = chartOf(report, measure);
  const names = report.series.map(({ key }) => <GroupName key={key} group={report.group} id={key} />);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <Section
        title="In all"
        lead={<When report={report} />}
        actions={<Button onClick={onRefresh}>Refresh</Button>}
      >
        <InAll report={report} />
      </Section>
      <Section
        title={`By ${report.unit}`}
        actions={
          <div className="flex items-center gap-2 print:hidden">
            <Pick label="Chart of" value={measure} options={MEASURE_CHOICES} onPick={onMeasure} />
          </div>
        }
      >
        <UsageChart
          chart={chart}
          measure={measure}
          unit={report.unit}
          timeZone={report.timeZone}
          names={chart.hasRest && names.length > 0 ? [...names, "All others"] : names}
        />
      </Section>
      <GroupsTable report={report} />
    </div>
  );
}

function When({ report: { startsAt, endsAt, timeZone } }: { report: UsageReport }): ReactNode {
  return (
    <>
      From <Time iso={startsAt} /> to <Time iso={endsAt} />, shown in your own time. Days are those of{" "}
      {timeZone}.
    </>
  );
}

function InAll({ report: { totals, before } }: { report: UsageReport }): ReactNode {
  return (
    <Facts
      facts={[
        ["Cost", <strong key="cost">{formatMoney(totals.cost)}</strong>],
        ["Requests", formatCount(totals.requests)],
        ["Tokens in / out", `${formatCount(totals.inputTokens)} / ${formatCount(totals.outputTokens)}`],
        [
          "As long a time before",
          before && `${formatMoney(before.cost)}, ${formatCount(before.requests)} requests`,
        ],
        ["Change of cost", before && changeWords(totals.cost, before.cost)],
      ]}
    />
  );
}

/** "+12 %"; nothing to compare with where there was nothing before. */
function changeWords(now: string, before: string): string | undefined {
  const share = shareOf(now, before);
  if (share === 0) return undefined;
  const percent = Math.round((share - 1) * 100);
  return `${percent > 0 ? "+" : ""}${formatCount(percent)} %`;
}
