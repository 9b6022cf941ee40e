import { z } from "zod";
import type { Provider } from "../../core/catalogue.ts";
import { VENDORS } from "../../providers/catalogue.ts";
import { isoTime, timestamp } from "../fields.ts";
import type { AdminDeps } from "../deps.ts";

/** The types of provider this version knows. */
export const providerType = z.enum(VENDORS.map((vendor) => vendor.type));

/** What a caller gives to connect to an account: written, never read back. */
export const connectionConfig = z.strictObject({
  api_key: z
    .string()
    .min(1, "must not be empty")
    .max(4_096, "must have at most 4096 characters")
    .regex(/^[\x21-\x7e]*$/, "must be printable ASCII without blanks: check for a stray line break"),
});

/** What is shown of a credential. */
export const connectionView = z.strictObject({ api_key_last4: z.string() });

/** A provider as administrators see it. */
export const providerView = z
  .strictObject({
    id: z.string(),
    type: z.string(),
    name: z.string(),
    base_url: z.string().optional(),
    connection: connectionView.optional(),
    status: z.enum(["active", "disabled"]),
    backend_count: z.int(),
    created_at: timestamp,
  })
  .meta({ id: "Provider" });

/** The last four characters of a key long enough that they give nothing away. */
export function lastFour(apiKey: string): string {
  return apiKey.length >= 12 ? apiKey.slice(-4) : "";
}

/** Tells a provider to an administrator. */
export function viewProvider(
  provider: Provider,
  deps: Pick<AdminDeps, "snapshot">,
): z.infer<typeof providerView> {
  const { apiKey } = deps.snapshot.providerCredentials(provider.id);
  let backendCount = 0;
  for (const backend of deps.snapshot.backends()) if (backend.providerId === provider.id) backendCount++;
  return {
    id: provider.id,
    type: provider.type,
    name: provider.name,
    ...(provider.baseUrl !== undefined && { base_url: provider.baseUrl }),
    ...(apiKey !== undefined && { connection: { api_key_last4: lastFour(apiKey) } }),
    status: provider.status,
    backend_count: backendCount,
    created_at: isoTime(provider.createdAt),
  };
}
