import { z } from "zod";
import { accountingScope } from "../../access/scope.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import { readTraffic } from "../../store/traffic/reader.ts";
import type { TrafficOwner } from "../../telemetry/traffic.ts";
import { adminEndpoint } from "../endpoint.ts";
import { isoTime, timestamp } from "../fields.ts";
import { given } from "../given.ts";
import { SLOTS, slotsOf, type Slot } from "./traffic-slots.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** How far back minutes are kept. */
const HOURS_MAX = 24;

const percentiles = z.strictObject({ p50: z.number(), p95: z.number(), p99: z.number() });

const figures = {
  requests: z.int().describe("Those that ended then, refused ones included."),
  client_gone: z.int().describe("Whose callers left."),
  failed: z.int(),
  refused: z.int().describe("By a limit, a budget or for what they asked: no provider was called."),
  requests_per_second: z.number(),
  failed_share: z
    .number()
    .optional()
    .describe("Of those that were not refused, from 0 to 1; absent where there were none."),
  latency_ms: percentiles
    .optional()
    .describe("From arrival to the last byte, of completed requests; at most 9 % above the true ones."),
  ttft_ms: percentiles.optional().describe("From arrival to the first content."),
};

const view = z
  .strictObject({
    starts_at: timestamp,
    ends_at: timestamp,
    slot_seconds: z.int(),
    slots: z.array(z.strictObject({ starts_at: timestamp, ...figures })).describe("The oldest first."),
    totals: z.strictObject(figures),
  })
  .meta({ id: "Traffic" });

export const getTraffic = adminEndpoint({
  method: "GET",
  path: "/v1/accounting/traffic",
  access: "accounting:view_tenant",
  tag: "Accounting",
  operationId: "getTraffic",
  summary: "How many requests ended how, and how long they took, over the last hours",
  costBearing: false,
  query: z.strictObject({
    hours: z.coerce
      .number()
      .int(`must be a whole number from 1 to ${HOURS_MAX}`)
      .min(1, `must be a whole number from 1 to ${HOURS_MAX}`)
      .max(HOURS_MAX, `must be a whole number from 1 to ${HOURS_MAX}`)
      .default(1)
      .describe(`So many hours up to now, in ${SLOTS} slots.`),
  }),
  response: view,
  async handle({ principal, query: { hours } }, deps) {
    await deps.keepTraffic();
    const endMs = Math.floor(deps.clock.now() / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
    const range = { startMs: endMs - hours * HOUR_MS, slotMs: (hours * HOUR_MS) / SLOTS };
    const { slots, totals } = slotsOf(await readTraffic(deps.read, ownerOf(principal), range.startMs), range);
    const data = {
      starts_at: isoTime(range.startMs),
      ends_at: isoTime(endMs),
      slot_seconds: range.slotMs / 1000,
      slots: slots.map((slot) => ({ starts_at: isoTime(slot.startMs), ...told(slot) })),
      totals: told(totals),
    };
    return { kind: "data", data };
  },
});

/** Whose requests a caller is told of together. Throws ApiError for those who see only their own. */
function ownerOf(principal: Principal): TrafficOwner {
  const scope = accountingScope(principal);
  switch (scope.level) {
    case "platform":
      return { level: "platform", id: "" };
    case "partner":
      return { level: "partner", id: scope.partnerId };
    case "tenant":
      return { level: "tenant", id: scope.tenantId };
    case "user":
      throw new ApiError("AUTHZ_PERMISSION_DENIED");
  }
}

function told({ requests, outcomes, seconds, latencies, firstContents }: Slot) {
  const asked = requests - outcomes.refused;
  return {
    requests,
    client_gone: outcomes.client_gone,
    failed: outcomes.failed,
    refused: outcomes.refused,
    requests_per_second: precise(requests / seconds),
    ...(asked > 0 && { failed_share: precise(outcomes.failed / asked) }),
    ...given({ latency_ms: percentilesOf(latencies), ttft_ms: percentilesOf(firstContents) }),
  };
}

function percentilesOf(latencies: Slot["latencies"]): z.infer<typeof percentiles> | undefined {
  const of = (share: number): number => precise(latencies.percentile(share) ?? 0);
  return latencies.isEmpty ? undefined : { p50: of(0.5), p95: of(0.95), p99: of(0.99) };
}

/** To four digits: small rates are not rounded to zero. */
function precise(value: number): number {
  return Number(value.toPrecision(4));
}
