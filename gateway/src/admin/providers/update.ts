import { z } from "zod";
import { isGiven, type Provider } from "../../core/catalogue.ts";
import { ApiError, type ErrorDetail } from "../../errors.ts";
import { withBasePath } from "../../providers/address.ts";
import { type Vendor, vendorOf } from "../../providers/catalogue.ts";
import { updateProvider } from "../../store/catalogue/writer.ts";
import { demandUndeclared } from "../declared.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { shownText } from "../fields.ts";
import { given } from "../given.ts";
import { committed } from "../refusals.ts";
import { demandConnectable, demandElsewhere, withoutSlash } from "./connectable.ts";
import { connectionConfig, sealable } from "./connection-config.ts";
import { getProvider } from "./get.ts";
import { poolNodes, providerView, viewProvider } from "./provider-view.ts";

const body = z
  .strictObject({
    name: shownText.optional(),
    base_url: z.string().max(2_000).nullable().optional().describe("null: the vendor's own address."),
    nodes: poolNodes.optional(),
    connection_config: connectionConfig
      .nullable()
      .optional()
      .describe("In place of the present one; null removes the key."),
    status: z
      .enum(["active", "disabled"])
      .optional()
      .describe("`disabled` takes its backends out of every routing policy until it is active again."),
  })
  .meta({ examples: [{ connection_config: { api_key: "sk-the-new-key" } }] });

export const updateProviderEndpoint = adminEndpoint({
  method: "PATCH",
  path: "/v1/providers/{provider_id}",
  access: "platform:manage",
  tag: "Providers",
  errors: ["PROVIDER_NOT_FOUND", "DECLARED_IN_FILE"],
  summary: "Change a provider, put another key in its place, or switch it off",
  costBearing: false,
  auditAction: "provider.update",
  changes: getProvider,
  params: z.strictObject({ provider_id: z.string() }),
  body,
  response: providerView,
  async handle({ params, body: input }, deps) {
    const former = deps.snapshot.providerById(params.provider_id);
    const vendor = former && vendorOf(former);
    if (!former || !vendor) throw new ApiError("PROVIDER_NOT_FOUND");
    demandUndeclared(former);
    const next = changed(former, input, vendor);
    const config = input.connection_config;
    const hasKey =
      config === undefined ? isGiven(deps.snapshot.providerCredentials(former.id)) : config !== null;
    const { baseUrl, nodes } = next;
    demandConnectable(vendor, { baseUrl, nodes, config: config ?? undefined, hasKey }, deps);
    demandElsewhere(vendor, baseUrl, deps);
    demandSameRecipient(former, next, input, deps);
    const now = deps.clock.now();
    const secret = sealable(config);
    const sealed = config === null ? null : secret && deps.seal(secret, former.id);
    const writes = updateProvider(next, sealed, now, former);
    await committed(deps.commit(writes), { missing: "PROVIDER_NOT_FOUND" });
    return { kind: "data", data: viewProvider(deps.snapshot.providerById(former.id) ?? next, deps) };
  },
});

/**
 * Refuses to take keys that were given for one host along to another: whoever may change the address must not learn them
 * from a host of their own. Throws ApiError VALIDATION_ERROR by field.
 */
function demandSameRecipient(
  former: Provider,
  next: Provider,
  input: z.output<typeof body>,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): void {
  const known = originsOf(former);
  if (originsOf(next).isSubsetOf(known)) return;
  const place = next.nodes === undefined ? "base_url" : "nodes";
  const details: ErrorDetail[] = [];
  if (input.connection_config === undefined && isGiven(snapshot.providerCredentials(former.id))) {
    const message = `must be given again, or null: ${place} leads to another host than the key was given for`;
    details.push({ field: "connection_config", message });
  }
  for (const { id, providerId } of snapshot.backends()) {
    if (providerId !== former.id || !isGiven(snapshot.ownCredentials(id))) continue;
    const message = `leads to another host than the key of backend ${id} was given for: take that key away first`;
    details.push({ field: place, message });
  }
  if (details.length > 0) throw new ApiError("VALIDATION_ERROR", undefined, { details });
}

/** Schemes, hosts and ports that a provider's keys are sent to. */
function originsOf(provider: Provider): Set<string> {
  const addresses = provider.nodes ?? [provider.baseUrl ?? vendorOf(provider)?.baseUrl ?? ""];
  return new Set(addresses.map((address) => URL.parse(address)?.origin ?? address));
}

function changed(former: Provider, input: z.output<typeof body>, vendor: Vendor): Provider {
  const { baseUrl, ...rest } = former;
  const asked = input.base_url === undefined ? baseUrl : (input.base_url ?? undefined);
  return {
    ...rest,
    ...given({
      name: input.name,
      status: input.status,
      baseUrl: asked && withoutSlash(withBasePath(asked, vendor)),
      nodes: input.nodes?.map(withoutSlash),
    }),
  };
}
