import { z } from "zod";
import type { ApiKey } from "../../core/tenancy.ts";
import { summarizeUsage } from "../../store/usage/reader.ts";
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
  })
  .meta({ id: "ApiKey" });

const DAY_MS = 86_400_000;

/** Where the last 24 hours begin, epoch milliseconds. */
export function dayAgo(deps: Pick<AdminDeps, "clock">): number {
  return deps.clock.now() - DAY_MS;
}

/** Settled requests of one key in the last 24 hours. */
export async function requestsOfLastDay(
  keyId: string,
  deps: Pick<AdminDeps, "read" | "clock">,
): Promise<number> {
  const filter = { apiKeyId: keyId, startMs: dayAgo(deps) };
  const [sum] = await summarizeUsage(deps.read, { level: "platform" }, filter, "api_key");
  return sum?.requestCount ?? 0;
}

/** Tells a key to somebody who may see it. */
export function viewKey(
  key: ApiKey,
  requests24h: number,
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
    requests_24h: requests24h,
  };
}
