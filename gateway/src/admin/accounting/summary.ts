import { z } from "zod";
import { formatAmount } from "../../base/money.ts";
import { ApiError } from "../../errors.ts";
import {
  SPANS_MAX,
  USAGE_GROUPS,
  type Span,
  type UsageSummary,
  summarizeUsage,
  summarizeUsageBySpan,
} from "../../store/usage/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { isoTime } from "../fields.ts";
import { amountsShown } from "./amounts-shown.ts";
import { bucketEnd, spansOf } from "./period.ts";
import { filterQuery, reportTimeZone, usageQuestion, withMetadata } from "./usage-filter.ts";

const summary = z.strictObject({
  group_key: z.string(),
  request_count: z.int(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  total_tokens: z.int(),
  total_cost: z.string(),
  backend_cost: z.string(),
});

export const usageSummary = adminEndpoint({
  method: "GET",
  path: "/v1/accounting/usage/summary",
  access: "accounting:view_own",
  tag: "Accounting",
  operationId: "summarizeUsage",
  summary: "Usage summed by model, user, backend, tenant, partner, key, day or hour",
  costBearing: false,
  query: withMetadata({
    ...filterQuery,
    group_by: z.enum([...USAGE_GROUPS, "day", "hour"]).default("model"),
  }),
  response: z.array(summary),
  async handle({ principal, query }, deps) {
    const now = deps.clock.now();
    const { scope, filter } = usageQuestion(principal, query, now);
    const zone = reportTimeZone(principal);
    const asOf = await deps.usageAsOf();
    const groupBy = query.group_by;
    const sums: UsageSummary[] =
      groupBy === "day" || groupBy === "hour"
        ? await summarizeUsageBySpan(
            deps.read,
            scope,
            filter,
            spans(groupBy, filter.startMs, filter.endMs ?? bucketEnd(now), zone),
          )
        : await summarizeUsage(deps.read, scope, filter, groupBy);
    const data = sums.map((sum) => {
      const { cost, backendCost } = amountsShown(sum.amounts, scope.level);
      return {
        group_key: sum.groupKey,
        request_count: sum.requestCount,
        input_tokens: sum.inputTokens,
        output_tokens: sum.outputTokens,
        total_tokens: sum.inputTokens + sum.outputTokens,
        total_cost: formatAmount(cost),
        backend_cost: formatAmount(backendCost),
      };
    });
    const meta = {
      as_of: isoTime(asOf),
      currency: deps.config.currency,
      time_zone: zone,
      ...(filter.startMs !== undefined && { starts_at: isoTime(filter.startMs) }),
    };
    return { kind: "data", data, meta };
  },
});

function spans(unit: "day" | "hour", startMs: number | undefined, endMs: number, timeZone: string): Span[] {
  const made = startMs === undefined ? undefined : spansOf(unit, startMs, endMs, timeZone, SPANS_MAX);
  if (made) return made;
  throw new ApiError("VALIDATION_ERROR", undefined, {
    details: [
      {
        field: startMs === undefined ? "query.start" : "query.group_by",
        message: `a summary by ${unit} needs a start or a period, and covers at most ${SPANS_MAX} of them`,
      },
    ],
  });
}
