import { z } from "zod";
import { accountingScope } from "../../access/scope.ts";
import type { Principal } from "../../core/principal.ts";
import type { Scope } from "../../core/scope.ts";
import { ApiError } from "../../errors.ts";
import type { UsageFilter } from "../../store/usage/filter.ts";
import { instantOf, PERIODS, periodStart } from "./period.ts";

const METADATA = /^metadata\.(.{1,64})$/;

const instant = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error: "must be a date and time such as 2026-11-21T00:00:00Z, or a day such as 2026-11-21",
});

/** The number of a batch of the ledger, in its text form. */
export const ledgerBatch = z
  .string()
  .regex(/^[1-9]\d{0,17}$/, "must be the `batch` of an entry of the ledger")
  .describe("Booked with this batch of the ledger.");

/** The filters that usage reports share. `metadata.<key>` is any number of further ones. */
export const filterQuery = {
  start: instant
    .optional()
    .describe(
      "From this instant on, itself included. A day begins when it does in the calendar of the report.",
    ),
  end: instant.optional().describe("Up to this instant, or to the beginning of this day; itself excluded."),
  period: z
    .enum(PERIODS, `must be one of ${PERIODS.join(", ")}`)
    .optional()
    .describe("From the beginning of the running hour, day, week or month; `start` goes before it."),
  user_id: z.string().max(64).optional(),
  tenant_id: z.string().max(64).optional(),
  model: z.string().max(200).optional(),
  backend_id: z.string().max(64).optional(),
  api_key_id: z.string().max(64).optional(),
  status: z.enum(["completed", "client_gone", "failed", "interrupted"]).optional(),
  batch: ledgerBatch.optional(),
};

/** A query schema that also takes `metadata.<key>`; anything else unknown is refused. */
export function withMetadata<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z
    .object(shape)
    .catchall(z.string().max(512))
    .superRefine((query, context) => {
      const unknown = Object.keys(query).filter((name) => !(name in shape) && !METADATA.test(name));
      if (unknown.length > 0) {
        context.addIssue({ code: "unrecognized_keys", keys: unknown, input: query, message: "unknown" });
      }
    });
}

export interface FilterInput {
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly period?: (typeof PERIODS)[number] | undefined;
  readonly user_id?: string | undefined;
  readonly tenant_id?: string | undefined;
  readonly model?: string | undefined;
  readonly backend_id?: string | undefined;
  readonly api_key_id?: string | undefined;
  readonly status?: UsageFilter["status"];
  readonly batch?: string | undefined;
}

/** The calendar a principal's reports roll in. */
export function reportTimeZone(principal: Principal): string {
  const level = accountingScope(principal).level;
  return level === "platform" || level === "partner" ? principal.partner.timeZone : principal.tenant.timeZone;
}

/**
 * What a usage query asks for, and within which scope. Throws ApiError AUTHZ_PERMISSION_DENIED for a question
 * beyond what the caller may see, VALIDATION_ERROR for a range that ends before it starts.
 */
export function usageQuestion(
  principal: Principal,
  query: FilterInput & Readonly<Record<string, unknown>>,
  nowMs: number,
): { readonly scope: Scope; readonly filter: UsageFilter } {
  const scope = accountingScope(principal);
  refuseBeyond(principal, scope, query);
  const { startMs, endMs } = rangeOf(query, reportTimeZone(principal), nowMs);
  if (startMs !== undefined && endMs !== undefined && endMs < startMs) {
    throw new ApiError("VALIDATION_ERROR", undefined, {
      details: [{ field: "query.end", message: "is before the start" }],
    });
  }
  const metadata = metadataOf(query);
  return { scope, filter: filterOf(query, { startMs, endMs }, metadata) };
}

interface Range {
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
}

function rangeOf({ start, end, period }: FilterInput, timeZone: string, nowMs: number): Range {
  const running = period && periodStart(period, nowMs, timeZone);
  return {
    startMs: start === undefined ? running : instantOf(start, timeZone),
    endMs: end === undefined ? undefined : instantOf(end, timeZone),
  };
}

function filterOf(
  query: FilterInput,
  { startMs, endMs }: Range,
  metadata: Readonly<Record<string, string>>,
): UsageFilter {
  return {
    ...(startMs !== undefined && { startMs }),
    ...(endMs !== undefined && { endMs }),
    ...(query.user_id !== undefined && { userId: query.user_id }),
    ...(query.tenant_id !== undefined && { tenantId: query.tenant_id }),
    ...(query.model !== undefined && { modelSlug: query.model }),
    ...(query.backend_id !== undefined && { backendId: query.backend_id }),
    ...(query.api_key_id !== undefined && { apiKeyId: query.api_key_id }),
    ...(query.batch !== undefined && { batch: BigInt(query.batch) }),
    ...(query.status !== undefined && { status: query.status }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  };
}

function refuseBeyond(principal: Principal, scope: Scope, query: FilterInput): void {
  const otherUser = query.user_id !== undefined && query.user_id !== principal.user.id;
  const otherTenant = query.tenant_id !== undefined && query.tenant_id !== principal.tenant.id;
  const beyond =
    (scope.level === "user" && (otherUser || otherTenant)) || (scope.level === "tenant" && otherTenant);
  if (!beyond) return;
  const needed = scope.level === "user" ? "accounting:view_tenant" : "accounting:view_partner";
  throw new ApiError("AUTHZ_PERMISSION_DENIED", undefined, {
    hint: `This question needs the permission ${needed}.`,
  });
}

function metadataOf(query: Readonly<Record<string, unknown>>): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const [name, value] of Object.entries(query)) {
    const key = METADATA.exec(name)?.[1];
    if (key !== undefined && typeof value === "string") pairs[key] = value;
  }
  return pairs;
}
