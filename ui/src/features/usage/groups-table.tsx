import type { ReactNode } from "react";
import { Link } from "@tanstack/react-router";
import type { UsageSum } from "../../api/types.ts";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { formatCount, formatMoney } from "../../lib/format.ts";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { SubjectName } from "../subjects/names.tsx";
import { GROUP_CHOICES } from "./controls.tsx";
import { FILTER_OF } from "./question.ts";
import type { Group } from "./question.ts";
import type { Totals, UsageReport } from "./report.ts";

/** No group: the row that sums up the others. */
type Row = Omit<UsageSum, "group_key"> & { readonly group_key: string | undefined };

/** What each group used, and all of them together. */
export function GroupsTable({ report }: { report: UsageReport }): ReactNode {
  const me = useMe();
  const mayCosts = may(me, "accounting:view_partner") || may(me, "accounting:view_all");
  const rows: readonly Row[] = report.groups;
  return (
    <DataTable
      caption="Usage by group"
      columns={columnsOf(report.group, mayCosts)}
      rows={rows}
      keyOf={({ group_key: key }) => key ?? ""}
      footer={footerOf(report.totals)}
    />
  );
}

function footerOf(totals: Totals): Row {
  return {
    group_key: undefined,
    request_count: totals.requests,
    input_tokens: totals.inputTokens,
    output_tokens: totals.outputTokens,
    total_tokens: totals.tokens,
    total_cost: totals.cost,
    backend_cost: totals.backendCost,
  };
}

/** What a group is called. */
export function GroupName({ group, id }: { group: Group; id: string }): ReactNode {
  if (id === "") return "none";
  if (group === "model") return <span className="break-words">{id}</span>;
  return <SubjectName kind={group} id={id} />;
}

function columnsOf(group: Group, mayCosts: boolean): readonly Column<Row>[] {
  const count = (of: (row: Row) => number) => (row: Row) => formatCount(of(row));
  return [
    {
      header: GROUP_CHOICES.find(({ value }) => value === group)?.words ?? group,
      isHeader: true,
      cell: ({ group_key: key }) => (key === undefined ? "Total" : <Narrow group={group} id={key} />),
    },
    { header: "Requests", align: "right", cell: count((row) => row.request_count) },
    { header: "Input tokens", align: "right", hiddenBelow: "lg", cell: count((row) => row.input_tokens) },
    { header: "Output tokens", align: "right", hiddenBelow: "lg", cell: count((row) => row.output_tokens) },
    { header: "Tokens", align: "right", hiddenBelow: "sm", cell: count((row) => row.total_tokens) },
    { header: "Cost", align: "right", cell: (row) => formatMoney(row.total_cost) },
    ...(mayCosts
      ? [
          {
            header: "Our own cost",
            align: "right",
            hiddenBelow: "md",
            cell: (row: Row) => formatMoney(row.backend_cost),
          } as const,
        ]
      : []),
  ];
}

/** Leads to what this one used, by model; of a model, by key. */
function Narrow({ group, id }: { group: Group; id: string }): ReactNode {
  return (
    <span className="block max-w-64 min-w-24">
      <Link
        to="/usage"
        search={(now) => ({
          ...now,
          [FILTER_OF[group]]: id,
          group_by: group === "model" ? "api_key" : "model",
        })}
        className="text-accent hover:underline"
      >
        <GroupName group={group} id={id} />
      </Link>
    </span>
  );
}
