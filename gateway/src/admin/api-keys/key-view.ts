import { z } from "zod";
import { formatAmount } from "../../base/money.ts";
import type { Scope } from "../../core/scope.ts";
import type { ApiKey } from "../../core/tenancy.ts";
import { summarizeUsage, type UsageSummary } from "../../store/usage/reader.ts";
import type { AdminDeps } from "../deps.ts";
import { isoTime, timestamp } from "../fields.ts";

/** A key as lists show it: enough to recognise it, nothing to use it. */
export const keyView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    prefix: z.string().describe("The first characters of the key, to recognise it by."),
    last4: z.string().describe("Its last four characters."),
    status: z.enum(["active", "revoked"]),
    user_id: z.string(),
    created_at: timestamp,
    expires_at: timestamp.optional(),
    last_used_at: timestamp.optional(),
    requests_24h: z.int().describe("Settled requests of the last 24 hours."),
    spend_24h: z.string().describe("What they cost: a decimal in the installation's currency."),
    scopes: z.array(z.string()).optional(),
    models: z.array(z.string()).optional(),
    allowed_ips: z.array(z.string()).optional(),
    metadata: z.record(z.string(), z.string()).optional(),
    rate_limits: z
      .strictObject({
        requests_per_minute: z.int().optional(),
        tokens_per_minute: z.int().optional(),
        concurrent_requests: z.int().optional(),
      })
      .optional()
      .describe("Its own; those of its user, tenant and partner hold as well."),
    replaces: z.string().optional().describe("The key in whose place it was made."),
  })
  .meta({ id: "ApiKey" });

/** The one answer that holds the key itself. */
export const createdKeyView = keyView
  .extend({ key: z.string().describe("The key itself, `sgk_…`: shown here and never again.") })
  .meta({ id: "CreatedApiKey" });

const DAY_MS = 86_400_000;

/** What these keys were used for in the last 24 hours, by id: of a page, since a scope may have any number of keys. */
export async function usageOfLastDay(
  scope: Scope,
  deps: Pick<AdminDeps, "read" | "clock" | "usageAsOf">,
  keyIds: readonly string[],
): Promise<ReadonlyMap<string, UsageSummary>> {
  if (keyIds.length === 0) return new Map();
  const filter = { startMs: deps.clock.now() - DAY_MS, apiKeyIds: keyIds };
  await deps.usageAsOf();
  const sums = await summarizeUsage(deps.read, scope, filter, "api_key");
  return new Map(sums.map((sum) => [sum.groupKey, sum]));
}

/** Tells a key to somebody who may see it. */
export function viewKey(
  key: ApiKey,
  used: UsageSummary | undefined,
  deps: Pick<AdminDeps, "activity">,
): z.infer<typeof keyView> {
  const lastUsed = deps.activity.keyLastUsed(key.id, key.lastUsedAt);
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    last4: key.last4,
    status: key.status,
    user_id: key.userId,
    created_at: isoTime(key.createdAt),
    ...(key.expiresAt !== undefined && { expires_at: isoTime(key.expiresAt) }),
    ...(lastUsed !== undefined && { last_used_at: isoTime(lastUsed) }),
    requests_24h: used?.requestCount ?? 0,
    spend_24h: formatAmount(used?.amounts.tenant ?? 0n),
    ...(key.scopes && { scopes: [...key.scopes] }),
    ...(key.models && { models: [...key.models] }),
    ...(key.allowedIps && { allowed_ips: [...key.allowedIps] }),
    ...(key.rateLimits && { rate_limits: { ...key.rateLimits } }),
    ...(key.metadata && { metadata: { ...key.metadata } }),
    ...(key.replaces !== undefined && { replaces: key.replaces }),
  };
}
