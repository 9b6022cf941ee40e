import { z } from "zod";
import type { Provider } from "../../core/catalogue.ts";
import { offeredSlug } from "../../core/slug.ts";
import { ApiError } from "../../errors.ts";
import { vendorName, vendorOf } from "../../providers/catalogue.ts";
import type { CatalogueModel } from "../../providers/price-catalogue.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { prices } from "../fields.ts";
import { MODALITIES } from "../models/model-view.ts";
import { askForModels, faultSentence } from "./listing.ts";

/** Tokens, where nothing is known of a model: to be looked at before it is made. */
const CONTEXT_WINDOW = 128_000;

const found = z
  .strictObject({
    upstream_model: z.string(),
    known: z.boolean().describe("Whether the shipped catalogue has facts about it."),
    backend_ids: z.array(z.string()).describe("Backends of this provider that call it already."),
    proposed_model: z
      .strictObject({
        slug: z.string(),
        display_name: z.string(),
        modality: z.enum(MODALITIES),
        context_window: z.int(),
        max_output_tokens: z.int().optional(),
        capabilities: z.array(z.string()),
        prices: prices.optional(),
        price_source: z.string().optional(),
        free: z.boolean(),
      })
      .optional()
      .describe("A body for `POST /v1/models`; absent for a name that makes no slug."),
    proposed_backend: z
      .strictObject({
        provider_id: z.string(),
        upstream_model: z.string(),
        costs: prices.optional(),
        cost_source: z.string().optional(),
        free: z.boolean(),
      })
      .describe("A body for `POST /v1/backends`."),
  })
  .meta({ id: "DiscoveredModel" });

export const discoverModels = adminEndpoint({
  method: "POST",
  path: "/v1/providers/{provider_id}/discover",
  access: "platform:manage",
  tag: "Providers",
  operationId: "discoverModels",
  errors: ["PROVIDER_NOT_FOUND", "PROVIDER_DISCOVERY_ERROR"],
  summary: "The models a provider lists, each with a proposal to serve it by; nothing is made",
  costBearing: false,
  auditAction: "provider.discover",
  params: z.strictObject({ provider_id: z.string() }),
  response: found,
  list: true,
  async handle({ params }, deps) {
    const provider = deps.snapshot.providerById(params.provider_id);
    if (!provider) throw new ApiError("PROVIDER_NOT_FOUND");
    const listing = await askForModels(provider, deps.snapshot.providerCredentials(provider.id), deps);
    if (listing.fault) {
      throw new ApiError("PROVIDER_DISCOVERY_ERROR", faultSentence(listing.fault), { retryAfterSeconds: 5 });
    }
    const facts = await factsFor(provider, deps);
    const items = listing.models.map(({ id }) => proposal(id, provider, facts, deps));
    return { kind: "page", page: { items } };
  },
});

interface Facts {
  readonly models: ReadonlyMap<string, CatalogueModel>;
  readonly source: string;
  /** Whether figures of the catalogue are in the installation's currency. */
  readonly priced: boolean;
}

async function factsFor(
  provider: Provider,
  { config, catalogue: shipped }: Pick<AdminDeps, "config" | "catalogue">,
): Promise<Facts> {
  const catalogue = await shipped();
  const models = catalogue.modelsOf(vendorName(provider));
  return {
    models: new Map(models.map((model) => [model.id, model])),
    source: catalogue.mark,
    priced: catalogue.currency === config.currency,
  };
}

function proposal(
  id: string,
  provider: Provider,
  facts: Facts,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): z.input<typeof found> {
  const fact = facts.models.get(id);
  const slug = offeredSlug(vendorName(provider), id);
  const free = vendorOf(provider)?.selfHosted === true;
  const priced = facts.priced ? fact?.prices : undefined;
  const backendIds = [...snapshot.backends()]
    .filter((backend) => backend.providerId === provider.id && backend.upstreamModel === id)
    .map((backend) => backend.id);
  return {
    upstream_model: id,
    known: fact !== undefined,
    backend_ids: backendIds,
    ...(slug !== undefined && {
      proposed_model: {
        slug,
        display_name: fact?.name ?? id,
        modality: fact?.modality ?? "chat",
        context_window: fact?.context_window ?? CONTEXT_WINDOW,
        ...(fact?.max_output_tokens !== undefined && { max_output_tokens: fact.max_output_tokens }),
        capabilities: fact?.capabilities ?? [],
        ...(priced && { prices: priced, price_source: facts.source }),
        free,
      },
    }),
    proposed_backend: {
      provider_id: provider.id,
      upstream_model: id,
      ...(priced && { costs: priced, cost_source: facts.source }),
      free,
    },
  };
}
