import { z } from "zod";
import { listUsage } from "../../store/usage/reader.ts";
import type { UsageRecord } from "../../store/usage/record.ts";
import { adminEndpoint } from "../endpoint.ts";
import { EXPORT_FORMATS, EXPORT_PAGE, exportFormats, exportStream } from "../exporting.ts";
import { isoTime } from "../fields.ts";
import { usageView, viewUsage } from "./usage.ts";
import { filterQuery, usageQuestion, withMetadata } from "./usage-filter.ts";

const FORMATS = exportFormats<z.infer<typeof usageView>>([
  "id",
  "request_id",
  "created_at",
  "settled_at",
  "status",
  "model",
  "backend_id",
  "partner_id",
  "tenant_id",
  "user_id",
  "api_key_id",
  "tokens_in",
  "tokens_out",
  "usage",
  "estimated",
  "cost",
  "backend_cost",
  "price_version_id",
  "floor_version_id",
  "stream",
  "latency_ms",
  "ttft_ms",
  "error_code",
  "metadata",
]);

export const exportUsage = adminEndpoint({
  method: "GET",
  path: "/v1/accounting/export",
  access: "accounting:view_own",
  tag: "Accounting",
  operationId: "exportUsage",
  summary: "Settled requests as a file, newest first, of any size",
  costBearing: false,
  alsoContentTypes: ["text/csv", "application/x-ndjson"],
  query: withMetadata({
    ...filterQuery,
    format: z.enum(EXPORT_FORMATS, "must be csv, json or ndjson").default("csv"),
  }),
  response: z.strictObject({ items: z.array(usageView) }).meta({ id: "UsageExport" }),
  async handle({ principal, query, requestId }, deps) {
    const { scope, filter } = usageQuestion(principal, query, deps.clock.now());
    await deps.usageAsOf();
    const page = (after?: UsageRecord): Promise<UsageRecord[]> =>
      listUsage(deps.read, scope, filter, { limit: EXPORT_PAGE, ...(after && { after }) });
    const first = await page();
    const format = FORMATS[query.format];
    const day = isoTime(deps.clock.now()).slice(0, 10);
    return {
      kind: "stream",
      contentType: format.contentType,
      filename: `usage-${day}.${format.extension}`,
      body: exportStream({
        first,
        after: page,
        view: (record) => viewUsage(record, scope.level),
        format,
        requestId,
      }),
    };
  },
});
