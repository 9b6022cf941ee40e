import { z } from "zod";
import { type Credentials, isFound, isGiven, type Provider } from "../../core/catalogue.ts";
import { VENDORS } from "../../providers/catalogue.ts";
import { serviceAccountIn } from "../../providers/service-account.ts";
import { isoTime, timestamp } from "../fields.ts";
import { managedBy, viewManaged } from "../declared.ts";
import type { AdminDeps } from "../deps.ts";

/** The types of provider this version knows. */
export const providerType = z.enum(VENDORS.map((vendor) => vendor.type));

/** The servers of a pool, as they are given. */
export const poolNodes = z
  .array(z.string().max(2_000))
  .min(1, "must name at least one server")
  .max(64, "must name at most 64 servers")
  .describe("With type `scaiinfer`: the base URL of each server, all of them with the same models and key.");

/** What is shown of a credential. */
export const connectionView = z.strictObject({
  api_key_last4: z
    .string()
    .describe("Of the key, or of the secret part. Empty for a short one, and for one that is not there."),
  api_key_from: z
    .string()
    .optional()
    .describe("Where the key is kept, if it is not stored: `env:NAME` or `file:/path`."),
  api_key_found: z.boolean().describe("False while the variable or file holds no key."),
  account: z
    .string()
    .optional()
    .describe(
      "Whose credential it is, where that is no secret: a service account, an access key id, a client id.",
    ),
  more_api_keys: z.int().optional().describe("How many further keys there are."),
});

/** A provider as administrators see it. */
export const providerView = z
  .strictObject({
    id: z.string(),
    type: z.string(),
    preset: z.string().optional(),
    name: z.string(),
    base_url: z.string().optional(),
    nodes: z
      .array(
        z.strictObject({
          url: z.string(),
          healthy: z.boolean().describe("As the answering process knows it."),
          in_flight: z.int().describe("Calls of the answering process."),
          reason: z.string().optional().describe("Why it is not."),
        }),
      )
      .optional(),
    connection: connectionView.optional(),
    status: z.enum(["active", "disabled"]),
    managed_by: managedBy,
    backend_count: z.int(),
    created_at: timestamp,
  })
  .meta({ id: "Provider" });

/** What is shown of opened credentials; nothing where there are none. */
export function viewConnection(credentials: Credentials): {
  readonly connection?: z.infer<typeof connectionView>;
} {
  if (!isGiven(credentials)) return {};
  const { apiKey, parts, reference, others = [] } = credentials;
  const account =
    serviceAccountIn(parts?.service_account ?? "")?.client_email ?? parts?.access_key_id ?? parts?.client_id;
  return {
    connection: {
      api_key_last4: lastFour(apiKey ?? parts?.secret_access_key ?? parts?.client_secret ?? ""),
      ...(reference !== undefined && { api_key_from: reference }),
      api_key_found: isFound(credentials),
      ...(account !== undefined && { account }),
      ...(others.length > 0 && { more_api_keys: others.length }),
    },
  };
}

/** The last four characters of a key long enough that they give nothing away. */
function lastFour(apiKey: string): string {
  return apiKey.length >= 12 ? apiKey.slice(-4) : "";
}

function viewNodes(provider: Provider, { pools }: Pick<AdminDeps, "pools">) {
  return pools.views(provider).map(({ url, healthy, inFlight, reason }) => ({
    url,
    healthy,
    in_flight: inFlight,
    ...(reason !== undefined && { reason }),
  }));
}

/** Tells a provider to an administrator. */
export function viewProvider(
  provider: Provider,
  deps: Pick<AdminDeps, "snapshot" | "pools">,
): z.infer<typeof providerView> {
  let backendCount = 0;
  for (const backend of deps.snapshot.backends()) if (backend.providerId === provider.id) backendCount++;
  return {
    id: provider.id,
    type: provider.type,
    ...(provider.preset !== undefined && { preset: provider.preset }),
    name: provider.name,
    ...(provider.baseUrl !== undefined && { base_url: provider.baseUrl }),
    ...(provider.nodes !== undefined && { nodes: viewNodes(provider, deps) }),
    ...viewConnection(deps.snapshot.providerCredentials(provider.id)),
    status: provider.status,
    ...viewManaged(provider),
    backend_count: backendCount,
    created_at: isoTime(provider.createdAt),
  };
}
