import { z } from "zod";
import type { Principal } from "../../core/principal.ts";
import type { Scope } from "../../core/scope.ts";
import { ApiError } from "../../errors.ts";
import { statementAdjustments } from "../../store/ledger/adjustments.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { exportFormats, exportStream } from "../exporting.ts";
import { isoTime } from "../fields.ts";
import { given } from "../given.ts";
import { month } from "./adjustment-view.ts";
import { linesOf, statementMonthOf } from "./statement-lines.ts";
import { statementPage } from "./statement-page.ts";
import { statementParts, statementView, type StatementView } from "./statement-view.ts";
import { reportTimeZone, usageQuestion } from "./usage-filter.ts";

/** More than one answer holds. */
const ADJUSTMENTS_MAX = 50_000;

type CsvRow = Partial<StatementView["lines"][number]> &
  Partial<Record<"adjustment" | "reason" | "partner_id", string>> &
  Partial<Pick<StatementView["totals"], "due" | "partner_adjustments" | "partner_due">> &
  Pick<StatementView, "month" | "currency"> & { readonly line: "usage" | "adjustment" | "total" };

const CSV = exportFormats<CsvRow>([
  "tenant_id",
  "model",
  "request_count",
  "input_tokens",
  "output_tokens",
  "cost",
  "partner_cost",
  "backend_cost",
  "margin",
  "for_month",
  "adjustment",
  "reason",
  "partner_id",
  "month",
  "currency",
  "line",
  "due",
  "partner_adjustments",
  "partner_due",
]).csv;

export const getStatement = adminEndpoint({
  method: "GET",
  path: "/v1/accounting/statements/{month}",
  access: "accounting:view_tenant",
  tag: "Accounting",
  operationId: "getStatement",
  summary:
    "What a month has come to, by tenant and model, with adjustments and the margin of the caller's level",
  costBearing: false,
  alsoContentTypes: ["text/csv", "text/html"],
  params: z.strictObject({ month }),
  query: z.strictObject({
    tenant_id: z.string().max(64).optional(),
    partner_id: z.string().max(64).optional().describe("For the platform: of this partner alone."),
    format: z
      .enum(["json", "csv", "html"], "must be json, csv or html")
      .default("json")
      .describe("`html` is one file, made to be printed."),
  }),
  response: statementView,
  async handle({ principal, params, query, requestId }, deps) {
    const asOf = await deps.usageAsOf();
    const data = await statementOf({ principal, month: params.month, query, asOf }, deps);
    const name = `statement-${params.month}`;
    switch (query.format) {
      case "json":
        return { kind: "data", data, meta: { as_of: isoTime(asOf) } };
      case "csv":
        return {
          kind: "stream",
          contentType: CSV.contentType,
          filename: `${name}.csv`,
          body: csv(data, requestId),
        };
      case "html": {
        const body = new Blob([statementPage(data)]).stream();
        return { kind: "stream", contentType: "text/html; charset=utf-8", filename: `${name}.html`, body };
      }
    }
  },
});

interface StatementQuestion {
  readonly principal: Principal;
  readonly month: string;
  readonly query: { readonly tenant_id?: string | undefined; readonly partner_id?: string | undefined };
  /** Epoch milliseconds: what settled before is in the store. */
  readonly asOf: number;
}

async function statementOf(
  { principal, month: label, query, asOf }: StatementQuestion,
  { read, config, clock }: Pick<AdminDeps, "read" | "config" | "clock">,
): Promise<StatementView> {
  const zone = reportTimeZone(principal);
  const asked = statementMonthOf(label, zone, asOf);
  const { scope, filter } = usageQuestion(principal, { tenant_id: query.tenant_id }, clock.now());
  demandPartner(query.partner_id, scope, principal);
  const narrowing = { ...filter, ...given({ partnerId: query.partner_id }) };
  const lines = await linesOf(read, scope, narrowing, asked, zone);
  const page = {
    ...given({ tenantId: query.tenant_id, partnerId: query.partner_id }),
    limit: ADJUSTMENTS_MAX,
  };
  const adjustments = await statementAdjustments(read, scope, page, asked);
  return {
    month: label,
    time_zone: zone,
    starts_at: isoTime(asked.startMs),
    ends_at: isoTime(asked.endMs),
    is_over: asOf >= asked.endMs,
    is_closed: asked.isClosed,
    currency: config.currency,
    ...statementParts(
      lines,
      adjustments.map((each) => ({ ...each, month: label })),
      scope.level,
    ),
  };
}

function csv(statement: StatementView, requestId: string): ReadableStream<Uint8Array> {
  const { month: label, currency, lines, adjustments, totals } = statement;
  const told = { month: label, currency };
  const { adjustments: adjustment, ...sums } = totals;
  const first: CsvRow[] = [
    ...lines.map((each) => ({ ...each, ...told, line: "usage" as const })),
    ...adjustments.map(({ tenant_id, partner_id, amount, reason, for_month }) => ({
      ...given({ tenant_id }),
      for_month,
      adjustment: amount,
      reason,
      partner_id,
      ...told,
      line: "adjustment" as const,
    })),
    { ...sums, adjustment, ...told, line: "total" },
  ];
  return exportStream({
    first,
    after: () => Promise.resolve([]),
    view: (row) => row,
    format: CSV,
    requestId,
  });
}

/** Throws ApiError AUTHZ_PERMISSION_DENIED for another partner than the caller's own. */
function demandPartner(partnerId: string | undefined, scope: Scope, { partner }: Principal): void {
  if (partnerId === undefined || scope.level === "platform" || partnerId === partner.id) return;
  throw new ApiError("AUTHZ_PERMISSION_DENIED", undefined, {
    hint: "This question needs the permission accounting:view_all.",
  });
}
